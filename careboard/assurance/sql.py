"""The rows of the figures on claims (see `figure_rows`).

Source: issue Assurance, evidence validation; rules 3.3, unsupported assurance.
"""

from __future__ import annotations

RECENT_DAYS = 92

_CLAIM = f"""
SELECT 'claim' AS kind, c.id, c.reference, c.statement AS title, c.service_id,
  {{counted}} AS counted, {{days}} AS days, m.name AS who, {{on_date}} AS on_date,
  CASE WHEN c.unsupported THEN 'unsupported' ELSE coalesce(c.outcome, c.status) END AS status,
  CAST('{{{{}}}}' AS text[]) AS faults
FROM claim c JOIN membership m ON m.org_id = c.org_id AND m.id = c.{{person}}
WHERE c.org_id = :org AND {{where}}
  OR c.org_id = :org AND c.status = 'validated'
    AND c.validated_on BETWEEN :on - {RECENT_DAYS} AND :on
"""
WAITING_FIGURE = _CLAIM.format(
    counted="c.status = 'submitted'",
    days="CASE WHEN c.status = 'submitted' THEN :on - c.submitted_on END",
    on_date="c.submitted_on",
    person="submitted_by_id",
    where="c.status = 'submitted'",
)
UNSUPPORTED_FIGURE = _CLAIM.format(
    counted="c.unsupported",
    days=":on - c.validated_on",
    on_date="c.validated_on",
    person="validated_by_id",
    where="false",
)
