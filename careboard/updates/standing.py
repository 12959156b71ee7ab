"""What the rule on improvement looks at, read from the records of a tracked concern.

Source: rule N13; rules 3.3, repeated commissioner queries.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from careboard.assurance.models import Claim
from careboard.clock import add_working_days
from careboard.db import db
from careboard.records.models import Concern
from careboard.tenancy import Actor
from careboard.updates.fortnights import FORTNIGHT
from careboard.updates.improvement import QUERY_DAYS, RUNNING, Reason, Told, reasons
from careboard.updates.models import (
    RecoveryUpdate,
    TrackedConcern,
    UpdateFeedback,
    UpdateSchedule,
)


def in_time_until(due_on: date, before_on: date | None) -> date:
    """The last day on which an update keeps to the fortnight: 14 days and one working day after
    the one before (`before_on`: the day it was published, or due where it was missed; None: the
    first). Rule N13."""
    return add_working_days((before_on or due_on - FORTNIGHT) + FORTNIGHT, 1)


def reasons_of(*, actor: Actor, tracked: TrackedConcern, schedule: UpdateSchedule) -> list[Reason]:
    """What speaks for and against improvement today. Three statements."""
    return reasons(
        updates=_last(actor, schedule.id),
        content=_content(actor, schedule.id),
        queries=query_days(actor=actor, service_id=tracked.service_id, theme=tracked.theme),
        on=actor.today,
    )


def _last(actor: Actor, schedule_id: UUID) -> list[Told]:
    rows = db.session.execute(
        select(
            RecoveryUpdate.reference,
            RecoveryUpdate.due_on,
            RecoveryUpdate.status,
            Claim.outcome,
            func.coalesce(Claim.unsupported, False),
        )
        .outerjoin(
            Claim,
            (Claim.org_id == RecoveryUpdate.org_id) & (Claim.id == RecoveryUpdate.claim_id),
        )
        .where(RecoveryUpdate.org_id == actor.org_id, RecoveryUpdate.schedule_id == schedule_id)
        .order_by(RecoveryUpdate.number.desc())
        .limit(RUNNING)
    )
    return [Told(*row) for row in rows][::-1]


def told(row: Any) -> Told:
    """An update of `queries` as the rule looks at it."""
    return Told(row.reference, row.due_on, row.status, row.outcome, bool(row.unsupported))


def _content(actor: Actor, schedule_id: UUID) -> str | None:
    return db.session.scalar(
        select(UpdateFeedback.content)
        .join(
            RecoveryUpdate,
            (RecoveryUpdate.org_id == UpdateFeedback.org_id)
            & (RecoveryUpdate.id == UpdateFeedback.update_id),
        )
        .where(UpdateFeedback.org_id == actor.org_id, RecoveryUpdate.schedule_id == schedule_id)
        .order_by(UpdateFeedback.on_date.desc(), UpdateFeedback.id.desc())
        .limit(1)
    )


def query_days(*, actor: Actor, service_id: UUID, theme: str) -> list[date]:
    """The days of the commissioner's queries on that theme of the service in the last 30 days,
    whatever their case. One statement."""
    return list(
        db.session.scalars(
            select(Concern.occurred_on).where(
                Concern.org_id == actor.org_id,
                Concern.kind == "commissioner_query",
                Concern.service_id == service_id,
                func.lower(Concern.theme) == theme.lower(),
                Concern.occurred_on > actor.today - timedelta(days=QUERY_DAYS),
                Concern.occurred_on <= actor.today,
            )
        )
    )
