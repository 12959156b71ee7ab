"""The experience intelligence log: a month's themes, with what feedback and complaints say of
each. Source: step S0-2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db
from careboard.experience import rules
from careboard.experience.findings import ThemeFindings, in_month
from careboard.experience.rows import scope
from careboard.experience.rules import Finding
from careboard.services.lists import PAGE_SIZE, Page
from careboard.tenancy import Actor

SHOWS = {
    "found": "Where a rule fires",
    "overlap": "Complaints match",
    "repeated": "Comments repeat",
    "unanswered": "No answer in time",
    "unnoted": "No finding recorded",
    "all": "Every theme",
}
_SHOWN = {
    "found": lambda line: line.found.fires,
    "overlap": lambda line: line.found.overlap.fires,
    "repeated": lambda line: line.found.repeated.fires,
    "unanswered": lambda line: line.found.response.fires,
    "unnoted": lambda line: line.found.fires and line.note is None,
    "all": lambda line: True,
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """A theme at a service in the month; `note` is the latest one made for that month."""

    service: str
    found: ThemeFindings
    note: Row | None

    @property
    def weight(self) -> tuple:
        """Gravest first."""
        found = self.found
        return (
            not found.response.fires,
            not (found.overlap.fires and found.repeated.fires),
            not found.overlap.fires,
            not found.repeated.fires,
            -len(found.repeated.rows),
            self.service.casefold(),
            found.theme,
        )


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, what each view of it would hold, and the services too few of whose
    people were heard (service_id, name, Finding)."""

    page: Page
    counts: dict[str, int]
    quiet: list[tuple[UUID, str, Finding]]


def log(
    *, actor: Actor, month: date, show: str = "found", service_id: UUID | None = None, page: int = 1
) -> Log:
    """The month's log. Five statements for all services."""
    own = None if service_id is None else [service_id]
    services = _services(actor, month, own)
    notes = _notes(actor, month, own)
    lines = sorted(
        (
            LogLine(
                services[found.service_id].name,
                found,
                notes.get((found.service_id, found.theme)),
            )
            for found in in_month(actor=actor, month=month, service_ids=own)
            if found.service_id in services
        ),
        key=lambda line: line.weight,
    )
    shown = [line for line in lines if _SHOWN[show](line)]
    start = (page - 1) * PAGE_SIZE
    return Log(
        Page(shown[start : start + PAGE_SIZE], page, len(shown)),
        {name: sum(map(wanted, lines)) for name, wanted in _SHOWN.items()},
        [
            (row.id, row.name, heard)
            for row in services.values()
            if (heard := rules.low_engagement(row.sample_size, row.invited, row.people)).fires
        ],
    )


_SERVICES = """
SELECT c.service_id AS id, c.name, p.sample_size, p.invited, p.people
FROM (SELECT s.org_id, s.id AS service_id, s.name, s.name_norm FROM service s
  WHERE s.org_id = :org AND s.active) c
LEFT JOIN experience_summary p ON p.org_id = c.org_id AND p.service_id = c.service_id
  AND p.month = :month AND p.superseded_at IS NULL
WHERE true {within} ORDER BY c.name_norm, c.service_id
"""
_NOTES = """
SELECT DISTINCT ON (c.service_id, c.theme) c.service_id, c.theme, c.overlap, c.text,
  c.acknowledged, c.noted_on, m.name AS noted_by
FROM intelligence_note c LEFT JOIN membership m ON m.org_id = c.org_id AND m.id = c.noted_by_id
WHERE c.org_id = :org AND c.month = :month {within}
ORDER BY c.service_id, c.theme, c.created_at DESC, c.id DESC
"""


def _services(actor: Actor, month: date, own: list[UUID] | None) -> dict[UUID, Row]:
    return {row.id: row for row in _rows(actor, _SERVICES, month, own)}


def _notes(actor: Actor, month: date, own: list[UUID] | None) -> dict[tuple[UUID, str], Row]:
    return {(row.service_id, row.theme): row for row in _rows(actor, _NOTES, month, own)}


def _rows(actor: Actor, statement: str, month: date, own: list[UUID] | None) -> list[Row]:
    within, values = scope(actor, own)
    given: dict[str, Any] = values | {"month": month}
    return list(db.session.execute(text(statement.format(within=within)), given))
