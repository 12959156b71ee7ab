"""Reminders of one organisation: the daily round, and what people decide about their mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert

from careboard import audit, clock, jobs
from careboard.accounts.models import Membership
from careboard.db import db, lock, new_id
from careboard.errors import Conflict, Invalid
from careboard.permissions import Permission
from careboard.reminders import digests, duty_rows, outbox, people, recipients, schedule
from careboard.reminders.models import Outbox, Reminder, Suppression
from careboard.reminders.outbox import Post
from careboard.reminders.recipients import Due
from careboard.tenancy import Actor

# The heartbeat of an organisation's rounds is this and its id.
ROUND = "reminders:"
ROUND_BEGINS = time(7)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MAIL_MODES = ("daily", "weekly", "urgent")


@dataclass(frozen=True, slots=True)
class Swept:
    """What one round raised: mails posted, and reminders of one thing to an address in them."""

    mails: int = 0
    reminders: int = 0


def sweep_reminders(*, actor: Actor, on: date) -> Swept:
    """Post each person's digest of what has fallen due by that day and was not told before.

    Safe to repeat and to run twice at once: rounds of an organisation take turns, a digest exists
    once per person and day, a reminder once per thing, rule, occurrence and address. Nothing
    leaves on days that are not working days.
    """
    if not schedule.mail_leaves(on):
        return Swept()
    last_round = _take_turn(actor, on)
    found = people.candidates(actor=actor, latest=on + schedule.FURTHEST)
    dues = recipients.all_due(
        [*found, *duty_rows.duties(actor=actor, on=on)],
        people.directory(actor=actor),
        on=on,
        weekly=schedule.weekly_digest_leaves(on, last_round),
    )
    by_key = {f"digest:{on}:{email}": own for email, own in digests.by_person(dues).items()}
    posted = outbox.post_all(
        actor=actor, posts=[_digest(key, own, on) for key, own in by_key.items()]
    )
    raised = _claim(actor, [(posted[key], due) for key in posted for due in by_key[key]])
    return Swept(len(posted), raised)


# The row is locked until the round commits, and says which day's round was the last.
_TAKE_TURN = text("""
WITH before AS (SELECT beat_at FROM heartbeat WHERE name = :name)
INSERT INTO heartbeat (name, beat_at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET beat_at = greatest(heartbeat.beat_at, excluded.beat_at)
RETURNING (SELECT beat_at FROM before)
""")


def _take_turn(actor: Actor, on: date) -> date | None:
    """Wait for a round that is under way; returns the day of the last one, if any.

    A round run by hand for a day to come does not stand in for that day's own.
    """
    zone = actor.time_zone
    at = round_begins(on, zone) if on <= actor.today else _NEVER
    name = f"{ROUND}{actor.org_id}"
    before = db.session.execute(_TAKE_TURN, {"name": name, "at": at}).scalar_one()
    if before is None or before == _NEVER:
        return None
    return before.astimezone(ZoneInfo(zone)).date()


def round_begins(on: date, time_zone: str) -> datetime:
    """When that day's round may begin, by the organisation's own clock."""
    return datetime.combine(on, ROUND_BEGINS, ZoneInfo(time_zone))


def _digest(key: str, dues: list[Due], on: date) -> Post:
    person = digests.person_of(dues)
    return Post(
        kind="digest",
        to_email=person.email,
        to_name=person.name,
        membership_id=person.membership_id,
        template="digest",
        content=digests.content(dues, on),
        subject=digests.subject(dues, on),
        why=digests.why(dues),
        dedupe_key=key,
    )


def _claim(actor: Actor, raised: list[tuple[UUID, Due]]) -> int:
    if not raised:
        return 0
    rows = [
        {
            "org_id": actor.org_id,
            "id": new_id(),
            "subject_id": due.about.id,
            "rule": due.occurrence.rule,
            "occurrence": due.occurrence.on,
            "to_email": due.person.key,
            "outbox_id": outbox_id,
        }
        for outbox_id, due in raised
    ]
    statement = insert(Reminder).on_conflict_do_nothing().returning(Reminder.id)
    return len(db.session.execute(statement, rows).all())


def set_mail_mode(*, actor: Actor, mail_mode: str) -> None:
    """How often the person themself gets digests. Raises Invalid for an unknown way."""
    if mail_mode not in MAIL_MODES:
        raise Invalid("Choose how often you want your digest.", "mail_mode")
    member = lock(Membership, actor.org_id, actor.membership_id)
    before, member.mail_mode = member.mail_mode, mail_mode
    db.session.flush()
    audit.record(
        actor=actor,
        tag="member:mail_mode",
        subject_id=member.id,
        before={"mail_mode": before},
        after={"mail_mode": mail_mode},
    )


def requeue(*, actor: Actor, mail_id: UUID) -> None:
    """Try a mail again that was given up or stopped, and open its address again.

    Raises Conflict when it is on its way or has been sent.
    """
    actor.require(Permission.MANAGE_DELIVERIES)
    mail = lock(Outbox, actor.org_id, mail_id)
    if mail.status not in ("dead", "suppressed"):
        raise Conflict("This mail is on its way or has been sent. Reload the page.")
    before = mail.status
    mail.status, mail.attempts, mail.not_before = "ready", 0, clock.utc_now()
    db.session.execute(
        delete(Suppression).where(
            Suppression.org_id == actor.org_id, Suppression.email_norm == mail.to_email.lower()
        )
    )
    db.session.flush()
    audit.record(
        actor=actor,
        tag="delivery:requeued",
        subject_id=mail.id,
        before={"status": before},
        after={"status": "ready"},
    )
    jobs.enqueue_after_commit("mail", "workers.mail.drain")
