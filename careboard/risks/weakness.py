"""Repeated audit weakness: a theme that is found weak again after work on it was closed.

An audit's band stands for its failed or partial groups of questions: amber is partial, red is
failed. Source: rules 3.3, repeated audit weakness; trigger of S0-1.
"""

from __future__ import annotations

from collections.abc import Sequence

AUDITS = 3
LEAST_WEAK = 2


def repeated_weakness(bands: Sequence[str]) -> bool | None:
    """Whether two of the last three audits after an action on their theme was closed were weak.

    `bands` are green, amber or red, oldest first; None where fewer than two were done since.
    """
    last = bands[-AUDITS:]
    if len(last) < LEAST_WEAK:
        return None
    return sum(band != "green" for band in last) >= LEAST_WEAK


# A row for each service and theme with a closed action and at least two audits since, named by
# the latest of them.
WEAKNESS_FIGURE = f"""
SELECT 'audit' AS kind, b.ids[1] AS id, b.reference, c.theme AS title, c.service_id,
  b.weak >= {LEAST_WEAK} AS counted, :on - b.on_date AS days, NULL AS who, b.on_date,
  b.bands[1] AS status, CAST('{{}}' AS text[]) AS faults
FROM (
  SELECT a.service_id, coalesce(k.theme, nullif(a.measure_theme, '')) AS theme,
    min(coalesce(a.verified_on, a.completed_on)) AS closed_on
  FROM action a
  LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
  WHERE a.org_id = :org AND a.status = 'verified'
    AND coalesce(k.theme, nullif(a.measure_theme, '')) IS NOT NULL
  GROUP BY 1, 2
) c
CROSS JOIN LATERAL (
  SELECT array_agg(x.id ORDER BY x.place) AS ids, array_agg(x.rag ORDER BY x.place) AS bands,
    count(*) AS audits, count(*) FILTER (WHERE x.rag <> 'green') AS weak,
    max(x.completed_on) AS on_date, min(x.source_key) FILTER (WHERE x.place = 1) AS reference
  FROM (
    SELECT u.id, u.rag, u.completed_on, u.source_key,
      row_number() OVER (ORDER BY u.completed_on DESC, u.id DESC) AS place
    FROM audit u WHERE u.org_id = :org AND u.service_id = c.service_id AND u.theme = c.theme
      AND u.rag IS NOT NULL AND u.completed_on > c.closed_on AND u.completed_on <= :on
    ORDER BY u.completed_on DESC, u.id DESC LIMIT {AUDITS}
  ) x
) b
WHERE b.audits >= {LEAST_WEAK}
"""
