"""Evidence behind validated claims, as a pack lists it: references, hashes and roles, no names."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.packs.content import EvidenceLine
from careboard.permissions import Role
from careboard.tenancy import Actor

# Each piece once, by its present revision and the latest claim that was validated on it.
_LINES = """
SELECT DISTINCT ON (e.reference) e.reference, e.title, e.kind, r.sha256, m.roles, c.validated_on
FROM claim c
JOIN evidence_link l ON l.org_id = c.org_id AND l.claim_id = c.id
JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id AND e.status = 'accepted'
JOIN LATERAL (SELECT v.sha256 FROM evidence_revision v WHERE v.org_id = e.org_id
  AND v.evidence_id = e.id ORDER BY v.number DESC LIMIT 1) r ON true
LEFT JOIN membership m ON m.org_id = c.org_id AND m.id = c.validated_by_id
WHERE c.org_id = :org AND c.status = 'validated' AND NOT c.unsupported
  AND c.outcome IN ('proves', 'partly') AND {which}
ORDER BY e.reference, c.validated_on DESC
"""
_OF_PERIOD = text(
    _LINES.format(
        which="c.validated_on BETWEEN :first AND :last "
        "AND (CAST(:service AS uuid) IS NULL OR c.service_id = :service)"
    )
)
_OF_EPISODE = text(
    _LINES.format(
        which="EXISTS (SELECT FROM monitoring_return t "
        "WHERE t.org_id = c.org_id AND t.claim_id = c.id AND t.episode_id = :episode)"
    )
)


def of_period(
    *, actor: Actor, service_id: UUID | None, first: date, last: date
) -> tuple[EvidenceLine, ...]:
    """Accepted evidence of claims that were validated in the period. One statement."""
    return _lines(actor, _OF_PERIOD, service=service_id, first=first, last=last)


def of_episode(*, actor: Actor, episode_id: UUID) -> tuple[EvidenceLine, ...]:
    """Accepted evidence of the validated returns of an episode. One statement."""
    return _lines(actor, _OF_EPISODE, episode=episode_id)


def _lines(actor: Actor, statement, **values) -> tuple[EvidenceLine, ...]:
    rows = db.session.execute(statement, {"org": actor.org_id, **values})
    return tuple(
        EvidenceLine(
            row.reference, row.title, row.kind, row.sha256, role_words(row.roles), row.validated_on
        )
        for row in rows
    )


def role_words(roles: list[str] | None) -> str | None:
    """A person's roles instead of their name."""
    return ", ".join(role.words for role in Role if role in (roles or ())) or None
