"""Reading the facts: each name in one statement, or by the function that its own feature has for
its pages, so that a rule and a page never tell two stories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.actions import outcomes
from careboard.db import db
from careboard.experience import rows as experience
from careboard.recovery import check_queries, queries, response_rounds
from careboard.recovery.periods import after, last_full
from careboard.risks.assurance import SUPPORTING
from careboard.risks.rated import rated, support_of
from careboard.rules import facts
from careboard.rules.facts import Facts
from careboard.tenancy import Actor

LOOK_BACK_DAYS = 731
LONDON_DAY = "CAST({} AT TIME ZONE 'Europe/London' AS date)"
_SUPPORTING = ", ".join(f"'{status}'" for status in SUPPORTING)


def read(*, actor: Actor, on: date) -> Facts:
    """The organisation's facts as at that day; rows of later days are left out."""
    return Facts(lambda name: _READERS[name](actor, on))


def _rows(statement: str, actor: Actor, on: date, **more: Any) -> Sequence[Any]:
    values = {"org": actor.org_id, "on": on, "since": on - timedelta(days=LOOK_BACK_DAYS), **more}
    return db.session.execute(text(statement), values).all()


def _services(actor: Actor, on: date) -> dict[UUID, str]:
    rows = _rows("SELECT id, name FROM service WHERE org_id = :org AND active", actor, on)
    return {row.id: row.name for row in rows}


def _plain(kind: type, statement: str) -> Callable[[Actor, date], Sequence[Any]]:
    """A reader of rows whose columns are named as the fields of `kind`."""
    return lambda actor, on: [kind(**row._mapping) for row in _rows(statement, actor, on)]


_AUDITS = """
SELECT id, service_id, theme, cycle, completed_on AS on, coalesce(rag, '') AS rag,
  CAST(round(100.0 * score / coalesce(nullif(max_score, 0), 10000), 2) AS double precision)
    AS score,
  coalesce(source_key, '') AS reference
FROM audit
WHERE org_id = :org AND score IS NOT NULL AND completed_on <= :on
ORDER BY completed_on, id
"""
_AUDIT_CONCERNS = """
SELECT id, service_id, theme, raised_on AS on, severity, status, audit_id,
  coalesce(source_key, '') AS reference
FROM audit_concern WHERE org_id = :org AND raised_on <= :on ORDER BY raised_on, id
"""
_CONCERNS = f"""
SELECT id, kind, service_id, occurred_on AS on, coalesce(source_key, '') AS reference, domain,
  theme, place, source_role, person_ref AS person, level, status, closed_on,
  CAST(5.0 * score / nullif(max_score, 0) AS double precision) AS score,
  {LONDON_DAY.format("created_at")} AS recorded_on, created_at AS recorded_at, details
FROM concern
WHERE org_id = :org AND kind IN ('incident', 'safeguarding', 'commissioner_query')
  AND occurred_on <= :on AND (occurred_on >= :since OR status = 'open')
ORDER BY occurred_on, id
"""
_ACTIONS = f"""
SELECT a.id, a.reference, a.service_id, a.status, coalesce(a.domain, '') AS domain,
  coalesce(k.theme, nullif(a.measure_theme, ''), '') AS theme, a.due_on, a.original_due_on,
  coalesce(u.opened_on, {LONDON_DAY.format("a.created_at")}) AS opened_on, u.started_on,
  a.completed_on,
  CASE WHEN a.status = 'verified' THEN coalesce(a.verified_on, a.completed_on) END AS closed_on,
  a.extensions,
  a.owner_id IS NOT NULL OR a.owner_name <> '' AS owned,
  a.outcome_measure, a.baseline, a.evidence_required,
  coalesce(e.in_date, 0) AS evidence, e.until AS evidence_until,
  a.priority OR a.episode_id IS NOT NULL OR k.severity = 'red'
    OR coalesce(r.rating IN ('high', 'very_high'), false)
    OR coalesce(n.kind = 'safeguarding', false) AS priority,
  a.audit_concern_id, a.concern_id, a.risk_id, a.plan_id
FROM action a
LEFT JOIN audit_concern k ON k.org_id = :org AND k.id = a.audit_concern_id
LEFT JOIN concern n ON n.org_id = :org AND n.id = a.concern_id
LEFT JOIN risk r ON r.org_id = :org AND r.id = a.risk_id
LEFT JOIN (
  SELECT action_id,
    min({LONDON_DAY.format("happened_at")}) FILTER (WHERE kind = 'opened') AS opened_on,
    min({LONDON_DAY.format("happened_at")}) FILTER (WHERE kind = 'started') AS started_on
  FROM action_update WHERE org_id = :org AND kind IN ('opened', 'started') GROUP BY action_id
) u ON u.action_id = a.id
LEFT JOIN (
  SELECT l.action_id, count(DISTINCT e.id) AS in_date, max(e.valid_until) AS until
  FROM evidence_link l JOIN evidence e ON e.org_id = :org AND e.id = l.evidence_id
  WHERE l.org_id = :org AND l.action_id IS NOT NULL AND e.valid_until >= :on
    AND e.status IN ({_SUPPORTING})
  GROUP BY l.action_id
) e ON e.action_id = a.id
WHERE a.org_id = :org ORDER BY a.due_on, a.id
"""
_RATING_CHANGES = """
SELECT v.id, v.risk_id, r.reference, r.service_id, r.domain, v.decision, v.rating_from,
  v.rating_to, v.decided_on AS on
FROM rating_review v JOIN risk r ON r.org_id = :org AND r.id = v.risk_id
WHERE v.org_id = :org AND v.decided_on <= :on ORDER BY v.decided_at, v.id
"""
_DISPUTES = """
SELECT d.id, d.reference, r.service_id, d.risk_id, d.rating_review_id, d.filed_on AS on, d.due_on,
  d.status
FROM rating_dispute d JOIN risk r ON r.org_id = :org AND r.id = d.risk_id
WHERE d.org_id = :org AND d.filed_on <= :on ORDER BY d.filed_on, d.id
"""
_CLAIMS = """
SELECT c.id, c.reference, c.service_id, c.kind, c.status, c.submitted_on AS on,
  coalesce(c.domain, '') AS domain, c.risk_id, c.outcome, c.unsupported, c.validated_on,
  coalesce(v.sampled, 0) AS sampled, coalesce(v.matched, 0) AS matched,
  coalesce(v.critical, 0) AS critical
FROM claim c LEFT JOIN validation v ON v.org_id = :org AND v.claim_id = c.id
  AND v.completed_on IS NOT NULL
WHERE c.org_id = :org AND c.status IN ('submitted', 'validated') AND c.submitted_on <= :on
ORDER BY c.submitted_on, c.id
"""
_SUMMARIES = """
SELECT p.id, p.service_id, p.month, p.sample_size, p.invited, p.people,
  coalesce(jsonb_object_agg(t.theme, jsonb_build_array(t.positive, t.negative))
    FILTER (WHERE t.theme IS NOT NULL), '{}') AS themes
FROM experience_summary p
LEFT JOIN experience_theme t ON t.org_id = :org AND t.summary_id = p.id
WHERE p.org_id = :org AND p.superseded_at IS NULL AND p.month BETWEEN :since AND :on
GROUP BY p.org_id, p.id, p.service_id, p.month, p.sample_size, p.invited, p.people
ORDER BY p.month, p.id
"""
_CARE_REVIEWS = """
SELECT id, service_id, due_on, completed_on, high_risk, coalesce(source_key, '') AS reference
FROM care_review
WHERE org_id = :org AND (completed_on IS NULL OR completed_on >= CAST(:on AS date) - 92)
ORDER BY due_on, id
"""
_EPISODES = """
SELECT e.id, e.reference, e.service_id, e.started_on,
  (SELECT max(r.held_on) FROM episode_review r WHERE r.org_id = :org AND r.episode_id = e.id
    AND r.held_on <= :on) AS reviewed_on,
  coalesce((SELECT max(r.decided_at) FROM episode_review r WHERE r.org_id = :org
    AND r.episode_id = e.id AND r.held_on <= :on), e.created_at) AS looked_at
FROM monitoring_episode e
WHERE e.org_id = :org AND e.status = 'open' AND e.started_on <= :on ORDER BY e.started_on, e.id
"""
_CONFIDENCE_NOTES = """
SELECT id, service_id, on_date AS on FROM confidence_note
WHERE org_id = :org AND on_date <= :on ORDER BY on_date, id
"""
_RISKS = rated(
    columns="""
, (SELECT min(e.valid_until) + 1 FROM evidence_link l
   JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
   WHERE l.org_id = r.org_id AND e.valid_until >= :on
     AND (l.risk_id = r.id OR l.rating_review_id = r.rating_review_id)) AS expires_on"""
)


def _risks(actor: Actor, on: date) -> list[facts.Risk]:
    return [
        facts.Risk(
            row.id,
            row.reference,
            row.service_id,
            row.domain,
            row.rating,
            row.rated_on,
            row.rating_review_id,
            support_of(row),
            row.expires_on,
        )
        for row in _rows(f"SELECT * FROM ({_RISKS}) x ORDER BY x.rated_on, x.id", actor, on)
    ]


def _summaries(actor: Actor, on: date) -> list[facts.Summary]:
    return [
        facts.Summary(**{
            **row._mapping,
            "themes": {theme: tuple(counts) for theme, counts in row.themes.items()},
        })
        for row in _rows(_SUMMARIES, actor, on)
    ]  # fmt: skip


_WATCHED = """
SELECT id FROM action WHERE org_id = :org AND measure IS NOT NULL AND status = 'verified'
"""


def _outcomes(actor: Actor, on: date) -> dict[UUID, outcomes.Position]:
    ids = [row.id for row in _rows(_WATCHED, actor, on)]
    return outcomes.positions(actor=actor, action_ids=ids, on=on)


def _indicators(actor: Actor, on: date) -> Iterator[facts.Indicator]:
    """As the round of declines reads them."""
    wanted = [row.Indicator for row in queries.indicators(actor=actor)]
    if not wanted:
        return
    ids = [one.id for one in wanted]
    points = queries.points(actor=actor, wanted=wanted, on=on, count=response_rounds.POINTS)
    targets = queries.targets(actor=actor, indicator_ids=ids)
    changes = queries.rebases(actor=actor, indicator_ids=ids)
    for one in wanted:
        yield facts.Indicator(
            one.id,
            one.reference,
            one.service_id,
            one.domain,
            one.name,
            response_rounds.reads_of(one, points[one.id], targets[one.id], changes[one.id]),
            response_rounds.counts_delays(one),
            after(last_full(on, one.cadence), one.cadence).end,
        )


def _checks(actor: Actor, on: date) -> Any:
    services = list(_services(actor, on))
    return check_queries.for_rules(actor=actor, service_ids=services, on=on)


_READERS: dict[str, Callable[[Actor, date], Any]] = {
    "services": _services,
    "audits": _plain(facts.Audit, _AUDITS),
    "audit_concerns": _plain(facts.AuditConcern, _AUDIT_CONCERNS),
    "concerns": _plain(facts.Concern, _CONCERNS),
    "voices": lambda actor, on: experience.voices(actor=actor, until=on, negative_only=True),
    "responses": lambda actor, on: experience.responses(actor=actor),
    "actions": _plain(facts.Action, _ACTIONS),
    "outcomes": _outcomes,
    "risks": _risks,
    "rating_changes": _plain(facts.RatingChange, _RATING_CHANGES),
    "disputes": _plain(facts.Dispute, _DISPUTES),
    "claims": _plain(facts.Claim, _CLAIMS),
    "summaries": _summaries,
    "indicators": lambda actor, on: list(_indicators(actor, on)),
    "checks": _checks,
    "care_reviews": _plain(facts.CareReview, _CARE_REVIEWS),
    "episodes": _plain(facts.Episode, _EPISODES),
    "confidence_notes": _plain(facts.ConfidenceNote, _CONFIDENCE_NOTES),
}
