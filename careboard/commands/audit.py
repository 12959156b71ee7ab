"""`careboard audit verify`."""

from __future__ import annotations

import click
from sqlalchemy import text

from careboard import audit
from careboard.commands import application
from careboard.db import db
from careboard.tenancy import acting_for


@click.group("audit")
def command() -> None:
    """Walk the audit chain."""


@command.command("verify")
@click.option("--org", help="Only this organisation.")
@click.option("--head", metavar="EVENT:HASH", help="As printed in a board pack of --org.")
def verify(org: str | None, head: str | None) -> None:
    """Walk each organisation's chain; ends with code 1 and the first broken link, if any.

    With --head also ends so when the event of that number has another hash than that.
    """
    broken = False
    seq, _, sha256 = (head or "").partition(":")
    if head and not (org and seq.isascii() and seq.isdigit() and len(seq) < 19 and sha256):
        raise click.ClickException("--head is EVENT:HASH, and needs --org.")
    with application():
        query = text("SELECT slug FROM organisation WHERE slug = :slug OR :slug IS NULL ORDER BY 1")
        slugs = list(db.session.execute(query, {"slug": org}).scalars())
        if not slugs:
            raise click.ClickException(f"There is no organisation “{org}”.")
        for slug in slugs:
            with acting_for(slug) as actor:
                verdict = audit.verify(actor.org_id)
                kept = not head or audit.still_has(actor.org_id, int(seq), sha256)
            broken = broken or not (verdict.intact and kept)
            click.echo(f"{slug}: {describe(verdict)}")
            if head:
                click.echo(f"event {seq}: {'the same hash' if kept else 'ANOTHER HASH, or none'}")
    if broken:
        raise SystemExit(1)


def describe(verdict: audit.Verdict) -> str:
    """One line for people."""
    if verdict.broken is not None:
        return f"BROKEN at event {verdict.broken.seq} ({verdict.broken.tag})"
    if not verdict.head_matches:
        return f"BROKEN: {verdict.events} events, but the head row says otherwise"
    return f"{verdict.events} events, chain intact"
