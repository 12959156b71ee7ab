"""Every recorded exception to "nobody marks their own homework", in one list.

Source: DESIGN promise 5; issue Assurance, same-person exceptions recorded and shown.
"""

from __future__ import annotations

from typing import Any

from careboard.services.lists import Page, fetch_rows
from careboard.tenancy import Actor

_EXCEPTIONS = """
SELECT x.*, coalesce(s.name, 'Whole organisation') AS service, m.name AS who FROM (
  SELECT 'action' AS kind, a.id, a.reference, a.service_id, a.verified_by_id AS by_id,
    a.verified_on AS on_date, 'did and verified the work' AS what, a.same_person_reason AS reason
  FROM action a WHERE a.org_id = :org AND a.same_person_reason <> ''
  UNION ALL
  SELECT 'evidence', e.id, e.reference, e.service_id, e.decided_by_id, e.decided_on,
    'made and decided on the evidence', e.same_person_reason
  FROM evidence e WHERE e.org_id = :org AND e.same_person_reason <> ''
  UNION ALL
  SELECT 'claim', c.id, c.reference, c.service_id, v.validated_by_id,
    coalesce(v.completed_on, v.started_on),
    CASE WHEN v.completed_on IS NULL THEN 'submitted, and is validating, the claim or its evidence'
      ELSE 'submitted and validated the claim or its evidence' END, v.same_person_reason
  FROM validation v JOIN claim c ON c.org_id = v.org_id AND c.id = v.claim_id
  WHERE v.org_id = :org AND v.same_person_reason <> ''
  UNION ALL
  SELECT 'risk', r.id, r.reference, r.service_id, v.decided_by_id, v.decided_on,
    'decided a rating after submitting or validating what it rests on', v.same_person_reason
  FROM rating_review v JOIN risk r ON r.org_id = v.org_id AND r.id = v.risk_id
  WHERE v.org_id = :org AND v.same_person_reason <> ''
  UNION ALL
  SELECT 'risk', r.id, d.reference, r.service_id, d.filed_by_id, d.filed_on,
    'disputed a rating after taking part in it', d.filing_exception
  FROM rating_dispute d JOIN risk r ON r.org_id = d.org_id AND r.id = d.risk_id
  WHERE d.org_id = :org AND d.filing_exception <> ''
  UNION ALL
  SELECT 'risk', r.id, d.reference, r.service_id, d.moderated_by_id, d.moderated_on,
    'moderated a dispute after taking part in it or in the rating', d.same_person_reason
  FROM rating_dispute d JOIN risk r ON r.org_id = d.org_id AND r.id = d.risk_id
  WHERE d.org_id = :org AND d.same_person_reason <> ''
  UNION ALL
  SELECT 'response', p.id, p.reference, p.service_id, p.decided_by_id,
    CAST(p.decided_at AT TIME ZONE :zone AS date),
    'found that a decline of what they answer for needs nothing', p.same_person_reason
  FROM response p WHERE p.org_id = :org AND p.same_person_reason <> ''
  UNION ALL
  SELECT 'plan', l.id, l.reference, l.service_id, v.by_id, v.on_date,
    'reviewed the month of a recovery plan that they lead', v.same_person_reason
  FROM plan_review v JOIN recovery_plan l ON l.org_id = v.org_id AND l.id = v.plan_id
  WHERE v.org_id = :org AND v.same_person_reason <> ''
  UNION ALL
  SELECT 'episode', e.id, e.reference, e.service_id, e.manager_id, e.started_on,
    'leads enhanced monitoring and manages what is monitored', e.same_person_reason
  FROM monitoring_episode e WHERE e.org_id = :org AND e.same_person_reason <> ''
  UNION ALL
  SELECT 'episode', e.id, e.reference, e.service_id, r.decided_by_id, r.held_on,
    'stepped enhanced monitoring down on a visit of their own', r.same_person_reason
  FROM episode_review r JOIN monitoring_episode e ON e.org_id = r.org_id AND e.id = r.episode_id
  WHERE r.org_id = :org AND r.same_person_reason <> ''
  UNION ALL
  SELECT 'episode', e.id, e.reference, e.service_id, j.judged_by_id, j.judged_on,
    'judged a criterion of enhanced monitoring by evidence that they made', j.same_person_reason
  FROM criterion_judgement j
  JOIN episode_criterion c ON c.org_id = j.org_id AND c.id = j.criterion_id
  JOIN monitoring_episode e ON e.org_id = c.org_id AND e.id = c.episode_id
  WHERE j.org_id = :org AND j.same_person_reason <> ''
  UNION ALL
  SELECT 'report', p.id, p.reference, e.service_id, p.written_by_id, p.written_on,
    'reported on a week whose return they handed in', p.same_person_reason
  FROM monitoring_report p
  JOIN monitoring_episode e ON e.org_id = p.org_id AND e.id = p.episode_id
  WHERE p.org_id = :org AND p.same_person_reason <> ''
  UNION ALL
  SELECT 'trigger', p.trigger_id, p.reference, p.service_id, p.by_id, p.on_date,
    'checked a safeguarding pattern that they decide on', p.same_person_reason
  FROM pattern_review p WHERE p.org_id = :org AND p.same_person_reason <> ''
  UNION ALL
  SELECT 'update', u.id, u.reference, t.service_id, x.by_id, x.on_date, x.what, x.reason
  FROM recovery_update u
  JOIN update_schedule d ON d.org_id = u.org_id AND d.id = u.schedule_id
  JOIN tracked_concern t ON t.org_id = d.org_id AND t.id = d.tracked_id
  CROSS JOIN LATERAL (VALUES
    (u.validated_by_id, u.validated_on, u.validation_exception,
      'validated an update whose evidence or words are theirs'),
    (u.approved_by_id, u.approved_on, u.approval_exception,
      'approved an update after an earlier step of it')) x (by_id, on_date, reason, what)
  WHERE u.org_id = :org AND x.reason <> ''
) x
LEFT JOIN service s ON s.org_id = :org AND s.id = x.service_id
LEFT JOIN membership m ON m.org_id = :org AND m.id = x.by_id
WHERE true {scope}
"""


def exceptions(*, actor: Actor, page: int = 1) -> Page:
    """A page of the exceptions within the person's services, the latest first: `kind` (action,
    evidence, claim, risk, response, plan, episode, report, trigger or update) and `id` of the
    page, reference, service, who, on_date, what, reason. One statement."""
    values: dict[str, Any] = {"org": actor.org_id, "zone": actor.time_zone}
    scope = ""
    if actor.service_ids is not None:
        scope, values["services"] = (
            "AND (x.service_id IS NULL OR x.service_id = ANY(:services))",
            list(actor.service_ids),
        )
    order = "x.on_date DESC NULLS LAST, x.reference, x.kind, x.id"
    return fetch_rows(_EXCEPTIONS.format(scope=scope), values, order=order, page=page)
