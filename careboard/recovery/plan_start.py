"""What a new plan begins with: its indicators with the baselines that the records give.

Source: steps S1-1.1, S1-2.1 and S1-3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from careboard.db import db
from careboard.recovery import queries
from careboard.recovery.measure_rows import ROWS
from careboard.recovery.models import Indicator
from careboard.recovery.periods import Period
from careboard.recovery.plan_content import IndicatorSpec
from careboard.recovery.points import Point, total
from careboard.recovery.series import series
from careboard.tenancy import Actor

PERIODS = 4  # one week says little; four are where things stand


@dataclass(frozen=True, slots=True)
class Baseline:
    """Where a measure stood, on the last day of what was looked at; `words` say from what."""

    value: float
    on: date
    words: str


@dataclass(frozen=True, slots=True)
class Start:
    """An indicator of a plan to be: the one that the service has already (`indicator_id`), or one
    to be opened, `computed` from records where they can tell."""

    spec: IndicatorSpec
    indicator_id: UUID | None
    computed: bool
    baseline: Baseline | None


def starts(
    *, actor: Actor, service_id: UUID, specs: Sequence[IndicatorSpec], on: date
) -> list[Start]:
    """What each indicator begins with on that day. At most five statements."""
    held = _held(actor, service_id)
    known = {spec.key: _choice(held, spec) for spec in specs}
    read = [one for one in known.values() if one is not None]
    points = queries.points(actor=actor, wanted=read, on=on, count=PERIODS) if read else {}
    fresh = [spec.key for spec in specs if known[spec.key] is None and spec.key in ROWS]
    computed = series(actor=actor, measures=fresh, on=on, count=PERIODS, service_ids=[service_id])
    found = []
    for spec in specs:
        own = known[spec.key]
        if own is not None:
            told = baseline(points.get(own.id, ()), own.unit)
            found.append(Start(spec, own.id, own.computed_by is not None, told))
        else:
            told = baseline(computed.get(spec.key, {}).get(service_id, ()), spec.shown_unit)
            found.append(Start(spec, None, spec.key in ROWS, told))
    return found


def baseline(points: Sequence[Point], unit: str) -> Baseline | None:
    """Where a measure stands by its last periods: a percentage over all of them together, anything
    else by the last one that has a value; None where nothing is known. Pure."""
    told = [point for point in points if point.value is not None]
    if not told:
        return None
    last = told[-1]
    counted = [point for point in told if point.denominator is not None]
    if unit == "percent" and len(counted) > 1:
        days = Period(counted[0].period.start, counted[-1].period.end)
        # Rolling windows overlap: adding them up would count an answer twice.
        if all(a.period.end < b.period.start for a, b in zip(counted, counted[1:], strict=False)):
            last = total(days, counted)
    return Baseline(round(last.value, 1), last.period.end, last.words(unit))


def _held(actor: Actor, service_id: UUID) -> dict[str, list[Indicator]]:
    rows = db.session.scalars(
        select(Indicator).where(
            Indicator.org_id == actor.org_id, Indicator.service_id == service_id, Indicator.active
        )
    )
    found: dict[str, list[Indicator]] = {}
    for indicator in rows:
        found.setdefault(indicator.measure, []).append(indicator)
    return found


def _choice(held: dict[str, list[Indicator]], spec: IndicatorSpec) -> Indicator | None:
    """The service's indicator of that measure; the one computed from records before the other."""
    own = sorted(held.get(spec.key, ()), key=lambda one: one.computed_by is None)
    return own[0] if own else None
