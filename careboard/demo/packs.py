"""One finished board pack, asked for by the demo's board."""

from __future__ import annotations

from sqlalchemy import select

from careboard import tenancy
from careboard.accounts.models import Membership
from careboard.board_packs import making, queries, service
from careboard.db import db
from careboard.tenancy import acting_for


def seed_pack() -> None:
    """Make it at once, as the worker does; the job that is rung for finds it done."""
    with acting_for("oakfield") as system:
        account_id = db.session.scalar(
            select(Membership.account_id).where(
                Membership.org_id == system.org_id, Membership.email.startswith("beth@")
            )
        )
        beth = tenancy.enter(
            slug=system.org_slug, account_id=account_id, request_id="demo", read_only=False
        )
        first, last = queries.next_period(actor=beth)
        pack_id = service.request_pack(
            actor=beth, title=f"Board pack, {last:%B %Y}", period_from=first, period_to=last
        )
        db.session.commit()
        making.make(actor=system, pack_id=pack_id)
