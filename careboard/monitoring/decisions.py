"""The decision on enhanced monitoring: to start it or not, by a person, with reasons kept.

The machine suggests and never starts. Source: rules 3.4; DESIGN section 4, trigger to decision;
steps S2-1.2, S2-2.2 and S2-3.2.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from careboard import audit, clock
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.monitoring.entry import Entry, begin
from careboard.monitoring.models import ConfidenceNote, DecisionTrigger, MonitoringDecision
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.rules.models import Trigger, TriggerChange
from careboard.separation import somebody_else
from careboard.services.models import Service
from careboard.tenancy import Actor

DECISIONS = {
    "start": "Start enhanced monitoring",
    "do_not_start": "Do not start it",
}


def decide(
    *,
    actor: Actor,
    service_id: UUID,
    decision: str,
    reason: str,
    trigger_ids: Collection[UUID] = (),
    entry: Entry | None = None,
) -> MonitoringDecision:
    """Record the decision with what it answers; `entry` is what starting needs.

    Without triggers it is the person's own judgement. Raises Invalid (decision, reason, triggers,
    or a field of the entry), NotFound, Forbidden.
    """
    service = load(Service, actor.org_id, service_id)
    actor.require(Permission.DECIDE_MONITORING, service_id)
    if decision not in DECISIONS:
        raise Invalid("Choose whether it starts.", "decision")
    if not reason.strip():
        raise Invalid("Say why. The reasons are kept, whichever way you decide.", "reason")
    answered = _triggers(actor, service_id, trigger_ids)
    if decision == "do_not_start" and not answered:
        raise Invalid("Choose the trigger that you decide on.", "triggers")
    if decision == "do_not_start":
        _require_another(actor, service)
    episode = None
    if decision == "start":
        if entry is None:
            raise Invalid("Say what enhanced monitoring changes here.", "decision")
        episode = begin(actor=actor, service_id=service_id, entry=entry)
    made = MonitoringDecision(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "EMD"),
        service_id=service_id,
        decision=decision,
        reason=reason.strip(),
        decided_by_id=actor.membership_id,
        decided_on=actor.today,
        decided_at=clock.now(),
        episode_id=episode.id if episode else None,
    )
    db.session.add(made)
    db.session.flush()
    _answer(actor, made, answered)
    audit.record(
        actor=actor,
        tag="monitoring:decided",
        subject_id=made.id,
        after={
            "decision": decision,
            "service": service_id,
            "episode": made.episode_id,
            "triggers": [str(trigger.id) for trigger in answered],
        },
    )
    return made


def note_lost_confidence(*, actor: Actor, service_id: UUID, words: str) -> UUID:
    """Note that the provider has lost confidence in a service's own controls; returns its id.

    By a governance lead or a member of the board. The rules suggest enhanced monitoring from it.
    Raises Invalid (words), NotFound, Forbidden.
    """
    load(Service, actor.org_id, service_id)
    if not (actor.may(Permission.DECIDE_MONITORING) or actor.may(Permission.CHALLENGE)):
        raise Forbidden("A governance lead or a member of the board notes this.")
    actor.require(Permission.READ, service_id)
    if not words.strip():
        raise Invalid("Say what has cost you your confidence.", "words")
    note = ConfidenceNote(
        org_id=actor.org_id,
        service_id=service_id,
        text=words.strip(),
        by_id=actor.membership_id,
        on_date=actor.today,
    )
    db.session.add(note)
    db.session.flush()
    audit.record(
        actor=actor, tag="monitoring:doubted", subject_id=note.id, after={"service": service_id}
    )
    return note.id


def _require_another(actor: Actor, service: Service) -> None:
    """Nobody decides against monitoring a service that they manage, while somebody else could."""
    if actor.membership_id != service.manager_id:
        return
    other = somebody_else(
        actor=actor, permission=Permission.DECIDE_MONITORING, service_id=service.id
    )
    if other is not None:
        raise Forbidden(f"You manage this service. {other} can decide that it does not start.")


def _triggers(actor: Actor, service_id: UUID, ids: Collection[UUID]) -> list[Trigger]:
    """The triggers, held so that nobody decides on one at the same time."""
    found = db.session.scalars(
        select(Trigger)
        .where(
            Trigger.org_id == actor.org_id,
            Trigger.id.in_(ids),
            Trigger.service_id == service_id,
        )
        .order_by(Trigger.id)
        .with_for_update()
    ).all()
    if len(found) != len(set(ids)):
        raise Invalid("A trigger of another service was chosen.", "triggers")
    return list(found)


def _answer(actor: Actor, made: MonitoringDecision, answered: Collection[Trigger]) -> None:
    """Keep each trigger with the decision as it stands now."""
    changes = db.session.scalars(
        select(TriggerChange)
        .where(
            TriggerChange.org_id == actor.org_id,
            TriggerChange.trigger_id.in_([trigger.id for trigger in answered]),
        )
        .order_by(TriggerChange.created_at, TriggerChange.id)
    )
    latest = {change.trigger_id: change for change in changes}
    for trigger in answered:
        now = latest.get(trigger.id, trigger)
        db.session.add(
            DecisionTrigger(
                org_id=actor.org_id,
                decision_id=made.id,
                trigger_id=trigger.id,
                sentence=now.sentence,
                rows=now.rows,
            )
        )
    db.session.flush()
