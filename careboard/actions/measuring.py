"""Naming the measure of an action that is under way, and entering its values by hand.

Source: DESIGN section 4, Action; domain rules 3.3, no improvement after action.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from careboard import audit
from careboard.actions.baselines import check_value, checked
from careboard.actions.lifecycle import UNDER_WAY, works_on
from careboard.actions.measures import MEASURES, amount
from careboard.actions.models import OutcomeReading
from careboard.actions.service import clean, flush, hold, require_status, tell
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.tenancy import Actor


def name_measure(
    *, actor: Actor, action_id: UUID, lock_version: int | None = None, **values: Any
) -> None:
    """Name the measure of an action under way that has none; its baseline is taken now.

    `values` are those of `baselines.FIELDS`. A measure once named stays. Raises Invalid at the
    field, Conflict, Forbidden.
    """
    action = hold(actor, action_id, Permission.ASSIGN_ACTION, lock_version)
    require_status(action, *UNDER_WAY)
    if action.measure:
        raise Invalid("Its measure is named already, and its baseline stays as it was taken.")
    if not values.get("measure"):
        raise Invalid("Choose a measure.", "measure")
    named = checked(actor=actor, service_id=action.service_id, vague=False, values=values)
    for name, value in named.items():
        setattr(action, name, value)
    action.updated_on = actor.today
    flush()
    tell(actor, action, "noted", "Measure named", measure=action.measure)
    audit.record(
        actor=actor,
        tag="action:measured",
        subject_id=action.id,
        after={
            "measure": action.measure,
            "baseline": str(action.baseline_value),
            "target": str(action.target_value),
            "lag_days": action.lag_days,
        },
    )


def add_reading(
    *,
    actor: Actor,
    action_id: UUID,
    on_date: date | None,
    value: Decimal | None,
    note: str = "",
) -> None:
    """Enter a value of a measure that is taken by hand. It stays; a later one for the same day
    counts instead. Raises Invalid (on_date, value), Forbidden.
    """
    action = hold(actor, action_id, Permission.WORK_ON_ACTION, None)
    if not works_on(actor, action):
        raise Forbidden("Only its owner, or someone who assigns actions, may do this.")
    require_status(action, *UNDER_WAY, "completed", "verified")
    measure = MEASURES.get(action.measure or "")
    if measure is None or not measure.by_hand:
        raise Invalid("No measure of this action is entered by hand.")
    if on_date is None or on_date > actor.today:
        raise Invalid("Give the day of the value, today or earlier.", "on_date")
    if value is None:
        raise Invalid("Give the value.", "value")
    check_value(measure, value, "value")
    reading = OutcomeReading(
        org_id=actor.org_id,
        action_id=action.id,
        on_date=on_date,
        value=value,
        by_id=actor.membership_id,
        note=clean(note),
    )
    db.session.add(reading)
    db.session.flush()
    tell(actor, action, "noted", f"Value of its measure: {amount(measure, value)}", on=on_date)
    audit.record(
        actor=actor,
        tag="action:reading",
        subject_id=action.id,
        after={"reading": reading.id, "on": on_date, "value": str(value)},
    )
