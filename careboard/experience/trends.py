"""What people said over a year, theme by theme, and whether actions changed it: for the board.

Source: step S0-2.5 (board assurance minutes).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.actions import outcomes
from careboard.db import db
from careboard.experience.chart import Chart, columns
from careboard.experience.months import last_complete, run, shifted
from careboard.experience.rows import ThemeMonth, monthly, responses
from careboard.services.lists import Page, within
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.trend import Direction, judge

MONTHS = 12
QUARTER = 3
PAGE_SERIES = 12


@dataclass(frozen=True, slots=True)
class ThemeQuarter:
    """A theme over all services: negative and positive comments of the last three months, and of
    the three before."""

    theme: str
    services: int
    negative: int
    positive: int
    negative_before: int
    positive_before: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An action for a theme: its row, its outcome, and the negative comments in the two full
    months before it was opened and after it was completed (None: not known, or not yet)."""

    action: Any
    position: outcomes.Position
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Series:
    """A theme at a service by month, oldest first; None where nobody was heard."""

    service_id: UUID
    service: str
    theme: str
    months: list[date]
    negative: list[int | None]
    positive: list[int | None]
    direction: Direction | None
    sentence: str
    chart: Chart
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Trends:
    """The board's view of a year up to the last complete month."""

    months: list[date]
    themes: list[ThemeQuarter]
    page: Page


def trends(
    *,
    actor: Actor,
    theme: str = "",
    service_id: UUID | None = None,
    page: int = 1,
) -> Trends:
    """All themes of the quarter, and a page of themes at services, most negative comments first.
    Five statements for all services."""
    months = run(last_complete(actor.today), MONTHS)
    own = None if service_id is None else [service_id]
    names = _names(actor)
    rows = [
        row
        for row in monthly(actor=actor, first=months[0], until=months[-1], service_ids=own)
        if row.service_id in names
    ]
    themes = _quarters(rows, months)
    weights: dict[tuple[UUID, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row.theme and row.negative and (not theme or row.theme == theme):
            recent, all_year = weights[row.service_id, row.theme]
            of_quarter = row.negative if row.month in months[-QUARTER:] else 0
            weights[row.service_id, row.theme] = recent + of_quarter, all_year + row.negative
    order = sorted(
        weights,
        key=lambda key: (*(-count for count in weights[key]), names[key[0]].casefold(), key[1]),
    )
    start = (page - 1) * PAGE_SERIES
    shown = order[start : start + PAGE_SERIES]
    return Trends(
        months,
        themes,
        Page(_series(actor, shown, names, rows, months), page, len(order), PAGE_SERIES),
    )


def _names(actor: Actor) -> dict[UUID, str]:
    statement = select(Service.id, Service.name).where(
        Service.org_id == actor.org_id, Service.active, within(actor, Service.id)
    )
    return {row.id: row.name for row in db.session.execute(statement)}


def of_theme(
    *, actor: Actor, service_id: UUID, service: str, theme: str, months: list[date]
) -> Series:
    """One theme at one service. Four statements."""
    rows = monthly(actor=actor, first=months[0], until=months[-1], service_ids=[service_id])
    names = {service_id: service}
    return _series(actor, [(service_id, theme)], names, rows, months)[0]


def _quarters(rows: Iterable[ThemeMonth], months: Sequence[date]) -> list[ThemeQuarter]:
    now, before = set(months[-QUARTER:]), set(months[-2 * QUARTER : -QUARTER])
    found: dict[str, list[ThemeMonth]] = defaultdict(list)
    for row in rows:
        if row.theme and row.month in now | before:
            found[row.theme].append(row)

    def total(own: list[ThemeMonth], name: str, which: set[date]) -> int:
        return sum(getattr(row, name) for row in own if row.month in which)

    quarters = [
        ThemeQuarter(
            theme,
            len({row.service_id for row in own if row.negative and row.month in now}),
            total(own, "negative", now),
            total(own, "positive", now),
            total(own, "negative", before),
            total(own, "positive", before),
        )
        for theme, own in found.items()
    ]
    return sorted(quarters, key=lambda one: (-one.negative, -one.negative_before, one.theme))


def _series(
    actor: Actor,
    keys: Sequence[tuple[UUID, str]],
    names: dict[UUID, str],
    rows: Iterable[ThemeMonth],
    months: list[date],
) -> list[Series]:
    wanted = set(keys)
    services = {service_id for service_id, _ in keys}
    own = [row for row in rows if row.service_id in services]
    heard = {(row.service_id, row.month) for row in own}
    counts = {(row.service_id, row.theme, row.month): row for row in own}
    actions = [
        action
        for action in (responses(actor=actor, service_ids=services).actions if keys else ())
        if (action.service_id, action.theme) in wanted
    ]
    positions = outcomes.positions(
        actor=actor, action_ids=[action.id for action in actions], on=actor.today
    )
    # One scale for all, so that they can be compared.
    most = max((row.negative for row in own if (row.service_id, row.theme) in wanted), default=0)
    made = []
    for service_id, theme in keys:

        def values(name: str, key=(service_id, theme)) -> list[int | None]:
            return [
                getattr(counts[*key, month], name)
                if (*key, month) in counts
                else (0 if (key[0], month) in heard else None)
                for month in months
            ]

        negative = values("negative")
        answers = [
            Answer(action, positions[action.id], *_around(action, months, negative))
            for action in actions
            if (action.service_id, action.theme) == (service_id, theme)
        ]
        judged = judge(negative, improvement="decrease", unit="negative", period="month")
        made.append(
            Series(
                service_id,
                names[service_id],
                theme,
                months,
                negative,
                values("positive"),
                judged.direction,
                judged.sentence,
                columns(months, negative, most=most, days=_days(answers)),
                answers,
            )
        )
    return made


def _around(
    action: Any, months: Sequence[date], negative: Sequence[int | None]
) -> tuple[int | None, int | None]:
    """Negative comments in the two full months before the action, and after its completion."""
    by_month = dict(zip(months, negative, strict=True))
    opened = action.opened_on.replace(day=1)
    before = _sum(by_month, (shifted(opened, -2), shifted(opened, -1)))
    if action.completed_on is None:
        return before, None
    done = action.completed_on.replace(day=1)
    return before, _sum(by_month, (shifted(done, 1), shifted(done, 2)))


def _sum(by_month: dict[date, int | None], wanted: Sequence[date]) -> int | None:
    counts = [by_month.get(month) for month in wanted]
    return None if None in counts else sum(counts)


def _days(answers: Sequence[Answer]) -> list[tuple[date, str]]:
    days = []
    for answer in answers:
        action = answer.action
        days.append((action.opened_on, f"{action.reference} opened"))
        if action.completed_on is not None:
            days.append((action.completed_on, f"{action.reference} completed"))
    return days
