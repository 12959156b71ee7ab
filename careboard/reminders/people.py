"""The organisation's people and the actions that may call for a reminder, in one statement each."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from careboard.db import db
from careboard.reminders.recipients import Candidate, Directory, Person
from careboard.tenancy import Actor

_PEOPLE = text("""
SELECT m.id, m.email, m.name, m.mail_mode, m.roles, m.all_services,
  ARRAY(SELECT s.service_id FROM membership_service s
        WHERE s.org_id = m.org_id AND s.membership_id = m.id) AS service_ids,
  NOT EXISTS (SELECT FROM suppression x
              WHERE x.org_id = m.org_id AND x.email_norm = lower(m.email)) AS reachable
FROM membership m
WHERE m.org_id = :org AND m.active AND m.email <> ''
ORDER BY m.name, m.id
""")


def directory(*, actor: Actor) -> Directory:
    """The active members, and whether mail reaches them."""
    return Directory(
        tuple(
            Person(
                email=row.email,
                name=row.name,
                membership_id=row.id,
                mail_mode=row.mail_mode,
                roles=frozenset(row.roles),
                service_ids=None if row.all_services else frozenset(row.service_ids),
                reachable=row.reachable,
            )
            for row in db.session.execute(_PEOPLE, {"org": actor.org_id})
        )
    )


_CANDIDATE = """
SELECT a.id, a.reference, a.title, a.service_id, s.name AS service, s.manager_id, a.owner_id,
  coalesce(o.name, a.owner_name) AS owner_name, a.owner_email, a.status, a.due_on,
  a.completed_on, a.completed_by_id,
  EXISTS (SELECT FROM suppression x
          WHERE x.org_id = a.org_id AND x.email_norm = lower(a.owner_email)) AS owner_suppressed,
  ARRAY(SELECT ARRAY[r.rule, r.occurrence::text, r.to_email] FROM reminder r
        WHERE r.org_id = a.org_id AND r.subject_id = a.id) AS claimed
FROM action a
JOIN service s ON s.org_id = a.org_id AND s.id = a.service_id
LEFT JOIN membership o ON o.org_id = a.org_id AND o.id = a.owner_id
"""
_MAY_BE_DUE = text(f"""
{_CANDIDATE} WHERE a.org_id = :org AND a.status IN ('open', 'in_progress') AND a.due_on <= :latest
UNION ALL
{_CANDIDATE} WHERE a.org_id = :org AND a.status = 'completed'
  AND (a.completed_by_id IS NOT NULL OR a.due_on <= :latest)
""")
_LIVE_OF_OWNER = text(f"""
{_CANDIDATE} WHERE a.org_id = :org AND a.status IN ('open', 'in_progress')
  AND lower(coalesce(o.email, a.owner_email)) = :email
ORDER BY a.due_on, a.id
""")


def candidates(*, actor: Actor, latest: date) -> list[Candidate]:
    """Open actions due up to that day, and completed ones that nobody has verified yet: those
    completed here whenever due, a tracker's once they are due."""
    found = db.session.execute(_MAY_BE_DUE, {"org": actor.org_id, "latest": latest})
    return [_candidate(row) for row in found]


def live_actions_of(*, actor: Actor, email: str) -> list[Candidate]:
    """The open actions whose owner is written to at that address (in lower case)."""
    found = db.session.execute(_LIVE_OF_OWNER, {"org": actor.org_id, "email": email})
    return [_candidate(row) for row in found]


def _candidate(row) -> Candidate:
    values = dict(row._mapping)
    values["claimed"] = frozenset(tuple(claim) for claim in row.claimed)
    return Candidate(**values)
