"""What other pages ask of enhanced monitoring: the figure on suggestions without a decision (see
`careboard.figure_rows`), and how a service stands.

Source: rules 3.4; DESIGN section 5, screen 1.
"""

from __future__ import annotations

UNDECIDED_FIGURE = """
SELECT 'trigger' AS kind, t.id, t.reference, t.sentence AS title, t.service_id,
  NOT EXISTS (SELECT FROM decision_trigger d
    WHERE d.org_id = t.org_id AND d.trigger_id = t.id) AS counted,
  :on - t.fired_on AS days, NULL AS who, t.decide_by AS on_date,
  CASE WHEN t.decide_by < :on THEN 'overdue' ELSE 'open' END AS status,
  CAST('{}' AS text[]) AS faults
FROM trigger t WHERE t.org_id = :org AND t.suggests AND t.closed_on IS NULL
"""

# How a service stands: its episodes that are not closed (id, title, status), and how many
# triggers stand. Parameters: :org, :service.
MONITORED = """
jsonb_build_object('episodes', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id,
      'title', e.title, 'status', e.status) ORDER BY e.started_on), '[]')
    FROM monitoring_episode e WHERE e.org_id = :org AND e.service_id = :service
      AND e.status <> 'closed'),
  'triggers', (SELECT count(*) FROM trigger t WHERE t.org_id = :org AND t.service_id = :service
    AND t.closed_on IS NULL))
"""
