"""Patterns in a provider's records that ask for a decision. Pure functions over rows.

A window of n days includes its first and its last day. Source: rules 3.3 and N8.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

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
    """One audit of a theme; `score` in percent. `service` is its name or its id."""

    service: str | UUID
    theme: str
    cycle: str
    on: date
    score: float
    rag: str


@dataclass(frozen=True, slots=True)
class Item:
    """A concern of any kind. `service` is its name or its id, `score` of 5; `level` and the rest
    as the record has them."""

    service: str | UUID
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


Fall = tuple[AuditScore, AuditScore]


def fallen_themes(
    audits: Iterable[AuditScore], *, points: float = DROP_POINTS, days: int = SAME_DECLINE_DAYS
) -> dict[Any, dict[str, Fall]]:
    """Per service, the themes whose latest audit is of the latest cycle and fell by at least so
    many points or by a band since the one before, at most so many days earlier: both audits."""
    declines = {}
    for service, own in grouped(audits, lambda audit: audit.service).items():
        cycle = max(own, key=lambda audit: audit.on).cycle
        fallen = {}
        for theme, scores in grouped(own, lambda audit: audit.theme).items():
            ordered = sorted(scores, key=lambda audit: audit.on)
            if len(ordered) > 1 and ordered[-1].cycle == cycle:
                before, now = ordered[-2:]
                if (now.on - before.on).days <= days and _fell(before, now, points):
                    fallen[theme] = (before, now)
        if fallen:
            declines[service] = fallen
    return declines


def theme_declines(audits: Iterable[AuditScore]) -> dict[Any, tuple[str, dict[str, list[float]]]]:
    """The latest cycle of each service with fallen themes, and their scores: [before, now]."""
    return {
        service: (
            next(iter(fallen.values()))[1].cycle,
            {theme: [before.score, now.score] for theme, (before, now) in fallen.items()},
        )
        for service, fallen in fallen_themes(audits).items()
    }


def _fell(before: AuditScore, now: AuditScore, points: float) -> bool:
    bands = _BANDS.get(now.rag, 0) - _BANDS.get(before.rag, 0)
    return before.score - now.score >= points or bands >= 1


def repeated_amber(audits: Iterable[AuditScore]) -> list[tuple[Any, str]]:
    """(service, theme) amber or worse in the last two cycles, or in three of the last six."""
    groups = grouped(audits, lambda audit: (audit.service, audit.theme))
    return [key for key, scores in groups.items() if weak_audits(scores)]


def weak_audits(
    scores: Iterable[AuditScore],
    *,
    run: int = AMBER_RUN,
    least: int = AMBER_OF[0],
    last: int = AMBER_OF[1],
) -> list[AuditScore]:
    """Of one theme's audits with a band the amber and red ones, when these are the last `run` ones
    or at least so many of the `last` ones; else none. Oldest first."""
    banded = (audit for audit in scores if audit.rag)
    recent = sorted(banded, key=lambda audit: audit.on)[-last:]
    weak = [audit for audit in recent if audit.rag != "green"]
    running = len(recent) >= run and all(audit.rag != "green" for audit in recent[-run:])
    return weak if running or len(weak) >= least else []


def repeated_safeguarding(
    concerns: Iterable[Item], on: date, *, least: int = SAFEGUARDING[0], days: int = SAFEGUARDING[1]
) -> dict[Any, list[Item]]:
    """Services with three or more safeguarding concerns in 61 days, and these. Rule N8."""
    groups = grouped(within(concerns, on, days), lambda concern: concern.service)
    return {service: own for service, own in groups.items() if len(own) >= least}


FEATURES = ("person", "place", "source_role", "theme")


def shared_groups(
    concerns: Iterable[Item], on: date, *, least: int, days: int
) -> dict[tuple[Any, str, str], list[Item]]:
    """(service, feature, what) that at least so many concerns of the window share, and these."""
    recent = within(concerns, on, days)
    return {
        (service, feature, what): own
        for feature in FEATURES
        for (service, what), own in grouped(
            (concern for concern in recent if getattr(concern, feature)),
            lambda concern, feature=feature: (concern.service, getattr(concern, feature)),
        ).items()
        if len(own) >= least
    }


def shared_features(
    concerns: Iterable[Item], on: date, *, least: int, days: int
) -> list[tuple[Any, str]]:
    """(service, feature) where at least so many concerns of the window share one of FEATURES."""
    groups = shared_groups(concerns, on, least=least, days=days)
    return sorted({(service, feature) for service, feature, _ in groups})


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


def repeated_queries(
    queries: Iterable[Item], on: date, *, least: int = QUERIES[0], days: int = QUERIES[1]
) -> dict[tuple[Any, str], list[Item]]:
    """(service, theme) asked about at least twice in any 30 days up to the day, and these."""
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


def incidents_open_long(
    incidents: Iterable[Item], on: date, *, days: int = INCIDENT_DAYS
) -> list[Item]:
    """Incidents that have been open for more than 28 days."""
    return [
        incident
        for incident in incidents
        if incident.status == "open" and (on - incident.on).days > days
    ]
