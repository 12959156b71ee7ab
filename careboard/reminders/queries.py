"""Deliveries: every mail with its fate; and which organisations await their daily round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select, text
from sqlalchemy.orm import defer

from careboard import clock, mailer
from careboard.accounts.models import Membership
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.mailer import Rendered
from careboard.permissions import Permission
from careboard.reminders import duty_rows, outbox, schedule
from careboard.reminders.models import Outbox, Suppression
from careboard.reminders.service import ROUND, round_begins
from careboard.tenancy import Actor

PAGE_ROWS = 50
FATES = {
    "ready": "Waiting",
    "sending": "Being sent",
    "sent": "Sent",
    "dead": "Given up",
    "suppressed": "Stopped",
}
KINDS = {
    "digest": "Daily digest",
    "assigned": "New action",
    "returned": "Returned work",
    "claim_outcome": "Outcome of a validation",
    "update_returned": "Update sent back",
    "unreachable": "Owner cannot be reached",
    "invitation": "Invitation",
    "password": "New password",
    "reader_invitation": "Invitation of a commissioner's reader",
    "pack_notice": "Notice to a commissioner's reader",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows and where it stands among all; numbers count from 1."""

    rows: list[Outbox]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))


def sees_all(actor: Actor) -> bool:
    """Whether the person sees everyone's mail, not only their own."""
    return actor.may(Permission.MANAGE_DELIVERIES) and actor.service_ids is None


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    conditions = [Outbox.org_id == actor.org_id]
    if not sees_all(actor):
        conditions.append(Outbox.membership_id == actor.membership_id)
    return conditions


def deliveries(*, actor: Actor, fate: str = "", kind: str = "", q: str = "", page: int = 1) -> Page:
    """Mail newest first; `q` is looked for in name, address and subject."""
    conditions = _visible(actor)
    if fate:
        conditions.append(Outbox.status == fate)
    if kind:
        conditions.append(Outbox.kind == kind)
    if q:
        fields = (Outbox.to_name, Outbox.to_email, Outbox.subject)
        conditions.append(or_(*(field.icontains(q, autoescape=True) for field in fields)))
    total = db.session.scalar(select(func.count()).select_from(Outbox).where(*conditions)) or 0
    number = min(max(page, 1), max(1, -(-total // PAGE_ROWS)))
    statement = (
        select(Outbox)
        .options(defer(Outbox.content))
        .where(*conditions)
        .order_by(Outbox.created_at.desc(), Outbox.id.desc())
        .limit(PAGE_ROWS)
        .offset((number - 1) * PAGE_ROWS)
    )
    return Page(list(db.session.scalars(statement)), number, total)


def counts(*, actor: Actor) -> dict[str, int]:
    """How many of the visible mails have each fate."""
    statement = select(Outbox.status, func.count()).where(*_visible(actor)).group_by(Outbox.status)
    found = {status: count for status, count in db.session.execute(statement)}
    return {fate: found.get(fate, 0) for fate in FATES}


def delivery(*, actor: Actor, mail_id: UUID) -> Outbox:
    """One mail. Raises NotFound, or Forbidden for someone else's without the right."""
    mail = load(Outbox, actor.org_id, mail_id)
    if not sees_all(actor) and mail.membership_id != actor.membership_id:
        raise Forbidden("This mail was sent to someone else.")
    return mail


def written_out(mail: Outbox) -> Rendered:
    """The mail's text and HTML, as it is or was sent."""
    return mailer.render(outbox.letter_of(mail))


@dataclass(frozen=True, slots=True)
class OwnMail:
    """Where and how often a person is written to; `stopped` when their address refuses mail."""

    email: str
    mail_mode: str
    stopped: bool


def own_mail(*, actor: Actor) -> OwnMail:
    member = load(Membership, actor.org_id, actor.membership_id)
    stopped = select(Suppression.id).where(
        Suppression.org_id == actor.org_id, Suppression.email_norm == member.email.lower()
    )
    return OwnMail(member.email, member.mail_mode, db.session.scalar(stopped) is not None)


_AWAITING = text("""
SELECT d.org_id, o.time_zone, h.beat_at
FROM app.organisations_with_due_work(
  :day, :latest, :since, :summary_month, CAST(:forums AS text[]), CAST(:ends AS date[])) d
JOIN organisation o ON o.id = d.org_id
LEFT JOIN heartbeat h ON h.name = :prefix || d.org_id
""")


def organisations_to_sweep() -> list[UUID]:
    """Those with due work whose round of today has not been: one statement for all.

    A day's round begins at seven by the organisation's own clock, on working days.
    """
    # East of London a day begins earlier; the organisation's own clock decides below.
    since = datetime.combine(clock.today(), time.min, UTC)
    now = clock.now()
    return [
        row.org_id
        for row in _with_due_work(clock.today() + timedelta(days=1), since)
        if _round_is_due(row, now)
    ]


def _round_is_due(row: Row, now: datetime) -> bool:
    today = clock.today(row.time_zone)
    begins = round_begins(today, row.time_zone)
    done = row.beat_at is not None and row.beat_at >= begins
    return schedule.mail_leaves(today) and now >= begins and not done


def organisations_with_due_work(on: date) -> list[UUID]:
    """Those that a round of that day may have something to tell, whether it has been or not."""
    return [row.org_id for row in _with_due_work(on, None)]


def _with_due_work(on: date, since: datetime | None) -> list[Row]:
    forums = duty_rows.sittings_owed(on)
    values = {
        "day": on,
        "latest": on + schedule.FURTHEST,
        "since": since,
        "summary_month": duty_rows.summary_asked(schedule.week_ends(on))["summary_month"],
        "forums": list(forums),
        "ends": list(forums.values()),
        "prefix": ROUND,
    }
    return list(db.session.execute(_AWAITING, values))
