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
        for org_id in organisations_to_sweep():
            jobs.ring("mail", "workers.mail.remind", str(org_id))
        jobs.ring("mail", "workers.mail.drain")
        for org_id in providers_to_read():
            jobs.ring("mail", "workers.figures.read", str(org_id))
    if not jobs.waiting("imports"):
        for org_id, batch_id in jobs.waiting_imports():
            jobs.ring("imports", "workers.imports.load", str(org_id), str(batch_id))
