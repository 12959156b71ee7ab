"""Fill an empty database with the demo's organisations, through the services that people use."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask_security import hash_password
from sqlalchemy import select, update

from careboard import clock
from careboard.accounts import service as accounts
from careboard.accounts.models import Account, Organisation
from careboard.commands import owner
from careboard.db import db
from careboard.demo import governance
from careboard.demo.packs import seed_pack
from careboard.demo.people import ORGANISATIONS, PEOPLE
from careboard.demo.records import year_of
from careboard.imports import command_line
from careboard.packs import identity
from careboard.services.models import Service
from careboard.tenancy import Actor, acting_for

# A feed comes after those that it refers to.
FEEDS = (
    *("services", "audits", "audit_concerns", "actions", "incidents", "complaints", "feedback"),
    *("safeguarding", "commissioner_queries"),
)


def is_empty() -> bool:
    """Whether no organisation has been made yet."""
    return db.session.scalar(select(Organisation.id).limit(1)) is None


def fill() -> None:
    """Make the organisations, their people, their year of records and what was done about it."""
    for slug, name, kind, cqc in ORGANISATIONS:
        accounts.create_organisation(slug=slug, name=name, kind=kind, cqc_provider_id=cqc)
        db.session.commit()
        db.session.remove()
        with acting_for(slug) as actor:
            if kind == "provider":
                year = year_of(slug, name, cqc, clock.today())
                _load(actor, "services", year.file("services"))
                _add_people(actor)
                for feed in FEEDS[1:]:
                    _load(actor, feed, year.file(feed))
            else:
                _add_people(actor)
                _confirm_domain(slug)
            db.session.commit()
    governance.fill()
    seed_pack()


def _confirm_domain(slug: str) -> None:
    with owner() as connection:
        identity.confirm(
            connection,
            slug=slug,
            domain=f"{slug}.example",
            how="The address on its own site; rang its switchboard.",
            on=clock.today() - timedelta(days=60),
        )


def _load(actor: Actor, feed: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{feed}-export.csv"
        path.write_bytes(content)
        command_line.run(actor=actor, feed=feed, path=path, source="care system")
    db.session.commit()


def _add_people(actor: Actor) -> None:
    rows = db.session.execute(
        select(Service.name, Service.id).where(Service.org_id == actor.org_id)
    )
    services = {row.name: row.id for row in rows}
    for person in PEOPLE:
        if person.org != actor.org_slug:
            continue
        account_id = accounts.ensure_account(email=person.email, name=person.name, demo=True)
        member_id = accounts.add_member(
            actor=actor,
            account_id=account_id,
            name=person.name,
            email=person.email,
            job_title=person.job_title,
            roles=list(person.roles),
            service_ids=None
            if person.services is None
            else [services[name] for name in person.services],
        )
        if "registered_manager" in person.roles:
            _appoint(actor, member_id, [services[name] for name in person.services])
    db.session.commit()


def _appoint(actor: Actor, member_id: UUID, service_ids: list[UUID]) -> None:
    db.session.execute(
        update(Service)
        .where(Service.org_id == actor.org_id, Service.id.in_(service_ids))
        .values(manager_id=member_id)
    )


def set_passwords(password: str) -> None:
    """Give every demo account this password; nobody else's is touched."""
    hashed = hash_password(password)
    db.session.execute(update(Account).where(Account.demo).values(password=hashed))
    db.session.commit()
