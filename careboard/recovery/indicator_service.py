"""Changing what an indicator says of itself, and closing it.

Source: S1 ("baseline, current position, target, review owner" of every indicator).
"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from sqlalchemy import exists, select

from careboard import audit
from careboard.db import db, lock
from careboard.errors import Conflict, Invalid
from careboard.permissions import Permission
from careboard.recovery.models import Indicator, Reading
from careboard.recovery.response_models import Response
from careboard.recovery.response_open import refuse_unanswered
from careboard.recovery.service import Shape, check_shape
from careboard.tenancy import Actor

# What a change of indicator may say; its measure, and what computes it, stay.
_SAID = (
    *("name", "domain", "unit", "good", "cadence", "baseline_value", "baseline_on"),
    *("review_owner_id", "source", "numerator_name", "denominator_name"),
)
# With readings taken one way, another way would give them another meaning.
_FIXED = {
    "unit": "It has readings in this unit. Open another indicator for another unit.",
    "cadence": "It has readings of these periods. Open another indicator for others.",
}
# What the audit trail may hold: no free text.
_WITNESSED = tuple(name for name in _SAID if "name" not in name and name != "source")


def version_of(indicator: Indicator) -> str:
    """A mark of what an indicator says now, so that a form can tell what its person saw."""
    said = [str(getattr(indicator, name)) for name in (*_SAID, "active")]
    return sha256("\n".join(said).encode()).hexdigest()[:16]


def shape_now(indicator: Indicator) -> Shape:
    """The shape of an indicator that is there."""
    return Shape(
        **{name: getattr(indicator, name) for name in _SAID},
        measure="",
        computed=False,
    )


def change_indicator(
    *, actor: Actor, indicator_id: UUID, shape: Shape, active: bool = True, seen: str | None = None
) -> None:
    """Let an indicator say this of itself from now on; not `active`: it is closed.

    `seen` is the `version_of` what the person had before them. Raises Invalid as `open_indicator`
    does, also for a unit or cadence with readings in another, and (active, good) while a decline
    of it stands unanswered; NotFound, Forbidden, Conflict.
    """
    indicator = lock(Indicator, actor.org_id, indicator_id)
    actor.require(Permission.MANAGE_RECOVERY, indicator.service_id)
    if seen is not None and seen != version_of(indicator):
        raise Conflict("Someone changed this indicator before you. Look at it again.")
    check_shape(actor, shape)
    changed = [name for name in _FIXED if getattr(shape, name) != getattr(indicator, name)]
    if changed and indicator.computed_by is None and _has_readings(indicator):
        raise Invalid(_FIXED[changed[0]], changed[0])
    turned = shape.good != indicator.good
    if indicator.active and (turned or not active):
        refuse_unanswered(
            Response.org_id == actor.org_id,
            Response.indicator_id == indicator.id,
            field="good" if turned else "active",
        )
    before = _witnessed(indicator)
    for name in _SAID:
        value = getattr(shape, name)
        setattr(indicator, name, value.strip() if isinstance(value, str) else value)
    indicator.active = active
    audit.record(
        actor=actor,
        tag="indicator:changed" if active else "indicator:closed",
        subject_id=indicator.id,
        before=before,
        after=_witnessed(indicator),
    )
    db.session.flush()


def _has_readings(indicator: Indicator) -> bool:
    own = (Reading.org_id == indicator.org_id) & (Reading.indicator_id == indicator.id)
    return bool(db.session.scalar(select(exists().where(own))))


def _witnessed(indicator: Indicator) -> dict:
    return {name: getattr(indicator, name) for name in (*_WITNESSED, "active")}
