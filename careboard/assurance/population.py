"""The rows that a claim speaks of: those of its service, domain and period, and its evidence.

Source: issue Assurance, bulk sampling help.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.clock import day_words
from careboard.db import db
from careboard.tenancy import Actor
from careboard.vocabulary import in_words

# Drafts of actions and refused evidence are nobody's word yet, or no longer.
_ROWS = {
    "audit": """
SELECT 'audit' AS kind, a.id, a.source_key AS reference, a.theme AS title, a.completed_on AS on_date
FROM audit a WHERE a.org_id = :org AND a.service_id = :service
  AND (CAST(:domain AS text) IS NULL OR a.domain = :domain)
  AND a.completed_on BETWEEN :first AND :last
""",
    "audit_concern": """
SELECT 'audit_concern', k.id, k.source_key, k.theme, k.raised_on
FROM audit_concern k WHERE k.org_id = :org AND k.service_id = :service
  AND (CAST(:domain AS text) IS NULL OR k.domain = :domain)
  AND (k.raised_on BETWEEN :first AND :last OR k.closed_on BETWEEN :first AND :last)
""",
    "concern": """
SELECT 'concern', c.id, c.source_key, c.theme, c.occurred_on
FROM concern c WHERE c.org_id = :org AND c.service_id = :service
  AND (CAST(:domain AS text) IS NULL OR c.domain = :domain)
  AND c.occurred_on BETWEEN :first AND :last
""",
    "action": """
SELECT 'action', a.id, a.reference, a.title, coalesce(a.completed_on, a.due_on)
FROM action a
LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
WHERE a.org_id = :org AND a.service_id = :service AND a.status <> 'draft'
  AND (CAST(:domain AS text) IS NULL OR coalesce(a.domain, k.domain) = :domain)
  AND (a.due_on BETWEEN :first AND :last OR a.completed_on BETWEEN :first AND :last
    OR a.verified_on BETWEEN :first AND :last
    OR a.episode_id = (SELECT r.episode_id FROM monitoring_return r
      WHERE r.org_id = :org AND r.claim_id = :claim))
""",
    "evidence": """
SELECT 'evidence', e.id, e.reference, e.title, e.period_to
FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
WHERE l.org_id = :org AND l.claim_id = :claim AND e.status NOT IN ('rejected', 'withdrawn')
""",
}
KINDS = {
    "audit": "Audits completed in the period",
    "audit_concern": "Audit concerns raised or closed in the period",
    "concern": "Incidents, complaints, feedback and other concerns of the period",
    "action": "Actions due, completed or verified in the period, or of the monitored episode",
    "evidence": "The evidence of the claim",
}
MOST_LABEL = 120


@dataclass(frozen=True, slots=True)
class Row:
    """One row that may be drawn. `label` names it to a person."""

    kind: str
    id: UUID
    label: str

    @property
    def line(self) -> str:
        """Its line in the population of a sample (see `sampling`)."""
        return f"{self.kind} {self.id}"


def rows(*, actor: Actor, claim: Any, kinds: Collection[str]) -> list[Row]:
    """The rows of these kinds that the claim speaks of. One statement."""
    statement = " UNION ALL ".join(_ROWS[kind] for kind in KINDS if kind in kinds)
    found = db.session.execute(text(statement), _values(actor, claim))
    return [Row(kind, row_id, _label(kind, *words)) for kind, row_id, *words in found]


def counts(*, actor: Actor, claim: Any) -> dict[str, int]:
    """How many rows of each kind the claim speaks of. One statement."""
    statement = f"SELECT kind, count(*) FROM ({' UNION ALL '.join(_ROWS.values())}) x GROUP BY kind"
    found = dict(db.session.execute(text(statement), _values(actor, claim)).all())
    return {kind: found.get(kind, 0) for kind in KINDS}


def _values(actor: Actor, claim: Any) -> dict:
    return {
        "org": actor.org_id,
        "claim": claim.id,
        "service": claim.service_id,
        "domain": claim.domain,
        "first": claim.period_from,
        "last": claim.period_to,
    }


def _label(kind: str, reference: str | None, title: str, on_date: date | None) -> str:
    name = reference or in_words(kind).capitalize()
    day = day_words(on_date)
    words = ", ".join(part for part in (name, title, day) if part)
    return words if len(words) <= MOST_LABEL else f"{words[: MOST_LABEL - 1]}…"
