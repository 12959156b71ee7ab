"""The SQL that figures, lists and pages of experience share, so that they count the same things.

Feedback is that of people and their representatives; what staff answer is not experience of care.
Answers of 1 and 2 of 5 are negative, 4 and 5 positive. Themes are compared in lower case.
"""

from __future__ import annotations

from datetime import date

from careboard.experience.months import (
    answers_were_due,
    due_on,
    first_of,
    last_due,
    shifted,
)
from careboard.experience.rules import least_for
from careboard.patterns import GRAVE_THEMES, POOR_FEEDBACK

LOOK_BACK_MONTHS = 6


def days(on: date) -> dict[str, date]:
    """The days that the figures need beside :on. A summary counts for the last month whose day of
    submission has passed."""
    month = last_due(on)
    return {
        "said_from": shifted(first_of(on), -LOOK_BACK_MONTHS),
        "answers_were_due": answers_were_due(on),
        "experience_month": month,
        "experience_due": due_on(month),
    }


FEEDBACK = "c.kind = 'feedback' AND c.level <> 'staff'"
NEGATIVE = "c.max_score > 0 AND c.score * 5 <= c.max_score * 2"
POSITIVE = "c.max_score > 0 AND c.score * 5 >= c.max_score * 4"
_MONTH = "CAST(date_trunc('month', c.occurred_on) AS date)"

# (service_id, theme, month, positive, negative) from :said_from to :on. A month's summary is what
# was said in it; without one, the imported answers speak for themselves. An empty theme tells that
# somebody was heard. Grouped, not joined: joins of such sums are planned badly.
MONTHLY = f"""
SELECT service_id, theme, month, positive, negative FROM (
  SELECT x.*, bool_or(told) OVER (PARTITION BY service_id, month) AS any_told FROM (
    SELECT p.service_id, coalesce(t.theme, '') AS theme, p.month,
      coalesce(t.positive, 0) AS positive, coalesce(t.negative, 0) AS negative, true AS told
    FROM experience_summary p
    LEFT JOIN experience_theme t ON t.org_id = p.org_id AND t.summary_id = p.id
    WHERE p.org_id = :org AND p.superseded_at IS NULL AND p.sample_size > 0
      AND p.month BETWEEN :said_from AND :on
    UNION ALL
    SELECT c.service_id, lower(c.theme), {_MONTH}, count(*) FILTER (WHERE {POSITIVE}),
      count(*) FILTER (WHERE {NEGATIVE}), false
    FROM concern c
    WHERE c.org_id = :org AND {FEEDBACK} AND c.occurred_on BETWEEN :said_from AND :on
    GROUP BY 1, 2, 3
  ) x
) y WHERE told = any_told
"""

_SAID = f"""
FROM concern c WHERE c.org_id = :org AND {FEEDBACK} AND {NEGATIVE} AND c.theme <> ''
  AND c.occurred_on BETWEEN :said_from AND :on
"""
_ENDS = "CAST({month} + interval '1 month - 1 day' AS date)"

# The negative comments from :said_from to :on, one row each: imported ones on their day, and on
# its last day those that the summary of an ended month counts beyond them.
_NEGATIVES = f"""
SELECT c.service_id, lower(c.theme) AS theme, c.occurred_on AS day {_SAID}
UNION ALL
SELECT b.service_id, b.theme, {_ENDS.format(month="b.month")} FROM (
  SELECT service_id, theme, month, sum(counted) - sum(imported) AS beyond FROM (
    SELECT p.service_id, t.theme, p.month, t.negative AS counted, 0 AS imported
    FROM experience_summary p
    JOIN experience_theme t ON t.org_id = p.org_id AND t.summary_id = p.id
    WHERE p.org_id = :org AND p.superseded_at IS NULL AND p.month >= :said_from
      AND {_ENDS.format(month="p.month")} <= :on
    UNION ALL
    SELECT c.service_id, lower(c.theme), {_MONTH}, 0, 1 {_SAID}
  ) n GROUP BY service_id, theme, month HAVING sum(counted) > sum(imported)
) b CROSS JOIN LATERAL generate_series(1, b.beyond)
"""

_GRAVE = ", ".join(f"'{theme}'" for theme in GRAVE_THEMES)
_BEFORE = (
    f"CASE WHEN theme IN ({_GRAVE}) THEN {least_for(GRAVE_THEMES[0]) - 1} "
    f"ELSE {POOR_FEEDBACK[0] - 1} END"
)
_LAST = POOR_FEEDBACK[1] - 1

# (service_id, theme, since, comments): the themes that repeat on :on, as `rules.flagged_since`.
REPEATED = f"""
SELECT service_id, theme, min(day) AS since, count(*) AS comments FROM (
  SELECT x.*, count(*) FILTER (WHERE breaks) OVER (
    PARTITION BY service_id, theme ORDER BY day, first_day, place) AS run
  FROM (
    SELECT y.*, coalesce(day > lag(first_day) OVER (
      PARTITION BY service_id, theme ORDER BY day, first_day, place) + {_LAST} + 1, true) AS breaks
    FROM (
      SELECT service_id, theme, day, row_number() OVER w AS place,
        lag(day, {_BEFORE}) OVER w AS first_day
      FROM ({_NEGATIVES}) n WINDOW w AS (PARTITION BY service_id, theme ORDER BY day)
    ) y WHERE day - first_day <= {_LAST}
  ) x
) z GROUP BY service_id, theme, run HAVING max(first_day) + {_LAST} >= :on
"""

# Actions for a theme: those of its plan, and those that answer one of its comments or complaints
# or measure it.
ACTIONS = """
SELECT a.service_id, lower(coalesce(x.theme, nullif(a.measure_theme, ''), k.theme)) AS theme, a.id,
  a.reference, a.title, a.status, a.due_on, a.completed_on, a.verified_on,
  coalesce(m.name, nullif(a.owner_name, '')) AS owner,
  CAST(a.created_at AT TIME ZONE 'Europe/London' AS date) AS opened_on
FROM action a
LEFT JOIN theme_action x ON x.org_id = a.org_id AND x.action_id = a.id
LEFT JOIN concern k ON k.org_id = a.org_id AND k.id = a.concern_id
  AND k.kind IN ('feedback', 'complaint')
LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
WHERE a.org_id = :org AND a.status NOT IN ('draft', 'cancelled')
  AND (x.theme <> '' OR k.theme <> '' OR a.measure = 'negative_feedback' AND a.measure_theme <> '')
"""

MONTHLY_FIGURE = """
SELECT 'service' AS kind, s.id, s.name AS reference,
  'Experience summary of ' || to_char(:experience_month, 'FMMonth YYYY') AS title,
  s.id AS service_id, coalesce(p.sample > 0 AND p.first_on <= :experience_due, false) AS counted,
  :on - :experience_due AS days, m.name AS who, p.first_on AS on_date,
  CASE WHEN p.sample IS NULL THEN 'missing' WHEN p.sample = 0 THEN 'nobody_heard'
    WHEN p.first_on > :experience_due THEN 'late' ELSE 'submitted' END AS status,
  CAST('{}' AS text[]) AS faults
FROM service s
LEFT JOIN membership m ON m.org_id = s.org_id AND m.id = s.manager_id
LEFT JOIN (SELECT service_id, min(submitted_on) FILTER (WHERE sample_size > 0) AS first_on,
    max(sample_size) FILTER (WHERE superseded_at IS NULL) AS sample
  FROM experience_summary WHERE org_id = :org AND month = :experience_month GROUP BY service_id) p
  ON p.service_id = s.id
WHERE s.org_id = :org AND s.active
"""

UNANSWERED_FIGURE = f"""
SELECT 'theme' AS kind, r.service_id AS id, r.theme AS reference,
  'Repeated: ' || r.theme AS title, r.service_id, r.since <= :answers_were_due
    AND NOT EXISTS (SELECT FROM ({ACTIONS}) a WHERE a.service_id = r.service_id
      AND a.theme = r.theme AND (a.status <> 'verified' OR a.verified_on >= r.since))
    AND NOT EXISTS (SELECT FROM intelligence_note n WHERE n.org_id = :org AND n.acknowledged
      AND n.service_id = r.service_id AND n.theme = r.theme AND n.noted_on >= r.since)
    AS counted,
  :on - r.since AS days, m.name AS who, r.since AS on_date, '' AS status,
  CAST('{{}}' AS text[]) AS faults
FROM ({REPEATED}) r
JOIN service s ON s.org_id = :org AND s.id = r.service_id AND s.active
LEFT JOIN membership m ON m.org_id = s.org_id AND m.id = s.manager_id
"""
