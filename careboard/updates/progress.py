"""How far a service has come, by readings that somebody else validated and by no others. Pure.

A reading counts as validated when its period ends within that of a claim about its service and
domain that was found proven. Source: step S3-3.4; DESIGN section 4, Recovery update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Row

from careboard.clock import day_words
from careboard.packs.content import LEAST_SHOWN, Chart, Count, Figure, Share
from careboard.recovery.dashboard_stands import Stand
from careboard.recovery.points import IMPROVEMENT, Point
from careboard.trend import figure, judge
from careboard.updates.facts import holds
from careboard.updates.plain import Plain
from careboard.vocabulary import INDICATOR_UNITS

SHOWN = 13  # points of a chart: a quarter of weeks
NEW = 2  # readings of an indicator listed as not yet validated: a fortnight of weeks
# Claims of these kinds are about all that a service does.
_OF_ALL = ("recovery_update", "monitoring_return")


@dataclass(frozen=True, slots=True)
class Progress:
    """What may be shown as progress, and what was read but not validated."""

    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    unvalidated: tuple[Figure, ...]


def progress(
    stands: Sequence[Stand],
    measures: Mapping[UUID, Row],
    claims: Sequence[Row],
    plain: Plain,
) -> Progress:
    """Figures and charts of the indicators, in their order."""
    figures, charts, unvalidated = [], [], []
    for one in stands:
        name = plain.said(one.indicator.name)
        points = [
            (point, covered(one.indicator.domain, point.period.end, claims))
            for point in one.series.points()
            if point.value is not None
        ]
        last = max((place for place, (_, held) in enumerate(points) if held), default=None)
        since = points if last is None else points[last + 1 :]
        unvalidated += [_unvalidated(one, name, point) for point, _ in since[-NEW:]]
        if last is not None:
            figures.append(_figure(one, name, points[last][0], measures[one.indicator.id], plain))
            charts += _chart(one, name, claims)
    return Progress(tuple(figures), tuple(charts), tuple(unvalidated))


def covered(domain: str, day: date, claims: Sequence[Row]) -> bool:
    """Whether a claim that was proven speaks for that domain on that day."""
    return any(
        claim.period_from <= day <= claim.period_to
        and (claim.domain == domain or claim.domain is None and claim.kind in _OF_ALL)
        for claim in claims
        if claim.outcome == "proves" and holds(claim)
    )


def _figure(one: Stand, name: str, point: Point, measure: Row, plain: Plain) -> Figure:
    unit, parts = one.indicator.unit, []
    if measure.denominator_name:
        parts.append(plain.said(_share(measure.numerator_name, measure.denominator_name)))
    if measure.baseline_value is not None:
        began = _amount(unit, measure.baseline_value)
        parts.append(f"Baseline {began} on {day_words(measure.baseline_on)}")
    parts.append(f"Target {one.target}" if one.target else "No target is set")
    return _of(one, name, point, definition=". ".join(parts) + ".", validated=True)


def _share(part: str, whole: str) -> str:
    """Which share it is, in the indicator's own words."""
    words = f"{part}, out of {whole}"
    return f"{words[0].upper()}{words[1:]}"


def _unvalidated(one: Stand, name: str, point: Point) -> Figure:
    period = point.period
    span = (
        day_words(period.end)
        if period.start == period.end
        else (f"{day_words(period.start)} to {day_words(period.end)}")
    )
    return _of(one, name, point, definition=f"Read for {span}.", validated=False)


def _of(one: Stand, name: str, point: Point, *, definition: str, validated: bool) -> Figure:
    """A figure of a point; people and records are counts, so that small ones can be hidden."""
    unit = one.indicator.unit
    parts: tuple[Count | str | None, Count | str | None] = (None, None)
    if unit == "percent" and point.denominator is not None:
        parts = Count(round(point.numerator or 0)), Count(round(point.denominator))
    value = figure(point.value, INDICATOR_UNITS[unit])
    return Figure(
        f"{name} ({one.indicator.reference})",
        Count(round(point.value)) if unit == "count" else value,
        *parts,
        point.period.end,
        definition,
        validated,
    )


def _chart(one: Stand, name: str, claims: Sequence[Row]) -> list[Chart]:
    """The validated readings in their periods, up to the latest; nothing for fewer than two."""
    row = one.indicator
    held = [
        covered(row.domain, period.end, claims) and value is not None
        for period, value in zip(one.series.periods, one.series.values, strict=True)
    ]
    places = [place for place, is_held in enumerate(held) if is_held]
    recent = [place for place in places if place > places[-1] - SHOWN]
    if len(recent) < 2:
        return []
    begin, end = recent[0], recent[-1] + 1
    points, judged = one.series.points()[begin:end], one.series.judged()[begin:end]
    unit = INDICATOR_UNITS[row.unit]
    judgement = judge(
        [value if held[begin + place] else None for place, value in enumerate(judged)],
        improvement=IMPROVEMENT[row.good],
        unit=unit,
        period=row.cadence,
        targets=one.aims[begin:end],
    )
    shown = tuple(
        (day_words(point.period.end), _value(row.unit, point) if held[begin + place] else None)
        for place, point in enumerate(points)
    )
    suffix = unit if unit in ("", "%") else f" {unit}"
    return [Chart(name, judgement.sentence, suffix, one.aims[end - 1], shown)]


def _value(unit: str, point: Point) -> float | Count | Share:
    if unit == "percent" and point.denominator is not None:
        return Share(round(point.numerator or 0), round(point.denominator))
    return Count(round(point.value)) if unit == "count" else point.value


def _amount(unit: str, value: float) -> str:
    """A value in a sentence, where nothing hides small numbers later."""
    if unit == "count" and 0 < value < LEAST_SHOWN:
        return f"1 to {LEAST_SHOWN - 1}"
    return figure(value, INDICATOR_UNITS[unit])
