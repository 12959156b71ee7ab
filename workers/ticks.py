"""The job of the `ticks` queue: look which rows are due, and ring for them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from careboard import clock, custody, jobs, submissions
from careboard.accounts import sessions
from careboard.audit_log import heads
from careboard.db import db
from careboard.figures import providers_to_read
from careboard.recovery.response_rounds import providers_to_look_at
from careboard.reminders.queries import organisations_to_sweep
from careboard.rules.triggers import providers_to_evaluate
from careboard.updates.schedules import organisations_due
from workers.context import job


@job
def tick() -> None:
    """A queue in which jobs still wait is left alone: the next tick rings for the rest."""
    jobs.beat("tick")
    forget()
    ring_rounds()
    ring_rows("imports", "workers.imports.load", jobs.waiting_imports)
    ring_rows("packs", "workers.packs.make", jobs.waiting_packs)
    if not jobs.waiting("imports"):
        ring_each("workers.files.look", custody.organisations_to_look_at(), queue="imports")


def forget() -> None:
    """Old sessions, yesterday's attempts and forms are nobody's business any more."""
    sessions.forget()
    submissions.forget()
    db.session.commit()


def ring_rounds() -> None:
    """Ring for what each organisation is due: mail, figures, and what is asked every night."""
    if not jobs.waiting("mail"):
        ring_each("workers.declines.look", providers_to_look_at())
        ring_each("workers.rules.look", providers_to_evaluate())
        ring_each("workers.updates.draft", organisations_due())
        ring_each("workers.mail.remind", organisations_to_sweep())
        jobs.ring("mail", "workers.mail.drain")
        ring_each("workers.figures.read", providers_to_read())
        ring_each("workers.heads.sign", heads.organisations_without(clock.today()))


def ring_rows(queue: str, job_name: str, rows: Callable[[], list[tuple[UUID, UUID]]]) -> None:
    """Ring once for each row (its organisation and id) that waits for that job."""
    if not jobs.waiting(queue):
        for org_id, row_id in rows():
            jobs.ring(queue, job_name, str(org_id), str(row_id))


def ring_each(job_name: str, org_ids: list, *, queue: str = "mail") -> None:
    """Ring once for each organisation."""
    for org_id in org_ids:
        jobs.ring(queue, job_name, str(org_id))
