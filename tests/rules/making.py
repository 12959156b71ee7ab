"""A small rule of the tests' own, and concerns for it to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from careboard import audit, clock
from careboard.db import db, new_id
from careboard.records.models import Concern
from careboard.rules import queries, triggers
from careboard.rules.facts import Facts
from careboard.rules.rule import FIRES, QUIET, TOO_LITTLE, Finding, Parameter, RowRef, Rule
from tests.worlds import World

TODAY = date(2026, 11, 20)
HOUSE = "Alder House"


def _falls(facts: Facts, given, on: date) -> Iterator[Finding]:
    """Some falls in a window, by place."""
    first = on - timedelta(days=given["days"] - 1)
    for service_id in facts.services:
        own = [one for one in facts.concerns_of("incident") if one.service_id == service_id]
        recent = [one for one in own if one.theme == "falls" and first <= one.on <= on]
        for place in {one.place for one in own}:
            rows = tuple(
                RowRef("concern", one.on, one.reference, one.id)
                for one in recent
                if one.place == place
            )
            outcome = FIRES if len(rows) >= given["least"] else QUIET if own else TOO_LITTLE
            leaves = min((row.on + timedelta(days=given["days"]) for row in rows), default=None)
            said = f"{len(rows)} falls at {facts.services[service_id]}"
            yield Finding(service_id, place, outcome, said, rows, leaves)


FALLS = Rule(
    code="falls",
    version=1,
    words="repeated falls",
    source="the tests",
    parameters=(
        Parameter("least", "Falls", 2, "falls", 1, 50),
        Parameter("days", "Within", 28, "days", 7, 366),
    ),
    reads=frozenset({"services", "concerns"}),
    find=_falls,
    suggests=True,
)


def incident(world: World, on: date, **changes) -> UUID:
    """A fall in the lounge of Alder House, told by nobody in particular."""
    with world.acting("alice") as actor:
        values = {
            "kind": "incident",
            "service_id": world_service(actor, changes.pop("service", HOUSE)),
            "domain": "safety",
            "occurred_on": on,
            "theme": "falls",
            "place": "lounge",
            "status": "open",
            **changes,
        }
        row = Concern(org_id=actor.org_id, id=new_id(), recorded_at=clock.now(), **values)
        db.session.add(row)
        audit.record(actor=actor, tag="concern:recorded", subject_id=row.id)
        db.session.commit()
        return row.id


def world_service(actor, name: str) -> UUID:
    from sqlalchemy import select

    from careboard.services.models import Service

    return db.session.scalar(
        select(Service.id).where(Service.org_id == actor.org_id, Service.name == name)
    )


def look(world: World, on: date) -> triggers.Looked:
    """The calendar moved to that day, and every rule asked."""
    clock.freeze(on)
    with world.acting("alice") as actor:
        looked = triggers.look(actor=actor, on=on)
        db.session.commit()
    return looked


def says(world: World, on: date) -> list:
    """What every rule says of a day, as plain values."""
    with world.acting("alice") as actor:
        found = queries.evaluation(actor=actor, on=on)
    return [
        (answer.rule.code, answer.rule.version, answer.used.number, answer.findings)
        for answer in found.answers
    ]
