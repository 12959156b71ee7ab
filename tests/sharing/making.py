"""Subjects and decisions on sharing at Alder House, for tests."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update

from careboard import clock
from careboard.db import db, new_id
from careboard.records.models import Concern
from careboard.risks import service as risks
from careboard.risks.basis import Basis
from careboard.risks.models import Risk
from careboard.sharing import decisions
from careboard.sharing.decisions import Answer, Choice
from careboard.sharing.models import FACTORS


def risk(
    world, *, rating: str = "high", domain: str = "staffing", service: str = "Alder House"
) -> UUID:
    """A risk that alice rated today, without evidence yet."""
    where = world.service_id(service)
    with world.acting("alice") as alice:
        risk_id = risks.open_risk(
            actor=alice,
            service_id=where,
            domain=domain,
            original_cause="Evening calls without a carer since two people left",
            rating=rating,
            rationale="Eleven uncovered calls in a week.",
            basis=Basis([], None, True),
        )
        db.session.commit()
        return risk_id


def closed(world, risk_id: UUID, day: date) -> None:
    """Close a risk on that day, as somebody at the database would."""
    with world.acting("alice"):
        values = {"status": "closed", "closed_on": day}
        db.session.execute(update(Risk).where(Risk.id == risk_id).values(values))
        db.session.commit()


def concern(world, *, kind: str = "safeguarding", on: date | None = None) -> UUID:
    """A concern at Alder House, of today or that day."""
    where = world.service_id("Alder House")
    with world.acting("alice") as alice:
        row = Concern(
            org_id=alice.org_id,
            id=new_id(),
            source_key=f"SG-{new_id().hex[-6:]}",
            kind=kind,
            service_id=where,
            domain="safeguarding",
            occurred_on=on or alice.today,
            theme="Raised voices",
            status="open",
            text="Raised voices at supper.",
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def choice(decision: str = "share", *, affected=("continuity",), **more) -> Choice:
    """A decision with all that it asks for, unless the test says otherwise."""
    values = {
        "decision": decision,
        "rationale": "Calls are missed and the council can help to cover them.",
        "factors": {code: Answer("yes" if code in affected else "no") for code in FACTORS},
    }
    if decision != "do_not_share":
        values |= {
            "what": "Uncovered evening calls, what is done, and when they end.",
            "recipients": ["commissioner"],
            "action_under_way": "Two agency carers from Monday.",
            "tell_by": clock.today() + timedelta(days=1),
        }
    return Choice(**values | more)


def decided(
    world,
    subject_id: UUID,
    decision: str = "share",
    *,
    kind: str = "risk",
    person: str = "alice",
    **more,
) -> UUID:
    """A decision about that subject; returns its id."""
    with world.acting(person) as actor:
        made = decisions.decide(
            actor=actor, kind=kind, subject_id=subject_id, choice=choice(decision, **more)
        )
        db.session.commit()
        return made
