"""The job of the `ticks` queue: look which rows are due, and ring for them."""

from __future__ import annotations

from careboard import jobs
from careboard.figures import providers_to_read
from careboard.reminders.queries import organisations_to_sweep
from workers.context import job


@job
def tick() -> None:
    """A queue in which jobs still wait is left alone: the next tick rings for the rest."""
    jobs.beat("tick")
    if not jobs.waiting("mail"):
        ring_each("workers.mail.remind", organisations_to_sweep())
        jobs.ring("mail", "workers.mail.drain")
        ring_each("workers.figures.read", providers_to_read())
    if not jobs.waiting("imports"):
        ring_imports()


def ring_imports() -> None:
    """Ring for each import that waits to be loaded."""
    for org_id, batch_id in jobs.waiting_imports():
        jobs.ring("imports", "workers.imports.load", str(org_id), str(batch_id))


def ring_each(job_name: str, org_ids: list) -> None:
    """Ring on the mail queue once for each organisation."""
    for org_id in org_ids:
        jobs.ring("mail", job_name, str(org_id))
