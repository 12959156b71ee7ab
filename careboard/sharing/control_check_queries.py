"""What the four-week check looks at: the decision, its service's indicators, checks made before.

Source: step S3-1.5; rule N12.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Row, select

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.evidence.queries import to
from careboard.recovery import queries as recovery
from careboard.recovery import series
from careboard.recovery.models import Indicator
from careboard.reviews.models import Review
from careboard.services.models import Service
from careboard.sharing.communication_models import ControlCheck
from careboard.sharing.control_check_rule import Sides, due_on, inside, sides, windows
from careboard.sharing.models import SharingDecision
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Whole:
    """A decision to be checked.

    `readings` are (Indicator, Sides) of its service's; `checks` rows (ControlCheck, by, sitting,
    indicator), the last first.
    """

    decision: SharingDecision
    service: str
    due_on: date | None
    readings: Sequence[tuple[Indicator, Sides]]
    checks: Sequence[Row]


def whole(*, actor: Actor, decision_id: UUID) -> Whole:
    """Raises NotFound, Forbidden. Five statements at most."""
    found = db.session.execute(
        select(SharingDecision, Service.name)
        .join(Service, to(Service, SharingDecision.org_id, SharingDecision.service_id))
        .where(SharingDecision.org_id == actor.org_id, SharingDecision.id == decision_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    decision, service = found
    if not actor.reaches(decision.service_id):
        raise Forbidden("This decision is about a service outside your own.")
    checks = db.session.execute(
        select(
            ControlCheck,
            Membership.name.label("by"),
            Review.reference.label("sitting"),
            Indicator.name.label("indicator"),
        )
        .join(Membership, to(Membership, ControlCheck.org_id, ControlCheck.by_id))
        .outerjoin(Review, to(Review, ControlCheck.org_id, ControlCheck.sitting_id))
        .outerjoin(Indicator, to(Indicator, ControlCheck.org_id, ControlCheck.indicator_id))
        .where(ControlCheck.org_id == actor.org_id, ControlCheck.decision_id == decision_id)
        .order_by(ControlCheck.created_at.desc())
    ).all()
    begun = decision.control_on
    return Whole(
        decision=decision,
        service=service,
        due_on=begun and due_on(begun),
        readings=_readings(actor, decision) if begun else [],
        checks=checks,
    )


def latest(*, actor: Actor, decision_id: UUID) -> ControlCheck | None:
    """The last check made of a decision, if any. One statement."""
    return db.session.scalar(
        select(ControlCheck)
        .where(ControlCheck.org_id == actor.org_id, ControlCheck.decision_id == decision_id)
        .order_by(ControlCheck.created_at.desc())
        .limit(1)
    )


def _readings(actor: Actor, decision: SharingDecision) -> list[tuple[Indicator, Sides]]:
    rows = recovery.indicators(actor=actor, service_ids=[decision.service_id])
    own = [row.Indicator for row in rows if can_reduce(row.Indicator)]
    said = read(actor=actor, indicators=own, control_on=decision.control_on)
    return [(one, said[one.id]) for one in own]


def can_reduce(indicator: Indicator) -> bool:
    """Whether it is a proportion of which less is better, as of delayed visits."""
    return indicator.unit == "percent" and indicator.good == "down"


def read(*, actor: Actor, indicators: Collection[Indicator], control_on: date) -> dict[UUID, Sides]:
    """What each indicator says of both sides: a computed one to the day, others by the readings
    whose periods lie wholly within."""
    before, after = windows(control_on)
    found = {}
    computed = [one for one in indicators if one.computed_by]
    if computed:
        codes = {one.computed_by for one in computed}
        given = {"actor": actor, "measures": codes}
        services = {one.service_id for one in computed}
        sums = [
            series.totals(**given, period=window, service_ids=services)
            for window in (before, after)
        ]
        for one in computed:
            found[one.id] = sides(*(each[one.computed_by][one.service_id] for each in sums))
    by_hand = [one for one in indicators if not one.computed_by]
    points = recovery.points(
        actor=actor, wanted=by_hand, on=after.end, count=(after.end - before.start).days + 1
    )
    for one in by_hand:
        found[one.id] = sides(inside(points[one.id], before), inside(points[one.id], after))
    return found
