"""What was known inside and told outside of one service, day by day, as one statement.

Source: S3, regulator and inspector expectation: internal records compared with communication.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.sharing.reconciliation_rule import Event
from careboard.tenancy import Actor

# Each SELECT gives side, kind, reference, on_date, words, link (kind and id of a page) and facts.
# Of a commissioner's concern the theme alone.
_INSIDE = """
SELECT 'inside' AS side, 'raised' AS kind, w.reference, w.raised_on AS on_date,
  'Manager raised a risk, ' || w.domain AS words, 'raised' AS link, w.id,
  jsonb_build_object() AS facts
FROM raised_risk w WHERE w.org_id = :org AND w.service_id = :service
UNION ALL
SELECT 'inside', 'rating', r.reference, v.decided_on, CASE WHEN v.rating_from IS NULL
    THEN 'Risk opened, ' || r.domain || ', rated ' || replace(v.rating_to, '_', ' ')
    ELSE r.domain || ' rated ' || replace(v.rating_to, '_', ' ') || ', was '
      || replace(v.rating_from, '_', ' ') END, 'risk', r.id,
  jsonb_build_object('from', v.rating_from, 'to', v.rating_to, 'domain', r.domain,
    'at', v.decided_at)
FROM rating_review v JOIN risk r ON r.org_id = v.org_id AND r.id = v.risk_id
WHERE v.org_id = :org AND r.service_id = :service AND v.decision <> 'hold'
UNION ALL
SELECT 'inside', 'closed', r.reference, r.closed_on, 'Risk closed, ' || r.domain, 'risk', r.id,
  jsonb_build_object()
FROM risk r WHERE r.org_id = :org AND r.service_id = :service AND r.closed_on IS NOT NULL
UNION ALL
SELECT 'inside', 'trigger', t.reference, t.fired_on, t.sentence, 'trigger', t.id,
  jsonb_build_object('rule', t.rule_code, 'closed_on', t.closed_on)
FROM trigger t WHERE t.org_id = :org AND t.service_id = :service
UNION ALL
SELECT 'inside', 'episode', e.reference, e.started_on, 'Enhanced monitoring began: ' || e.title,
  'episode', e.id, jsonb_build_object()
FROM monitoring_episode e WHERE e.org_id = :org AND e.service_id = :service
UNION ALL
SELECT 'inside', 'episode', e.reference, e.ended_on, 'Enhanced monitoring stepped down', 'episode',
  e.id, jsonb_build_object()
FROM monitoring_episode e
WHERE e.org_id = :org AND e.service_id = :service AND e.ended_on IS NOT NULL
UNION ALL
SELECT 'inside', 'decision', d.reference, d.decided_on, CASE d.decision
    WHEN 'share' THEN 'Decided to share, by ' || to_char(d.tell_by, 'FMDD Mon YYYY')
    WHEN 'seek_advice' THEN 'Decided to seek advice, by ' || to_char(d.tell_by, 'FMDD Mon YYYY')
    ELSE 'Decided not to share' END, 'decision', d.id,
  jsonb_build_object('decision', d.decision, 'tell_by', d.tell_by, 'subject',
    coalesce(d.risk_id, d.trigger_id, d.concern_id, d.episode_id), 'at', d.decided_at)
FROM sharing_decision d WHERE d.org_id = :org AND d.service_id = :service
UNION ALL
SELECT 'inside', 'pattern_review', n.reference, n.on_date,
  'Manager checked the pattern; escalating: ' || n.escalating, 'pattern_review', n.service_id,
  jsonb_build_object()
FROM pattern_review n WHERE n.org_id = :org AND n.service_id = :service
UNION ALL
SELECT 'inside', 'control_check', d.reference, k.checked_on,
  'Four-week check of controls: ' || replace(k.outcome, '_', ' '), 'control_check', d.id,
  jsonb_build_object()
FROM control_check k JOIN sharing_decision d ON d.org_id = k.org_id AND d.id = k.decision_id
WHERE k.org_id = :org AND k.service_id = :service
"""
_OUTSIDE = """
SELECT 'outside', 'asked', coalesce(c.source_key, 'Query'), c.occurred_on,
  'Commissioner asked' || coalesce(': ' || nullif(c.theme, ''), ''), 'concern', c.id,
  jsonb_build_object('due_on', CASE WHEN t.id IS NULL THEN c.details->>'due_on' END,
    'answered_on', c.closed_on)
FROM concern c
LEFT JOIN tracked_concern t ON t.org_id = c.org_id AND t.concern_id = c.id
WHERE c.org_id = :org AND c.service_id = :service AND c.kind = 'commissioner_query'
UNION ALL
SELECT 'outside', 'tracked', t.reference, CAST(t.created_at AT TIME ZONE :zone AS date),
  'Assurance asked for by ' || to_char(t.due_on, 'FMDD Mon YYYY') || ': ' || t.theme, 'tracked',
  t.id, jsonb_build_object('due_on', t.due_on, 'answered_on', least(t.closed_on,
    (SELECT min(c.on_date) FROM communication c WHERE c.org_id = t.org_id AND c.tracked_id = t.id
      AND c.direction = 'out'),
    (SELECT min(u.published_on) FROM recovery_update u
      JOIN update_schedule h ON h.org_id = u.org_id AND h.id = u.schedule_id
      WHERE u.org_id = t.org_id AND h.tracked_id = t.id)))
FROM tracked_concern t WHERE t.org_id = :org AND t.service_id = :service
UNION ALL
SELECT 'outside', CASE c.direction WHEN 'out' THEN 'told' ELSE 'heard' END, c.reference, c.on_date,
  CASE c.direction WHEN 'out' THEN 'Told ' ELSE 'Heard from ' END || c.partner || ': '
    || left(c.said, 200), 'communication', c.id,
  jsonb_build_object('decision', c.decision_id, 'due_on',
    CASE WHEN c.direction = 'in' THEN c.answer_due_on END, 'at', c.created_at, 'answered_on',
    (SELECT min(a.on_date) FROM communication_answer a
      WHERE a.org_id = c.org_id AND a.communication_id = c.id))
FROM communication c WHERE c.org_id = :org AND c.service_id = :service
UNION ALL
SELECT 'outside', 'answer', c.reference, a.on_date,
  CASE c.direction WHEN 'out' THEN c.partner || ' answered: ' ELSE 'Answered ' || c.partner || ': '
    END || left(a.answered, 200), 'communication', c.id, jsonb_build_object('at', a.created_at)
FROM communication_answer a
JOIN communication c ON c.org_id = a.org_id AND c.id = a.communication_id
WHERE a.org_id = :org AND c.service_id = :service
UNION ALL
SELECT 'outside', 'advice', v.reference, v.received_on,
  v.authority || ', ' || v.kind || ': ' || replace(v.outcome, '_', ' '), 'advice', v.id,
  jsonb_build_object('at', v.created_at)
FROM partner_advice v WHERE v.org_id = :org AND v.service_id = :service
UNION ALL
SELECT 'outside', 'told', n.reference, n.on_date,
  'Shared with ' || n.commissioner || ': ' || left(n.shared, 200), 'contract_note', n.service_id,
  jsonb_build_object()
FROM contract_note n WHERE n.org_id = :org AND n.service_id = :service
UNION ALL
SELECT 'outside', 'update', u.reference, coalesce(u.published_on, u.due_on),
  CASE u.status WHEN 'published' THEN 'Recovery update ' || u.number || ' published'
    WHEN 'missed' THEN 'Recovery update ' || u.number || ' missed'
    ELSE 'Recovery update ' || u.number || ' due, ' || u.status END, 'update', u.id,
  jsonb_build_object('due_on', u.due_on, 'published_on', u.published_on, 'status', u.status,
    'withdrawn_on', p.withdrawn_on, 'schedule', u.schedule_id)
FROM recovery_update u
LEFT JOIN pack p ON p.org_id = u.org_id AND p.id = u.pack_id
JOIN update_schedule h ON h.org_id = u.org_id AND h.id = u.schedule_id
JOIN tracked_concern t ON t.org_id = h.org_id AND t.id = h.tracked_id
WHERE u.org_id = :org AND t.service_id = :service
UNION ALL
SELECT 'outside', 'feedback', u.reference, f.on_date,
  'Commissioner''s feedback: ' || CASE f.content WHEN 'yes' THEN 'content'
    WHEN 'partly' THEN 'content in part' ELSE 'not content' END, 'update', u.id,
  jsonb_build_object()
FROM update_feedback f
JOIN recovery_update u ON u.org_id = f.org_id AND u.id = f.update_id
JOIN update_schedule h ON h.org_id = u.org_id AND h.id = u.schedule_id
JOIN tracked_concern t ON t.org_id = h.org_id AND t.id = h.tracked_id
WHERE f.org_id = :org AND t.service_id = :service
UNION ALL
SELECT 'outside', 'pack', p.reference, CAST(p.published_at AT TIME ZONE :zone AS date),
  'Pack published: ' || p.title, 'pack', p.id,
  jsonb_build_object('withdrawn_on', p.withdrawn_on)
FROM pack p WHERE p.org_id = :org AND p.service_id = :service AND p.kind <> 'update'
UNION ALL
SELECT 'outside', 'withdrawn', p.reference, p.withdrawn_on, 'Pack withdrawn: ' || p.title, 'pack',
  p.id, jsonb_build_object()
FROM pack p
WHERE p.org_id = :org AND p.service_id = :service AND p.withdrawn_on IS NOT NULL
UNION ALL
SELECT 'outside', 'read', p.reference, d.read_on, 'Read by ' || o.name, 'pack', p.id,
  jsonb_build_object()
FROM (SELECT DISTINCT x.org_id, x.pack_id, x.commissioner_org_id, x.read_on FROM pack_read x
  WHERE x.org_id = :org) d
JOIN pack p ON p.org_id = d.org_id AND p.id = d.pack_id
JOIN organisation o ON o.id = d.commissioner_org_id
WHERE p.service_id = :service
"""
# An update that was published is its own line; its pack is told of when it is read or withdrawn.
# What was due by the day is looked at, though it was published later.
_EVENTS = text(
    "SELECT x.side, x.kind, x.reference, x.on_date, x.words, x.link, x.id, x.facts "
    f"FROM ({_INSIDE} UNION ALL {_OUTSIDE}) x WHERE x.on_date <= :until "
    "OR x.kind = 'update' AND CAST(x.facts->>'due_on' AS date) <= :until "
    "ORDER BY x.on_date, x.facts->>'at', x.side, x.reference, x.kind"
)


def events(*, actor: Actor, service_id: UUID, until: date) -> Sequence[Event]:
    """All of them up to that day, and updates that were due by it, the first first. Of a service
    within the person's reach. One statement."""
    given = {
        "org": actor.org_id,
        "zone": actor.time_zone,
        "service": service_id,
        "until": until,
    }
    return [Event(*row) for row in db.session.execute(_EVENTS, given)]
