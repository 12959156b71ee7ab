"""Measures computed from the organisation's own records, by service and period.

Source: rules N4-N7; DESIGN section 1, promise 3: every point opens to its rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from careboard.db import db
from careboard.errors import NotFound
from careboard.permissions import Permission
from careboard.recovery.measure_rows import EVENTS, ROWS
from careboard.recovery.measures import MEASURES, Measure
from careboard.recovery.periods import Cadence, Period, full_periods
from careboard.recovery.points import Point, proportion, rolled
from careboard.services.models import Service
from careboard.tenancy import Actor

Series = dict[UUID, list[Point]]  # by service

_TRUNCATED = "CAST(date_trunc('{}', CAST(x.on_date AS timestamp)) AS date)"
_BUCKETS = {
    "day": "x.on_date",
    "week": _TRUNCATED.format("week"),
    "month": _TRUNCATED.format("month"),
}
PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the rows behind a point, those that do not count first, and how many in all."""

    rows: list[Any]
    total: int


def series(
    *,
    actor: Actor,
    measures: Collection[str],
    on: date,
    cadence: Cadence = "week",
    count: int = 12,
    service_ids: Collection[UUID] | None = None,
) -> dict[str, Series]:
    """{measure: {service: points}}: the last `count` full periods up to `on`, oldest first.

    A percentage has its numerator and denominator, a count its number; a period without anything
    to judge by has no value. `service_ids` None: all active services. Services beyond the person's
    are left out. Two statements, or three with counts of what happened. Raises NotFound for a
    measure that is not computed.
    """
    known = [_computed(code) for code in measures]
    if not known:
        return {}
    services = _services(actor, service_ids)
    looking_back = max(_rolls(measure, cadence) for measure in known)
    periods = full_periods(on, cadence, count + looking_back - 1)
    values = _values(actor, periods[0].start, periods[-1].end, services)
    counted = {
        (code, service, start): (numerator, denominator)
        for code, service, start, numerator, denominator in db.session.execute(
            text(_union(known, _BUCKETS[cadence])), values
        )
    }
    spoken = _spoken(actor, known)

    def points(measure: Measure, service: UUID) -> list[Point]:
        own = [
            _point(measure, period, counted.get((measure.code, service, period.start)), spoken)
            for period in periods
        ]
        return rolled(own, _rolls(measure, cadence))[-count:]

    return {
        measure.code: {service: points(measure, service) for service in services}
        for measure in known
    }


def totals(
    *,
    actor: Actor,
    measures: Collection[str],
    period: Period,
    service_ids: Collection[UUID] | None = None,
) -> dict[str, dict[UUID, Point]]:
    """{measure: {service: point}} over one stretch of days, whatever its length; as `series`."""
    known = [_computed(code) for code in measures]
    if not known:
        return {}
    services = _services(actor, service_ids)
    values = _values(actor, period.start, period.end, services)
    counted = {
        (code, service): (numerator, denominator)
        for code, service, _, numerator, denominator in db.session.execute(
            text(_union(known, "CAST(NULL AS date)")), values
        )
    }
    spoken = _spoken(actor, known)
    return {
        measure.code: {
            service: _point(measure, period, counted.get((measure.code, service)), spoken)
            for service in services
        }
        for measure in known
    }


def rows(*, actor: Actor, measure: str, service_id: UUID, period: Period, page: int = 1) -> Rows:
    """The records behind a point: each (kind, id, reference, title, on_date, status, counted).

    For a rolling measure the period is that of its point. Raises NotFound for a measure that is
    not computed, Forbidden beyond the person's services.
    """
    known = _computed(measure)
    actor.require(Permission.READ, service_id)
    values = _values(actor, period.start, period.end, [service_id])
    inner = f"FROM ({ROWS[known.code]}) x WHERE x.service_id = ANY(:services)"
    found = db.session.execute(
        text(
            f"SELECT x.*, count(*) OVER () AS rows_total {inner} "
            "ORDER BY x.counted, x.on_date DESC, x.reference, x.id LIMIT :limit OFFSET :offset"
        ),
        {**values, "limit": PAGE_ROWS, "offset": (page - 1) * PAGE_ROWS},
    ).all()
    return Rows(list(found), found[0].rows_total if found else 0)


def _computed(code: str) -> Measure:
    if code not in ROWS:
        raise NotFound()
    return MEASURES[code]


def _rolls(measure: Measure, cadence: Cadence) -> int:
    """How many periods one point covers; a month stands for itself."""
    if not measure.rolling_days or cadence == "month":
        return 1
    return measure.rolling_days // {"day": 1, "week": 7}[cadence]


def _services(actor: Actor, service_ids: Collection[UUID] | None) -> list[UUID]:
    if service_ids is not None:
        return [service_id for service_id in service_ids if actor.reaches(service_id)]
    active = select(Service.id).where(Service.org_id == actor.org_id, Service.active)
    return [service_id for service_id in db.session.scalars(active) if actor.reaches(service_id)]


def _values(actor: Actor, first: date, last: date, services: list[UUID]) -> dict[str, Any]:
    return {"org": actor.org_id, "first": first, "last": last, "services": services}


def _union(measures: list[Measure], bucket: str) -> str:
    return " UNION ALL ".join(
        f"SELECT '{measure.code}' AS code, x.service_id, {bucket} AS start, "
        "count(*) FILTER (WHERE x.counted) AS numerator, count(*) AS denominator "
        f"FROM ({ROWS[measure.code]}) x WHERE x.service_id = ANY(:services) GROUP BY 2, 3"
        for measure in measures
    )


def _spoken(actor: Actor, measures: list[Measure]) -> dict[str, Period]:
    """{measure: the days between the first and the last record of its register}."""
    events = [measure.code for measure in measures if measure.code in EVENTS]
    if not events:
        return {}
    of_kind = "FROM concern WHERE org_id = :org AND kind = '{}'"
    statement = " UNION ALL ".join(
        f"SELECT '{code}', (SELECT min(occurred_on) {of_kind.format(EVENTS[code])}), "
        f"(SELECT max(occurred_on) {of_kind.format(EVENTS[code])})"
        for code in events
    )
    found = db.session.execute(text(statement), {"org": actor.org_id})
    return {code: Period(first, last) for code, first, last in found if first is not None}


def _point(
    measure: Measure,
    period: Period,
    counted: tuple[int, int] | None,
    spoken: dict[str, Period],
) -> Point:
    numerator, denominator = counted or (0, 0)
    if measure.unit == "percent":
        return proportion(period, numerator, denominator)
    if measure.code in EVENTS:
        register = spoken.get(measure.code)
        heard = register and register.start <= period.end and period.start <= register.end
        return Point(period, float(numerator) if heard else None)
    return Point(period, float(numerator) if denominator else None, numerator, denominator)
