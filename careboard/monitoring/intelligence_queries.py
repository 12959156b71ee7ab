"""Reading the commissioner intelligence log and the contract governance notes.

Source: steps S2-3.1 and S2-3.5; rules 3.3, repeated commissioner queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, and_, func, select, true
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.evidence.queries import to
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.return_models import ContractNote
from careboard.records.models import Concern
from careboard.services.lists import Page, containing, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor

REPEATED_DAYS = 30


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Empty: any."""

    service_id: UUID | None = None
    text: str = ""


def log(*, actor: Actor, wanted: LogFilter, page: int) -> Page:
    """The log, the latest first. Rows (Concern, service, repeated): how many on that theme of that
    service came in the 30 days up to it. One statement."""
    other = aliased(Concern)
    repeated = (
        select(func.count())
        .where(
            other.org_id == actor.org_id,
            other.kind == "commissioner_query",
            other.service_id == Concern.service_id,
            other.theme == Concern.theme,
            other.occurred_on.between(
                Concern.occurred_on - timedelta(days=REPEATED_DAYS), Concern.occurred_on
            ),
        )
        .scalar_subquery()
    )
    statement = (
        select(Concern, Service.name.label("service"), repeated.label("repeated"))
        .join(Service, to(Service, Concern.org_id, Concern.service_id))
        .where(
            Concern.org_id == actor.org_id,
            Concern.kind == "commissioner_query",
            within(actor, Concern.service_id),
            Concern.service_id == wanted.service_id if wanted.service_id else true(),
            containing(wanted.text, Concern.theme, Concern.text, Concern.source_key),
        )
        .order_by(Concern.occurred_on.desc(), Concern.id.desc())
    )
    return fetch_page(statement, page=page)


def notes(
    *,
    actor: Actor,
    page: int = 1,
    service_id: UUID | None = None,
    episode_id: UUID | None = None,
) -> Page:
    """Contract governance notes, the latest first. Rows (ContractNote, service, by, episode).
    One statement."""
    statement = (
        select(
            ContractNote,
            Service.name.label("service"),
            Membership.name.label("by"),
            MonitoringEpisode.reference.label("episode"),
        )
        .join(Service, to(Service, ContractNote.org_id, ContractNote.service_id))
        .join(Membership, to(Membership, ContractNote.org_id, ContractNote.by_id))
        .outerjoin(
            MonitoringEpisode,
            and_(
                MonitoringEpisode.org_id == ContractNote.org_id,
                MonitoringEpisode.id == ContractNote.episode_id,
            ),
        )
        .where(
            ContractNote.org_id == actor.org_id,
            within(actor, ContractNote.service_id),
            ContractNote.service_id == service_id if service_id else true(),
            ContractNote.episode_id == episode_id if episode_id else true(),
        )
        .order_by(ContractNote.on_date.desc(), ContractNote.id.desc())
    )
    return fetch_page(statement, page=page)


def episode_choices(*, actor: Actor) -> Sequence[Row]:
    """(id, name) of the episodes that go on, with their service. One statement."""
    episode = MonitoringEpisode
    named = func.concat(Service.name, ": ", episode.title, " (", episode.reference, ")")
    return db.session.execute(
        select(episode.id, named.label("name"), episode.service_id)
        .join(Service, to(Service, episode.org_id, episode.service_id))
        .where(
            episode.org_id == actor.org_id,
            episode.status == "open",
            within(actor, episode.service_id),
        )
        .order_by(Service.name_norm)
    ).all()
