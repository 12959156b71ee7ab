"""Actions and findings that the tests of this folder start from."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard.actions import lifecycle, service
from careboard.actions.models import Action
from careboard.db import db, new_id
from careboard.evidence import service as evidence
from careboard.evidence.targets import one_target
from careboard.imports.models import ImportBatch, StoredFile
from careboard.records.models import Audit, AuditConcern
from tests.worlds import World

FULL = {
    "outcome_measure": "MAR gaps fall to none in four weeks",
    "baseline": "7 gaps in October",
    "evidence_required": "Weekly MAR check sheets",
}
DUE = date(2026, 12, 4)


def add_action(world: World, person: str = "alice", owner: str = "rita", **changes) -> UUID:
    """An open action at Alder House, by default alice's for rita, due 4 Dec 2026."""
    values = {
        "service_id": world.service_id("Alder House"),
        "title": "Check MAR charts at handover",
        "domain": "medicines",
        "owner_id": world.member_id(owner),
        "due_on": DUE,
        **FULL,
        **changes,
    }
    with world.acting(person) as actor:
        action_id = service.create_action(actor=actor, **values)
        db.session.commit()
    return action_id


def complete(world: World, action_id: UUID, person: str = "rita") -> None:
    with world.acting(person) as actor:
        lifecycle.complete(
            actor=actor,
            action_id=action_id,
            detail="Handover sheet changed; no gaps since 9 Nov",
            kind="audits",
            source_link="https://care.example/mar/1",
        )
        db.session.commit()


def add_evidence(world: World, action_id: UUID, person: str = "rita", **changes) -> UUID:
    with world.acting(person) as actor:
        evidence_id = evidence.submit(
            actor=actor,
            title="MAR sheets",
            kind="care_records",
            source_link="https://care.example/mar/2",
            target=one_target(action_id=action_id),
            **changes,
        )
        db.session.commit()
    return evidence_id


def add_finding(world: World, service: str = "Alder House", slug: str = "alder") -> UUID:
    """An amber medicines finding AC-0044 with its audit."""
    service_id, person = world.service_id(service, slug), "alice" if slug == "alder" else "charlie"
    with world.acting(person) as actor:
        audit = Audit(
            org_id=actor.org_id, id=new_id(), service_id=service_id, theme="medicines",
            domain="medicines", cycle="Nov 2026", completed_on=date(2026, 11, 3), score=8400,
            max_score=10000, rag="amber",
        )  # fmt: skip
        db.session.add(audit)
        db.session.flush()
        finding = AuditConcern(
            org_id=actor.org_id, id=new_id(), audit_id=audit.id, service_id=service_id,
            theme="medicines", domain="medicines", raised_on=date(2026, 11, 3),
            text="MAR gaps are not followed up", severity="amber", status="open",
            source_key="AC-0044",
        )  # fmt: skip
        db.session.add(finding)
        db.session.commit()
        return finding.id


def add_imported(world: World, **changes) -> UUID:
    """An action as an import leaves it: owner by name only, none of what keeps it from vague."""
    values = {
        "reference": "TRK-1",
        "service_id": world.service_id("Alder House"),
        "title": "Sort out the MAR charts",
        "status": "open",
        "owner_name": "Rita Moss",
        "owner_email": "rita.moss@elsewhere.example",
        **changes,
    }
    with world.acting("alice") as actor:
        stored = StoredFile(
            org_id=actor.org_id, id=new_id(), sha256="0" * 64, size=1, media_type="text/csv",
            file_name="tracker.csv",
        )  # fmt: skip
        db.session.add(stored)
        db.session.flush()
        batch = ImportBatch(
            org_id=actor.org_id, id=new_id(), reference=f"IMP-{new_id().hex[-6:]}",
            feed="actions", source="tracker", file_id=stored.id, sha256="0" * 64, status="loaded",
        )  # fmt: skip
        db.session.add(batch)
        db.session.flush()
        action = Action(org_id=actor.org_id, id=new_id(), batch_id=batch.id, row_no=2, **values)
        db.session.add(action)
        db.session.commit()
        return action.id


def add_copies(world: World, count: int) -> None:
    """As many copies of every action, under references of their own."""
    with world.acting("alice"):
        db.session.execute(
            text(
                "INSERT INTO action (org_id, id, reference, service_id, title, status, owner_id,"
                " due_on, outcome_measure, baseline, evidence_required)"
                " SELECT org_id, gen_random_uuid(), reference || '-' || n, service_id, title,"
                " status, owner_id, due_on, outcome_measure, baseline, evidence_required"
                " FROM action, generate_series(1, :count) n"
            ),
            {"count": count},
        )
        db.session.commit()


def state(world: World, action_id: UUID):
    """The action's row as the database holds it."""
    return world.sql("SELECT * FROM action WHERE id = :id", id=action_id)[0]


def events(world: World, subject: UUID | str) -> list[str]:
    rows = world.sql("SELECT tag FROM audit_event WHERE subject = :s ORDER BY seq", s=str(subject))
    return [row.tag for row in rows]


def leave(world: World, *people: str) -> None:
    """Their access to Alder is ended."""
    with world.acting("adam") as adam:
        names = [person.title() for person in people]
        db.session.execute(
            text("UPDATE membership SET active = false WHERE org_id = :org AND name = ANY(:names)"),
            {"org": adam.org_id, "names": names},
        )
        db.session.commit()
