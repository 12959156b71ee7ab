"""Reads a whole pack at one moment, with the very functions that the pages read with.

Source: issue "Assurance", board pack; steps S0-1.5, S0-2.5 and S0-3.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard import clock, figures
from careboard.audit_log import heads
from careboard.board_packs import experience_lists, lists
from careboard.board_packs.models import BoardPack
from careboard.board_packs.tables import Content, Service, Table
from careboard.dashboards import changes, queries
from careboard.dashboards.queries import BoardRow, Filters
from careboard.db import db
from careboard.experience.trends import trends
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS, FORUMS, RATINGS, SERVICE_KINDS

# Told the share that is done and what is being done.
Progress = Callable[[float, str], None]

_SITTING = text("SELECT reference, forum FROM review WHERE org_id = :org AND id = :review")
_WHO = text("SELECT name FROM membership WHERE org_id = :org AND id = :member")


def gather(*, actor: Actor, pack: BoardPack, tell: Progress) -> Content:
    """Everything that the pack shows, as at this moment.

    Call it at the start of a transaction: it reads one snapshot, so that no two pages differ.
    """
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    on, taken_at = actor.today, clock.now()
    head = heads.present(actor.org_id)
    rows = _board(actor, on, tell)
    tell(0.5, "Counting the figures")
    counted = figures.counts(actor=actor, on=on, since=pack.period_from - timedelta(days=1))
    changed = changes.changes(
        actor=actor, since=pack.period_from - timedelta(days=1), on=pack.period_to
    )
    tell(0.6, "Reading decisions, challenges, experience and actions")
    said = trends(actor=actor)
    tables = [
        lists.figures_table(counted, on),
        lists.board_table(rows, on),
        lists.changes_table(changed, pack),
        lists.decisions_table(actor, pack),
        lists.challenges_table(actor, on),
        experience_lists.answers_table(actor, rows, on),
        experience_lists.themes_table(said, on),
        experience_lists.responses_table(said, on),
        lists.overdue_table(actor, on),
        lists.doubts_table(rows, on),
    ]
    return Content(
        organisation=actor.org_name,
        reference=pack.reference,
        title=pack.title,
        period_from=pack.period_from,
        period_to=pack.period_to,
        on=on,
        taken_at=taken_at,
        requested_by=_name(actor, pack.requested_by_id),
        sitting=_sitting(actor, pack.review_id),
        head=head,
        glance=_glance(rows, tables, counted),
        board=[_service(row) for row in rows],
        chart=_chart(rows),
        tables=tables,
    )


def _board(actor: Actor, on: date, tell: Progress) -> list[BoardRow]:
    """The risk board, page after page, as its own page reads it: what needs attention first."""
    rows: list[BoardRow] = []
    number = pages = 1
    while number <= pages:
        page = queries.board(actor=actor, filters=Filters(page=number), on=on)
        rows += page.rows
        pages = page.pages
        tell(0.5 * number / pages, f"Reading the risk board: {len(rows)} of {page.total} services")
        number += 1
    return rows


def _service(row: BoardRow) -> Service:
    kind = SERVICE_KINDS.get(row.kind, "Service")
    return Service(
        name=row.name,
        about=f"{kind} · {row.local_authority}" if row.local_authority else kind,
        overdue=f"{_count(row.overdue, 'action')} overdue" if row.overdue else "",
        cells=[
            {
                "rating": cell.rating,
                "state": cell.assurance.state if cell.assurance else None,
                "trend": cell.trend.direction,
                "response": cell.response,
            }
            for cell in row.cells
        ],
    )


def _chart(rows: list[BoardRow]) -> list[dict[str, Any]]:
    """For each domain how many services have each rating, gravest first, then none."""
    counts = {domain: Counter() for domain in DOMAINS}
    for row in rows:
        for cell in row.cells:
            counts[cell.domain][cell.rating] += 1
    order = (*reversed(RATINGS), None)
    return [
        {"domain": domain, "counts": [found[rating] for rating in order]}
        for domain, found in counts.items()
    ]


def _glance(
    rows: list[BoardRow], tables: list[Table], counted: dict[str, figures.Count]
) -> list[str]:
    """What a reader must know who reads one page only."""
    if not rows:
        return ["No active service is on the board, so there is nothing to rate."]
    cells = [cell for row in rows for cell in row.cells]
    ratings = Counter(cell.rating for cell in cells if cell.rating)
    states = Counter(cell.assurance.state for cell in cells if cell.assurance)
    rated, overdue = ratings.total(), counted["overdue_actions"]
    table = {table.name: table for table in tables}
    decided = Counter(row[lists.DECISION] for row in table["rating-decisions"].rows)
    challenges = len(table["open-challenges"].rows)
    return [
        f"{_count(len(rows), 'service')} on the board. Of their {len(cells):,} domains "
        f"{rated:,} {'is' if rated == 1 else 'are'} rated: {_list(ratings, reversed(RATINGS))}.",
        _very_high([r for r in rows if any(c.rating == "very_high" for c in r.cells)]),
        f"{states['assured']:,} of {_count(rated, 'rating')} can be relied upon as assured; of "
        f"the others {_list(states, lists.GRAVEST_FIRST)}.",
        f"Rating decisions in the period: {_list(decided, sorted(decided))}.",
        f"{_count(overdue.numerator, 'action')} overdue, "
        f"{overdue.detail['days_over_28']:,} by more than 28 days.",
        f"{_count(challenges, 'challenge')} open." if challenges else "No challenge is open.",
    ]


def _very_high(gravest: list[BoardRow]) -> str:
    if not gravest:
        return "No service has a very high rating."
    names = ", ".join(row.name for row in gravest[:5])
    more = f" and {len(gravest) - 5:,} more" if len(gravest) > 5 else ""
    return f"{_count(len(gravest), 'service')} with a very high rating: {names}{more}."


def _list(counts: Counter[str], order: Iterable[str]) -> str:
    """`2 very high, 1 low`: those that there are."""
    parts = [f"{counts[name]:,} {name.replace('_', ' ')}" for name in order if counts[name]]
    return ", ".join(parts) or "none"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _name(actor: Actor, member_id: UUID | None) -> str:
    name = db.session.scalar(_WHO, {"org": actor.org_id, "member": member_id})
    return name or "CareBoard"


def _sitting(actor: Actor, review_id: UUID | None) -> str:
    row = db.session.execute(_SITTING, {"org": actor.org_id, "review": review_id}).one_or_none()
    return f"{FORUMS[row.forum]} {row.reference}" if row else ""
