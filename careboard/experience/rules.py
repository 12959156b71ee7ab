"""What feedback and complaints say together. Pure functions over rows; each can answer that there
is not enough data, which is never the same as nothing being wrong.

Source: step S0-2.2; rules 3.3 (repeated comments, low engagement, complaint overlap, lack of
response).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from careboard import patterns
from careboard.clock import add_working_days, day_words
from careboard.experience.months import ANSWER_WORKING_DAYS, answer_due_on, first_of, last_day
from careboard.patterns import Item

LOW_RATE_PERCENT = 20
LOW_ANSWERS, OF_PEOPLE = 5, 20
ACKNOWLEDGE_WORKING_DAYS = 3

State = Literal["fires", "quiet", "not_enough_data"]


@dataclass(frozen=True, slots=True)
class Said(Item):
    """One item of feedback or complaint. `id` is None for one known only from a summary's count.

    `acknowledged_on` is the day on which a complaint was acknowledged, as far as the source says.
    """

    id: UUID | None = None
    text: str = ""
    acknowledged_on: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says, in one sentence, with the rows behind it. `since`: when it first fired."""

    rule: str
    state: State
    sentence: str
    rows: tuple[Said, ...] = ()
    since: date | None = None

    @property
    def fires(self) -> bool:
        return self.state == "fires"


def counted_only(negative: dict[tuple[str, str, date], int], answers: Iterable[Said]) -> list[Said]:
    """Negative comments that summaries count beyond the imported answers of their month. They have
    no day of their own, so they stand on the month's last.

    `negative` is by service, theme and month; a summary without a negative comment tells at least
    that somebody was heard.
    """
    imported: dict[tuple[str, str, date], int] = {}
    for answer in answers:
        if answer.negative:
            key = (answer.service, answer.theme, first_of(answer.on))
            imported[key] = imported.get(key, 0) + 1
    heard = [
        Said(service, last_day(month)) for service, month in {(key[0], key[2]) for key in negative}
    ]
    return heard + [
        Said(key[0], last_day(key[2]), theme=key[1], score=1.0)
        for key, count in sorted(negative.items())
        for _ in range(count - imported.get(key, 0))
    ]


def least_for(theme: str) -> int:
    """How many negative comments of a theme are a repetition."""
    least, _ = patterns.POOR_FEEDBACK
    return least - 1 if theme in patterns.GRAVE_THEMES else least


def repeated_comments(answers: Sequence[Said], theme: str, on: date) -> Finding:
    """Whether the negative comments of one service on a theme repeat. `answers` are all of its
    feedback, on whatever theme and however kind."""
    rule, (_, days) = "repeated_comments", patterns.POOR_FEEDBACK
    if not patterns.within(answers, on, days):
        said = f"Not enough data: no feedback of the last {days} days is on record."
        return Finding(rule, "not_enough_data", said)
    own = [answer for answer in answers if answer.theme == theme and answer.negative]
    recent = tuple(patterns.within(own, on, days))
    least = least_for(theme)
    said = f"{_count(len(recent), 'negative comment')} in {days} days"
    if not patterns.poor_feedback(own, on):
        return Finding(rule, "quiet", f"{said}; {least} or more would be a repetition.", recent)
    since = flagged_since([answer.on for answer in own], least, on)
    sentence = f"{said}, {least} or more is a repetition; flagged since {day_words(since)}."
    return Finding(rule, "fires", sentence, recent, since)


def flagged_since(days: Iterable[date], least: int, on: date) -> date | None:
    """Since when a theme has been flagged without a break; None when it is not on that day.

    A theme is flagged on each day whose window of 61 days holds at least so many comments.
    """
    window = patterns.POOR_FEEDBACK[1]
    ordered = sorted(day for day in days if day <= on)
    started: date | None = None
    until: date | None = None
    for first, day in zip(ordered, ordered[least - 1 :], strict=False):
        end = first + timedelta(days=window - 1)
        if day > end:
            continue
        if until is None or day > until + timedelta(days=1):
            started = day
        until = end
    return started if until is not None and until >= on else None


def complaint_overlap(
    answers: Sequence[Said], complaints: Sequence[Said], theme: str, month: date
) -> Finding:
    """Whether the complaints of one service and its feedback of the month say the same."""
    rule = "complaint_overlap"
    if not any(first_of(answer.on) == month for answer in answers):
        said = f"Not enough data: no feedback of {month:%B %Y} is on record."
        return Finding(rule, "not_enough_data", said)
    months = (patterns.month_number(month) - 1, patterns.month_number(month))
    own = [a for a in answers if a.theme == theme and a.negative and first_of(a.on) == month]
    formal = [
        c
        for c in complaints
        if c.theme == theme and c.formal and patterns.month_number(c.on) in months
    ]
    overlaps = any(
        found[1] == theme and found[2] == f"{month:%Y-%m}"
        for found in patterns.complaint_overlap(own, formal)
    )
    sentence = (
        f"{_count(len(own), 'negative comment')} in {month:%B %Y}, and "
        f"{_count(len(formal), 'formal complaint')} then or in the month before"
    )
    if overlaps:
        return Finding(rule, "fires", f"{sentence}: they say the same.", (*own, *formal))
    return Finding(rule, "quiet", f"{sentence}: no overlap.", (*own, *formal))


def low_engagement(sample: int | None, invited: int | None, people: int | None) -> Finding:
    """Whether too few people were heard in a month. None: there is no summary, or not counted."""
    rule = "low_engagement"
    if sample is None:
        return Finding(rule, "not_enough_data", "Not enough data: no summary of the month.")
    answered = _count(sample, "answer")
    if people is not None and people >= OF_PEOPLE and sample < LOW_ANSWERS:
        said = f"{answered} in a service of {people} people; fewer than {LOW_ANSWERS} is too few."
        return Finding(rule, "fires", said)
    if invited:
        percent = 100 * sample / invited
        said = f"{answered} of {invited} invited, {percent:.0f}%"
        if percent < LOW_RATE_PERCENT:
            return Finding(rule, "fires", f"{said}; under {LOW_RATE_PERCENT}% is too few.")
        return Finding(rule, "quiet", f"{said}.")
    said = f"Not enough data: {answered}, but nobody noted how many people were invited."
    return Finding(rule, "not_enough_data", said)


def lack_of_response(repeated: Finding, answered_on: date | None, on: date) -> Finding:
    """Whether a repeated theme went without action or acknowledgement for ten working days.

    `answered_on` is the day of the first action for it, or acknowledgement since it was flagged.
    """
    rule = "lack_of_response"
    if repeated.state == "not_enough_data":
        return Finding(rule, "not_enough_data", repeated.sentence)
    if repeated.since is None:
        return Finding(rule, "quiet", "The theme is not repeated, so no answer is due.")
    due = answer_due_on(repeated.since)
    if answered_on is not None:
        late = f", after {day_words(due)} when it was due" if answered_on > due else ""
        return Finding(rule, "quiet", f"Answered on {day_words(answered_on)}{late}.", repeated.rows)
    if due >= on:
        return Finding(rule, "quiet", f"An answer is due by {day_words(due)}.", repeated.rows)
    said = (
        f"Nobody has acted or acknowledged within {ANSWER_WORKING_DAYS} working days: an answer "
        f"was due by {day_words(due)}."
    )
    return Finding(rule, "fires", said, repeated.rows, due)


def late_acknowledgement(complaints: Sequence[Said], on: date) -> Finding:
    """Whether a formal complaint waited more than three working days to be acknowledged."""
    rule, most = "late_acknowledgement", ACKNOWLEDGE_WORKING_DAYS
    formal = [complaint for complaint in complaints if complaint.formal and complaint.on <= on]
    if formal and not any(complaint.acknowledged_on for complaint in formal):
        said = "Not enough data: no complaint tells when it was acknowledged."
        return Finding(rule, "not_enough_data", said, tuple(formal))
    late = tuple(
        complaint
        for complaint in formal
        if (complaint.acknowledged_on or on) > add_working_days(complaint.on, most)
    )
    of = f"of {_count(len(formal), 'formal complaint')}"
    if late:
        said = f"{len(late)} {of} not acknowledged within {most} working days."
        return Finding(rule, "fires", said, late)
    return Finding(rule, "quiet", f"None {of} waited over {most} working days.", tuple(formal))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
