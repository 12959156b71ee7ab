"""Indicators, their targets and the changes of process from which their limits start afresh.

Source: steps S1-1.1, S1-2.1 and S1-3.1; DESIGN section 3, indicator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.accounts.models import Membership
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid, NotFound
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery.entries import Amounts, checked
from careboard.recovery.measure_rows import ROWS
from careboard.recovery.measures import MEASURES
from careboard.recovery.models import Indicator, IndicatorTarget, Rebase
from careboard.recovery.periods import CADENCES, Cadence
from careboard.references import next_reference
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS, INDICATOR_UNITS


@dataclass(frozen=True, slots=True)
class Shape:
    """What an indicator is. `measure` empty: one of the organisation's own, known by its name."""

    name: str
    domain: str
    unit: str
    good: str
    cadence: Cadence = "week"
    measure: str = ""
    computed: bool = False
    baseline_value: float | None = None
    baseline_on: date | None = None
    review_owner_id: UUID | None = None
    source: str = ""
    numerator_name: str = ""
    denominator_name: str = ""


def shape_of(measure: str, *, computed: bool = False, cadence: Cadence = "week") -> Shape:
    """The shape of a measure of the catalogue. Raises NotFound."""
    if measure not in MEASURES:
        raise NotFound()
    known = MEASURES[measure]
    return Shape(
        known.name,
        known.domain,
        known.unit,
        known.good,
        cadence,
        measure,
        computed,
        numerator_name=known.numerator,
        denominator_name=known.denominator,
    )


def open_indicator(*, actor: Actor, service_id: UUID, shape: Shape) -> UUID:
    """Open an indicator at a service; returns its id.

    Raises Invalid (name, domain, unit, good, cadence, measure, baseline_value, baseline_on,
    review_owner_id), NotFound, Forbidden.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_READINGS, service_id)
    check_shape(actor, shape)
    measure = shape.measure or " ".join(shape.name.casefold().split())
    indicator = Indicator(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "IND"),
        service_id=service_id,
        measure=measure,
        name=shape.name.strip(),
        domain=shape.domain,
        unit=shape.unit,
        good=shape.good,
        cadence=shape.cadence,
        computed_by=measure if shape.computed else None,
        baseline_value=shape.baseline_value,
        baseline_on=shape.baseline_on,
        review_owner_id=shape.review_owner_id,
        source=shape.source.strip(),
        numerator_name=shape.numerator_name.strip(),
        denominator_name=shape.denominator_name.strip(),
        opened_by_id=actor.membership_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(indicator)
    except IntegrityError as error:
        raise Invalid("This service has an indicator of this already.", "name") from error
    audit.record(
        actor=actor,
        tag="indicator:opened",
        subject_id=indicator.id,
        after={"service": service_id, "computed": shape.computed},
    )
    return indicator.id


def set_target(
    *,
    actor: Actor,
    indicator_id: UUID,
    value: float,
    due_on: date | None = None,
    effective_from: date | None = None,
    reason: str = "",
) -> UUID:
    """Give an indicator a target from a day on (None: today); returns the target's id.

    A change of target needs a reason. Raises Invalid (value, due_on, reason), NotFound, Forbidden.
    """
    indicator = lock(Indicator, actor.org_id, indicator_id)
    actor.require(Permission.MANAGE_RECOVERY, indicator.service_id)
    start = effective_from or actor.today
    before = db.session.scalar(
        select(IndicatorTarget.value)
        .where(IndicatorTarget.org_id == actor.org_id, IndicatorTarget.indicator_id == indicator.id)
        .limit(1)
    )
    if before is not None and not reason.strip():
        raise Invalid("Say why the target changes.", "reason")
    if due_on is not None and due_on < start:
        raise Invalid("This is before the day from which the target holds.", "due_on")
    refuse_personal_data(reason, "reason")
    target = IndicatorTarget(
        org_id=actor.org_id,
        indicator_id=indicator.id,
        value=checked(indicator, Amounts(value)).value,
        due_on=due_on,
        effective_from=start,
        reason=reason.strip(),
        set_by_id=actor.membership_id,
    )
    db.session.add(target)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="indicator:target_set",
        subject_id=indicator.id,
        after={"value": target.value, "from": start, "due": due_on},
    )
    return target.id


def rebase(*, actor: Actor, indicator_id: UUID, on: date, reason: str) -> UUID:
    """Note a change of process from which limits start afresh; returns the rebase's id.

    Raises Invalid (on, reason), NotFound, Forbidden.
    """
    indicator = lock(Indicator, actor.org_id, indicator_id)
    actor.require(Permission.MANAGE_RECOVERY, indicator.service_id)
    if on > actor.today:
        raise Invalid("The change must have happened already.", "on")
    if not reason.strip():
        raise Invalid("Say what was changed.", "reason")
    refuse_personal_data(reason, "reason")
    change = Rebase(
        org_id=actor.org_id,
        indicator_id=indicator.id,
        on_date=on,
        reason=reason.strip(),
        by_id=actor.membership_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(change)
    except IntegrityError as error:
        raise Invalid("A change is noted for this day already.", "on") from error
    audit.record(actor=actor, tag="indicator:rebased", subject_id=indicator.id, after={"on": on})
    return change.id


def withdraw_rebase(*, actor: Actor, rebase_id: UUID, reason: str) -> None:
    """Take back one that was noted in error. Raises Invalid (reason), NotFound, Forbidden,
    Conflict when it has been taken back."""
    change = lock(Rebase, actor.org_id, rebase_id)
    indicator = load(Indicator, actor.org_id, change.indicator_id)
    actor.require(Permission.MANAGE_RECOVERY, indicator.service_id)
    if change.withdrawn_at is not None:
        raise Conflict("This has been taken back already.")
    if not reason.strip():
        raise Invalid("Say why it is taken back.", "reason")
    refuse_personal_data(reason, "reason")
    change.withdrawn_at, change.withdrawn_by_id = clock.now(), actor.membership_id
    change.withdrawn_reason = reason.strip()
    audit.record(
        actor=actor,
        tag="indicator:rebase_withdrawn",
        subject_id=indicator.id,
        after={"rebase": change.id},
    )
    db.session.flush()


def check_shape(actor: Actor, shape: Shape) -> None:
    """Raises Invalid (name, domain, unit, good, cadence, measure, baseline_value, baseline_on,
    review_owner_id)."""
    if not shape.name.strip():
        raise Invalid("Give the indicator a name.", "name")
    refuse_personal_data(shape.name, "name")
    for field, words in (
        ("domain", DOMAINS),
        ("unit", INDICATOR_UNITS),
        ("good", ("up", "down")),
        ("cadence", CADENCES),
    ):
        if getattr(shape, field) not in words:
            raise Invalid("Choose one.", field)
    if shape.measure and shape.measure not in MEASURES:
        raise Invalid("Choose one.", "measure")
    if shape.computed and shape.measure not in ROWS:
        raise Invalid("This cannot be computed from records.", "measure")
    if (shape.baseline_value is None) != (shape.baseline_on is None):
        lacking = "baseline_value" if shape.baseline_value is None else "baseline_on"
        raise Invalid("A baseline is a value on a day. Give both.", lacking)
    if shape.review_owner_id is not None:
        owner = load(Membership, actor.org_id, shape.review_owner_id)
        if not owner.active:
            raise Invalid("This person has left.", "review_owner_id")
