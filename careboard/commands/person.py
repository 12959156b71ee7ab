"""`careboard person invite | reset-second-factor | export | erase EMAIL`."""

from __future__ import annotations

import json

import click

from careboard import tenancy
from careboard.accounts import invitations, person_data, resets
from careboard.commands import application, owner
from careboard.db import db


@click.group("person")
def command() -> None:
    """Invite a person, help one who is locked out, tell or take away account data."""


@command.command("invite")
@click.argument("email")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, default=["administrator"], show_default=True)
def invite(email: str, org: str, name: str, roles: tuple[str, ...]) -> None:
    """Add the person, such as the first administrator, and send a link that sets a password."""
    with application(), tenancy.acting_for(org) as actor:
        invitations.invite(
            actor=actor, name=name, email=email, job_title="", roles=list(roles), service_ids=None
        )
        db.session.commit()
    click.echo(f"Invited {email}.")


@command.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take away the second factor of somebody who lost it and belongs to several organisations."""
    with application():
        resets.by_operator(email=email)
        db.session.commit()
    click.echo(f"{email} sets up a new second factor at the next sign-in.")


@command.command("export")
@click.argument("email")
def export(email: str) -> None:
    """Print all that is held about the person as JSON."""
    with application(), owner() as connection:
        told = person_data.export(connection, email)
    click.echo(json.dumps(told, indent=2, default=str))


@command.command("erase")
@click.argument("email")
@click.confirmation_option(prompt="Take this person's account data away? It cannot be undone.")
def erase(email: str) -> None:
    """Take name, address, password, second factors and sign-ins away, everywhere."""
    with application(), owner() as connection:
        number = person_data.erase(connection, email)
    click.echo(f"Erased; {number} organisations have it in their audit trail.")
