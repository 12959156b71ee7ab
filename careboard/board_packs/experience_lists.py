"""What people say, as the board reads it: by service, by theme, and whether actions changed it.

Source: step S0-2.5.
"""

from __future__ import annotations

from datetime import date

from careboard.board_packs.tables import Column, Table
from careboard.clock import day_words
from careboard.dashboards.queries import BoardRow
from careboard.dashboards.signals import LEAST_ANSWERS, MONTHS, months_before, signals
from careboard.experience.trends import QUARTER, Answer, Trends
from careboard.tenancy import Actor

_WORST_FIRST = ("worsening", None, "stable", "improving")


def answers_table(actor: Actor, services: list[BoardRow], on: date) -> Table:
    """The share of good answers month by month, of every service that has any."""
    months = months_before(on)
    found = signals(actor=actor, service_ids=[row.id for row in services], on=on)
    rows = []
    for service in services:
        signal = found.of(service.id, "experience")
        if signal is not None:
            trend = signal.trend()
            rows.append(
                (
                    service.name,
                    *(f"{p.value:.0f}%" if p.value is not None else None for p in signal.points),
                    sum(point.records for point in signal.points),
                    trend.direction,
                    trend.sentence,
                    *(point.records for point in signal.points),
                )
            )
    rows.sort(key=lambda row: _WORST_FIRST.index(row[MONTHS + 2]))
    names = [f"{month:%b %Y}" for month in months]
    return Table(
        "experience",
        "Experience trends",
        f"Answers of people and representatives, imported feedback of {names[0]} to {names[-1]}, "
        f"as at {day_words(on)}; the trend by rules 3.1.",
        (
            Column("Service", width=2.4),
            *(Column(name, "number") for name in names),
            Column("Answers", "number", 0.9),
            Column("Trend", "trend", 1.5),
            Column("Trend in words", width=0),
            *(Column(f"Answers {name}", "number", 0) for name in names),
        ),
        rows,
        lede="The share of answers scored 4 or 5 of 5, worsening services first. A dash stands for "
        f"a month with fewer than {LEAST_ANSWERS} answers: too few for a percentage.",
        empty="No feedback with scores was imported for these months: there is nothing to show, "
        "which is not the same as nothing to hear.",
    )


def themes_table(trends: Trends, on: date) -> Table:
    """Themes over all services, this quarter beside the one before."""
    return Table(
        "experience-themes",
        "Themes over all services",
        f"Experience summaries and feedback of {_span(trends)}, as at {day_words(on)}.",
        (
            Column("Theme", width=2.4),
            Column("Negative", "number"),
            Column("Negative, quarter before", "number", 1.3),
            Column("Positive", "number"),
            Column("Positive, quarter before", "number", 1.3),
            Column("Services with negative comments", "number", 1.6),
        ),
        [
            (t.theme, t.negative, t.negative_before, t.positive, t.positive_before, t.services)
            for t in trends.themes
        ],
        empty="No feedback or summary of the last six months is on record.",
    )


def responses_table(trends: Trends, on: date) -> Table:
    """Themes at services with most negative comments: did actions improve what people say?"""
    return Table(
        "experience-responses",
        "Did actions improve feedback?",
        f"The {trends.page.size} themes at services with most negative comments, monthly comments "
        f"up to {trends.months[-1]:%b %Y}, as at {day_words(on)}.",
        (
            Column("Theme", width=1.3),
            Column("Service", width=1.7),
            Column("Negative, last 3 months", "number", 1.2),
            Column("Trend", "trend", 1.3),
            Column("In words", "prose", 2.4),
            Column("Actions and their outcome", "prose", 3),
        ),
        [
            (
                series.theme,
                series.service,
                sum(count or 0 for count in series.negative[-QUARTER:]),
                series.direction,
                series.sentence,
                "\n".join(_outcome(answer) for answer in series.answers) or "No action.",
            )
            for series in trends.page.rows
        ],
        empty="Nothing negative was said in the last twelve months.",
    )


def _outcome(answer: Answer) -> str:
    known = answer.before is not None and answer.after is not None
    moved = f" Negative comments {answer.before}, then {answer.after}." if known else ""
    return f"{answer.action.reference}: {answer.position.sentence}{moved}"


def _span(trends: Trends) -> str:
    first, last = trends.months[-QUARTER], trends.months[-1]
    return f"{first:%b %Y} to {last:%b %Y}"
