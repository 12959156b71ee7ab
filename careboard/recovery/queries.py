"""Indicators with their points, targets and changes, and the sheet that readings are typed into.

Source: DESIGN section 3, indicator; section 1, promise 3.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from careboard.accounts.models import Membership
from careboard.db import db, load
from careboard.permissions import Permission
from careboard.recovery.models import Indicator, IndicatorTarget, Reading, Rebase
from careboard.recovery.periods import Cadence, Period, full_periods, period_of
from careboard.recovery.points import Point
from careboard.recovery.series import series
from careboard.services.models import Service
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Version:
    """What a reading said. `number` 1 is the first; the last one holds. `source` is the reference
    of the import that it came by (`batch_id`), `row_no` its row there; else `by` is who recorded
    it."""

    number: int
    value: float
    numerator: float | None
    denominator: float | None
    recorded_at: datetime
    by: str | None
    reason: str
    source: str | None
    row_no: int | None
    batch_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sheet: an indicator, a period, its reading if there is one (id, value,
    numerator, denominator, note, recorded_at), and the value of the period before."""

    indicator: Indicator
    period: Period
    reading: Row | None
    before: float | None


def indicators(
    *,
    actor: Actor,
    service_ids: Collection[UUID] | None = None,
    closed: bool = False,
) -> list[Row]:
    """(Indicator, service, owner): within the person's services, by service and name; without the
    closed ones unless asked for. One statement."""
    statement = (
        select(Indicator, Service.name.label("service"), Membership.name.label("owner"))
        .join(Service, (Service.org_id == Indicator.org_id) & (Service.id == Indicator.service_id))
        .outerjoin(
            Membership,
            (Membership.org_id == Indicator.org_id) & (Membership.id == Indicator.review_owner_id),
        )
        .where(Indicator.org_id == actor.org_id)
        .order_by(Service.name, Indicator.name, Indicator.reference)
    )
    if service_ids is not None:
        statement = statement.where(Indicator.service_id.in_(service_ids))
    if actor.service_ids is not None:
        statement = statement.where(Indicator.service_id.in_(actor.service_ids))
    if not closed:
        statement = statement.where(Indicator.active)
    return list(db.session.execute(statement))


def points(
    *, actor: Actor, wanted: Collection[Indicator], on: date, count: int = 12
) -> dict[UUID, list[Point]]:
    """By indicator, the last `count` full periods up to `on`, oldest first; a period that has no
    reading has no value.

    One statement for all readings, and those of `series.series` for each cadence of computed ones.
    """
    own = [indicator for indicator in wanted if actor.reaches(indicator.service_id)]
    read = [indicator for indicator in own if indicator.computed_by is None]
    found = _read(actor, read, on, count) if read else {}
    for cadence in sorted({indicator.cadence for indicator in own if indicator.computed_by}):
        found |= _computed(actor, own, on, cadence, count)
    return found


def targets(*, actor: Actor, indicator_ids: Collection[UUID]) -> dict[UUID, list[IndicatorTarget]]:
    """By indicator, all its targets in the order in which they take effect. One statement."""
    statement = (
        select(IndicatorTarget)
        .where(
            IndicatorTarget.org_id == actor.org_id,
            IndicatorTarget.indicator_id.in_(indicator_ids),
        )
        .order_by(IndicatorTarget.effective_from, IndicatorTarget.created_at, IndicatorTarget.id)
    )
    return _by_indicator(db.session.scalars(statement), indicator_ids)


def target_on(known: Sequence[IndicatorTarget], day: date) -> IndicatorTarget | None:
    """The target that holds on that day, of an indicator's targets in their order."""
    begun = [target for target in known if target.effective_from <= day]
    return begun[-1] if begun else None


def rebases(*, actor: Actor, indicator_ids: Collection[UUID]) -> dict[UUID, list[Rebase]]:
    """By indicator, the changes of process that stand, oldest first. One statement."""
    statement = (
        select(Rebase)
        .where(
            Rebase.org_id == actor.org_id,
            Rebase.indicator_id.in_(indicator_ids),
            Rebase.withdrawn_at.is_(None),
        )
        .order_by(Rebase.on_date)
    )
    return _by_indicator(db.session.scalars(statement), indicator_ids)


def rebase_at(points: Sequence[Point], changes: Sequence[Rebase]) -> list[int]:
    """The places in a series at which limits start afresh: the first period that begins on the day
    of a change or later."""
    found = set()
    for change in changes:
        later = [i for i, point in enumerate(points) if point.period.start >= change.on_date]
        if later:
            found.add(later[0])
    return sorted(found)


def sheet(*, actor: Actor, service_id: UUID, on: date) -> list[Line]:
    """What can be typed for the week that `on` is in: a line for each indicator that is read by
    hand or import, seven for one that is read daily. Two statements.

    Raises NotFound, Forbidden.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.READ, service_id)
    own = db.session.scalars(
        select(Indicator)
        .where(
            Indicator.org_id == actor.org_id,
            Indicator.service_id == service_id,
            Indicator.active,
            Indicator.computed_by.is_(None),
        )
        .order_by(Indicator.domain, Indicator.name, Indicator.reference)
    ).all()
    week = period_of(on, "week")
    periods = {indicator.id: _periods_of(indicator.cadence, week, on) for indicator in own}
    rows = db.session.execute(
        select(
            Reading.indicator_id,
            Reading.id,
            Reading.period_start,
            Reading.period_end,
            Reading.value,
            Reading.numerator,
            Reading.denominator,
            Reading.note,
            Reading.recorded_at,
        ).where(
            Reading.org_id == actor.org_id,
            Reading.indicator_id.in_(periods),
            # A month begins up to 30 days before the week's day, and the month before it 31 more.
            Reading.period_start.between(week.start - timedelta(days=62), week.end),
        )
    )
    there = {(row.indicator_id, row.period_start): row for row in rows}
    return [
        Line(
            indicator,
            period,
            there.get((indicator.id, period.start)),
            getattr(
                there.get((indicator.id, _start_before(period, indicator.cadence))), "value", None
            ),
        )
        for indicator in own
        for period in periods[indicator.id]
    ]


_HISTORY = text("""
SELECT v.version, v.recorded_at, m.name AS by, b.reference AS source, b.id AS batch_id
FROM (
  SELECT version, recorded_at, batch_id, 0 AS present FROM superseded_row
  WHERE org_id = :org AND table_name = 'reading' AND record_id = :id
  UNION ALL
  SELECT to_jsonb(r), recorded_at, batch_id, 1 FROM reading r WHERE org_id = :org AND id = :id
) v
LEFT JOIN membership m ON m.org_id = :org AND m.id = CAST(v.version->>'entered_by_id' AS uuid)
LEFT JOIN import_batch b ON b.org_id = :org AND b.id = v.batch_id
ORDER BY v.present, v.recorded_at
""")


def history(*, actor: Actor, reading_id: UUID) -> list[Version]:
    """All that a reading has said, the first first. Raises NotFound, Forbidden."""
    reading = load(Reading, actor.org_id, reading_id)
    indicator = load(Indicator, actor.org_id, reading.indicator_id)
    actor.require(Permission.READ, indicator.service_id)
    rows = db.session.execute(_HISTORY, {"org": actor.org_id, "id": reading.id})
    return [_version(number, row) for number, row in enumerate(rows, start=1)]


def _version(number: int, row: Row) -> Version:
    said: dict[str, Any] = row.version
    by_hand = said.get("entered_by_id") is not None
    return Version(
        number,
        said["value"],
        said["numerator"],
        said["denominator"],
        row.recorded_at,
        row.by,
        said.get("correction_reason", ""),
        None if by_hand else row.source,
        None if by_hand else said["row_no"],
        None if by_hand else row.batch_id,
        said.get("note", ""),
    )


def _read(
    actor: Actor, wanted: Sequence[Indicator], on: date, count: int
) -> dict[UUID, list[Point]]:
    periods = {
        cadence: full_periods(on, cadence, count)
        for cadence in {indicator.cadence for indicator in wanted}
    }
    first = min(own[0].start for own in periods.values())
    rows = db.session.execute(
        select(
            Reading.indicator_id,
            Reading.period_start,
            Reading.value,
            Reading.numerator,
            Reading.denominator,
            Reading.id,
        ).where(
            Reading.org_id == actor.org_id,
            Reading.indicator_id.in_([indicator.id for indicator in wanted]),
            Reading.period_start.between(first, on),
        )
    )
    there = {(indicator, start): amounts for indicator, start, *amounts in rows}
    return {
        indicator.id: [
            Point(period, *there.get((indicator.id, period.start), ()))
            for period in periods[indicator.cadence]
        ]
        for indicator in wanted
    }


def _computed(
    actor: Actor, wanted: Sequence[Indicator], on: date, cadence: Cadence, count: int
) -> dict[UUID, list[Point]]:
    own = [i for i in wanted if i.computed_by is not None and i.cadence == cadence]
    found = series(
        actor=actor,
        measures={indicator.computed_by for indicator in own},
        on=on,
        cadence=cadence,
        count=count,
        service_ids={indicator.service_id for indicator in own},
    )
    return {i.id: found[i.computed_by][i.service_id] for i in own}


def _periods_of(cadence: Cadence, week: Period, on: date) -> list[Period]:
    if cadence != "day":
        return [period_of(on, cadence)]
    days = [week.start + timedelta(days=number) for number in range(7)]
    return [Period(day, day) for day in days]


def _start_before(period: Period, cadence: Cadence) -> date:
    return period_of(period.start - timedelta(days=1), cadence).start


def _by_indicator(rows: Any, indicator_ids: Collection[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {indicator_id: [] for indicator_id in indicator_ids}
    for row in rows:
        found[row.indicator_id].append(row)
    return found
