"""Actions with a measure, and the records that tell it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from careboard.actions import measuring
from careboard.db import db, new_id
from careboard.records.models import Audit, Concern
from tests.actions.samples import add_action
from tests.worlds import World

DONE = date(2026, 8, 10)  # its first two full months are September and October


def add_audit(world: World, on: date, score: float, theme: str = "medicines", **values) -> None:
    """A score in percent, at Alder House."""
    facts = {
        "service_id": world.service_id(values.pop("service", "Alder House")),
        "theme": theme, "domain": "medicines", "cycle": f"{on:%b %Y}", "completed_on": on,
        "score": int(score * 100), "max_score": 10_000, **values,
    }  # fmt: skip
    with world.acting("alice") as actor:
        db.session.add(Audit(org_id=actor.org_id, id=new_id(), **facts))
        db.session.commit()


def add_records(world: World, kind: str, *days: date, **values) -> None:
    """One record of that kind for each day, at Alder House."""
    facts = {
        "service_id": world.service_id(values.pop("service", "Alder House")),
        "kind": kind, "domain": "safety", **values,
    }  # fmt: skip
    with world.acting("alice") as actor:
        for day in days:
            db.session.add(Concern(org_id=actor.org_id, id=new_id(), occurred_on=day, **facts))
        db.session.commit()


def add_measured(world: World, measure: str = "manual_percent", **changes) -> UUID:
    """An open action at Alder House with a measure, by default a percentage from 80 to 95."""
    values = {"baseline_value": Decimal(80), "target_value": Decimal(95), **changes}
    return add_action(world, measure=measure, **values)


def close(world: World, action_id: UUID, on: date = DONE) -> None:
    """Completed and verified on that day."""
    with world.acting("alice"):
        db.session.execute(
            text(
                "UPDATE action SET status = 'verified', completed_on = :on, verified_on = :on"
                " WHERE id = :id"
            ),
            {"on": on, "id": action_id},
        )
        db.session.commit()


def read(world: World, action_id: UUID, on: date, value: float, person: str = "rita") -> None:
    with world.acting(person) as actor:
        measuring.add_reading(
            actor=actor, action_id=action_id, on_date=on, value=Decimal(str(value))
        )
        db.session.commit()
