"""Keeping the series of computed indicators, so that pages of many services count no records.

Source: docs/decisions/0012.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from careboard import clock
from careboard.db import db, new_id
from careboard.recovery import queries
from careboard.recovery.dashboard_models import KeptSeries
from careboard.recovery.models import Indicator
from careboard.recovery.points import Point
from careboard.tenancy import Actor

PERIODS = 104
_CHUNK = 500


def keep(*, actor: Actor, on: date) -> int:
    """Work out every computed indicator of the organisation and keep it; how many there are.

    Safe to repeat and to run twice at once: each indicator has one row, and the last one to write
    it says what the records say.
    """
    wanted = list(
        db.session.scalars(
            select(Indicator)
            .where(
                Indicator.org_id == actor.org_id,
                Indicator.active,
                Indicator.computed_by.is_not(None),
            )
            # One order for all, so that two at once wait for each other rather than deadlock.
            .order_by(Indicator.id)
        )
    )
    points = queries.points(actor=actor, wanted=wanted, on=on, count=PERIODS)
    rows = [_row(indicator, points[indicator.id]) for indicator in wanted]
    for chunk in _chunks(rows):
        new = insert(KeptSeries).values(chunk)
        changed = {
            name: new.excluded[name]
            for name in ("cadence", "first_on", "values", "numerators", "denominators", "kept_at")
        }
        db.session.execute(
            new.on_conflict_do_update(index_elements=["org_id", "indicator_id"], set_=changed)
        )
    return len(rows)


def _row(indicator: Indicator, points: Sequence[Point]) -> dict:
    return {
        "org_id": indicator.org_id,
        "id": new_id(),
        "indicator_id": indicator.id,
        "cadence": indicator.cadence,
        "first_on": points[0].period.start,
        "values": [point.value for point in points],
        "numerators": [point.numerator for point in points],
        "denominators": [point.denominator for point in points],
        "kept_at": clock.now(),
    }


def _chunks(rows: Sequence[dict]) -> Iterator[Sequence[dict]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
