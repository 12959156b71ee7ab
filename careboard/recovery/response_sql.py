"""The rows of the figure on declines without an answer (see `careboard.figure_rows`).

Source: DESIGN section 1, promise 2.
"""

from __future__ import annotations

UNANSWERED_FIGURE = """
SELECT 'response' AS kind, p.id, p.reference, coalesce(i.name, l.title) AS title, p.service_id,
  p.status = 'open' AS counted, :on - p.fired_on AS days, m.name AS who, p.fired_on AS on_date,
  p.status, CAST('{}' AS text[]) AS faults
FROM response p
LEFT JOIN indicator i ON i.org_id = p.org_id AND i.id = p.indicator_id
LEFT JOIN recovery_plan l ON l.org_id = p.org_id AND l.id = p.plan_id
LEFT JOIN membership m ON m.org_id = p.org_id AND m.id = coalesce(p.owner_id, p.asked_id)
WHERE p.org_id = :org AND p.status <> 'closed'
"""
