"""Whether an action worked: its measure after completion against the baseline taken before.

`assess` is the rule, on plain values; `positions` reads any number of actions in one statement:

    positions(actor=actor, action_ids=[row.id for row in rows], on=actor.today)
        -> {action id: Position(state, sentence, points, until)}

A page that lists actions shows each with `chip` of `actions/_outcome_parts.html`, or with `state`
where its own statement reads `watched` for the state alone:

    {% import "actions/_outcome_parts.html" as outcomes %}{{ outcomes.chip(found[row.id]) }}

Source: DESIGN section 4, Action; domain rules 3.3, no improvement after action.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, text

from careboard.actions.measures import (
    LEAST_POINTS,
    LEAST_SHARE,
    MEASURES,
    Measure,
    amount,
    number,
)
from careboard.actions.models import Action
from careboard.actions.watched import watched
from careboard.clock import day_words
from careboard.db import db
from careboard.tenancy import Actor

# In the order in which they ask for attention.
STATES = {
    "no_measurable_improvement": "No measurable improvement",
    "not_enough_data": "Not enough data",
    "waiting": "Waiting",
    "improved": "Improved",
    "not_named": "No measure named",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """An action's measure: what was named, when the work was done, and the values of the two
    full periods after it. `done_on` is None until the work is verified."""

    measure: str | None
    theme: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    lag_days: int = 14
    done_on: date | None = None
    first: Decimal | None = None
    second: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the small table: `value` in words; None where there is none."""

    label: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A value entered by hand. `counts` is False where a later one for the same day stands."""

    on_date: date
    value: str
    by: str | None
    note: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where an action stands with its outcome: a code of STATES and one sentence that says why.

    `until` is the first day on which it can be told, None while the work is not verified.
    """

    state: str
    sentence: str
    points: tuple[Point, ...] = ()
    until: date | None = None

    @property
    def words(self) -> str:
        """The state for a chip."""
        if self.state == "waiting" and self.until:
            return f"Waiting until {day_words(self.until)}"
        return STATES[self.state]


def periods(measure: Measure, done_on: date, lag_days: int) -> tuple[date, date, date]:
    """The first days of the two full periods after completion and lag, and the day after them."""
    ready = done_on + timedelta(days=lag_days)
    if measure.period == "week":
        begins = ready + timedelta(days=-ready.weekday() % 7)
        return begins, begins + timedelta(days=7), begins + timedelta(days=14)
    begins = ready if ready.day == 1 else _next_month(ready)
    return begins, _next_month(begins), _next_month(_next_month(begins))


def least_move(measure: Measure, baseline: Decimal, target: Decimal) -> Decimal:
    """How far the measure must have gone the good way to count as moved."""
    share = LEAST_SHARE * abs(target - baseline)
    return max(LEAST_POINTS, share) if measure.percent else share


def assess(watch: Watch, on: date) -> Position:
    """The position of an action on a day. Source: rule 3.3, no improvement after action."""
    measure = MEASURES.get(watch.measure or "")
    if measure is None or watch.baseline is None or watch.target is None:
        return Position(
            "not_named", "No measure is named, so nobody can tell from records whether it worked."
        )
    if watch.done_on is None:
        return Position("waiting", "Watched once the work is verified.", _points(measure, watch))
    begins, turns, ends = periods(measure, watch.done_on, watch.lag_days)
    points = _points(measure, watch, begins, turns)
    span = f"{_period(measure, begins)} and {_period(measure, turns)}"
    if on < ends:
        lag = f"{watch.lag_days} days" if watch.lag_days != 1 else "1 day"
        return Position(
            "waiting",
            f"Known on {day_words(ends)}: {span} are the first two full {measure.period}s after "
            f"completion and {lag}.",
            points,
            ends,
        )
    missing = [
        _period(measure, day)
        for day, value in ((begins, watch.first), (turns, watch.second))
        if value is None
    ]
    if missing:
        return Position(
            "not_enough_data", f"There is no value for {' and '.join(missing)}.", points, ends
        )
    return _judged(measure, watch, span, points, ends)


def _judged(
    measure: Measure, watch: Watch, span: str, points: tuple[Point, ...], ends: date
) -> Position:
    mean = (watch.first + watch.second) / 2
    up = watch.target > watch.baseline
    moved = mean - watch.baseline if up else watch.baseline - mean
    least = least_move(measure, watch.baseline, watch.target)
    points = (*points, Point("Mean of the two", amount(measure, mean)))
    stands = f"{amount(measure, mean)} on average in {span}, from {amount(measure, watch.baseline)}"
    if moved >= least:
        met = mean >= watch.target if up else mean <= watch.target
        aim = "met" if met else f"of {amount(measure, watch.target)} not met yet"
        return Position("improved", f"{stands}; target {aim}.", points, ends)
    unit = " percentage points" if measure.percent else ""
    needed = f"{'rise' if up else 'fall'} by at least {number(least)}{unit}"
    return Position("no_measurable_improvement", f"{stands}; it had to {needed}.", points, ends)


def _points(measure: Measure, watch: Watch, *begins: date) -> tuple[Point, ...]:
    values = zip(begins, (watch.first, watch.second), strict=False)
    return (
        Point("Baseline", amount(measure, watch.baseline)),
        Point("Target", amount(measure, watch.target)),
        *(
            Point(_period(measure, day), None if value is None else amount(measure, value))
            for day, value in values
        ),
    )


def _period(measure: Measure, begins: date) -> str:
    return f"{begins:%b %Y}" if measure.period == "month" else f"the week of {day_words(begins)}"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def positions(*, actor: Actor, action_ids: Iterable[UUID], on: date) -> dict[UUID, Position]:
    """The position of each action that the person may see. One statement."""
    ids = list(action_ids)
    if not ids:
        return {}
    values: dict[str, Any] = {"org": actor.org_id, "ids": ids, "on": on}
    where = "a.org_id = :org AND a.id = ANY(:ids)"
    if actor.service_ids is not None:
        where += " AND a.service_id = ANY(:services)"
        values["services"] = list(actor.service_ids)
    rows = db.session.execute(text(watched(where)), values)
    return {row.id: position_of(row._mapping, on) for row in rows}


def position_of(facts: Mapping[str, Any], on: date) -> Position:
    """The position of a row of `watched`, as it is or through JSON."""
    return assess(
        Watch(
            facts["measure"],
            facts["measure_theme"],
            _decimal(facts["baseline"]),
            _decimal(facts["target"]),
            facts["lag_days"],
            _date(facts["done_on"]),
            _decimal(facts["first"]),
            _decimal(facts["second"]),
        ),
        on,
    )


# For a statement that reads the table `action` itself.
_EACH = watched("a.org_id = action.org_id AND a.id = action.id")


def state_of_each(on: date) -> TextClause:
    """A column of a SELECT of actions: the code of the state."""
    return text(f"(SELECT o.state FROM ({_EACH}) o)").bindparams(on=on)


_READINGS = """
SELECT json_agg(json_build_object('on_date', r.on_date, 'value', r.value, 'by', m.name,
    'note', r.note) ORDER BY r.on_date DESC, r.created_at DESC, r.id DESC)
FROM outcome_reading r LEFT JOIN membership m ON m.org_id = r.org_id AND m.id = r.by_id
WHERE r.org_id = action.org_id AND r.action_id = action.id
"""


def facts_of_each(on: date) -> TextClause:
    """A column of a SELECT of actions: what `position_of` and `readings_of` take, as JSON."""
    facts = f"SELECT o.*, ({_READINGS}) AS readings FROM ({_EACH}) o"
    return text(f"(SELECT row_to_json(x) FROM ({facts}) x)").bindparams(on=on)


def in_state(state: str, actor: Actor) -> ColumnElement[bool]:
    """The condition that an action has that state today."""
    if state == "not_named":
        return Action.measure.is_(None)
    measured = watched("a.org_id = :org AND a.measure IS NOT NULL AND a.status <> 'cancelled'")
    found = text(f"SELECT o.id FROM ({measured}) o WHERE o.state = :outcome")
    values = {"org": actor.org_id, "on": actor.today, "outcome": state}
    return Action.id.in_(found.bindparams(**values).columns(Action.id))


def readings_of(facts: Mapping[str, Any]) -> list[Reading]:
    """The values entered by hand, latest day first."""
    measure = MEASURES.get(facts["measure"] or "")
    found: list[Reading] = []
    for row in facts["readings"] or () if measure else ():
        on_date = date.fromisoformat(row["on_date"])
        counts = not found or found[-1].on_date != on_date
        value = amount(measure, Decimal(str(row["value"])))
        found.append(Reading(on_date, value, row["by"], row["note"], counts))
    return found


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _date(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
