"""A small world for reviews: what an agenda of Alder must and must not hold."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace as Item
from uuid import UUID

from careboard import clock
from careboard.actions.models import Action, ActionUpdate
from careboard.db import db, new_id
from careboard.records.models import AuditConcern
from careboard.reviews import service
from careboard.risks.models import RatingReview, Risk

TODAY = date(2026, 11, 20)
WEEK = {"period_from": date(2026, 11, 16), "period_to": date(2026, 11, 22)}
MONTH = {"period_from": date(2026, 11, 1), "period_to": date(2026, 11, 30)}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def add_action(actor, service_id: UUID, owner_id: UUID, reference: str, **values) -> UUID:
    """An action in good order, but for `values`."""
    row = {
        "title": f"Title of {reference}",
        "outcome_measure": "None missed in 28 days",
        "baseline": "4 missed",
        "evidence_required": "An audit",
        "status": "open",
        "due_on": TODAY + timedelta(days=10),
        "updated_on": TODAY,
    } | values
    row.setdefault("original_due_on", row["due_on"])
    action = Action(
        org_id=actor.org_id, id=new_id(), service_id=service_id, owner_id=owner_id,
        reference=reference, **row,
    )  # fmt: skip
    db.session.add(action)
    db.session.flush()
    return action.id


def add_concern(actor, service_id: UUID, key: str, severity: str, raised_on: date) -> UUID:
    concern = AuditConcern(
        org_id=actor.org_id,
        id=new_id(),
        source_key=key,
        service_id=service_id,
        theme="Medicines",
        domain="medicines",
        raised_on=raised_on,
        text=f"Text of {key}",
        severity=severity,
        status="open",
    )
    db.session.add(concern)
    db.session.flush()
    return concern.id


def _extend(actor, action_id: UUID) -> None:
    db.session.add(
        ActionUpdate(
            org_id=actor.org_id,
            action_id=action_id,
            kind="extended",
            happened_at=clock.now(),
            changes={},
        )
    )


def _add_rating(actor, service_id: UUID, before: str, after: str) -> None:
    risk = Risk(
        org_id=actor.org_id,
        id=new_id(),
        reference="RSK-0001",
        service_id=service_id,
        domain="medicines",
        original_cause="Handover skipped",
        rating=after,
        rated_on=ago(1),
        opened_on=ago(60),
    )
    db.session.add(risk)
    db.session.flush()
    db.session.add(
        RatingReview(
            org_id=actor.org_id,
            risk_id=risk.id,
            rating_from=before,
            rating_to=after,
            decision="raise",
            urgent=True,
            rationale="Two more omissions",
            decided_on=ago(1),
            decided_at=clock.now(),
        )
    )


def fill(world) -> Item:
    """Matters of Alder House and Alder Lodge, committed; gives ids."""
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    rita, vera = world.member_id("rita"), world.member_id("vera")
    with world.acting("alice") as alice:
        overdue = add_action(alice, house, rita, "ACT-0001", due_on=ago(9))
        add_action(alice, house, rita, "ACT-0002", due_on=ago(3), status="completed")
        add_action(alice, lodge, rita, "ACT-0003", due_on=ago(30))
        add_action(alice, house, rita, "ACT-0004", status="in_progress", return_reason="No audit")
        add_action(
            alice, house, rita, "ACT-0005", status="verified", verified_on=ago(1),
            verified_by_id=vera, due_on=ago(40),
        )  # fmt: skip
        add_action(
            alice, house, rita, "ACT-0006", status="verified", verified_on=ago(20),
            verified_by_id=vera, due_on=ago(40),
        )  # fmt: skip
        moved = add_action(alice, house, rita, "ACT-0007", extensions=1, original_due_on=ago(10))
        _extend(alice, moved)
        add_action(alice, house, rita, "ACT-0008", due_on=TODAY)
        unlinked = add_concern(alice, house, "AC-1", "amber", ago(40))
        add_concern(alice, house, "AC-2", "red", ago(2))
        linked = add_concern(alice, house, "AC-3", "red", ago(50))
        add_action(alice, house, rita, "ACT-0009", audit_concern_id=linked)
        add_concern(alice, house, "AC-4", "green", ago(1))
        add_concern(alice, lodge, "AC-5", "amber", ago(90))
        _add_rating(alice, house, "moderate", "high")
        db.session.commit()
    return Item(house=house, lodge=lodge, overdue=overdue, unlinked=unlinked, rita=rita)


def open_weekly(world, person: str = "bob", **period) -> UUID:
    """Bob's weekly review of Alder House, opened and committed."""
    house = world.service_id("Alder House")
    with world.acting(person) as actor:
        review_id = service.open_sitting(
            actor=actor, forum="weekly_manager", service_id=house, **(period or WEEK)
        )
        db.session.commit()
    return review_id


def open_monthly(world, person: str = "alice", **period) -> UUID:
    """The governance review of November, opened and committed."""
    with world.acting(person) as actor:
        review_id = service.open_sitting(
            actor=actor, forum="monthly_governance", service_id=None, **(period or MONTH)
        )
        db.session.commit()
    return review_id


def record(world, person: str, review_id: UUID, kind: str, text: str, item_id=None) -> UUID:
    with world.acting(person) as actor:
        entry_id = service.record_entry(
            actor=actor, review_id=review_id, item_id=item_id, kind=kind, text=text
        )
        db.session.commit()
    return entry_id


def answer(world, person: str, entry_id: UUID, text: str = "Done since.") -> None:
    with world.acting(person) as actor:
        service.answer_challenge(actor=actor, entry_id=entry_id, text=text)
        db.session.commit()


def sign(world, person: str, review_id: UUID, *, assurance: str = "partial") -> str:
    """Write a summary, then sign what is there; returns the SHA-256."""
    from careboard.reviews import reading

    with world.acting(person) as actor:
        found = reading.minutes(actor=actor, review_id=review_id)
        service.save_minutes(
            actor=actor,
            review_id=review_id,
            attendance="Bob, Rita",
            summary="Looked at all of it.",
            assurance=assurance,
            seen=found.version,
        )
        seen = reading.minutes(actor=actor, review_id=review_id).draft_seal
        sha256 = service.sign(actor=actor, review_id=review_id, seen=seen)
        db.session.commit()
    return sha256
