"""Actions with what their measure has been since, as one SQL expression for every reader.

The state in SQL says the same as `outcomes.assess`, so that an organisation's actions can be
filtered and counted without fetching them. Source: domain rules 3.3, no improvement after action.
"""

from __future__ import annotations

from careboard.actions.measures import LEAST_POINTS, LEAST_SHARE, MEASURES


def _codes(wanted) -> str:
    return ", ".join(f"'{code}'" for code, measure in MEASURES.items() if wanted(measure))


def _case(attribute: str) -> str:
    whens = " ".join(
        f"WHEN '{code}' THEN '{getattr(measure, attribute)}'"
        for code, measure in MEASURES.items()
        if getattr(measure, attribute)
    )
    return f"CASE a.measure {whens} END"


_WEEKLY = _codes(lambda measure: measure.period == "week")
_PERCENT = _codes(lambda measure: measure.percent)
_BY_HAND = _codes(lambda measure: measure.by_hand)

# The mean of the audits of a theme, in percent, from one day to before another.
_AUDITED = """
SELECT avg(100.0 * u.score / coalesce(nullif(u.max_score, 0), 10000)) FROM audit u
WHERE u.org_id = a.org_id AND u.service_id = a.service_id AND u.score IS NOT NULL
  AND lower(u.theme) = lower(a.measure_theme)
  AND u.completed_on >= {begins} AND u.completed_on < {ends}
"""
# Records of a period count once they reach beyond it: none is known to be none only then. Where
# nobody answered, nobody was content either.
_COUNTED = """
SELECT CASE WHEN (EXISTS (
    SELECT FROM concern n WHERE n.org_id = a.org_id AND n.kind = k.kind AND n.occurred_on >= {ends})
  OR EXISTS (
    SELECT FROM import_batch b WHERE b.org_id = a.org_id AND b.feed = k.feed
      AND b.status = 'loaded' AND b.loaded_at >= {ends}))
  AND (k.kind <> 'feedback' OR EXISTS (
    SELECT FROM concern n WHERE n.org_id = a.org_id AND n.service_id = a.service_id
      AND n.kind = k.kind AND n.score IS NOT NULL
      AND n.occurred_on >= {begins} AND n.occurred_on < {ends}))
  THEN (
    SELECT count(*) FROM concern n
    WHERE n.org_id = a.org_id AND n.service_id = a.service_id AND n.kind = k.kind
      AND (a.measure_theme = '' OR lower(n.theme) = lower(a.measure_theme))
      AND (n.kind <> 'feedback' OR n.score * 5 <= n.max_score * 2)
      AND n.occurred_on >= {begins} AND n.occurred_on < {ends}) END
"""
_READ = """
SELECT avg(x.value) FROM (
  SELECT DISTINCT ON (r.on_date) r.value FROM outcome_reading r
  WHERE r.org_id = a.org_id AND r.action_id = a.id
    AND r.on_date >= {begins} AND r.on_date < {ends}
  ORDER BY r.on_date, r.created_at DESC, r.id DESC) x
"""


def _value(begins: str, ends: str) -> str:
    parts = (part.format(begins=begins, ends=ends) for part in (_AUDITED, _READ, _COUNTED))
    audited, read, counted = parts
    return (
        "round(CAST(CASE WHEN a.measure IS NULL OR w.ends IS NULL OR w.ends > :on THEN NULL "
        f"WHEN a.measure = 'audit_score' THEN ({audited}) WHEN a.measure IN ({_BY_HAND}) "
        f"THEN ({read}) ELSE ({counted}) END AS numeric), 2)"
    )


def watched(where: str = "a.org_id = :org") -> str:
    """A SELECT of actions; parameter :on, and what `where` (conditions on `a`) brings.

    `done_on` is the day of completion of verified work; `begins`, `turns` and `ends` are the first
    days of the two periods that decide and the day after them; null while the work is not
    verified. `first` and `second` are the values.
    """
    return f"""
SELECT a.id, a.reference, a.title, a.service_id, a.risk_id, a.owner_id, a.owner_name, a.status,
  a.measure, a.measure_theme, a.baseline_value AS baseline, a.target_value AS target, a.lag_days,
  k.done_on, w.begins, w.turns, w.ends, v.first, v.second,
  CASE WHEN a.measure IS NULL THEN 'not_named'
    WHEN w.ends IS NULL OR w.ends > :on THEN 'waiting'
    WHEN v.first IS NULL OR v.second IS NULL THEN 'not_enough_data'
    WHEN ((v.first + v.second) / 2 - a.baseline_value) * sign(a.target_value - a.baseline_value)
      >= greatest(CASE WHEN a.measure IN ({_PERCENT}) THEN {LEAST_POINTS} ELSE 0 END,
        {LEAST_SHARE} * abs(a.target_value - a.baseline_value)) THEN 'improved'
    ELSE 'no_measurable_improvement' END AS state
FROM action a
CROSS JOIN LATERAL (
  SELECT ({_case("kind")}) AS kind, ({_case("feed")}) AS feed,
    CASE WHEN a.status = 'verified' THEN coalesce(a.completed_on, a.verified_on) END AS done_on
) k
CROSS JOIN LATERAL (
  SELECT CAST(CASE WHEN a.measure IN ({_WEEKLY})
      THEN date_trunc('week', k.done_on + a.lag_days + 6)
    ELSE date_trunc('month', k.done_on + a.lag_days + interval '1 month' - interval '1 day')
    END AS date) AS begins
) p
CROSS JOIN LATERAL (
  SELECT p.begins,
    CAST(p.begins + CASE WHEN a.measure IN ({_WEEKLY}) THEN interval '1 week'
      ELSE interval '1 month' END AS date) AS turns,
    CAST(p.begins + CASE WHEN a.measure IN ({_WEEKLY}) THEN interval '2 weeks'
      ELSE interval '2 months' END AS date) AS ends
) w
CROSS JOIN LATERAL (
  SELECT {_value("w.begins", "w.turns")} AS first, {_value("w.turns", "w.ends")} AS second
) v
WHERE {where}
"""


# Judgements older than this no longer ask for an answer.
JUDGED_DAYS = 365
ROWS = f"""
SELECT 'action' AS kind, o.id, o.reference, o.title, o.service_id,
  o.state = 'no_measurable_improvement' AS counted, :on - o.ends AS days,
  coalesce(m.name, o.owner_name) AS who, o.ends AS on_date, o.state AS status,
  CAST('{{}}' AS text[]) AS faults
FROM ({watched("a.org_id = :org AND a.measure IS NOT NULL AND a.status = 'verified'")}) o
LEFT JOIN membership m ON m.org_id = :org AND m.id = o.owner_id
WHERE o.state IN ('improved', 'no_measurable_improvement') AND o.ends > :on - {JUDGED_DAYS}
"""
