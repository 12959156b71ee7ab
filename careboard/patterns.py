"""Patterns in a provider's records that ask for a decision. Pure functions over rows.

A window of n days includes its first and its last day. Source: rules 3.3 and N8.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

Row = TypeVar("Row")

DROP_POINTS = 5
DECLINING_THEMES = 2
SAME_DECLINE_DAYS = 92
AMBER_RUN = 2
AMBER_OF = (3, 6)
SAFEGUARDING = (3, 61)
SHARED_CONCERNS = (2, 61)
SHARED_LOW_LEVEL = (3, 92)
POOR_FEEDBACK = (3, 61)
GRAVE_THEMES = ("safety", "dignity")
OVERLAP_ITEMS = 2
TIMELY_DAYS = 28
QUERIES = (2, 30)
INCIDENT_DAYS = 28
_BANDS = {"green": 0, "amber": 1, "red": 2}


@dataclass(frozen=True, slots=True)
class AuditScore:
    """One audit of a theme; `score` in percent."""

    service: str
    theme: str
    cycle: str
    on: date
    score: float
    rag: str


@dataclass(frozen=True, slots=True)
class Item:
    """A concern of any kind. `score` is of 5; `level` and the rest as the record has them."""

    service: str
    on: date
    reference: str = ""
    theme: str = ""
    place: str = ""
    source_role: str = ""
    person: str = ""
    level: str = ""
    status: str = ""
    question: str = ""
    score: float | None = None
    formal: bool = False

    @property
    def negative(self) -> bool:
        """An answer of 1 or 2 of 5."""
        return self.score is not None and self.score <= 2


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    """Rows by key, keys in their order."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(sorted(groups.items()))


def within(items: Iterable[Item], on: date, days: int) -> list[Item]:
    """The items of the window that ends on the day, oldest first."""
    first = on - timedelta(days=days - 1)
    return sorted((item for item in items if first <= item.on <= on), key=lambda item: item.on)


def theme_declines(audits: Iterable[AuditScore]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Per service, the latest cycle and the themes in it that fell by at least 5 points or by a
    band since their audit before, at most 92 days earlier: theme → [before, now]."""
    declines = {}
    for service, own in grouped(audits, lambda audit: audit.service).items():
        cycle = max(own, key=lambda audit: audit.on).cycle
        fallen = {}
        for theme, scores in grouped(own, lambda audit: audit.theme).items():
            ordered = sorted(scores, key=lambda audit: audit.on)
            if len(ordered) > 1 and ordered[-1].cycle == cycle and _fell(*ordered[-2:]):
                fallen[theme] = [ordered[-2].score, ordered[-1].score]
        if fallen:
            declines[service] = (cycle, fallen)
    return declines


def _fell(before: AuditScore, now: AuditScore) -> bool:
    if (now.on - before.on).days > SAME_DECLINE_DAYS:
        return False
    bands = _BANDS.get(now.rag, 0) - _BANDS.get(before.rag, 0)
    return before.score - now.score >= DROP_POINTS or bands >= 1


def repeated_amber(audits: Iterable[AuditScore]) -> list[tuple[str, str]]:
    """(service, theme) amber or worse in the last two cycles, or in three of the last six."""
    found = []
    for key, scores in grouped(audits, lambda audit: (audit.service, audit.theme)).items():
        ordered = sorted(scores, key=lambda audit: audit.on)
        weak = [audit.rag != "green" for audit in ordered[-AMBER_OF[1] :]]
        run = len(weak) >= AMBER_RUN and all(weak[-AMBER_RUN:])
        if run or sum(weak) >= AMBER_OF[0]:
            found.append(key)
    return found


def repeated_safeguarding(concerns: Iterable[Item], on: date) -> dict[str, list[Item]]:
    """Services with three or more safeguarding concerns in 61 days, and these. Rule N8."""
    least, days = SAFEGUARDING
    groups = grouped(within(concerns, on, days), lambda concern: concern.service)
    return {service: own for service, own in groups.items() if len(own) >= least}


def shared_features(
    concerns: Iterable[Item], on: date, *, least: int, days: int
) -> list[tuple[str, str]]:
    """(service, feature) where at least so many concerns of the window share it; the features
    are theme, place, source_role and person."""
    found = []
    for service, own in grouped(within(concerns, on, days), lambda item: item.service).items():
        for feature in ("person", "place", "source_role", "theme"):
            values = [getattr(concern, feature) for concern in own if getattr(concern, feature)]
            if any(values.count(value) >= least for value in set(values)):
                found.append((service, feature))
    return found


def poor_feedback(answers: Iterable[Item], on: date) -> dict[tuple[str, str], list[Item]]:
    """(service, theme) with three or more negative answers in 61 days (two on safety or
    dignity), and these."""
    least, days = POOR_FEEDBACK
    negative = within((item for item in answers if item.negative and item.theme), on, days)
    groups = grouped(negative, lambda item: (item.service, item.theme))
    return {
        key: own
        for key, own in groups.items()
        if len(own) >= (least - 1 if key[1] in GRAVE_THEMES else least)
    }


def complaint_overlap(
    answers: Iterable[Item], complaints: Iterable[Item]
) -> list[tuple[str, str, str, int]]:
    """(service, theme, month, negative answers) where two or more answers of a month are
    negative and a formal complaint was made in that month or the one before."""
    formal = {
        (complaint.service, complaint.theme, month_number(complaint.on))
        for complaint in complaints
        if complaint.formal
    }
    negative = grouped(
        (answer for answer in answers if answer.negative and answer.theme),
        lambda answer: (answer.service, answer.theme, month_number(answer.on)),
    )
    return [
        (service, theme, f"{own[0].on:%Y-%m}", len(own))
        for (service, theme, month), own in negative.items()
        if len(own) >= OVERLAP_ITEMS
        and ((service, theme, month) in formal or (service, theme, month - 1) in formal)
    ]


def month_number(day: date) -> int:
    """Months since year nought, so that the month before is one less."""
    return day.year * 12 + day.month - 1


def timely_support(answers: Iterable[Item], on: date) -> dict[str, tuple[int, int]]:
    """Per service (positive, answers) on timely support in the 28 days to the end of the last
    complete week (Sunday); 4 and 5 of 5 are positive. Rule N7, weeks as in rules 3.1."""
    sunday = on - timedelta(days=on.isoweekday() % 7)
    valid = [a for a in answers if a.question == "timely_support" and a.score is not None]
    return {
        service: (sum(answer.score >= 4 for answer in own), len(own))
        for service, own in grouped(within(valid, sunday, TIMELY_DAYS), lambda a: a.service).items()
    }


def repeated_queries(queries: Iterable[Item], on: date) -> dict[tuple[str, str], list[Item]]:
    """(service, theme) asked about at least twice in any 30 days up to the day, and these."""
    least, days = QUERIES
    found = {}
    asked = (query for query in queries if query.theme and query.on <= on)
    for key, own in grouped(asked, lambda query: (query.service, query.theme)).items():
        close = _close_together(sorted(own, key=lambda query: query.on), least, days)
        if close:
            found[key] = close
    return found


def _close_together(ordered: Sequence[Item], least: int, days: int) -> list[Item]:
    """Those that stand with enough others within one window."""
    kept: dict[int, Item] = {}
    for start, first in enumerate(ordered):
        last = first.on + timedelta(days=days - 1)
        near = [i for i in range(start, len(ordered)) if ordered[i].on <= last]
        if len(near) >= least:
            kept.update((index, ordered[index]) for index in near)
    return [kept[index] for index in sorted(kept)]


def incidents_open_long(incidents: Iterable[Item], on: date) -> list[Item]:
    """Incidents that have been open for more than 28 days."""
    return [
        incident
        for incident in incidents
        if incident.status == "open" and (on - incident.on).days > INCIDENT_DAYS
    ]
