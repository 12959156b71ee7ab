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
# somebody was heard.
MONTHLY = f"""
SELECT p.service_id, coalesce(t.theme, '') AS theme, p.month, coalesce(t.positive, 0) AS positive,
  coalesce(t.negative, 0) AS negative
FROM experience_summary p
LEFT JOIN experience_theme t ON t.org_id = p.org_id AND t.summary_id = p.id
WHERE p.org_id = :org AND p.superseded_at IS NULL AND p.sample_size > 0
  AND p.month BETWEEN :said_from AND :on
UNION ALL
SELECT c.service_id, lower(c.theme), {_MONTH}, count(*) FILTER (WHERE {POSITIVE}),
  count(*) FILTER (WHERE {NEGATIVE})
FROM concern c
WHERE c.org_id = :org AND {FEEDBACK} AND c.occurred_on BETWEEN :said_from AND :on
  AND NOT EXISTS (SELECT FROM experience_summary p WHERE p.org_id = c.org_id
    AND p.service_id = c.service_id AND p.month = {_MONTH} AND p.superseded_at IS NULL)
GROUP BY 1, 2, 3
"""

# The negative comments from :said_from to :on, one row each: imported ones on their day, and on
# its last day those that the summary of an ended month counts beyond them.
_NEGATIVES = f"""
SELECT c.service_id, lower(c.theme) AS theme, c.occurred_on AS day FROM concern c
WHERE c.org_id = :org AND {FEEDBACK} AND {NEGATIVE} AND c.theme <> ''
  AND c.occurred_on BETWEEN :said_from AND :on
UNION ALL
SELECT p.service_id, t.theme, p.ends FROM (
  SELECT s.*, CAST(s.month + interval '1 month - 1 day' AS date) AS ends
  FROM experience_summary s WHERE s.org_id = :org AND s.superseded_at IS NULL
    AND s.month >= :said_from) p
JOIN experience_theme t ON t.org_id = p.org_id AND t.summary_id = p.id AND t.negative > 0
LEFT JOIN (
  SELECT c.service_id, lower(c.theme) AS theme, {_MONTH} AS month, count(*) AS comments
  FROM concern c WHERE c.org_id = :org AND {FEEDBACK} AND {NEGATIVE}
    AND c.occurred_on BETWEEN :said_from AND :on GROUP BY 1, 2, 3
) i ON i.service_id = p.service_id AND i.theme = t.theme AND i.month = p.month
CROSS JOIN LATERAL generate_series(1, t.negative - coalesce(i.comments, 0))
WHERE p.ends <= :on
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
