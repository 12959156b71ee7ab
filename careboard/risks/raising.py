"""A manager says that a service has a risk, with its original cause and what it rests on.

It is not rated by that: a rating of the service and domain answers it, or reasons why none is
needed, by somebody else. Source: step S3-1.1; DESIGN section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update

from careboard import audit
from careboard.db import db, load, lock, new_id
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.risks.models import Risk
from careboard.services.lists import PAGE_SIZE, Page
from careboard.services.models import Service
from careboard.sharing.models import RaisedRisk, RaisedRiskGround
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

GROUND_WORDS = {
    "trigger": "Triggers that stand",
    "indicator": "Indicators",
    "concern": "Concerns of the last 61 days",
    "evidence": "Evidence in date",
}
# So many of each kind may be chosen from, the newest first.
_MOST = 25
CONCERN_DAYS = 61


@dataclass(frozen=True, slots=True)
class Ground:
    """What a risk may rest on. `key` is its kind and id, as a form sends it."""

    kind: str
    id: UUID
    sentence: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


_GROUNDS = text(f"""
(SELECT 'trigger' AS kind, t.id, t.reference || ' ' || coalesce((SELECT c.sentence
    FROM trigger_change c WHERE c.org_id = t.org_id AND c.trigger_id = t.id
    ORDER BY c.created_at DESC, c.id DESC LIMIT 1), t.sentence) AS sentence
  FROM trigger t WHERE t.org_id = :org AND t.service_id = :service AND t.closed_on IS NULL
  ORDER BY t.fired_on DESC, t.id DESC LIMIT {_MOST})
UNION ALL
(SELECT 'indicator', i.id, i.reference || ' ' || i.name || coalesce((SELECT ': '
    || trim_scale(CAST(r.value AS numeric)) || CASE i.unit WHEN 'percent' THEN '%' ELSE '' END
    || ' to ' || to_char(r.period_end, 'FMDD Mon YYYY')
    FROM reading r WHERE r.org_id = i.org_id AND r.indicator_id = i.id AND r.period_end <= :on
    ORDER BY r.period_end DESC LIMIT 1), '')
  FROM indicator i WHERE i.org_id = :org AND i.service_id = :service AND i.active
  ORDER BY i.name LIMIT {_MOST})
UNION ALL
(SELECT 'concern', c.id, c.source_key || ' ' || concat_ws(', ', replace(c.kind, '_', ' '),
    nullif(c.theme, ''), to_char(c.occurred_on, 'FMDD Mon YYYY'))
  FROM concern c WHERE c.org_id = :org AND c.service_id = :service
    AND c.occurred_on BETWEEN CAST(:on AS date) - {CONCERN_DAYS} AND :on
    AND c.kind <> 'feedback'
  ORDER BY c.occurred_on DESC, c.id DESC LIMIT {_MOST})
UNION ALL
(SELECT 'evidence', e.id, e.reference || ' ' || e.title
  FROM evidence e WHERE e.org_id = :org AND e.service_id = :service AND e.valid_until >= :on
    AND e.status IN ('submitted', 'in_review', 'accepted')
  ORDER BY e.created_at DESC, e.id DESC LIMIT {_MOST})
""")


def grounds(*, actor: Actor, service_id: UUID) -> list[Ground]:
    """What a risk of that service may rest on, as it stands today. One statement."""
    values = {"org": actor.org_id, "service": service_id, "on": actor.today}
    return [Ground(**row._mapping) for row in db.session.execute(_GROUNDS, values)]


def raise_risk(
    *,
    actor: Actor,
    service_id: UUID,
    domain: str,
    original_cause: str,
    controls: str = "",
    keys: Collection[str] = (),
) -> UUID:
    """Raise a risk on some of its `grounds`; returns its id.

    Raises Invalid (service_id, domain, original_cause, grounds), Forbidden, NotFound.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.SUBMIT_RETURN, service_id)
    if domain not in DOMAINS:
        raise Invalid("Choose a domain.", "domain")
    if not original_cause.strip():
        raise Invalid("Say what the original cause is.", "original_cause")
    chosen = [one for one in grounds(actor=actor, service_id=service_id) if one.key in keys]
    if not chosen:
        raise Invalid("Choose what it rests on: at least one trigger, figure or record.", "grounds")
    row = RaisedRisk(
        org_id=actor.org_id,
        id=new_id(),
        reference=next_reference(actor.org_id, "RAI"),
        service_id=service_id,
        domain=domain,
        original_cause=original_cause.strip(),
        controls=controls.strip(),
        raised_by_id=actor.membership_id,
        raised_on=actor.today,
    )
    db.session.add(row)
    db.session.flush()
    for one in chosen:
        link = {f"{one.kind}_id": one.id}
        db.session.add(
            RaisedRiskGround(org_id=actor.org_id, raised_id=row.id, sentence=one.sentence, **link)
        )
    db.session.flush()
    audit.record(
        actor=actor,
        tag="risk:raised",
        subject_id=row.id,
        after={"service": service_id, "domain": domain, "grounds": len(chosen)},
    )
    return row.id


def take_up(*, actor: Actor, risk: Risk) -> None:
    """A rating answers what others raised about its service and domain."""
    db.session.execute(
        update(RaisedRisk)
        .where(
            RaisedRisk.org_id == actor.org_id,
            RaisedRisk.service_id == risk.service_id,
            RaisedRisk.domain == risk.domain,
            RaisedRisk.answered_by_id.is_(None),
            RaisedRisk.raised_by_id != actor.membership_id,
        )
        .values(risk_id=risk.id, answered_by_id=actor.membership_id, answered_on=actor.today)
    )


def answer(*, actor: Actor, raised_id: UUID, reasons: str) -> None:
    """Say why no rating is needed. By somebody else who rates risks.

    Raises Invalid (reasons), Conflict, Forbidden, NotFound.
    """
    row = lock(RaisedRisk, actor.org_id, raised_id)
    actor.require(Permission.RATE_RISK, row.service_id)
    if row.answered_by_id is not None:
        raise Conflict("Somebody has answered this already. Look at it again.")
    if row.raised_by_id == actor.membership_id:
        raise Forbidden("You raised this. Somebody else answers it, or you enter a rating.")
    if not reasons.strip():
        raise Invalid("Say why it needs no rating.", "reasons")
    row.answer = reasons.strip()
    row.answered_by_id = actor.membership_id
    row.answered_on = actor.today
    db.session.flush()
    audit.record(
        actor=actor, tag="risk:not_taken_up", subject_id=row.id, after={"service": row.service_id}
    )


_RAISED = """
SELECT w.*, s.name AS service, s.manager_id, p.name AS raised_by, a.name AS answered_by,
  r.reference AS risk, r.rating, (SELECT o.id FROM risk o WHERE o.org_id = w.org_id
    AND o.service_id = w.service_id AND o.domain = w.domain AND o.status = 'open') AS open_risk_id,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('sentence', g.sentence,
      'kind', CASE WHEN g.trigger_id IS NOT NULL THEN 'trigger'
        WHEN g.indicator_id IS NOT NULL THEN 'indicator'
        WHEN g.concern_id IS NOT NULL THEN 'concern' ELSE 'evidence' END,
      'id', coalesce(g.trigger_id, g.indicator_id, g.concern_id, g.evidence_id))
      ORDER BY g.created_at, g.id), '[]')
    FROM raised_risk_ground g WHERE g.org_id = w.org_id AND g.raised_id = w.id) AS grounds,
  count(*) OVER () AS total
FROM raised_risk w
JOIN service s ON s.org_id = w.org_id AND s.id = w.service_id
JOIN membership p ON p.org_id = w.org_id AND p.id = w.raised_by_id
LEFT JOIN membership a ON a.org_id = w.org_id AND a.id = w.answered_by_id
LEFT JOIN risk r ON r.org_id = w.org_id AND r.id = w.risk_id
WHERE w.org_id = :org AND {which}
ORDER BY (w.answered_by_id IS NULL) DESC, w.raised_on DESC, w.id DESC
LIMIT :limit OFFSET :offset
"""


def raised(
    *, actor: Actor, service_id: UUID | None = None, domain: str = "", page: int = 1
) -> Page:
    """A page of what was raised, with its grounds, those without an answer first. One
    statement."""
    which, values = ["true"], {}
    if actor.service_ids is not None:
        which.append("w.service_id = ANY(:services)")
        values["services"] = list(actor.service_ids)
    if service_id is not None:
        which.append("w.service_id = :service")
        values["service"] = service_id
    if domain:
        which.append("w.domain = :domain")
        values["domain"] = domain
    rows = _read(actor, " AND ".join(which), values, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return Page(rows, page, rows[0].total if rows else 0)


def one_raised(*, actor: Actor, raised_id: UUID) -> Row:
    """One that was raised. Raises NotFound, Forbidden."""
    rows = _read(actor, "w.id = :id", {"id": raised_id}, 1, 0)
    if not rows:
        raise NotFound()
    if not actor.reaches(rows[0].service_id):
        raise Forbidden("This belongs to a service outside your own.")
    return rows[0]


def answered_by(*, actor: Actor, risk_id: UUID) -> Sequence[RaisedRisk]:
    """What was raised and led to a rating of this risk, the first first. One statement."""
    return db.session.scalars(
        select(RaisedRisk)
        .where(RaisedRisk.org_id == actor.org_id, RaisedRisk.risk_id == risk_id)
        .order_by(RaisedRisk.raised_on, RaisedRisk.id)
    ).all()


def _read(actor: Actor, which: str, values: dict[str, Any], limit: int, offset: int):
    held = {"org": actor.org_id, "limit": limit, "offset": offset, **values}
    return db.session.execute(text(_RAISED.format(which=which)), held).all()
