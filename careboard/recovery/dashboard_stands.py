"""Where every indicator of a provider stands, worked out from two statements.

Computed indicators come from what `dashboard_kept` holds of them, so that no record is counted
here. A judgement is a pure function of its series, so it is remembered by what it was made from.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from math import nan
from uuid import UUID

from sqlalchemy import Row, text

from careboard.dashboards.kept import Kept
from careboard.db import db
from careboard.recovery import queries
from careboard.recovery.dashboard_kept import PERIODS
from careboard.recovery.measures import SMALL
from careboard.recovery.periods import Cadence, Period, full_periods
from careboard.recovery.points import IMPROVEMENT, Point
from careboard.recovery.standing import Concern, Reads, State, Support, concerns, state, support
from careboard.tenancy import Actor
from careboard.trend import Band, Direction, figure, judge
from careboard.vocabulary import INDICATOR_UNITS

TOO_FEW = "Not enough data: fewer than 10 in the latest {}, too few to judge by."
_DAY_SECONDS = 86_400.0
_MOST = 20_000  # judgements remembered, a few hundred bytes each


@dataclass(frozen=True, slots=True)
class Said:
    """Of `trend.Judgement`, the part that a list shows."""

    direction: Direction | None
    band: Band
    sentence: str


@dataclass(frozen=True, slots=True)
class Series:
    """What an indicator was in the last full periods, oldest first; None: nothing is known."""

    periods: Sequence[Period]
    values: Sequence[float | None]
    numerators: Sequence[float | None]
    denominators: Sequence[float | None]

    def judged(self) -> list[float | None]:
        """Its values without those that rest on small numbers. Source: rules 3.1."""
        return [
            None if below is not None and below < SMALL else value
            for value, below in zip(self.values, self.denominators, strict=True)
        ]

    def latest(self) -> Point | None:
        """The newest point that has a value."""
        for place in range(len(self.values) - 1, -1, -1):
            if self.values[place] is not None:
                return self._point(place)
        return None

    def points(self) -> list[Point]:
        return [self._point(place) for place in range(len(self.values))]

    def _point(self, place: int) -> Point:
        return Point(
            self.periods[place],
            self.values[place],
            self.numerators[place],
            self.denominators[place],
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """One indicator: `indicator` has its id, reference, name, service_id, domain, unit, good,
    cadence, computed_by and rebases (days).

    `latest` and `target` are in words, None where there is none; `read_to` is the end of the
    latest reading's period; `aims` are the target of each period of the series.
    """

    indicator: Row
    latest: str | None
    read_to: date | None
    target: str | None
    said: Said
    support: Support
    series: Series
    aims: Sequence[float | None]

    @property
    def state(self) -> State:
        return state(self.said.direction, self.support)

    @property
    def concerns(self) -> Sequence[Concern]:
        return concerns(self.said.direction, self.said.band, self.support)


_INDICATORS = text("""
SELECT i.id, i.reference, i.name, i.service_id, i.domain, i.unit, i.good, i.cadence,
  i.computed_by, i.created_at,
  (SELECT array_agg(t.effective_from ORDER BY t.effective_from, t.created_at, t.id)
    FROM indicator_target t WHERE t.org_id = i.org_id AND t.indicator_id = i.id) AS target_days,
  (SELECT array_agg(CAST(t.value AS float8) ORDER BY t.effective_from, t.created_at, t.id)
    FROM indicator_target t WHERE t.org_id = i.org_id AND t.indicator_id = i.id) AS targets,
  (SELECT array_agg(b.on_date ORDER BY b.on_date) FROM rebase b WHERE b.org_id = i.org_id
    AND b.indicator_id = i.id AND b.withdrawn_at IS NULL) AS rebases,
  k.first_on, k.values, k.numerators, k.denominators
FROM indicator i
LEFT JOIN kept_series k ON k.org_id = i.org_id AND k.indicator_id = i.id
  AND k.cadence = i.cadence AND i.computed_by IS NOT NULL
WHERE i.org_id = :org AND i.active AND i.service_id = ANY(:services)
ORDER BY i.service_id, i.name, i.reference
""")
# Whole series as arrays: a row for each reading would take longer to fetch than to judge.
_READINGS = text("""
SELECT r.indicator_id, array_agg(r.period_start ORDER BY r.period_start) AS starts,
  array_agg(CAST(r.value AS float8) ORDER BY r.period_start) AS values,
  array_agg(CAST(r.numerator AS float8) ORDER BY r.period_start) AS numerators,
  array_agg(CAST(r.denominator AS float8) ORDER BY r.period_start) AS denominators
FROM reading r
WHERE r.org_id = :org AND r.indicator_id = ANY(:indicators)
  AND r.period_start BETWEEN :first AND :on
GROUP BY r.indicator_id
""")


def stands(
    *,
    actor: Actor,
    service_ids: Sequence[UUID],
    valid_until: Mapping[tuple[UUID, str], date],
    on: date,
    live: bool = False,
) -> list[Stand]:
    """The active indicators of these services, by service and name.

    `valid_until` tells of each service and domain to which day its evidence is valid. Two
    statements; `live` counts records instead of reading what is kept, with up to two statements
    more for each cadence. The services must be within the person's.
    """
    given = {"org": actor.org_id, "services": list(service_ids)}
    rows = list(db.session.execute(_INDICATORS, given))
    computed = [row for row in rows if row.computed_by is not None]
    found = _readings(actor, [row for row in rows if row.computed_by is None], on)
    found |= _counted(actor, computed, on) if live else {row.id: _kept(row, on) for row in computed}
    return [_stand(row, found[row.id], valid_until, on) for row in rows]


def _counted(actor: Actor, wanted: Sequence[Row], on: date) -> dict[UUID, Series]:
    points = queries.points(actor=actor, wanted=wanted, on=on, count=PERIODS)
    return {
        row_id: Series(
            [point.period for point in own],
            [point.value for point in own],
            [point.numerator for point in own],
            [point.denominator for point in own],
        )
        for row_id, own in points.items()
    }


def _readings(actor: Actor, wanted: Sequence[Row], on: date) -> dict[UUID, Series]:
    if not wanted:
        return {}
    first = min(_periods(on, row.cadence)[0].start for row in wanted)
    given = {
        "org": actor.org_id,
        "indicators": [row.id for row in wanted],
        "first": first,
        "on": on,
    }
    found = {row.indicator_id: row for row in db.session.execute(_READINGS, given)}
    return {
        row.id: _placed(_periods(on, row.cadence), *(found[row.id][1:] if row.id in found else ()))
        for row in wanted
    }


def _kept(row: Row, on: date) -> Series:
    """What is kept, in the periods of today: the newest may not have been worked out yet."""
    periods = _periods(on, row.cadence)
    if row.first_on is None:
        return _placed(periods)
    starts = [period.start for period in _periods_from(row.first_on, row.cadence, on)]
    starts = starts[: len(row.values)]
    count = len(starts)
    return _placed(
        periods, starts, row.values[:count], row.numerators[:count], row.denominators[:count]
    )


def _placed(
    periods: Sequence[Period],
    starts: Sequence[date] = (),
    *amounts: Sequence[float | None],
) -> Series:
    """The amounts in those periods; what begins in none of them is left out."""
    if len(starts) == len(periods) and starts[0] == periods[0].start:
        return Series(periods, *amounts)
    places = {start: place for place, start in enumerate(starts)}
    order = [places.get(period.start) for period in periods]
    given = amounts or ((), (), ())
    return Series(
        periods,
        *([None if place is None else row[place] for place in order] for row in given),
    )


@lru_cache(maxsize=64)
def _periods(on: date, cadence: Cadence) -> tuple[Period, ...]:
    return tuple(full_periods(on, cadence, PERIODS))


@lru_cache(maxsize=64)
def _periods_from(first: date, cadence: Cadence, on: date) -> tuple[Period, ...]:
    """The full periods from one that begins on `first`."""
    found = [period for period in full_periods(on, cadence, 2 * PERIODS) if period.start >= first]
    return tuple(found)


def _stand(
    row: Row, series: Series, valid_until: Mapping[tuple[UUID, str], date], on: date
) -> Stand:
    latest, unit = series.latest(), INDICATOR_UNITS[row.unit]
    read_to = latest and latest.period.end
    aims = _aims(row, series)
    held = [
        target
        for day, target in zip(row.target_days or (), row.targets or (), strict=True)
        if day <= on
    ]
    return Stand(
        row,
        latest and latest.words(row.unit),
        read_to,
        figure(held[-1], unit) if held else None,
        _said(row, series, aims),
        support(
            Reads(row.created_at.date(), row.cadence, read_to),
            evidence_until=valid_until.get((row.service_id, row.domain)),
            on=on,
        ),
        series,
        aims,
    )


def _aims(row: Row, series: Series) -> list[float | None]:
    """The target of each period: the one in effect when it ended."""
    aims: list[float | None] = [None] * len(series.periods)
    ends = [period.end for period in series.periods]
    for day, target in zip(row.target_days or (), row.targets or (), strict=True):
        first = bisect_left(ends, day)
        aims[first:] = [target] * (len(aims) - first)
    return aims


_judged: Kept[Said] = Kept(seconds=_DAY_SECONDS, most=_MOST)


def _said(row: Row, series: Series, aims: Sequence[float | None]) -> Said:
    values = series.judged()
    if values and values[-1] is None and series.values[-1] is not None:
        return Said(None, "grey", TOO_FEW.format(row.cadence))
    starts = [period.start for period in series.periods]
    changes = {bisect_left(starts, day) for day in row.rebases or ()}
    rebase_at = sorted(place for place in changes if 0 < place < len(values))

    def make() -> Said:
        judgement = judge(
            values,
            improvement=IMPROVEMENT[row.good],
            unit=INDICATOR_UNITS[row.unit],
            period=row.cadence,
            targets=aims,
            rebase_at=rebase_at,
        )
        return Said(judgement.direction, judgement.band, judgement.sentence)

    made_from = blake2b(_bytes(values) + _bytes(aims) + _bytes(rebase_at), digest_size=16)
    return _judged.get((made_from.digest(), row.good, row.unit, row.cadence), make)


def _bytes(numbers: Sequence[float | None]) -> bytes:
    return array("d", [nan if number is None else number for number in numbers]).tobytes()
