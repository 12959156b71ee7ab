"""An extract of the board as a pack: one service's ratings, or the whole organisation's.

No names of people, no free text of records: ratings, how far they may be relied upon, figures.
Source: issue "Sharing with commissioners", Packs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from careboard import clock, figures
from careboard.dashboards import queries
from careboard.dashboards.queries import BoardRow, Filters
from careboard.db import load
from careboard.errors import Invalid
from careboard.figure_definitions import FIGURES
from careboard.packs import evidence_lines, sources
from careboard.packs.content import Content, Count, Figure, Section, Table
from careboard.permissions import Permission
from careboard.risks.assurance import EVIDENCE_DAYS, REVIEW_DAYS
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

DAYS = 92
# What tells of the service and how far its ratings hold; not how the provider runs its meetings.
FIGURES_SHOWN = (
    "audit_risks_linked",
    "overdue_actions",
    "actions_without_improvement",
    "claims_unsupported",
)
# Of one service the table of its ratings says each.
OF_ALL_RATINGS = (
    "ratings_stale",
    "greens_untested",
    "ratings_review_needed",
    "ratings_not_sustained",
)
# What a reader outside has to know of each state.
RELIANCE = {
    "assured": "evidence that is in date stands behind it",
    "untested": "low, and nobody but who handed it in has checked the evidence",
    "unsupported": "no evidence in date, or a check did not bear it out",
    "stale": f"not reviewed for {REVIEW_DAYS} days, or its evidence is older than {EVIDENCE_DAYS}",
    "review_needed": "a newer audit differs from it, and a review is due",
    "disputed": "somebody has challenged it, and the challenge is not decided",
    "not_sustained": "it was lowered, and the improvement did not last",
}
_NO_RATING = "Not enough data"


def place(*, actor: Actor, subject_id: UUID) -> UUID | None:
    """The service, or None for the organisation itself."""
    return None if subject_id == actor.org_id else load(Service, actor.org_id, subject_id).id


def draft(*, actor: Actor, subject_id: UUID) -> Content:
    """The extract as at today. Raises NotFound, Forbidden."""
    service_id = place(actor=actor, subject_id=subject_id)
    actor.require(Permission.READ, service_id)
    service = service_id and load(Service, actor.org_id, service_id)
    narrowed = replace(actor, service_ids=frozenset({service_id})) if service_id else actor
    on, first = actor.today, actor.today - timedelta(days=DAYS)
    rows = _rows(narrowed)
    one = service.name if service else None
    return Content(
        kind="board",
        title=f"Risk board: {one or actor.org_name}",
        provider=actor.org_name,
        service=one,
        period_from=first,
        period_to=on,
        taken_at=clock.now().isoformat(timespec="seconds"),
        sections=(_ratings(rows, bool(service_id)), _figures(narrowed, bool(service_id))),
        evidence=evidence_lines.of_period(actor=actor, service_id=service_id, first=first, last=on),
    )


def ready(*, actor: Actor, subject_id: UUID) -> None:
    """Raise Invalid where nothing is rated yet."""
    service_id = place(actor=actor, subject_id=subject_id)
    narrowed = replace(actor, service_ids=frozenset({service_id})) if service_id else actor
    if not any(cell.rating for row in _rows(narrowed) for cell in row.cells):
        raise Invalid("Nothing is rated yet, so there is no board to publish.")


def published(*, actor: Actor, subject_id: UUID, pack_id: UUID) -> None:
    """Nothing follows from the publication of an extract."""


def _rows(actor: Actor) -> list[BoardRow]:
    found: list[BoardRow] = []
    number = pages = 1
    while number <= pages:
        page = queries.board(
            actor=actor, filters=Filters(order="name", page=number), on=actor.today
        )
        found += page.rows
        pages, number = page.pages, number + 1
    return found


def _ratings(rows: list[BoardRow], single: bool) -> Section:
    words = [
        "Each rating is the governance group's, with how far it may be relied upon"
        + (" and the trend of the records of that domain." if single else ".")
    ]
    found = {cell.assurance.state for row in rows for cell in row.cells if cell.assurance}
    words += [f"{_words(code)}: {why}." for code, why in RELIANCE.items() if code in found]
    table = _by_domain(rows[0]) if single and rows else _by_service(rows)
    return Section("ratings", "Ratings", "\n".join(words), tables=(table,))


def _by_domain(row: BoardRow) -> Table:
    return Table(
        "Ratings by domain",
        ("Domain", "Rating", "Reliance", "Trend"),
        tuple(
            (
                cell.domain.capitalize(),
                _words(cell.rating) if cell.rating else _NO_RATING,
                _words(cell.assurance.state) if cell.assurance else "–",
                _words(cell.trend.direction) if cell.trend.direction else _NO_RATING,
            )
            for cell in row.cells
        ),
    )


def _by_service(rows: list[BoardRow]) -> Table:
    return Table(
        "Ratings by service",
        ("Service", *(domain.capitalize() for domain in DOMAINS)),
        tuple((row.name, *(_said(cell) for cell in row.cells)) for row in rows),
    )


def _said(cell: queries.Cell) -> str:
    if not cell.rating:
        return _NO_RATING
    state = cell.assurance.state if cell.assurance else "assured"
    return _words(cell.rating) + ("" if state == "assured" else f", {_words(state).lower()}")


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _figures(actor: Actor, single: bool) -> Section:
    codes = FIGURES_SHOWN if single else (*FIGURES_SHOWN, *OF_ALL_RATINGS)
    counted = figures.counts(actor=actor, on=actor.today, codes=codes)
    return Section(
        "figures",
        "Figures",
        figures=tuple(_figure(counted[code], actor) for code in codes),
    )


def _figure(count: figures.Count, actor: Actor) -> Figure:
    definition = FIGURES[count.code]
    part, whole = Count(count.numerator), Count(count.denominator)
    value = part if not definition.percent else _percent(count)
    return Figure(
        definition.title, value, part, whole, actor.today, definition.definition, validated=False
    )


def _percent(count: figures.Count) -> str:
    return _NO_RATING if count.percent is None else f"{count.percent:.1f}%"


sources.register(sources.Source("board", place, draft, ready, published))
