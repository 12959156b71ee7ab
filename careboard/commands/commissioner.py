"""`careboard commissioner confirm | end | list`."""

from __future__ import annotations

import click

from careboard import clock
from careboard.commands import application, owner
from careboard.packs import identity


@click.group("commissioner")
def command() -> None:
    """Confirm which domains are a commissioner's own, before anybody reads for it."""


@command.command("confirm")
@click.argument("slug")
@click.option("--domain", required=True, help="What stands after the @ of its staff.")
@click.option("--how", required=True, help="How you made sure that it is theirs.")
def confirm(slug: str, domain: str, how: str) -> None:
    """Confirm that addresses at the domain are those of the commissioner SLUG."""
    with application(), owner() as connection:
        identity.confirm(connection, slug=slug, domain=domain, how=how, on=clock.today())
    click.echo(f"Confirmed: {identity.plain(domain)} is {slug}.")


@command.command("end")
@click.argument("slug")
@click.option("--domain", required=True)
def end(slug: str, domain: str) -> None:
    """Take a confirmation back: nobody at the domain reads for SLUG any more."""
    with application(), owner() as connection:
        identity.end(connection, slug=slug, domain=domain)
    click.echo(f"{identity.plain(domain)} is no longer confirmed for {slug}.")


@command.command("list")
def show() -> None:
    """One line a domain, and commissioners that have none."""
    with application(), owner() as connection:
        for row in identity.everything(connection):
            told = f"{row.domain}\t{row.confirmed_on}\t{row.how}" if row.domain else "NOT CONFIRMED"
            click.echo(f"{row.slug}\t{told}")
