"""The people that tests speak of: alice leads Alder, bob manages one of its services, rita works
there, vera verifies, ben sits on the board, adam administers; charlie leads Birch, a stranger;
carol reads for the commissioner Northshire."""

from __future__ import annotations

import contextvars
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from careboard import clock, tenancy
from careboard.accounts import service as accounts
from careboard.accounts import sessions
from careboard.accounts.models import Account, Membership, Organisation
from careboard.commands import owner
from careboard.db import db, new_id
from careboard.packs import identity
from careboard.services.models import Service
from careboard.tenancy import Actor

PASSWORD = "correct horse battery staple"
ORGANISATIONS = {
    "alder": ("Alder Care", "provider", "1-1000000001"),
    "birch": ("Birch Homes", "provider", "1-2000000001"),
    "northshire": ("Northshire Council", "commissioner", None),
}
SERVICES = {
    "alder": [("Alder House", "home"), ("Alder Lodge", "home"), ("Alder Homecare", "homecare")],
    "birch": [("Birch House", "home")],
}
# name: organisation, roles, services (None: all)
PEOPLE = {
    "alice": ("alder", ["governance_lead"], None),
    "bob": ("alder", ["registered_manager"], ["Alder House"]),
    "rita": ("alder", ["contributor"], ["Alder House"]),
    "vera": ("alder", ["verifier"], None),
    "cora": ("alder", ["contracts_lead"], None),
    "ben": ("alder", ["board_member"], None),
    "adam": ("alder", ["administrator"], None),
    "charlie": ("birch", ["governance_lead"], None),
    "carol": ("northshire", ["commissioner_reader"], None),
}


def build_world() -> None:
    """Store the organisations, services and people above."""
    for slug, (name, kind, cqc) in ORGANISATIONS.items():
        accounts.create_organisation(slug=slug, name=name, kind=kind, cqc_provider_id=cqc)
        db.session.commit()
        db.session.remove()
        with tenancy.acting_for(slug) as actor:
            services = _add_services(actor, slug)
            for person, (org, roles, scope) in PEOPLE.items():
                if org == slug:
                    _add_person(actor, person, roles, scope, services)
            db.session.commit()
    confirm_domain("northshire", "northshire.example")


def confirm_domain(slug: str, domain: str) -> None:
    """As CareBoard's operator does."""
    with owner() as connection:
        identity.confirm(
            connection,
            slug=slug,
            domain=domain,
            how="Rang the switchboard.",
            on=clock.today(),
        )


def _add_services(actor: Actor, slug: str) -> dict[str, UUID]:
    added = {}
    for number, (name, kind) in enumerate(SERVICES.get(slug, [])):
        location = f"1-{'1' if slug == 'alder' else '2'}00000010{number}"
        row = Service(
            org_id=actor.org_id,
            id=new_id(),
            source_key=location,
            cqc_location_id=location,
            name=name,
            kind=kind,
            local_authority="Northshire",
            region="South West",
        )
        db.session.add(row)
        added[name] = row.id
    db.session.flush()
    return added


def _add_person(actor, person, roles, scope, services) -> None:
    email = f"{person}@{actor.org_slug}.example"
    account_id = accounts.ensure_account(
        email=email, name=person.title(), password=PASSWORD, demo=True
    )
    member_id = accounts.add_member(
        actor=actor,
        account_id=account_id,
        name=person.title(),
        email=email,
        roles=roles,
        service_ids=None if scope is None else [services[name] for name in scope],
    )
    if roles == ["registered_manager"]:
        for name in scope:
            db.session.get(Service, (actor.org_id, services[name])).manager_id = member_id


class Browser(FlaskClient):
    """A client whose requests know nothing of the test's own application context, nor of each
    other's: Flask would share `g`, and with it the signed-in person."""

    def open(self, *args, **kwargs):
        return contextvars.Context().run(super().open, *args, **kwargs)


class World:
    """Look-ups and signed-in clients over the prepared database."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.test_client_class = Browser

    def org_id(self, slug: str = "alder") -> UUID:
        return db.session.scalar(select(Organisation.id).where(Organisation.slug == slug))

    def actor(self, person: str) -> Actor:
        """The person as a route would see them, outside any request; binds nothing."""
        slug = PEOPLE[person][0]
        account_id = db.session.scalar(
            select(Account.id).where(Account.email == f"{person}@{slug}.example")
        )
        actor = tenancy.enter(slug=slug, account_id=account_id, request_id="test", read_only=False)
        db.session.remove()
        return actor

    def acting(self, person: str):
        """A context in which services may be called: `with world.acting("bob") as bob`."""
        return _Acting(self.actor(person))

    def client(self, person: str | None = None) -> FlaskClient:
        """A browser-like client, signed in as that person."""
        client = self.app.test_client()
        if person is not None:
            slug = PEOPLE[person][0]
            account_id = db.session.scalar(
                select(Account.id).where(Account.email == f"{person}@{slug}.example")
            )
            token = sessions.begin(account_id=account_id, second_factor=True)
            db.session.commit()
            db.session.remove()
            with client.session_transaction() as session:
                session["_user_id"] = token
                session["_fresh"] = True
        return client

    def service_id(self, name: str, slug: str = "alder") -> UUID:
        return self.in_org(slug, select(Service.id).where(Service.name == name))

    def member_id(self, person: str) -> UUID:
        slug = PEOPLE[person][0]
        return self.in_org(slug, select(Membership.id).where(Membership.name == person.title()))

    def in_org(self, slug: str, statement):
        """The single value of a statement run within that organisation."""
        org_id = self.org_id(slug)
        db.session.remove()
        with tenancy.tenant_context(org_id):
            return db.session.scalar(statement)

    def sql(self, statement: str, slug: str = "alder", **values) -> list:
        """Rows of raw SQL, as the app role within that organisation."""
        org_id = self.org_id(slug)
        db.session.remove()
        with tenancy.tenant_context(org_id):
            return list(db.session.execute(text(statement), values))


class _Acting:
    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def __enter__(self) -> Actor:
        self.context = tenancy.tenant_context(
            self.actor.org_id, membership_id=self.actor.membership_id
        )
        self.context.__enter__()
        return self.actor

    def __exit__(self, *error) -> None:
        self.context.__exit__(*error)
