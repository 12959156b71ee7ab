"""Rules on what people say: feedback, complaints, and whether anybody answered.

They are those of the pages on experience, theme by theme. Source: rules 3.3; steps S0-2.1, S0-2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from careboard import patterns
from careboard.clock import add_working_days
from careboard.experience import rules
from careboard.experience.months import (
    ANSWER_WORKING_DAYS,
    answer_due_on,
    due_on,
    first_of,
    last_due,
    shifted,
)
from careboard.experience.rows import Voices
from careboard.experience.rules import Said
from careboard.rules.facts import Facts
from careboard.rules.rule import (
    FIRES,
    QUIET,
    TOO_LITTLE,
    Finding,
    Outcome,
    Parameter,
    Parameters,
    RowRef,
    Rule,
)
from careboard.rules.telling import (
    DAY,
    count,
    day,
    fixed,
    leaves_on,
    next_of,
    quiet,
    too_little,
)

LEAST, WINDOW = patterns.POOR_FEEDBACK
OUTCOMES: dict[str, Outcome] = {
    "fires": FIRES,
    "quiet": QUIET,
    "not_enough_data": TOO_LITTLE,
}


def _heard(facts: Facts) -> Iterator[tuple[UUID, str, Voices]]:
    """Every active service with what was said there."""
    found = {str(service_id): Voices([], []) for service_id in facts.services}
    for said in sorted(facts.voices.answers, key=_order):
        if said.service in found:
            found[said.service].answers.append(said)
    for said in sorted(facts.voices.complaints, key=_order):
        if said.service in found:
            found[said.service].complaints.append(said)
    for service_id, name in sorted(facts.services.items()):
        yield service_id, name, found[str(service_id)]


def _order(said: Said) -> tuple[date, str, str]:
    return said.on, said.reference, str(said.id)


def _refs(facts: Facts, service_id: UUID, rows: Iterable[Said]) -> tuple[RowRef, ...]:
    """References to what was said; for a comment that only a month's summary counts, to that."""
    summaries = {(one.service_id, one.month): one for one in facts.summaries}
    found = set()
    for said in rows:
        summary = summaries.get((service_id, first_of(said.on)))
        if said.id is not None:
            found.add(RowRef("concern", said.on, said.reference, said.id))
        elif summary is not None:
            found.add(RowRef("experience_summary", said.on, f"{said.on:%B %Y}", summary.id))
    return tuple(sorted(found))


def _themes(answers: Sequence[Said], on: date) -> list[str]:
    """Those that somebody complained of in the window."""
    recent = patterns.within(answers, on, WINDOW)
    return sorted({said.theme for said in recent if said.negative and said.theme})


def _at(theme: str, name: str) -> str:
    return f"{theme[:1].upper()}{theme[1:]} at {name}"


def _poor_feedback(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, said in _heard(facts):
        themes = _themes(said.answers, on)
        for theme in themes:
            found = rules.repeated_comments(said.answers, theme, on)
            told = f"{count(len(found.rows), 'negative comment')} on {theme} in {WINDOW} days at "
            told += f"{name}; {rules.least_for(theme)} or more are a repetition."
            yield Finding(
                service_id,
                theme,
                OUTCOMES[found.state],
                told,
                _refs(facts, service_id, found.rows),
                leaves_on(found.rows, WINDOW),
            )
        recent = patterns.within(said.answers, on, WINDOW)
        if not recent:
            yield too_little(service_id, f"no feedback of {name} in the last {WINDOW} days.")
        elif not themes:
            told = f"No negative comment in {WINDOW} days at {name}."
            yield quiet(service_id, told, next_on=max(r.on for r in recent) + WINDOW * DAY)


def _overlap(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    """Of this month and the one before: then it is history."""
    this = first_of(on)
    for service_id, name, said in _heard(facts):
        for month in (shifted(this, -1), this):
            themes = {a.theme for a in said.answers if a.negative and first_of(a.on) == month}
            for theme in sorted(themes - {""}):
                found = rules.complaint_overlap(said.answers, said.complaints, theme, month)
                yield Finding(
                    service_id,
                    f"{theme}, {month:%Y-%m}",
                    OUTCOMES[found.state],
                    f"{_at(theme, name)}: {found.sentence}",
                    _refs(facts, service_id, found.rows),
                    shifted(month, 2),
                )
        if not any(first_of(answer.on) >= shifted(this, -1) for answer in said.answers):
            told = f"no feedback of {name} since {shifted(this, -1):%B %Y}."
            yield too_little(service_id, told, next_on=None)


def _low_engagement(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    month = last_due(on)
    summaries = {(one.service_id, one.month): one for one in facts.summaries}
    for service_id, name in sorted(facts.services.items()):
        summary = summaries.get((service_id, month))
        heard = (summary.sample_size, summary.invited, summary.people) if summary else (None,) * 3
        found = rules.low_engagement(*heard)
        row = summary and RowRef("experience_summary", month, f"{month:%B %Y}", summary.id)
        yield Finding(
            service_id,
            "",
            OUTCOMES[found.state],
            f"{name}, {month:%B %Y}: {found.sentence}",
            (row,) if row else (),
            next_of(on, *(due_on(shifted(month, ahead)) + DAY for ahead in (1, 2))),
        )


def _no_response(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, said in _heard(facts):
        repeated = {
            theme: rules.repeated_comments(said.answers, theme, on)
            for theme in _themes(said.answers, on)
        }
        for theme, comments in repeated.items():
            answered = facts.responses.to(service_id, theme, comments.since)
            found = rules.lack_of_response(comments, answered, on)
            due = comments.since and answer_due_on(comments.since) + DAY
            yield Finding(
                service_id,
                theme,
                OUTCOMES[found.state],
                f"{_at(theme, name)}: {found.sentence}",
                _refs(facts, service_id, found.rows),
                next_of(on, due, leaves_on(comments.rows, WINDOW)),
            )
        if not patterns.within(said.answers, on, WINDOW):
            yield too_little(service_id, f"no feedback of {name} in the last {WINDOW} days.")


def _late_acknowledgement(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    days, most = given["days"], rules.ACKNOWLEDGE_WORKING_DAYS
    for service_id, name, said in _heard(facts):
        recent = patterns.within((c for c in said.complaints if c.formal), on, days)
        found = rules.late_acknowledgement(recent, on)
        turns = [leaves_on(recent, days)]
        turns += [add_working_days(c.on, most) + DAY for c in recent if not c.acknowledged_on]
        yield Finding(
            service_id,
            "",
            OUTCOMES[found.state],
            f"{name}, since {day(on - (days - 1) * DAY)}: {found.sentence}",
            _refs(facts, service_id, found.rows) if found.fires else (),
            next_of(on, *turns),
        )


_READS = frozenset({"services", "voices", "summaries"})
_REPEATED = (
    fixed("least", "Negative comments on one theme", LEAST),
    fixed("grave", "On safety or dignity", rules.least_for(patterns.GRAVE_THEMES[0]), "comments"),
    fixed("days", "Within", WINDOW, "days"),
)
RULES = (
    Rule(
        "poor_feedback",
        1,
        "Repeated poor feedback, repeated comments",
        "Rules 3.3; S0-2",
        _REPEATED,
        _READS,
        _poor_feedback,
    ),
    Rule(
        "complaint_overlap",
        1,
        "Complaint overlap",
        "Rules 3.3; step S0-2.2",
        (fixed("least", "Negative comments of a month", patterns.OVERLAP_ITEMS),),
        _READS,
        _overlap,
    ),
    Rule(
        "low_engagement",
        1,
        "Low engagement",
        "Rules 3.3; S0-2",
        (
            fixed("share", "Of those invited answered fewer than", rules.LOW_RATE_PERCENT, "%"),
            fixed("answers", "Or fewer than", rules.LOW_ANSWERS, "answers"),
            fixed("people", "In a service of at least", rules.OF_PEOPLE, "people"),
        ),
        frozenset({"services", "summaries"}),
        _low_engagement,
    ),
    Rule(
        "no_response",
        1,
        "Lack of response",
        "Rules 3.3; S0-2",
        (*_REPEATED, fixed("answer", "Answered within", ANSWER_WORKING_DAYS, "working days")),
        _READS | {"responses"},
        _no_response,
    ),
    Rule(
        "complaints_unacknowledged",
        1,
        "Lack of response to complaints",
        "Rules 3.3",
        (
            Parameter("days", "Complaints of the last", 61, "days", 7, 184),
            fixed(
                "acknowledged",
                "Acknowledged within",
                rules.ACKNOWLEDGE_WORKING_DAYS,
                "working days",
            ),
        ),
        _READS,
        _late_acknowledgement,
    ),
)
