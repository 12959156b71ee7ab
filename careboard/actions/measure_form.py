"""The fields of a measure as a person fills them: the baseline that records tell is shown first."""

from __future__ import annotations

from uuid import UUID

from flask import g, request

from careboard.actions.baselines import Known, known
from careboard.actions.forms import MeasureFields
from careboard.errors import Invalid

WORK_OUT = "measure"


def asks_for_baseline() -> bool:
    """Whether the form was sent only to have its baseline worked out."""
    return request.form.get("intent") == WORK_OUT


def show_baseline(form: MeasureFields, service_id: UUID | None) -> Known:
    """What records tell; the baseline among it is put into the form."""
    found = known(
        actor=g.actor,
        service_id=service_id,
        measure=form.chosen,
        theme=form.measure_theme.data or "",
        on=g.actor.today,
    )
    if found.standing is not None and found.standing.value is not None:
        form.baseline_value.process_data(found.standing.value)
        form.baseline_value.raw_data = None
    return found


def require_seen(form: MeasureFields, service_id: UUID | None) -> None:
    """Raise Invalid when records tell another baseline than the form shows, or it shows none."""
    seen = form.baseline_value.data
    standing = show_baseline(form, service_id).standing
    if standing is not None and standing.value not in (None, seen):
        raise Invalid(f"{standing.sentence} Check it, then save again.", "baseline_value")
