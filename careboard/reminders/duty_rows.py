"""The rows behind each kind of duty, as one statement of an organisation.

Every SELECT gives rule, id, reference, title, service_id, from_on, due_on, people, not_for and
args (see `duties.Duty`). What nobody could be told of on the day is left out as far as SQL can
tell; `duties.occurrence` decides. Source: rules 3.3 and N2, N3, N14.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from careboard.clock import add_working_days
from careboard.db import db
from careboard.experience import months
from careboard.monitoring import reviews
from careboard.monitoring.episode_rows import under_monitoring
from careboard.monitoring.weeks import WEEK
from careboard.reminders.duties import CAUGHT_UP, Duty, all_of
from careboard.reminders.schedule import week_ends
from careboard.reviews import cadence, expected
from careboard.risks.assurance import REVIEW_DAYS, SUPPORTING
from careboard.sharing import sql as sharing
from careboard.sharing.control_check_sql import CHECK_OWED
from careboard.tenancy import Actor

# A summary is asked for this many working days before the last one on which it is on time.
SUMMARY_WORKING_DAYS = 3
_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)
_NOBODY = "CAST('{}' AS uuid[])"

_EVIDENCE = f"""
SELECT 'evidence_expiry' AS rule, e.id, e.reference, e.title, e.service_id,
  e.valid_until AS from_on, e.valid_until AS due_on, ARRAY[e.submitted_by_id] AS people,
  {_NOBODY} AS not_for, jsonb_build_object('evidence_id', e.id) AS args
FROM evidence e
WHERE e.org_id = :org AND e.status IN ({_SUPPORTING})
  AND e.valid_until BETWEEN :caught_up AND CAST(:until AS date) + 30
"""
_CLAIMS = f"""
SELECT 'claim_waiting', c.id, c.reference, c.statement, c.service_id, c.submitted_on,
  c.submitted_on, {_NOBODY}, ARRAY[c.submitted_by_id], jsonb_build_object('claim_id', c.id)
FROM claim c WHERE c.org_id = :org AND c.status = 'submitted' AND c.submitted_on < :until
  AND c.kind NOT IN ('monitoring_return', 'recovery_update')
"""
_DISPUTES = f"""
SELECT 'dispute_due', d.id, d.reference, r.reference || ' ' || r.domain || ': ' || d.reason,
  r.service_id, d.due_on, d.due_on, {_NOBODY}, ARRAY[d.filed_by_id, v.decided_by_id],
  jsonb_build_object('dispute_id', d.id)
FROM rating_dispute d
JOIN risk r ON r.org_id = d.org_id AND r.id = d.risk_id
JOIN rating_review v ON v.org_id = d.org_id AND v.id = d.rating_review_id
WHERE d.org_id = :org AND d.status = 'open' AND d.due_on <= CAST(:until AS date) + 3
"""
_WATCHES = f"""
SELECT 'watch_ending', w.id, r.reference, r.domain || ', rated ' || replace(r.rating, '_', ' '),
  r.service_id, w.until, w.until, {_NOBODY}, {_NOBODY}, jsonb_build_object('watch_id', w.id)
FROM rating_watch w JOIN risk r ON r.org_id = w.org_id AND r.id = w.risk_id
WHERE w.org_id = :org AND w.outcome IS NULL AND w.until <= CAST(:until AS date) + 7
"""
# A rating is stale from the day after the last one on which it holds.
_RETURNS = f"""
SELECT 'return_due', r.id, r.reference, r.domain || ': ' || r.original_cause, r.service_id,
  r.rated_on + {REVIEW_DAYS + 1}, r.rated_on + {REVIEW_DAYS + 1}, {_NOBODY}, {_NOBODY},
  jsonb_build_object('risk_id', r.id)
FROM risk r
WHERE r.org_id = :org AND r.status = 'open'
  AND r.rated_on BETWEEN CAST(:caught_up AS date) - {REVIEW_DAYS + 1}
    AND CAST(:until AS date) - {REVIEW_DAYS + 1 - 7}
  AND NOT EXISTS (SELECT FROM claim c WHERE c.org_id = r.org_id AND c.risk_id = r.id
    AND c.kind = 'assurance_return' AND c.status IN ('submitted', 'validated')
    AND c.submitted_on >= r.rated_on)
"""
# Of services of an organisation that has begun to hand summaries in.
_SUMMARIES = f"""
SELECT 'experience_due', s.id, s.name, 'experience summary of '
    || to_char(CAST(:summary_month AS date), 'FMMonth YYYY'), s.id, CAST(:summary_asked AS date),
  CAST(:summary_due AS date), {_NOBODY}, {_NOBODY}, jsonb_build_object(
    'service_id', s.id, 'month', to_char(CAST(:summary_month AS date), 'YYYY-MM'))
FROM service s
WHERE s.org_id = :org AND s.active
  AND EXISTS (SELECT FROM experience_summary p WHERE p.org_id = s.org_id)
  AND NOT EXISTS (SELECT FROM experience_summary p WHERE p.org_id = s.org_id
    AND p.service_id = s.id AND p.month = :summary_month AND p.superseded_at IS NULL
    AND p.sample_size > 0)
"""
# Told to the chair; where there is none, recipients fall to the manager and the leads.
_SITTINGS = f"""
SELECT 'sitting_overdue', CAST(md5(x.reference || x.id) AS uuid), x.title,
  'minutes are not signed', x.service_id, x.on_date + 1, x.on_date, ARRAY(
    SELECT c.membership_id FROM forum_member c
    WHERE c.org_id = :org AND c.forum = x.reference AND c.part = 'chair' AND c.from_on <= :on
      AND (c.until_on IS NULL OR c.until_on >= :on)
      AND (c.service_id IS NULL OR c.service_id = x.service_id)
    ORDER BY c.service_id NULLS LAST LIMIT 1), {_NOBODY}, jsonb_build_object('forum', x.reference)
FROM ({expected.ROWS}) x WHERE x.counted
"""
_CHALLENGES = f"""
SELECT 'challenge_open', e.id, v.reference, e.text,
  coalesce(CAST(i.detail->>'service_id' AS uuid), v.service_id),
  CAST(e.entered_at AT TIME ZONE :zone AS date), CAST(e.entered_at AT TIME ZONE :zone AS date),
  {_NOBODY}, ARRAY[e.by_id], jsonb_build_object('entry_id', e.id)
FROM review_entry e
JOIN review v ON v.org_id = e.org_id AND v.id = e.review_id
LEFT JOIN review_item i ON i.org_id = e.org_id AND i.id = e.item_id
WHERE e.org_id = :org AND e.kind = 'challenge' AND NOT EXISTS (
  SELECT FROM challenge_answer w WHERE w.org_id = e.org_id AND w.entry_id = e.id)
"""
_RESPONSES = f"""
SELECT r.rule, p.id, p.reference, coalesce(i.name, l.title) || ': ' || p.sentence, p.service_id,
  p.fired_on, p.fired_on, ARRAY[p.asked_id], {_NOBODY}, jsonb_build_object('response_id', p.id)
FROM response p
CROSS JOIN (VALUES ('response_unanswered'), ('response_escalated')) r (rule)
LEFT JOIN indicator i ON i.org_id = p.org_id AND i.id = p.indicator_id
LEFT JOIN recovery_plan l ON l.org_id = p.org_id AND l.id = p.plan_id
WHERE p.org_id = :org AND p.status = 'open'
"""
_TRIGGERS = f"""
SELECT 'trigger_undecided', t.id, t.reference, t.sentence, t.service_id, t.decide_by, t.decide_by,
  {_NOBODY}, {_NOBODY}, jsonb_build_object('trigger_id', t.id)
FROM trigger t
WHERE t.org_id = :org AND t.suggests AND t.closed_on IS NULL
  AND t.decide_by <= CAST(:until AS date) + 7 AND NOT EXISTS (
    SELECT FROM decision_trigger d WHERE d.org_id = t.org_id AND d.trigger_id = t.id)
"""
# Of every week of an open episode whose return is missing, to its manager and then to its lead.
_WEEKLY = f"""
SELECT r.rule, CAST(md5(e.id || ' ' || w.week) AS uuid), e.reference,
  'week ' || w.week || ': ' || e.title, e.service_id, e.started_on + {WEEK} * w.week,
  e.started_on + {WEEK} * w.week,
  ARRAY[CASE r.rule WHEN 'weekly_return' THEN e.manager_id ELSE e.governance_lead_id END],
  {_NOBODY}, CASE r.rule WHEN 'weekly_return'
    THEN jsonb_build_object('episode_id', e.id, 'week', w.week)
    ELSE jsonb_build_object('episode_id', e.id) END
FROM monitoring_episode e
CROSS JOIN (VALUES ('weekly_return'), ('weekly_return_late')) r (rule)
CROSS JOIN LATERAL generate_series(
  1, (CAST(:until AS date) + 2 - e.started_on) / {WEEK}) w (week)
WHERE e.org_id = :org AND e.status = 'open' AND NOT EXISTS (
  SELECT FROM monitoring_return m
  WHERE m.org_id = e.org_id AND m.episode_id = e.id AND m.week = w.week)
"""
_UNVERIFIED = f"""
SELECT 'return_unverified', r.id, r.reference, 'week ' || r.week || ': ' || c.statement,
  c.service_id, r.submitted_on, r.submitted_on, {_NOBODY}, ARRAY[r.submitted_by_id],
  jsonb_build_object('claim_id', c.id)
FROM monitoring_return r JOIN claim c ON c.org_id = r.org_id AND c.id = r.claim_id
WHERE r.org_id = :org AND c.status = 'submitted' AND r.submitted_on < :until
"""
# The step that each update of a running schedule waits for; a miss once the next fortnight came.
_UPDATES = f"""
SELECT x.rule, r.id, r.reference, 'due ' || to_char(r.due_on, 'FMDD Mon YYYY') || ': ' || t.theme,
  t.service_id, x.from_on, x.from_on, CASE x.rule WHEN 'update_evidence_due'
    THEN ARRAY[t.manager_id] WHEN 'update_publication_due' THEN ARRAY[t.lead_id]
    ELSE {_NOBODY} END,
  CASE x.rule WHEN 'update_validation_due' THEN ARRAY[r.claim_by_id, r.edited_by_id]
    WHEN 'update_approval_due' THEN ARRAY[r.validated_by_id, r.edited_by_id] ELSE {_NOBODY} END,
  jsonb_build_object('update_id', r.id)
FROM recovery_update r
JOIN update_schedule u ON u.org_id = r.org_id AND u.id = r.schedule_id
JOIN tracked_concern t ON t.org_id = u.org_id AND t.id = u.tracked_id
LEFT JOIN claim c ON c.org_id = r.org_id AND c.id = r.claim_id
CROSS JOIN LATERAL (SELECT CASE WHEN r.status = 'missed' THEN 'update_missed'
    WHEN r.status = 'approved' THEN 'update_publication_due'
    WHEN r.status = 'validated' THEN 'update_approval_due'
    WHEN c.status IN ('submitted', 'validated') THEN 'update_validation_due'
    ELSE 'update_evidence_due' END AS rule,
  CASE WHEN r.status = 'missed' THEN r.due_on + u.every_days ELSE r.due_on END AS from_on) x
WHERE r.org_id = :org AND u.status = 'running' AND r.status <> 'published'
  AND (r.status <> 'missed' OR x.from_on >= :caught_up)
"""
# When each is due is a rule of its own (`monitoring.reviews.due`).
_EPISODES = f"""
SELECT d.rule, e.id, e.reference, e.title || d.why, e.service_id, d.due_on, d.due_on,
  ARRAY[e.governance_lead_id], {_NOBODY}, jsonb_build_object('episode_id', e.id)
FROM unnest(CAST(:episodes AS uuid[]), CAST(:reviews AS text[]), CAST(:reviews_due AS date[]),
  CAST(:reviews_why AS text[])) d (episode_id, rule, due_on, why)
JOIN monitoring_episode e ON e.org_id = :org AND e.id = d.episode_id
"""
# What nobody has decided on, and what was decided to be told and was not: see `sharing.sql`.
_UNSHARED = f"""
SELECT 'sharing_undecided', x.id, x.reference, x.title, x.service_id, x.on_date, x.on_date,
  {_NOBODY}, {_NOBODY}, jsonb_build_object(x.kind, x.id)
FROM ({sharing.UNDECIDED_FIGURE}) x WHERE x.counted
"""
_UNTOLD = f"""
SELECT 'sharing_untold', x.id, x.reference, x.title, x.service_id, x.tell_by, x.tell_by,
  {_NOBODY}, {_NOBODY}, jsonb_build_object('decision_id', x.id)
FROM ({sharing.UNTOLD}) x WHERE x.tell_by <= :until
"""
_CHECKS = f"""
SELECT 'control_check_due', x.id, x.reference, x.title, x.service_id, x.due_on, x.due_on,
  {_NOBODY}, {_NOBODY}, jsonb_build_object('decision_id', x.id)
FROM ({CHECK_OWED}) x WHERE x.due_on <= CAST(:until AS date) + 2
"""
_ALL = text(f"""
SELECT x.*, s.name AS service, s.manager_id,
  ARRAY(SELECT ARRAY[r.rule, r.occurrence::text, r.to_email] FROM reminder r
    WHERE r.org_id = :org AND r.subject_id = x.id AND r.rule = x.rule) AS claimed
FROM ({
    " UNION ALL ".join(
        (
            *(_EVIDENCE, _CLAIMS, _DISPUTES, _WATCHES, _RETURNS),
            *(_SUMMARIES, _SITTINGS, _CHALLENGES, _RESPONSES),
            *(_TRIGGERS, _WEEKLY, _UNVERIFIED, _EPISODES, _UPDATES),
            *(_UNSHARED, _UNTOLD, _CHECKS),
        )
    )
}) x
LEFT JOIN service s ON s.org_id = :org AND s.id = x.service_id
ORDER BY x.from_on, x.reference, x.id
""")


def duties(*, actor: Actor, on: date) -> list[Duty]:
    """What an organisation's people may have to be told of on that day, or in a weekly digest that
    looks ahead from it. One statement, and those that tell which episodes are to be reviewed."""
    values: dict[str, Any] = {
        "org": actor.org_id,
        "zone": actor.time_zone,
        "on": on,
        "until": week_ends(on),
        "caught_up": on - CAUGHT_UP,
        **expected.parameters(on),
        **summary_asked(week_ends(on)),
        **_reviews(actor, on),
    }
    return all_of(db.session.execute(_ALL, values))


def _reviews(actor: Actor, on: date) -> dict[str, list[Any]]:
    """The next review of each episode that is open or awaits its follow-up."""
    found = [(one, reviews.due(one)) for one in under_monitoring(actor=actor, on=on)]
    called = [(one, due) for one, due in found if due is not None]
    return {
        "episodes": [one.row.id for one, _ in called],
        "reviews": [
            "episode_follow_up" if due.kind == "follow_up" else "episode_review"
            for _, due in called
        ],
        "reviews_due": [due.due_on for _, due in called],
        "reviews_why": [f" ({due.cause})" if due.cause else "" for _, due in called],
    }


def summary_asked(on: date) -> dict[str, date]:
    """The latest month whose summary has been asked for by that day, since when, and its last day
    in time. Rule N2."""
    month = months.last_complete(on)
    if _asked_on(month) > on:
        month = months.shifted(month, -1)
    return {
        "summary_month": month,
        "summary_asked": _asked_on(month),
        "summary_due": months.due_on(month),
    }


def _asked_on(month: date) -> date:
    days = months.SUBMIT_WORKING_DAYS - SUMMARY_WORKING_DAYS
    return add_working_days(months.shifted(month, 1) - timedelta(days=1), days)


def sittings_owed(on: date) -> dict[str, date]:
    """For each forum the end of the latest period whose sitting is overdue on that day."""
    return {forum: _owed_until(forum, on) for forum in cadence.RHYTHMS}


def _owed_until(forum: str, on: date) -> date:
    end = on
    while True:
        end = cadence.period_containing(forum, end).first - timedelta(days=1)
        if cadence.due_by(forum, end) < on:
            return end
