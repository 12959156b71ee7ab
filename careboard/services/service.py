"""Adding a service and changing its facts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from careboard import audit
from careboard.accounts.models import Membership, MembershipService
from careboard.db import db, load, lock, new_id
from careboard.errors import Invalid
from careboard.permissions import Permission, Role
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import SERVICE_KINDS


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What a person states of a service. `cqc_location_id` None: not registered by itself."""

    name: str
    kind: str
    cqc_location_id: str | None = None
    local_authority: str = ""
    region: str = ""
    manager_id: UUID | None = None
    active: bool = True


def add_service(*, actor: Actor, facts: ServiceFacts) -> UUID:
    """Add a service; returns its id. Its manager comes to reach it.

    Raises Forbidden without the right, Invalid for a name or location id that is taken.
    """
    actor.require(Permission.MANAGE_SERVICES)
    _check(actor, facts, service_id=None)
    service = Service(org_id=actor.org_id, id=new_id())
    _write(actor, service, facts)
    audit.record(
        actor=actor,
        tag="service:added",
        subject_id=service.id,
        after={"kind": facts.kind, "manager": facts.manager_id},
    )
    return service.id


def change_service(*, actor: Actor, service_id: UUID, facts: ServiceFacts) -> None:
    """Replace the facts of a service.

    Raises NotFound, Forbidden, or Invalid for a name or location id that is taken.
    """
    service = lock(Service, actor.org_id, service_id)
    actor.require(Permission.MANAGE_SERVICES, service.id)
    _check(actor, facts, service_id=service.id)
    before = {name: getattr(service, name) for name in asdict(facts)}
    changed = sorted(name for name, value in asdict(facts).items() if before[name] != value)
    if not changed:
        return
    _write(actor, service, facts)
    audit.record(
        actor=actor,
        tag="service:changed",
        subject_id=service.id,
        before={"manager": before["manager_id"], "active": before["active"]},
        after={"manager": facts.manager_id, "active": facts.active, "changed": changed},
    )


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def _check(actor: Actor, facts: ServiceFacts, *, service_id: UUID | None) -> None:
    if not facts.name:
        raise Invalid("Enter the name of the service.", "name")
    if facts.kind not in SERVICE_KINDS:
        raise Invalid("Choose what kind of service it is.", "kind")
    # Two people who add the same service at once would not see each other's.
    db.session.execute(_ONE_AT_A_TIME, {"key": f"services of {actor.org_id}"})
    taken = select(Service.id).where(Service.org_id == actor.org_id)
    if service_id is not None:
        taken = taken.where(Service.id != service_id)
    # Imports find a service by its name or its location id, so both must tell services apart.
    if db.session.scalar(taken.where(Service.name_norm == facts.name.lower()).limit(1)):
        raise Invalid(f"There is a service called “{facts.name}” already.", "name")
    location = facts.cqc_location_id
    if location and db.session.scalar(
        taken.where((Service.cqc_location_id == location) | (Service.source_key == location)).limit(
            1
        )
    ):
        raise Invalid("Another service has this CQC location ID.", "cqc_location_id")
    if facts.manager_id is not None:
        _check_manager(actor, facts.manager_id, service_id)


def _check_manager(actor: Actor, manager_id: UUID, service_id: UUID | None) -> None:
    member = db.session.get(Membership, (actor.org_id, manager_id))
    manages = member is not None and member.active and Role.REGISTERED_MANAGER in member.roles
    if manages or (
        member is not None
        and service_id is not None
        and load(Service, actor.org_id, service_id).manager_id == manager_id
    ):
        return
    raise Invalid("Choose a registered manager of this organisation.", "manager_id")


def _write(actor: Actor, service: Service, facts: ServiceFacts) -> None:
    try:
        with db.session.begin_nested():
            for name, value in asdict(facts).items():
                setattr(service, name, value)
            service.source_key = facts.cqc_location_id or service.source_key
            db.session.add(service)
    except IntegrityError as error:
        raise Invalid("Another service has this CQC location ID.", "cqc_location_id") from error
    if facts.manager_id is not None:
        _let_reach(actor, facts.manager_id, service.id)


def _let_reach(actor: Actor, membership_id: UUID, service_id: UUID) -> None:
    """A manager whose standing is limited to some services comes to reach this one too."""
    member = load(Membership, actor.org_id, membership_id)
    held = select(MembershipService.id).where(
        MembershipService.org_id == actor.org_id,
        MembershipService.membership_id == membership_id,
        MembershipService.service_id == service_id,
    )
    if member.all_services or db.session.scalar(held):
        return
    db.session.add(
        MembershipService(org_id=actor.org_id, membership_id=membership_id, service_id=service_id)
    )
    db.session.flush()
    audit.record(
        actor=actor,
        tag="member:scope_added",
        subject_id=membership_id,
        after={"service": service_id},
    )
