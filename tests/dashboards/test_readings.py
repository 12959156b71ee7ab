"""Figures are kept once a day for every provider, by the worker's own job."""

from __future__ import annotations

from careboard import figures
from careboard.db import db
from workers import context
from workers import figures as job


def test_the_job_run_twice_keeps_each_figure_once(world, monkeypatch):
    monkeypatch.setattr(context, "application", lambda: world.app)
    org_id = world.org_id("alder")
    db.session.remove()
    assert org_id in figures.providers_to_read()
    db.session.remove()
    for _ in range(2):
        job.read(str(org_id))
    kept = [row.code for row in world.sql("SELECT code FROM figure_reading")]
    assert sorted(kept) == sorted(figures.FIGURES)
    db.session.remove()
    waiting = figures.providers_to_read()
    assert org_id not in waiting and world.org_id("birch") in waiting
    assert world.org_id("northshire") not in waiting
