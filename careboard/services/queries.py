"""Services as lists, as choices, and one by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, or_, select, text, union_all

from careboard.accounts.models import Membership
from careboard.actions.models import Action
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.permissions import Role
from careboard.records.models import AuditConcern, Concern
from careboard.risks.rated import rated
from careboard.services.lists import Page, containing, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import RATINGS


@dataclass(frozen=True, slots=True)
class ServiceFilter:
    """Empty text: any."""

    kind: str = ""
    region: str = ""
    local_authority: str = ""
    text: str = ""


def service_within_reach(*, actor: Actor, service_id: UUID) -> Service:
    """The service. Raises NotFound when there is none, Forbidden beyond the person's services."""
    service = load(Service, actor.org_id, service_id)
    if not actor.reaches(service.id):
        raise Forbidden("This service is not one of yours. Ask your administrator if it should be.")
    return service


def list_services(*, actor: Actor, wanted: ServiceFilter, page: int) -> Page:
    """Rows (id, name, active, cqc_location_id, kind, local_authority, region, manager,
    audit_concerns, concerns, overdue, worst, assurance) by name; `worst` is the highest rating or
    None, `assurance` how far it may be relied upon.

    Three statements, however many services there are: the page, then what its rows count.
    """
    found = fetch_page(_listed(actor, wanted), page=page)
    ids = [row.id for row in found.rows]
    counts, worst = _counts(actor, ids), _worst(actor, ids)
    rows = [{**row._mapping, **counts[row.id], **worst[row.id]} for row in found.rows]
    return Page(rows, found.number, found.total, found.size)


def _listed(actor: Actor, wanted: ServiceFilter) -> Select:
    statement = (
        select(
            Service.id,
            Service.name,
            Service.active,
            Service.cqc_location_id,
            Service.kind,
            Service.local_authority,
            Service.region,
            Membership.name.label("manager"),
        )
        .outerjoin(
            Membership,
            (Membership.org_id == Service.org_id) & (Membership.id == Service.manager_id),
        )
        .where(Service.org_id == actor.org_id, within(actor, Service.id))
        .order_by(Service.active.desc(), Service.name_norm, Service.id)
    )
    for column, value in (
        (Service.kind, wanted.kind),
        (Service.region, wanted.region),
        (Service.local_authority, wanted.local_authority),
    ):
        if value:
            statement = statement.where(column == value)
    return statement.where(
        containing(
            wanted.text,
            Service.name,
            Service.cqc_location_id,
            Service.local_authority,
            Service.postcode,
            Membership.name,
        )
    )


def overdue(actor: Actor):
    """An action due before today and neither verified nor cancelled. Source: rules 3.3."""
    return (Action.due_on < actor.today) & Action.status.not_in(("verified", "cancelled"))


def open_concern():
    """A concern that awaits something; an item of feedback does not."""
    return (Concern.status == "open") & (Concern.kind != "feedback")


def open_audit_concern():
    """A dashboard audit risk: amber or red, and open. Source: rule N1."""
    return (AuditConcern.status == "open") & (AuditConcern.severity != "green")


def _counts(actor: Actor, service_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """What needs attention, per service. One statement that reads each table once."""
    counted = [
        (AuditConcern, "audit_concerns", open_audit_concern()),
        (Concern, "concerns", open_concern()),
        (Action, "overdue", overdue(actor)),
    ]
    parts = [
        select(model.service_id, literal(name).label("name"), func.count().label("value"))
        .where(model.org_id == actor.org_id, model.service_id.in_(service_ids), condition)
        .group_by(model.service_id)
        for model, name, condition in counted
    ]
    counts = {key: dict.fromkeys((name for _, name, _ in counted), 0) for key in service_ids}
    for row in db.session.execute(union_all(*parts)):
        counts[row.service_id][row.name] = row.value
    return counts


_WORST = text(
    f"""SELECT DISTINCT ON (x.service_id) x.service_id, x.rating, x.state
    FROM ({rated("AND r.service_id = ANY(:services)")}) x
    ORDER BY x.service_id, array_position(CAST(:ratings AS text[]), x.rating) DESC,
      x.state = 'assured'"""
)


def _worst(actor: Actor, service_ids: list[UUID]) -> dict[UUID, dict[str, str | None]]:
    """The highest rating of each service; of several, one that is not assured. One statement."""
    found = {key: {"worst": None, "assurance": "assured"} for key in service_ids}
    values = {
        "org": actor.org_id,
        "on": actor.today,
        "services": service_ids,
        "ratings": list(RATINGS),
    }
    for row in db.session.execute(_WORST, values):
        found[row.service_id] = {"worst": row.rating, "assurance": row.state}
    return found


def places(*, actor: Actor) -> tuple[list[str], list[str]]:
    """The regions and the local authorities of the person's services. One statement."""
    rows = db.session.execute(
        select(Service.region, Service.local_authority)
        .where(Service.org_id == actor.org_id, within(actor, Service.id))
        .distinct()
    ).all()
    regions = sorted({row.region for row in rows} - {""})
    return regions, sorted({row.local_authority for row in rows} - {""})


def service_choices(*, actor: Actor) -> Sequence[Row]:
    """(id, name) of the active services that the person reaches, by name."""
    return db.session.execute(
        select(Service.id, Service.name)
        .where(Service.org_id == actor.org_id, Service.active, within(actor, Service.id))
        .order_by(Service.name_norm)
    ).all()


def manager_choices(*, actor: Actor, also: UUID | None = None) -> Sequence[Row]:
    """(id, name) of the active registered managers, and of the person `also`, by name."""
    manages = Membership.roles.contains([Role.REGISTERED_MANAGER.value])
    return db.session.execute(
        select(Membership.id, Membership.name)
        .where(
            Membership.org_id == actor.org_id,
            or_(Membership.active & manages, Membership.id == also),
        )
        .order_by(func.lower(Membership.name))
    ).all()
