"""The rows behind the figures on ratings, as `figure_rows` reads them.

Source: rule N3 (monthly rating review using current evidence); rules 3.3.
"""

from __future__ import annotations

from careboard.risks.assurance import CURRENT_DAYS, SUPPORTING

_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)

# A row for each service with a rating and the last whole month. The review that counts is the best
# of the month: one on current evidence, else the latest.
REVIEWED = f"""
SELECT 'service_month' AS kind, s.id, to_char(m.first, 'FMMonth YYYY') AS reference,
  coalesce(b.risk, '') AS title, s.id AS service_id, coalesce(b.is_current, false) AS counted,
  :on - b.decided_on AS days, b.decided_by AS who, b.decided_on AS on_date,
  CASE WHEN b.is_current THEN 'reviewed' WHEN b.risk IS NULL THEN 'no_review'
    ELSE 'no_current_evidence' END AS status, CAST('{{}}' AS text[]) AS faults
FROM service s
CROSS JOIN (SELECT CAST(date_trunc('month', CAST(:on AS date)) - interval '1 month' AS date)
    AS first, CAST(date_trunc('month', CAST(:on AS date)) AS date) AS after) m
LEFT JOIN LATERAL (
  SELECT r.reference || ' ' || r.domain AS risk, v.decided_on, p.name AS decided_by, EXISTS (
      SELECT FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
      WHERE l.org_id = v.org_id AND l.rating_review_id = v.id AND e.status IN ({_SUPPORTING})
        AND e.valid_until >= v.decided_on
        AND coalesce(e.period_to, CAST(e.created_at AS date)) >= v.decided_on - {CURRENT_DAYS}
    ) AS is_current
  FROM risk r JOIN rating_review v ON v.org_id = r.org_id AND v.risk_id = r.id
  LEFT JOIN membership p ON p.org_id = v.org_id AND p.id = v.decided_by_id
  WHERE r.org_id = s.org_id AND r.service_id = s.id AND v.decision IN ('raise', 'hold', 'lower')
    AND v.decided_on >= m.first AND v.decided_on < m.after
  ORDER BY is_current DESC, v.decided_at DESC LIMIT 1
) b ON true
WHERE s.org_id = :org AND s.active AND EXISTS (SELECT FROM risk r WHERE r.org_id = s.org_id
  AND r.service_id = s.id AND r.status = 'open' AND r.opened_on < m.after)
"""
