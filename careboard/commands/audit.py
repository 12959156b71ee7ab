"""`careboard audit verify`, `export` and `key`."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
from sqlalchemy import text

from careboard import audit
from careboard.audit_log import export, heads
from careboard.commands import application
from careboard.db import db
from careboard.tenancy import acting_for


@click.group("audit")
def command() -> None:
    """Walk the audit chain, take it away, or print its signing key."""


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
                signed = heads.kept(actor.org_id)
                unfit = heads.first_unfit(actor.org_id, signed)
            broken = broken or not (verdict.intact and kept and unfit is None)
            click.echo(f"{slug}: {describe(verdict)}; {of_heads(len(signed), unfit)}")
            if head:
                click.echo(f"event {seq}: {'the same hash' if kept else 'ANOTHER HASH, or none'}")
    if broken:
        raise SystemExit(1)


@command.command("export")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_(org: str, file: Path) -> None:
    """Write the whole trail, its signed heads and what checks them into the zip FILE."""
    with application(), acting_for(org) as actor:
        with export.export(actor=actor, name=file.name) as made, file.open("wb") as out:
            shutil.copyfileobj(made, out)
        audit.record(actor=actor, tag="audit:exported", subject_id="events")
        db.session.commit()
    click.echo(f"{file}: check it with `python3 verify.py {file.name}`.")


@command.command("key")
def key() -> None:
    """Print the public key that heads and packs are signed with; below it, with the last day of
    each, those before."""
    with application():
        for one in heads.site_keys():
            click.echo(f"{one.key}:{one.until}" if one.until else one.key)


def of_heads(count: int, unfit: heads.Head | None) -> str:
    """The signed heads, for people."""
    if unfit is not None:
        return f"REWRITTEN: event {unfit.seq} is not the one that was signed {unfit.signed_at}"
    return f"{count} signed heads, all fit"


def describe(verdict: audit.Verdict) -> str:
    """One line for people."""
    if verdict.broken is not None:
        return f"BROKEN at event {verdict.broken.seq} ({verdict.broken.tag})"
    if not verdict.head_matches:
        return f"BROKEN: {verdict.events} events, but the head row says otherwise"
    return f"{verdict.events} events, chain intact"
