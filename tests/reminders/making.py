"""Actions for the tests of reminders, and what became of their mail."""

from __future__ import annotations

import itertools
from datetime import date
from uuid import UUID

from careboard.accounts.models import Membership
from careboard.actions.models import Action
from careboard.db import db, new_id
from careboard.imports.models import ImportBatch, StoredFile
from careboard.reminders import service
from careboard.reminders.service import Swept
from careboard.tenancy import acting_for
from tests.worlds import World

TODAY = date(2026, 11, 20)  # a Friday, the day on which the tests' calendar stands
_numbers = itertools.count(1)


def add_action(
    world: World,
    *,
    due_on: date | None = TODAY,
    owner: str | None = "rita",
    owner_email: str = "",
    owner_name: str = "",
    service_name: str = "Alder House",
    slug: str = "alder",
    **values,
) -> UUID:
    """Store an open action; `owner` None makes one known by address alone, or by nobody."""
    service_id = world.service_id(service_name, slug)
    owner_id = world.member_id(owner) if owner else None
    with acting_for(slug) as actor:
        action = Action(
            **{
                "org_id": actor.org_id,
                "id": new_id(),
                "reference": f"ACT-{next(_numbers):04d}",
                "service_id": service_id,
                "title": "Check the medicines fridge daily",
                "outcome_measure": "No gap in a month",
                "baseline": "Four gaps",
                "evidence_required": "Temperature log",
                "owner_id": owner_id,
                "owner_name": owner_name,
                "owner_email": owner_email,
                "due_on": due_on,
                "original_due_on": due_on,
                "status": "open" if owner else "draft",
                **values,
            }
        )
        db.session.add(action)
        db.session.flush()
        action_id = action.id
        db.session.commit()
    return action_id


def add_imported(world: World, **values) -> UUID:
    """An open action of an import: it may lack an owner who is a member."""
    batch_id = imported_batch(world, values.get("slug", "alder"))
    return add_action(
        world, **{"owner": None, "status": "open", "batch_id": batch_id, "row_no": 2, **values}
    )


def imported_batch(world: World, slug: str = "alder") -> UUID:
    """The id of some import batch, made if there is none."""
    found = world.sql("SELECT id FROM import_batch LIMIT 1", slug)
    if found:
        return found[0].id
    file_id = new_id()
    with acting_for(slug) as actor:
        db.session.add(
            StoredFile(
                org_id=actor.org_id,
                id=file_id,
                sha256="0" * 64,
                size=1,
                media_type="text/csv",
                file_name="tracker.csv",
            )
        )
        db.session.flush()
        batch = ImportBatch(
            org_id=actor.org_id,
            id=new_id(),
            reference="IMP-0001",
            feed="actions",
            source="tracker",
            file_id=file_id,
            sha256="0" * 64,
            status="loaded",
        )
        db.session.add(batch)
        db.session.flush()
        batch_id = batch.id
        db.session.commit()
    return batch_id


def sweep(on: date = TODAY, slug: str = "alder") -> Swept:
    """One round of an organisation."""
    with acting_for(slug) as actor:
        swept = service.sweep_reminders(actor=actor, on=on)
        db.session.commit()
    return swept


def mails(world: World, slug: str = "alder") -> list:
    """Every mail of the outbox, oldest first."""
    return world.sql("SELECT * FROM outbox ORDER BY created_at, id", slug)


def listed(mail) -> dict[str, list[str]]:
    """A digest's headings with the references under each."""
    return {
        section["title"]: [line["reference"] for line in section["lines"]]
        for section in mail.content["sections"]
    }


def set_mode(world: World, person: str, mode: str) -> None:
    member_id = world.member_id(person)
    with acting_for("alder") as actor:
        db.session.get(Membership, (actor.org_id, member_id)).mail_mode = mode
        db.session.commit()
