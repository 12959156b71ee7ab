"""The records behind each computed measure, as SQL that its series, totals and rows all read.

Every SELECT gives kind, id, reference, title, service_id, on_date, status and counted: a row stands
in the denominator, and in the numerator where `counted`. Parameters: :org, :first and :last day.
"""

from __future__ import annotations

# An entry that is missing or says that the dose was missed. Source: rule N4.
GAPS = ("omitted", "missing_given", "missing_not_given")
STOCK_OUTS = ("stock_out", "awaiting_stock")
CONCLUDED_DAYS = 28
GOOD_SHARE = 0.8  # 4 of 5


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_DOSES = """
SELECT 'medicine_dose' AS kind, d.id, d.source_key AS reference,
  coalesce(d.outcome, 'no_entry') AS title, d.service_id, d.due_on AS on_date,
  coalesce(d.outcome, 'no_entry') AS status, {counted} AS counted
FROM medicine_dose d
WHERE d.org_id = :org AND d.due_on BETWEEN :first AND :last AND NOT d.as_needed
"""
_REVIEWS = """
SELECT 'care_review' AS kind, r.id, r.source_key AS reference, r.review_type AS title,
  r.service_id, r.due_on AS on_date,
  CASE WHEN r.completed_on IS NULL THEN 'not_done' ELSE 'done' END AS status,
  coalesce(r.completed_on <= r.due_on, false) AS counted
FROM care_review r
WHERE r.org_id = :org AND r.due_on BETWEEN :first AND :last
"""
# An extended action is on time by its first due date. A tracker tells no day of verification, so
# its verified actions count by the day of completion. Source: rule N6; rules 3.3, late closure.
_ACTIONS = """
SELECT 'action' AS kind, a.id, a.reference, a.title, a.service_id,
  coalesce(a.original_due_on, a.due_on) AS on_date, a.status,
  a.status = 'verified' AND coalesce(coalesce(a.verified_on, a.completed_on)
    <= coalesce(a.original_due_on, a.due_on), false) AS counted
FROM action a
WHERE a.org_id = :org AND coalesce(a.original_due_on, a.due_on) BETWEEN :first AND :last
  AND a.status NOT IN ('draft', 'cancelled') {which}
"""
_FROM_REVIEWS = """AND EXISTS (SELECT FROM care_review r WHERE r.org_id = a.org_id
    AND r.source_key = a.source_reference AND r.service_id = a.service_id)"""
_ANSWERS = """
SELECT 'concern' AS kind, c.id, c.source_key AS reference, c.theme AS title, c.service_id,
  c.occurred_on AS on_date, c.level AS status,
  c.score >= {share} * c.max_score AS counted
FROM concern c
WHERE c.org_id = :org AND c.kind = 'feedback' AND c.occurred_on BETWEEN :first AND :last
  AND c.score IS NOT NULL AND c.max_score > 0 {which}
"""
_CONCERNS = """
SELECT 'concern' AS kind, c.id, c.source_key AS reference, c.theme AS title, c.service_id,
  c.occurred_on AS on_date, c.status, true AS counted
FROM concern c
WHERE c.org_id = :org AND c.kind = '{kind}' AND c.occurred_on BETWEEN :first AND :last
"""
_CONCLUDED = f"""
SELECT 'concern' AS kind, c.id, c.source_key AS reference, c.theme AS title, c.service_id,
  c.occurred_on + {CONCLUDED_DAYS} AS on_date, c.status,
  coalesce(c.closed_on <= c.occurred_on + {CONCLUDED_DAYS}, false) AS counted
FROM concern c
WHERE c.org_id = :org AND c.kind = 'safeguarding'
  AND c.occurred_on BETWEEN CAST(:first AS date) - {CONCLUDED_DAYS}
    AND CAST(:last AS date) - {CONCLUDED_DAYS}
"""

ROWS = {
    "medicines_compliance": _DOSES.format(
        counted=f"(d.outcome IS NOT NULL AND d.outcome NOT IN ({_listed(GAPS)}))"
    ),
    "medicines_stock_outs": _DOSES.format(
        counted=f"coalesce(d.outcome IN ({_listed(STOCK_OUTS)}), false)"
    ),
    "reviews_on_time": _REVIEWS,
    "review_action_closure": _ACTIONS.format(which=_FROM_REVIEWS),
    "action_closure": _ACTIONS.format(which=""),
    "timely_support": _ANSWERS.format(
        share=GOOD_SHARE, which="AND c.details->>'question' = 'timely_support'"
    ),
    "positive_feedback": _ANSWERS.format(share=GOOD_SHARE, which=""),
    "complaints": _CONCERNS.format(kind="complaint"),
    "incidents": _CONCERNS.format(kind="incident"),
    "safeguarding_concerns": _CONCERNS.format(kind="safeguarding"),
    "safeguarding_timeliness": _CONCLUDED,
}
# Counts of what happened. That nothing did is known only while the register speaks: between the
# first and the last record that the organisation has of the kind.
EVENTS = {
    "complaints": "complaint",
    "incidents": "incident",
    "safeguarding_concerns": "safeguarding",
}
