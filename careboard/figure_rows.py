"""The rows behind each figure, as SQL that both its count and its page read.

Every SELECT gives kind, id, reference, title, service_id, counted, days (late, or since the thing
was last looked at), who, on_date, status and faults. Parameters: :org, :on, and those of
`parameters`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from careboard.actions import watched
from careboard.assurance.sql import UNSUPPORTED_FIGURE, WAITING_FIGURE
from careboard.experience import sql as experience
from careboard.monitoring.sql import UNDECIDED_FIGURE
from careboard.recovery.response_sql import UNANSWERED_FIGURE
from careboard.reviews import expected
from careboard.risks.assurance import EVIDENCE_DAYS, REVIEW_DAYS, SUPPORTING
from careboard.risks.rated import rated
from careboard.risks.sql import REVIEWED
from careboard.risks.weakness import WEAKNESS_FIGURE
from careboard.sharing import sql as sharing
from careboard.updates import sql as updates
from careboard.vocabulary import DOMAINS

UPDATE_DAYS = 31
_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)
_DOMAINS = ", ".join(f"'{domain}'" for domain in DOMAINS)


def prelude() -> str:
    """The ratings that several figures share; not computed where none refers to it."""
    return f"WITH rated AS ({rated()}) "


_LINKED = f"""
SELECT 'audit_concern' AS kind, k.id, k.source_key AS reference, k.text AS title, k.service_id,
  cardinality(coalesce(b.faults, '{{no_action}}')) = 0 AS counted, :on - k.raised_on AS days,
  b.owner AS who, b.due_on AS on_date, k.severity AS status,
  coalesce(b.faults, '{{no_action}}') AS faults
FROM audit_concern k
LEFT JOIN LATERAL (
  SELECT * FROM (
    SELECT coalesce(m.name, a.owner_name) AS owner, a.due_on, array_remove(ARRAY[
      CASE WHEN a.owner_id IS NULL AND a.owner_name = '' THEN 'no_owner' END,
      CASE WHEN a.due_on IS NULL THEN 'no_due' END,
      CASE WHEN a.status NOT IN ('open', 'in_progress', 'completed', 'verified')
        THEN 'not_live' END,
      CASE WHEN a.status <> 'verified' AND (a.updated_on IS NULL
        OR :on - a.updated_on > {UPDATE_DAYS}) THEN 'stale_update' END], NULL) AS faults
    FROM action a
    LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
    WHERE a.org_id = k.org_id AND a.audit_concern_id = k.id
  ) f ORDER BY cardinality(f.faults) LIMIT 1
) b ON true
WHERE k.org_id = :org AND k.status = 'open' AND k.severity IN ('amber', 'red')
"""

_OVERDUE = """
SELECT 'action' AS kind, a.id, a.reference, a.title, a.service_id,
  coalesce(a.due_on < :on, false) AS counted, :on - a.due_on AS days,
  coalesce(m.name, a.owner_name) AS who, a.due_on AS on_date, a.status,
  CAST('{}' AS text[]) AS faults
FROM action a
LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
WHERE a.org_id = :org AND a.status NOT IN ('verified', 'cancelled')
"""

_RATING = """
SELECT 'risk' AS kind, r.id, r.reference, r.domain AS title, r.service_id, {counted} AS counted,
  :on - r.rated_on AS days, NULL AS who, r.rated_on AS on_date, r.rating AS status,
  CASE WHEN r.state = 'assured' THEN CAST('{{}}' AS text[]) ELSE ARRAY[r.state] END AS faults
FROM rated r {where}
"""

# A rating can be old and without evidence at once; it then counts in both figures.
_STALE = f":on - r.rated_on > {REVIEW_DAYS} OR coalesce(:on - r.newest_on > {EVIDENCE_DAYS}, false)"
_UNTESTED = f"r.tested_on IS NULL OR :on - r.tested_on > {EVIDENCE_DAYS}"

_CLOSED = f"""
SELECT 'action' AS kind, a.id, a.reference, a.title, a.service_id, NOT EXISTS (
    SELECT FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
    WHERE l.org_id = a.org_id AND l.action_id = a.id AND e.status IN ({_SUPPORTING})
      AND e.valid_until >= :on) AS counted,
  :on - coalesce(a.completed_on, a.verified_on) AS days, coalesce(m.name, a.owner_name) AS who,
  coalesce(a.completed_on, a.verified_on) AS on_date, a.status, CAST('{{}}' AS text[]) AS faults
FROM action a
LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
WHERE a.org_id = :org AND a.status IN ('completed', 'verified')
  AND coalesce(a.completed_on, a.verified_on) BETWEEN :on - {EVIDENCE_DAYS} AND :on
"""

_UNRATED = f"""
SELECT 'cell' AS kind, s.id, d.domain AS reference, d.domain AS title, s.id AS service_id,
  r.id IS NULL AS counted, CAST(NULL AS integer) AS days, NULL AS who, r.rated_on AS on_date,
  coalesce(r.rating, '') AS status, CAST('{{}}' AS text[]) AS faults
FROM service s CROSS JOIN unnest(ARRAY[{_DOMAINS}]) AS d (domain)
LEFT JOIN risk r ON r.org_id = s.org_id AND r.service_id = s.id AND r.domain = d.domain
  AND r.status = 'open'
WHERE s.org_id = :org AND s.active
"""

ROWS = {
    "audit_risks_linked": _LINKED,
    "overdue_actions": _OVERDUE,
    "evidence_missing": _RATING.format(counted="r.in_date = 0", where="") + "UNION ALL" + _CLOSED,
    "ratings_stale": _RATING.format(counted=f"({_STALE})", where=""),
    "greens_untested": _RATING.format(counted=f"({_UNTESTED})", where="WHERE r.rating = 'low'"),
    "ratings_reviewed_monthly": REVIEWED,
    "ratings_disputed": _RATING.format(counted="r.dispute_id IS NOT NULL", where=""),
    "ratings_review_needed": _RATING.format(
        counted="coalesce(r.evidence_changed, false)", where=""
    ),
    "ratings_not_sustained": _RATING.format(counted="coalesce(r.watch_fires, false)", where=""),
    "audit_weakness_repeated": WEAKNESS_FIGURE,
    "domains_unrated": _UNRATED,
    "actions_without_improvement": watched.ROWS,
    "experience_monthly": experience.MONTHLY_FIGURE,
    "experience_unanswered": experience.UNANSWERED_FIGURE,
    "sittings_overdue": expected.ROWS,
    "responses_unanswered": UNANSWERED_FIGURE,
    "claims_waiting": WAITING_FIGURE,
    "claims_unsupported": UNSUPPORTED_FIGURE,
    "triggers_undecided": UNDECIDED_FIGURE,
    "sharing_undecided": sharing.UNDECIDED_FIGURE,
    "updates_on_time": updates.ON_TIME_FIGURE,
}


def parameters(on: date) -> dict[str, Any]:
    """What some of the rows need to know beside :org and :on."""
    return experience.days(on) | expected.parameters(on)
