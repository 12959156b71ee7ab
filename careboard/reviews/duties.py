"""Which sittings are expected, of whom and by when.

Source: rule N14; steps S0-1.3, S0-1.5, S0-2.5 and S0-3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from careboard import figures
from careboard.db import db
from careboard.reviews import cadence, rights
from careboard.reviews.cadence import RHYTHMS, Standing
from careboard.reviews.models import Review
from careboard.reviews.queries import Sitting, as_sitting, in_use, sittings_statement
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import FORUMS

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Duty:
    """One forum's rhythm, of a service or the organisation: last held, running, next due."""

    forum: str
    service_id: UUID | None
    service: str | None
    last: Sitting | None
    open_id: UUID | None
    standing: Standing
    may_run: bool

    @property
    def forum_words(self) -> str:
        return FORUMS[self.forum]


@dataclass(frozen=True, slots=True)
class Duties:
    """One page of duties: the organisation's first, then overdue ones, then by the day they are
    due. `overdue` counts those of all pages."""

    rows: list[Duty]
    number: int
    pages: int
    total: int
    overdue: int


def duties(*, actor: Actor, page: int = 1) -> Duties:
    """Every sitting that is expected of the organisation and its active services.

    Five statements, whatever the number of services.
    """
    found = expected(actor=actor)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = min(max(1, page), pages)
    return Duties(
        rows=found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        number=number,
        pages=pages,
        total=len(found),
        overdue=sum(duty.standing.state == "overdue" for duty in found),
    )


def expected(*, actor: Actor) -> list[Duty]:
    """All of them, in the order of `Duties`."""
    latest = _latest(actor)
    running = _running(actor)
    starts = in_use(actor=actor)
    own = services(actor=actor)
    found = []
    for forum, rhythm in RHYTHMS.items():
        places = own if rhythm.per_service else [(None, None)]
        runs = None if rhythm.per_service else rights.may_run(actor, forum, None)
        for service_id, service in places:
            start = starts.get((forum, service_id)) or starts.get((forum, None))
            if not (forum in cadence.EXPECTED or (start is not None and start <= actor.today)):
                continue
            last = latest.get((forum, service_id))
            until = cadence.held_until(last_end=last.period_to if last else None, in_use_from=start)
            found.append(
                Duty(
                    forum=forum,
                    service_id=service_id,
                    service=service,
                    last=last,
                    open_id=running.get((forum, service_id)),
                    standing=cadence.standing(forum, held_until=until, on=actor.today),
                    may_run=rights.may_run(actor, forum, service_id) if runs is None else runs,
                )
            )
    return sorted(
        found,
        key=lambda d: (d.service_id is not None, -d.standing.days_overdue, d.standing.due_by),
    )


def _latest(actor: Actor) -> dict[tuple[str, UUID | None], Sitting]:
    rows = db.session.execute(
        sittings_statement(actor)
        .where(Review.status == "signed")
        .ext(distinct_on(Review.forum, Review.service_id))
        .order_by(Review.forum, Review.service_id, Review.period_to.desc(), Review.signed_at.desc())
    )
    return {(row[0].forum, row[0].service_id): as_sitting(actor, row) for row in rows}


def _running(actor: Actor) -> dict[tuple[str, UUID | None], UUID]:
    rows = db.session.execute(
        select(Review.forum, Review.service_id, Review.id)
        .where(Review.org_id == actor.org_id, Review.status == "open")
        .order_by(Review.period_to)
    )
    return {(forum, service_id): review_id for forum, service_id, review_id in rows}


def late(*, actor: Actor, on: date, most: int = 5) -> list[Any]:
    """The sittings that are overdue, the longest first: forum (`reference`), its words (`title`),
    service_id, service, `who` is to hold it, `on_date` (due) and days late. One statement."""
    return figures.foremost(actor=actor, code="sittings_overdue", on=on, most=most)


def services(*, actor: Actor) -> list[tuple[UUID, str]]:
    """(id, name) of the active services within the person's reach, by name."""
    statement = (
        select(Service.id, Service.name)
        .where(Service.org_id == actor.org_id, Service.active)
        .order_by(Service.name_norm)
    )
    if actor.service_ids is not None:
        statement = statement.where(Service.id.in_(actor.service_ids))
    return [(row.id, row.name) for row in db.session.execute(statement)]
