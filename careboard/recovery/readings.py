"""Readings by hand: one, or a sheet of a service at once; and correcting one, with a reason.

Source: steps S1-1.3, S1-2.1 and S1-3.1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.db import db, load, lock, new_id
from careboard.errors import Conflict, Invalid, NotFound
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery.entries import Amounts, Entry, Refused, checked, period_for
from careboard.recovery.models import Indicator, Reading
from careboard.recovery.periods import Period
from careboard.recovery.response_rounds import ring
from careboard.services.models import Service
from careboard.tenancy import Actor

_THERE = "There is a reading already. Correct it, with a reason."
_MOVED_ON = "Someone changed this reading before you. Look at it again."


def record_reading(*, actor: Actor, indicator_id: UUID, on: date, amounts: Amounts) -> UUID:
    """Record one reading, for the period that `on` is in; returns its id.

    As `record_readings`, with the fields value, numerator, denominator, note and on.
    """
    indicator = load(Indicator, actor.org_id, indicator_id)
    entry = Entry(
        amounts.value,
        amounts.numerator,
        amounts.denominator,
        amounts.note,
        indicator_id=indicator_id,
        on=on,
    )
    try:
        return record_readings(actor=actor, service_id=indicator.service_id, entries=[entry])[0]
    except Refused as error:
        raise Invalid(error.message, (error.field or "").partition("-")[0]) from error


def record_readings(*, actor: Actor, service_id: UUID, entries: Sequence[Entry]) -> list[UUID]:
    """Record a sheet of readings of one service, all or none; returns the ids of the new ones.

    Entries without any number are passed over, and so is one that says what is recorded already.
    Raises Refused with every wrong field (`value-<indicator>-<day>`, and so on), NotFound for an
    indicator of nobody or of another service, Forbidden.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_READINGS, service_id)
    filled = [entry for entry in entries if not entry.empty]
    indicators = _indicators_of(actor, service_id, {entry.indicator_id for entry in filled})
    errors: dict[str, str] = {}
    wanted: dict[tuple[UUID, date], tuple[Entry, Period, Amounts]] = {}
    for entry in filled:
        try:
            period, amounts = _read(actor, indicators[entry.indicator_id], entry)
        except Invalid as error:
            errors[entry.at(error.field or "value")] = error.message
            continue
        if (entry.indicator_id, period.start) in wanted:
            errors[entry.at("value")] = "There are two values for this period."
        wanted[entry.indicator_id, period.start] = entry, period, amounts
    there = _readings_at(actor, wanted)
    for key, reading in there.items():
        entry, _, amounts = wanted.pop(key)
        if _differs(reading, amounts):
            errors[entry.at("value")] = _THERE
    if errors:
        raise Refused(errors)
    return _add(actor, service_id, wanted)


def correct_reading(
    *,
    actor: Actor,
    reading_id: UUID,
    amounts: Amounts,
    reason: str,
    seen: datetime | None = None,
) -> None:
    """Let a reading say something else from now on; what it said stays on record.

    `seen` is the `recorded_at` of the version that the person had before them: Conflict when there
    is another. Raises Invalid (value, numerator, denominator, note, reason), NotFound, Forbidden.
    """
    reading = lock(Reading, actor.org_id, reading_id)
    indicator = load(Indicator, actor.org_id, reading.indicator_id)
    actor.require(Permission.RECORD_READINGS, indicator.service_id)
    if seen is not None and seen != reading.recorded_at:
        raise Conflict(_MOVED_ON)
    kept = checked(indicator, amounts)
    if not _differs(reading, kept):
        raise Invalid("This is what the reading says already.", "value")
    if not reason.strip():
        raise Invalid("Say why the reading is corrected.", "reason")
    refuse_personal_data(reason, "reason")
    refuse_personal_data(kept.note, "note")
    given = {"org": actor.org_id, "id": reading.id, "now": clock.now(), "kept": new_id()}
    db.session.execute(_KEEP, given)
    before = reading.value
    reading.value, reading.numerator = kept.value, kept.numerator
    reading.denominator, reading.note = kept.denominator, kept.note
    reading.correction_reason = reason.strip()
    reading.entered_by_id, reading.recorded_at = actor.membership_id, given["now"]
    audit.record(
        actor=actor,
        tag="reading:corrected",
        subject_id=reading.id,
        before={"value": before},
        after={"value": kept.value},
    )
    db.session.flush()
    ring(actor)


# An import's versions are kept in the same way, so that a reading has one history.
_KEEP = text("""
INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id, recorded_at,
  superseded_at, version)
SELECT org_id, :kept, 'reading', id, batch_id, recorded_at, :now, to_jsonb(r)
FROM reading r WHERE org_id = :org AND id = :id
""")


def _indicators_of(
    actor: Actor, service_id: UUID, wanted: Collection[UUID]
) -> dict[UUID, Indicator]:
    rows = db.session.scalars(
        select(Indicator).where(
            Indicator.org_id == actor.org_id,
            Indicator.service_id == service_id,
            Indicator.id.in_(wanted),
        )
    )
    found = {indicator.id: indicator for indicator in rows}
    if set(wanted) - set(found):
        raise NotFound()
    return found


def _read(actor: Actor, indicator: Indicator, entry: Entry) -> tuple[Period, Amounts]:
    period = period_for(indicator, entry.on, actor.today)
    amounts = checked(indicator, entry)
    refuse_personal_data(amounts.note, "note")
    return period, amounts


def _readings_at(
    actor: Actor, wanted: Collection[tuple[UUID, date]]
) -> dict[tuple[UUID, date], Reading]:
    """The readings that are there for those indicators and starts of periods."""
    rows = db.session.scalars(
        select(Reading).where(
            Reading.org_id == actor.org_id,
            Reading.indicator_id.in_({indicator_id for indicator_id, _ in wanted}),
            Reading.period_start.in_({start for _, start in wanted}),
        )
    )
    found = {(row.indicator_id, row.period_start): row for row in rows}
    return {key: row for key, row in found.items() if key in wanted}


def _differs(reading: Reading, amounts: Amounts) -> bool:
    said = reading.value, reading.numerator, reading.denominator
    return said != (amounts.value, amounts.numerator, amounts.denominator)


def _add(
    actor: Actor, service_id: UUID, wanted: dict[tuple[UUID, date], tuple[Entry, Period, Amounts]]
) -> list[UUID]:
    if not wanted:
        return []
    rows = [
        Reading(
            org_id=actor.org_id,
            id=new_id(),
            indicator_id=entry.indicator_id,
            period_start=period.start,
            period_end=period.end,
            value=amounts.value,
            numerator=amounts.numerator,
            denominator=amounts.denominator,
            note=amounts.note,
            entered_by_id=actor.membership_id,
            recorded_at=clock.now(),
        )
        for entry, period, amounts in wanted.values()
    ]
    try:
        with db.session.begin_nested():
            db.session.add_all(rows)
    except IntegrityError as error:
        raise Conflict(f"Someone recorded one of these before you. {_THERE}") from error
    audit.record(
        actor=actor,
        tag="reading:recorded",
        subject_id=service_id,
        after={"readings": [row.id for row in rows]},
    )
    ring(actor)
    return [row.id for row in rows]
