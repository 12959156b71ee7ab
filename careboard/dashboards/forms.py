"""What the board's address may carry. Unknown values are ignored, as a shared link grows old."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from careboard.dashboards.queries import Filters, Frame
from careboard.permissions import Role
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

MOST_PAGES = 10_000


def read_filters(args: MultiDict[str, str], actor: Actor, frame: Frame) -> Filters:
    """The filters asked for. A manager who asked for none begins with their own services."""
    managers = {str(member): member for member, _ in frame.managers}
    chosen = managers.get(args.get("manager", ""))
    if (
        "manager" not in args
        and Role.REGISTERED_MANAGER in actor.roles
        and str(actor.membership_id) in managers
    ):
        chosen = actor.membership_id
    return Filters(
        q=args.get("q", "").replace("\x00", "").strip()[:100],
        kind=_one_of(args.get("kind"), frame.kinds),
        region=_one_of(args.get("region"), frame.regions),
        manager_id=chosen,
        domain=_one_of(args.get("domain"), DOMAINS),
        order="name" if args.get("order") == "name" else "attention",
        page=_page(args),
    )


def read_figure_page(args: MultiDict[str, str]) -> dict[str, Any]:
    """`page`, and `everything`: whether rows that ask for no work are shown too."""
    return {"page": _page(args), "everything": args.get("rows") == "all"}


def _one_of(value: str | None, allowed) -> str:
    return value if value in allowed else ""


def _page(args: MultiDict[str, str]) -> int:
    number = args.get("page", 1, type=int)
    return number if 1 <= number <= MOST_PAGES else 1
