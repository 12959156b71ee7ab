"""Declines that tests answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from careboard.db import db
from careboard.recovery import response_rounds, response_service, service
from careboard.recovery.response_models import Response
from careboard.recovery.response_service import Decision
from careboard.recovery.service import Shape
from tests.recovery.making import ON, ago, opened
from tests.recovery.planning import read

FALLS = Shape("Falls at night", "safety", "count", "down")
DUE = date(2026, 12, 4)


def an_indicator(world, shape: Shape = FALLS, *, target: float | None = None, owner="bob") -> UUID:
    """At Alder House, with a target that has long been in effect and a review owner."""
    asked = owner and world.member_id(owner)
    indicator_id = opened(world, replace(shape, review_owner_id=asked))
    if target is not None:
        with world.acting("alice") as alice:
            service.set_target(
                actor=alice, indicator_id=indicator_id, value=target, effective_from=ago(700)
            )
            db.session.commit()
    return indicator_id


def look(world, on: date = ON) -> response_rounds.Looked:
    with world.acting("alice") as alice:
        found = response_rounds.look(actor=alice, on=on)
        db.session.commit()
    return found


def standing(world) -> list[Response]:
    """All responses of Alder, the first first."""
    with world.acting("alice") as alice:
        rows = db.session.scalars(
            select(Response).where(Response.org_id == alice.org_id).order_by(Response.id)
        ).all()
        for row in rows:
            db.session.expunge(row)
        return list(rows)


def fallen(world, owner: str | None = "bob") -> UUID:
    """A decline that waits for an answer, of an indicator that this person answers for."""
    read(world, an_indicator(world, target=5, owner=owner), 4, 4, 4, 9)
    look(world)
    return standing(world)[-1].id


def answer(world, response_id: UUID, person: str = "bob", **given) -> None:
    """By default provider oversight, owned by bob."""
    owner = given.pop("owner", "bob")
    told = {"kind": "provider_oversight", "reason": "Two falls by one person", "due_on": DUE}
    told["owner_id"] = owner and world.member_id(owner)
    with world.acting(person) as actor:
        response_service.answer(
            actor=actor, response_id=response_id, decision=Decision(**(told | given))
        )
        db.session.commit()
