"""Open risks with what their present rating rests on, as one SQL expression for every reader.

A rating rests on the evidence that its latest review cited and on what was attached to the risk.
The state in SQL says the same as `assurance.assess`, so that thousands of ratings can be counted
without fetching them. Source: rules 3.3.
"""

from __future__ import annotations

from careboard.risks.assurance import EVIDENCE_DAYS, REVIEW_DAYS, SUPPORTING

_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)


def rated(where: str = "", columns: str = "", joins: str = "") -> str:
    """A SELECT of the organisation's open risks; parameters :org and :on.

    `where` adds conditions on `r` (risk) and what `joins` brings, `columns` further columns of
    these or of `e` (the gathered evidence).
    """
    return f"""
SELECT r.id, r.reference, r.service_id, r.domain, r.rating, r.rated_on,
  e.items, e.in_date, e.newest_on, e.valid_until, e.tested_on,
  CASE WHEN e.in_date = 0 THEN 'unsupported'
    WHEN :on - r.rated_on > {REVIEW_DAYS} OR :on - e.newest_on > {EVIDENCE_DAYS} THEN 'stale'
    WHEN r.rating = 'low' AND (e.tested_on IS NULL OR :on - e.tested_on > {EVIDENCE_DAYS})
      THEN 'untested'
    ELSE 'assured' END AS state{columns}
FROM risk r
CROSS JOIN LATERAL (
  SELECT count(DISTINCT e.id) AS items,
    count(DISTINCT e.id) FILTER (WHERE e.valid_until >= :on) AS in_date,
    max(coalesce(e.period_to, CAST(e.created_at AS date)))
      FILTER (WHERE e.valid_until >= :on) AS newest_on,
    max(e.valid_until) AS valid_until,
    max(e.decided_on) FILTER (WHERE e.status = 'accepted' AND e.valid_until >= :on) AS tested_on,
    array_agg(DISTINCT e.kind) FILTER (WHERE e.valid_until >= :on) AS kinds
  FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
  WHERE l.org_id = r.org_id AND e.status IN ({_SUPPORTING})
    AND (l.risk_id = r.id OR l.rating_review_id = r.rating_review_id)
) e
{joins}
WHERE r.org_id = :org AND r.status = 'open' {where}
"""
