"""The sittings that are expected, as rows of the figure of overdue ones.

The same reckoning as `cadence`, in SQL, so that any number of services costs one statement.
Source: rule N14.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from careboard.clock import bank_holidays
from careboard.reviews.cadence import EXPECTED, FIRST_FORTNIGHT, RHYTHMS
from careboard.vocabulary import FORUMS

# Working days are reckoned with the bank holidays of this many years.
_YEARS_BACK = 5

_RHYTHMS = ", ".join(
    f"('{forum}', '{FORUMS[forum]}', '{rhythm.period}', {rhythm.grace}, {rhythm.per_service}, "
    f"{forum in EXPECTED})"
    for forum, rhythm in RHYTHMS.items()
)

ROWS = f"""
SELECT 'sitting' AS kind, coalesce(p.id, CAST(:org AS uuid)) AS id, f.forum AS reference,
  f.words AS title, p.id AS service_id, coalesce(d.due_on < :on, false) AS counted,
  :on - d.due_on AS days, m.name AS who, d.due_on AS on_date,
  CASE WHEN d.due_on IS NULL THEN 'not_held' WHEN d.due_on < :on THEN 'overdue' ELSE 'due' END
    AS status, CAST('{{}}' AS text[]) AS faults
FROM (VALUES {_RHYTHMS}) f (forum, words, period, grace, per_service, expected)
CROSS JOIN LATERAL (
  SELECT s.id, s.manager_id FROM service s WHERE f.per_service AND s.org_id = :org AND s.active
  UNION ALL SELECT NULL, NULL WHERE NOT f.per_service
) p
LEFT JOIN LATERAL (
  SELECT u.in_use_from FROM forum_rule u
  WHERE u.org_id = :org AND u.forum = f.forum AND u.in_use_from IS NOT NULL
    AND (u.service_id IS NULL OR u.service_id = p.id)
  ORDER BY u.service_id NULLS LAST LIMIT 1
) u ON true
CROSS JOIN LATERAL (
  SELECT 1 + coalesce(CASE WHEN f.per_service THEN (
      SELECT max(w.period_to) FROM review w WHERE w.org_id = :org AND w.forum = f.forum
        AND w.status = 'signed' AND w.service_id = p.id
    ) ELSE (
      SELECT max(w.period_to) FROM review w WHERE w.org_id = :org AND w.forum = f.forum
        AND w.status = 'signed' AND w.service_id IS NULL
    ) END, u.in_use_from - 1) AS owed_from
) h
CROSS JOIN LATERAL (
  SELECT CASE f.period
    WHEN 'week' THEN CAST(date_trunc('week', h.owed_from) AS date) + 6
    WHEN 'fortnight' THEN h.owed_from - (h.owed_from - DATE '{FIRST_FORTNIGHT}') % 14 + 13
    WHEN 'month' THEN CAST(date_trunc('month', h.owed_from) + interval '1 month' AS date) - 1
    ELSE CAST(date_trunc('quarter', h.owed_from) + interval '3 months' AS date) - 1
  END AS period_end
) e
CROSS JOIN LATERAL (
  SELECT (array_agg(e.period_end + n ORDER BY n))[f.grace] AS due_on
  FROM generate_series(1, 60) n
  WHERE extract(isodow FROM e.period_end + n) < 6 AND e.period_end + n <> ALL (:bank_holidays)
) d
LEFT JOIN LATERAL (
  SELECT c.membership_id FROM forum_member c
  WHERE c.org_id = :org AND c.forum = f.forum AND c.part = 'chair' AND c.from_on <= :on
    AND (c.until_on IS NULL OR c.until_on >= :on) AND (c.service_id IS NULL OR c.service_id = p.id)
  ORDER BY c.service_id NULLS LAST LIMIT 1
) c ON true
LEFT JOIN membership m ON m.org_id = :org AND m.id = coalesce(c.membership_id, p.manager_id)
WHERE f.expected OR u.in_use_from <= :on
"""


def parameters(on: date) -> dict[str, Any]:
    """The parameters that the rows need beside :org and :on."""
    return {"bank_holidays": bank_holidays(on.year - _YEARS_BACK, on.year + 1)}
