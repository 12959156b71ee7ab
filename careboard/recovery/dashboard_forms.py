"""What the provider's view may be narrowed to by its address."""

from __future__ import annotations

from careboard.permissions import Role
from careboard.recovery.dashboard_queries import SHOWN, Filters, Frame
from careboard.services import filters as asking
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

STATE_WORDS = {
    "unanswered": "Decline unanswered",
    "worsening": "Worsening",
    "unsupported": "Unsupported",
    "static": "Static",
    "off_course": "Plan off course",
    "not_enough_data": "Not enough data",
    "improving": "Improving",
}
assert tuple(STATE_WORDS) == SHOWN


def read_filters(asked: asking.Filters, actor: Actor, frame: Frame) -> Filters:
    """The filters asked for. A manager who asked for none begins with their own services."""
    managers = {str(member): member for member, _ in frame.managers}
    chosen = managers.get(asked.choice("manager", managers))
    if (
        "manager" not in asked.args
        and Role.REGISTERED_MANAGER in actor.roles
        and str(actor.membership_id) in managers
    ):
        chosen = actor.membership_id
    return Filters(
        q=asked.text("q"),
        kind=asked.choice("kind", frame.kinds),
        region=asked.choice("region", frame.regions),
        manager_id=chosen,
        domain=asked.choice("domain", DOMAINS),
        state=asked.choice("state", SHOWN),
        page=asked.page,
    )
