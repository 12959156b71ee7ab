"""`careboard sweep NAME [--on DATE]`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import click

from careboard import clock, custody
from careboard.audit_log import heads
from careboard.commands import application
from careboard.db import db
from careboard.reminders import queries, sending, service
from careboard.rules import triggers
from careboard.tenancy import acting_for
from careboard.updates import fortnights, schedules


def _reminders(on: date | None) -> str:
    """Each organisation's round of that day (none given: its own today), whatever the hour."""
    mails = reminders = organisations = 0
    found = queries.organisations_with_due_work(on or clock.today() + timedelta(days=1))
    db.session.remove()
    for org_id in found:
        with acting_for(org_id) as actor:
            swept = service.sweep_reminders(actor=actor, on=on or actor.today)
            db.session.commit()
        mails += swept.mails
        reminders += swept.reminders
        organisations += swept.mails > 0
    return f"{mails} mails with {reminders} reminders in {organisations} organisations."


def _drain(on: date | None) -> str:
    """Send what the outbox owes; the day does not matter."""
    drained = sending.drain()
    return f"{drained.sent} sent, {drained.failed} not sent."


def _heads(on: date | None) -> str:
    """Sign the end of each audit chain that has grown since it was signed last."""
    found = heads.organisations_without(on or clock.today())
    db.session.remove()
    kept = 0
    for org_id in found:
        with acting_for(org_id) as actor:
            kept += heads.keep_todays(actor=actor, on=on or actor.today) is not None
            db.session.commit()
    return f"{kept} of {len(found)} chains signed."


def _files(on: date | None) -> str:
    """Scan what is in quarantine and read again what nobody has read for a day."""
    found = custody.organisations_to_look_at()
    db.session.remove()
    total = custody.Seen()
    for org_id in found:
        with acting_for(org_id) as actor:
            total += custody.look(actor=actor)
    return (
        f"{total.same} files the same, {total.damaged} damaged or lost; from quarantine "
        f"{total.cleared} cleared, {total.rejected} rejected."
    )


def _rules(on: date | None) -> str:
    """What the rules say of each organisation that has something new, or whose day has come."""
    total = triggers.Looked()
    found = triggers.providers_to_evaluate(on)
    db.session.remove()
    for org_id in found:
        with acting_for(org_id) as actor:
            total += triggers.look(actor=actor, on=on or actor.today)
            db.session.commit()
    return (
        f"{len(found)} organisations looked at; {total.fired} triggers fired, {total.changed} "
        f"changed, {total.closed} closed."
    )


def _updates(on: date | None) -> str:
    """Draft what is due: now, or as at nine o'clock of that day."""
    present = fortnights.instant(on, clock.LONDON) if on else clock.now()
    total = schedules.Made()
    found = schedules.organisations_due(present)
    db.session.remove()
    for org_id in found:
        with acting_for(org_id) as actor:
            total += schedules.catch_up(actor=actor, present=present)
            db.session.commit()
    return (
        f"{total.drafted} updates drafted in {len(found)} organisations, {total.missed} fortnights "
        "missed."
    )


SWEEPS: dict[str, Callable[[date | None], str]] = {
    "reminders": _reminders,
    "drain": _drain,
    "files": _files,
    "heads": _heads,
    "rules": _rules,
    "updates": _updates,
}


@click.command("sweep")
@click.argument("name", type=click.Choice(sorted(SWEEPS)))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As on this day.")
def command(name: str, on: datetime | None) -> None:
    """Run one sweep now: `reminders` posts today's digests, `drain` sends what is posted,
    `files` looks after kept files, `heads` signs the ends of the audit chains, `rules` asks the
    rules, `updates` drafts the recovery updates that are due."""
    with application():
        outcome = SWEEPS[name](on.date() if on else None)
    click.echo(f"{name}: {outcome}")
