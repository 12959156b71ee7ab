"""Criteria for stepping down that can be computed: met, not met, or cannot tell. Pure.

Each is judged from what is known of its episode (`Known`), and opens to the rows it rests on.
Source: rules 3.4 and N9 to N11; steps S2-1.5 and S2-2.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from careboard.actions.lateness import RED_AFTER
from careboard.clock import day_words

State = Literal["met", "not_met", "cannot_tell"]
STATE_WORDS = {"met": "Met", "not_met": "Not met", "cannot_tell": "Cannot tell"}
# A concern repeats a theme that was raised so many days before it or less. Source: rule N8.
REPEATS_WITHIN = 61
BEFORE_ENTRY = 28
AFTER_ENTRY = (29, 56)
MOST_REPEATS = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A record behind a standing. `says` is what it says, in few words; `known_on` the day on which
    it became known here."""

    kind: str
    id: UUID
    reference: str
    on: date | None
    says: str = ""
    theme: str = ""
    score: float | None = None
    rag: str = ""
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A weekly return that fell due: its `row`, None where none came."""

    number: int
    due_on: date
    submitted_on: date | None
    outcome: str | None
    unsupported: bool
    row: Row | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an episode on a day. `concerns` are safeguarding concerns (low-level ones
    are not among them), `audits` those of the service, `late` actions that are overdue, `weeks`
    those whose return fell due; each the oldest first. `kept` tells of an indicator whether its
    last periods met the target, by id and number of periods, with its row and a sentence."""

    started_on: date
    on: date
    concerns: Sequence[Row] = ()
    audits: Sequence[Row] = ()
    late: Sequence[Row] = ()
    weeks: Sequence[Week] = ()
    statement: Row | None = None
    restored: bool | None = None
    kept: Mapping[tuple[str, int], tuple[bool | None, str, Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a criterion stands, in a sentence, with the rows it rests on."""

    state: State
    sentence: str
    rows: tuple[Row, ...] = ()


Judge = Callable[[Known, Mapping[str, Any]], Standing]


def no_repeat_themes(known: Known, given: Mapping[str, Any]) -> Standing:
    """No safeguarding theme came up again in so many days. Source: rules 3.4 and N9."""
    days = int(given["days"])
    since = known.on - timedelta(days=days)
    repeats = [row for row in known.concerns if row.on > since and _before(known.concerns, row)]
    if repeats:
        themes = ", ".join(sorted({row.theme for row in repeats}))
        clear = repeats[-1].on + timedelta(days=days)
        return Standing(
            "not_met",
            f"{_count(len(repeats), 'concern')} in the last {days} days came back to a theme of "
            f"the {REPEATS_WITHIN} days before: {themes}. Met from "
            f"{day_words(clear)} at the earliest.",
            tuple(repeats),
        )
    return Standing("met", f"No theme came up again in the last {days} days.")


def reduced_repeats(known: Known, given: Mapping[str, Any]) -> Standing:
    """Fewer repeats in days 29 to 56 after entry than in the 28 days before. Source: rule N9."""
    first, last = (known.started_on + timedelta(days=days) for days in AFTER_ENTRY)
    entry = known.started_on
    repeats = [row for row in known.concerns if _before(known.concerns, row)]
    before = [r for r in repeats if entry - timedelta(days=BEFORE_ENTRY) <= r.on < entry]
    after = [r for r in repeats if first <= r.on <= min(last, known.on)]
    said = (
        f"{_count(len(before), 'repeat')} in the {BEFORE_ENTRY} days before entry, {len(after)} in "
        f"days {AFTER_ENTRY[0]} to {AFTER_ENTRY[1]} after it"
    )
    if len(after) > MOST_REPEATS or after and len(after) >= len(before):
        return Standing("not_met", f"{said}.", (*before, *after))
    if known.on < last:
        return Standing(
            "cannot_tell", f"{said} so far; told on {day_words(last)}.", (*before, *after)
        )
    reduced = len(after) < len(before)
    return Standing("met" if reduced else "not_met", f"{said}.", (*before, *after))


def themes_restored(known: Known, given: Mapping[str, Any]) -> Standing:
    """Each weak theme is back at its score before the decline, or at the target, whichever is
    lower, within two cycles, and none is red. Source: rule N10."""
    parts = [_restored(known, theme, float(given["target"])) for theme in given["themes"]]
    states = [part.state for part in parts]
    worst = next(state for state in ("not_met", "cannot_tell", "met") if state in states)
    rows = tuple(row for part in parts for row in part.rows)
    return Standing(worst, " ".join(part.sentence for part in parts), rows)


def _restored(known: Known, theme: str, target: float) -> Standing:
    own = [row for row in known.audits if row.theme.casefold() == theme.casefold()]
    scored = [row for row in own if row.score is not None]
    before = [row for row in scored if row.on <= known.started_on]
    after = [row for row in scored if row.on > known.started_on]
    # The last audit before entry is the decline; the one before it is where the theme stood.
    stood = before[-2].score if len(before) > 1 else None
    aim = target if stood is None else min(stood, target)
    if not after:
        return Standing("cannot_tell", f"{theme}: not audited since entry.", tuple(before[-2:]))
    latest = after[-1]
    said = f"{theme}: {_score(latest)} on {day_words(latest.on)}, to be {aim:g}% or more"
    if latest.score < aim or latest.rag == "red":
        late = ", after two cycles" if len(after) > 1 else ""
        return Standing("not_met", f"{said}{late}.", (*before[-2:], *after))
    return Standing("met", f"{said}.", (*before[-2:], *after))


def audit_score(known: Known, given: Mapping[str, Any]) -> Standing:
    """The latest audit of a theme since entry has so many percent or more."""
    theme, least = str(given["theme"]), float(given["least"])
    own = [row for row in known.audits if row.theme.casefold() == theme.casefold()]
    since = [row for row in own if row.on > known.started_on and row.score is not None]
    if not since:
        return Standing("cannot_tell", f"{theme} was not audited since entry.")
    latest = since[-1]
    state: State = "met" if latest.score >= least else "not_met"
    return Standing(state, f"{_score(latest)} on {day_words(latest.on)}.", (latest,))


def no_red_overdue(known: Known, given: Mapping[str, Any]) -> Standing:
    """No action of the service is overdue by more than seven days. Source: rules 3.3 and 3.4."""
    red = tuple(row for row in known.late if (known.on - row.on).days > RED_AFTER)
    if red:
        return Standing("not_met", f"{_count(len(red), 'action')} overdue by over a week.", red)
    return Standing("met", f"No action is overdue by more than {RED_AFTER} days.")


def returns_validated(known: Known, given: Mapping[str, Any]) -> Standing:
    """The last weekly returns came on time and were validated without a critical mismatch.
    Source: rule N11."""
    count = int(given["weeks"])
    last = list(known.weeks)[-count:]
    rows = tuple(week.row for week in last if week.row)
    wrong = [f"week {week.number} {fault}" for week in last if (fault := _fault(week))]
    if wrong:
        return Standing("not_met", f"{', '.join(wrong).capitalize()}.", rows)
    if len(last) < count:
        return Standing(
            "cannot_tell", f"{_count(len(last), 'return')} so far; {count} are needed.", rows
        )
    return Standing("met", f"The last {count} returns came on time and were validated.", rows)


def _fault(week: Week) -> str:
    if week.submitted_on is None:
        return "has no return"
    if week.submitted_on > week.due_on:
        return "came late"
    if week.outcome is None:
        return "is not validated yet"
    if week.unsupported:
        return "is unsupported"
    return "is not proved" if week.outcome == "does_not_prove" else ""


def indicator_target(known: Known, given: Mapping[str, Any]) -> Standing:
    """An indicator met its target in each of its last periods."""
    found = known.kept.get((str(given["indicator"]), int(given["periods"])))
    if found is None:
        return Standing("cannot_tell", "The indicator is not read any more.")
    kept, sentence, row = found
    return Standing(
        "cannot_tell" if kept is None else "met" if kept else "not_met", sentence, (row,)
    )


def commissioner_statement(known: Known, given: Mapping[str, Any]) -> Standing:
    """The commissioner has stated that its confidence is restored. Source: rule N11."""
    if known.statement is None:
        return Standing("not_met", "No statement of the commissioner is recorded.")
    state: State = "met" if known.restored else "not_met"
    return Standing(state, f"{known.statement.says}", (known.statement,))


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter: `kind` number, theme, themes or indicator; numbers stay within the bounds."""

    name: str
    words: str
    kind: str = "number"
    default: int | None = None
    least: int = 1
    most: int = 365


@dataclass(frozen=True, slots=True)
class Computed:
    """A criterion that is computed. `said` is its words, with parameters in braces; `suggested`
    the kinds of episode that are offered it."""

    code: str
    title: str
    said: str
    judge: Judge
    fields: tuple[Field, ...] = ()
    suggested: tuple[str, ...] = ()


COMPUTED = {
    one.code: one
    for one in (
        Computed(
            "no_repeat_themes",
            "No repeated safeguarding theme",
            "No safeguarding theme came up again for {days} days",
            no_repeat_themes,
            (Field("days", "Days", default=56),),
            ("safeguarding",),
        ),
        Computed(
            "reduced_repeats",
            "Fewer repeats after eight weeks",
            "Fewer repeated safeguarding themes in weeks 5 to 8 than in the four weeks before "
            "entry, and one at most",
            reduced_repeats,
        ),
        Computed(
            "themes_restored",
            "Audit themes restored",
            "Within two audit cycles, {themes} at the score before the decline or at {target}%, "
            "whichever is lower, and none red",
            themes_restored,
            (
                Field("themes", "Themes", kind="themes"),
                Field("target", "Target in %", default=90, most=100),
            ),
            ("audit",),
        ),
        Computed(
            "audit_score",
            "A score in an audit",
            "{theme} at {least}% or more at its latest audit since entry",
            audit_score,
            (
                Field("theme", "Theme", kind="theme"),
                Field("least", "At least, in %", default=90, most=100),
            ),
        ),
        Computed(
            "no_red_overdue",
            "No action red-overdue",
            "No action of the service overdue by more than seven days",
            no_red_overdue,
            (),
            ("safeguarding", "audit", "commissioner", "other"),
        ),
        Computed(
            "returns_validated",
            "Weekly returns on time and validated",
            "The last {weeks} weekly returns on time, and validated without a critical mismatch",
            returns_validated,
            (Field("weeks", "Returns", default=4, most=26),),
            ("safeguarding", "audit", "commissioner", "other"),
        ),
        Computed(
            "indicator_target",
            "An indicator at its target",
            "{indicator} at its target in {periods} periods running",
            indicator_target,
            (
                Field("indicator", "Indicator", kind="indicator"),
                Field("periods", "Periods running", default=2, most=12),
            ),
        ),
        Computed(
            "commissioner_statement",
            "The commissioner's statement",
            "The commissioner has stated that its confidence is restored",
            commissioner_statement,
            (),
            ("commissioner",),
        ),
    )
}


def judge(code: str, parameters: Mapping[str, Any], known: Known) -> Standing:
    """Where a computed criterion stands."""
    return COMPUTED[code].judge(known, parameters)


def _before(concerns: Sequence[Row], row: Row) -> bool:
    """Whether another concern raised its theme in the days before."""
    theme = row.theme.casefold().strip()
    return bool(theme) and any(
        other.id != row.id
        and other.theme.casefold().strip() == theme
        and (other.on, other.id.int) < (row.on, row.id.int)
        and (row.on - other.on).days <= REPEATS_WITHIN
        for other in concerns
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _score(row: Row) -> str:
    rag = f" ({row.rag})" if row.rag else ""
    return f"{row.score:g}%{rag}"
