"""Communications, advice and checks at Alder House, for tests."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard import clock
from careboard.db import db, new_id
from careboard.rules.models import Trigger
from careboard.sharing import advice, communications, pattern_review

COUNCIL = "Northshire contracts team"


def told(world, person: str = "cora", *, service: str = "Alder House", **changes) -> UUID:
    """Something that was said to the council today, unless the test says otherwise."""
    values = {
        "service_id": world.service_id(service),
        "direction": "out",
        "on": clock.today(),
        "channel": "phone",
        "partner_kind": "commissioner",
        "partner": COUNCIL,
        "person_role": "contracts officer",
        "said": "Evening calls are at risk; agency carers cover them from Monday.",
        **changes,
    }
    with world.acting(person) as actor:
        made = communications.record(actor=actor, **values)
        db.session.commit()
        return made


def answered(world, communication_id: UUID, person: str = "cora", **changes) -> UUID:
    values = {"on": clock.today(), "answered": "They ask for a weekly figure.", **changes}
    with world.acting(person) as actor:
        made = communications.answer(actor=actor, communication_id=communication_id, **values)
        db.session.commit()
        return made


def advised(world, communication_id: UUID, person: str = "alice", **changes) -> UUID:
    values = {
        "kind": "advice",
        "authority": "Northshire safeguarding team",
        "authority_reference": "NS-77",
        "received_on": clock.today(),
        "guidance": "Keep the evening observations and refer the next one.",
        "outcome": "advice_only",
        "what_follows": "Observations each evening for four weeks.",
        **changes,
    }
    with world.acting(person) as actor:
        made = advice.record(actor=actor, communication_id=communication_id, **values)
        db.session.commit()
        return made


def pattern(
    world, *, on: date | None = None, service: str = "Alder House",
    rule: str = "low_level_shared",
) -> UUID:  # fmt: skip
    """A safeguarding pattern that a rule saw; returns the trigger's id."""
    where = world.service_id(service)
    with world.acting("alice") as alice:
        row = Trigger(
            org_id=alice.org_id,
            id=new_id(),
            reference=f"TRG-{new_id().hex[-6:]}",
            rule_code=rule,
            rule_version=1,
            parameters={},
            service_id=where,
            key=new_id().hex,
            fired_on=on or alice.today,
            sentence="Three low-level concerns in one place since September.",
            rows=[],
            suggests=False,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def checked(world, trigger_id: UUID | None = None, person: str = "bob", **changes) -> UUID:
    values = {
        "service_id": world.service_id("Alder House"),
        "trigger_id": trigger_id,
        "on": clock.today(),
        "care_records": "Daily notes of five evenings.",
        "staff_notes": "Handover book, the same evenings.",
        "escalating": "uncertain",
        "findings": "Two entries speak of raised voices.",
        **changes,
    }
    with world.acting(person) as actor:
        made = pattern_review.record(actor=actor, **values)
        db.session.commit()
        return made
