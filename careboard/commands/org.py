"""`careboard org create | list`."""

from __future__ import annotations

import click
from sqlalchemy import text

from careboard.accounts.service import create_organisation
from careboard.commands import application
from careboard.db import db


@click.group("org")
def command() -> None:
    """Create and list organisations."""


@command.command("create")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice(["provider", "commissioner"]), required=True)
@click.option("--cqc-provider-id")
def create(slug: str, name: str, kind: str, cqc_provider_id: str | None) -> None:
    """Make an organisation with the short name SLUG."""
    with application():
        create_organisation(slug=slug, name=name, kind=kind, cqc_provider_id=cqc_provider_id)
        db.session.commit()
    click.echo(f"Created {slug}.")


@command.command("list")
def show() -> None:
    """One line an organisation."""
    with application():
        for row in db.session.execute(text("SELECT slug, kind, name FROM organisation ORDER BY 1")):
            click.echo(f"{row.slug}\t{row.kind}\t{row.name}")
