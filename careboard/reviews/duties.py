"""Which sittings are expected, of whom and by when.

Source: rule N14; steps S0-1.3 and S0-1.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from careboard.db import db
from careboard.reviews import cadence, rights
from careboard.reviews.cadence import RHYTHMS, Standing
from careboard.reviews.models import Review
from careboard.reviews.queries import Sitting, as_sitting, sittings_statement
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import FORUMS


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


def duties(*, actor: Actor) -> list[Duty]:
    """Every sitting that is expected of the organisation and its active services.

    The whole organisation's first, then overdue ones, then by the day they are due. Three
    statements, whatever the number of services.
    """
    latest = {
        (row[0].forum, row[0].service_id): as_sitting(actor, row)
        for row in db.session.execute(
            sittings_statement(actor)
            .where(Review.status == "signed", Review.forum.in_(cadence.EXPECTED))
            .ext(distinct_on(Review.forum, Review.service_id))
            .order_by(
                Review.forum, Review.service_id, Review.period_to.desc(), Review.signed_at.desc()
            )
        )
    }
    running = {
        (forum, service_id): review_id
        for forum, service_id, review_id in db.session.execute(
            select(Review.forum, Review.service_id, Review.id)
            .where(Review.org_id == actor.org_id, Review.status == "open")
            .order_by(Review.period_to)
        )
    }
    found = []
    for forum in cadence.EXPECTED:
        places = services(actor=actor) if RHYTHMS[forum].per_service else [(None, None)]
        for service_id, service in places:
            last = latest.get((forum, service_id))
            until = last.period_to if last else None
            found.append(
                Duty(
                    forum=forum,
                    service_id=service_id,
                    service=service,
                    last=last,
                    open_id=running.get((forum, service_id)),
                    standing=cadence.standing(forum, held_until=until, on=actor.today),
                    may_run=rights.may_run(actor, forum, service_id),
                )
            )
    return sorted(found, key=lambda d: (d.service_id is not None, d.standing.due_by))


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
