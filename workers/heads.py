"""Jobs that sign the audit trail."""

from __future__ import annotations

from careboard.audit_log import heads
from careboard.db import db
from careboard.tenancy import acting_for
from workers.context import job


@job
def sign(org_id: str) -> None:
    """Sign the end of an organisation's audit chain, once a day."""
    with acting_for(org_id) as actor:
        heads.keep_todays(actor=actor, on=actor.today)
        db.session.commit()
