"""The figure on fortnightly updates in time (see `careboard.figure_rows`).

The same reckoning as `standing.in_time_until`, in SQL. Source: rule N13.
"""

from __future__ import annotations

RECENT_DAYS = 92
# The clock of each runs from when the one before was published, or was due where it was missed.
ON_TIME_FIGURE = f"""
SELECT 'recovery_update' AS kind, r.id, r.reference, t.theme AS title, t.service_id,
  coalesce(r.published_on <= d.until, false) AS counted, :on - r.due_on AS days, m.name AS who,
  r.due_on AS on_date, r.status, CASE WHEN r.status = 'missed' THEN ARRAY['missed']
    WHEN coalesce(r.published_on, :on) > d.until THEN ARRAY['late']
    ELSE CAST('{{}}' AS text[]) END AS faults
FROM recovery_update r
JOIN update_schedule u ON u.org_id = r.org_id AND u.id = r.schedule_id
JOIN tracked_concern t ON t.org_id = u.org_id AND t.id = u.tracked_id
JOIN membership m ON m.org_id = t.org_id AND m.id = t.lead_id
CROSS JOIN LATERAL (
  SELECT coalesce(max(coalesce(o.published_on, o.due_on)), r.due_on - 14) + 14 AS day
  FROM recovery_update o WHERE o.org_id = r.org_id AND o.schedule_id = r.schedule_id
    AND o.number < r.number AND o.status IN ('published', 'missed')) g
CROSS JOIN LATERAL (
  SELECT min(g.day + n) AS until FROM generate_series(1, 14) n
  WHERE extract(isodow FROM g.day + n) < 6 AND g.day + n <> ALL (:bank_holidays)) d
WHERE r.org_id = :org AND r.due_on > :on - {RECENT_DAYS}
  AND (r.status IN ('published', 'missed') OR d.until < :on)
"""
