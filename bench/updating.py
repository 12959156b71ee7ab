"""A thousand organisations with three fortnights behind them one morning, and workers that die."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from bench import ground
from bench.reminding import counted
from bench.report import Report

ORGANISATIONS, KILLS = 1_000, 12
DRAFTED_AT_LEAST = 20  # of each worker before it is killed; the rest of its share is chance
_MAKE = """
INSERT INTO organisation (id, slug, name, kind)
SELECT gen_random_uuid(), 'updated-' || n, 'Updated ' || n, 'provider'
FROM generate_series(1, :count) n RETURNING id
"""
# One service with what an update is drafted from: three indicators of half a year of weeks, forty
# actions, four claims, a risk; and a concern whose first fortnight fell due four weeks ago. The
# newest fell due at nine of the day before, whatever the hour of the measurement is.
_FILL = """
WITH house AS (
  INSERT INTO service (org_id, id, source_key, name) VALUES (:org, gen_random_uuid(), 's', 'House')
  RETURNING id
), lead AS (
  INSERT INTO membership (org_id, id, account_id, name, email, roles)
  VALUES (:org, gen_random_uuid(), :account, 'Lead', 'lead@bench.example', '{contracts_lead}')
  RETURNING id
), measured AS (
  INSERT INTO indicator (org_id, id, reference, service_id, measure, name, domain, unit, good,
    baseline_value, baseline_on, cadence, created_at)
  SELECT :org, gen_random_uuid(), 'IND-' || n, h.id, 'measure ' || n, 'Measure ' || n, 'staffing',
    'percent', 'up', 70, date '2026-05-01', 'week', timestamptz '2026-05-01'
  FROM house h, generate_series(1, 3) n RETURNING id
), readings AS (
  INSERT INTO reading (org_id, id, source_key, indicator_id, period_start, period_end, value,
    numerator, denominator, entered_by_id)
  SELECT :org, gen_random_uuid(), m.id || '/' || w, m.id, date '2026-11-09' - 7 * w,
    date '2026-11-15' - 7 * w, 90 - w, 180 - 2 * w, 200, l.id
  FROM measured m, lead l, generate_series(0, 25) w
), claims AS (
  INSERT INTO claim (org_id, id, reference, kind, domain, service_id, statement, period_from,
    period_to, status, submitted_by_id, submitted_on, outcome, validated_by_id, validated_on)
  SELECT :org, gen_random_uuid(), 'CLM-' || n, 'claim', 'staffing', h.id, 'It is so',
    date '2026-06-01', date '2026-11-15', 'validated', l.id, date '2026-11-15', 'proves', l.id,
    date '2026-11-16'
  FROM house h, lead l, generate_series(1, 4) n
), risks AS (
  INSERT INTO risk (org_id, id, reference, service_id, domain, original_cause, rating, rated_on,
    opened_on)
  SELECT :org, gen_random_uuid(), 'RSK-1', h.id, 'staffing', 'A cause', 'high', date '2026-11-01',
    date '2026-05-01' FROM house h
), actions AS (
  INSERT INTO action (org_id, id, reference, service_id, title, owner_name, due_on,
    original_due_on, status, batch_id)
  SELECT :org, gen_random_uuid(), 'A' || n, h.id, 'Put it right', 'Owner',
    date '2026-11-20' + n - 20, date '2026-11-20' + n - 20, 'open', :batch
  FROM house h, generate_series(1, 40) n
), asked AS (
  INSERT INTO concern (org_id, id, kind, source_key, service_id, domain, occurred_on, theme)
  SELECT :org, gen_random_uuid(), 'commissioner_query', 'CQ-1', h.id, 'staffing',
    date '2026-10-12', 'Late visits' FROM house h RETURNING id
), tracked AS (
  INSERT INTO tracked_concern (org_id, id, reference, concern_id, service_id, theme,
    required_assurance, due_on, lead_id, manager_id)
  SELECT :org, gen_random_uuid(), 'EAT-0001', a.id, h.id, 'Late visits', 'Visits are on time',
    date '2026-12-31', l.id, l.id FROM asked a, house h, lead l RETURNING id
)
INSERT INTO update_schedule (org_id, id, tracked_id, anchor_on, started_by_id)
SELECT :org, gen_random_uuid(), t.id, date '2026-10-22', l.id FROM tracked t, lead l
"""
_COUNTED = """
SELECT count(*) FILTER (WHERE status = 'draft' AND due_on = date '2026-11-19') = 1
  AND count(*) FILTER (WHERE status = 'missed') = 2 AND count(*) = 3 AS once,
  (SELECT count(*) FROM audit_event WHERE tag LIKE 'recovery_update:%') = 3 AS told
FROM recovery_update
"""


def measure(report: Report) -> None:
    """Whether each fortnight is there once, and what drafting one costs."""
    from flask_migrate import upgrade

    from careboard import embedded
    from careboard.app import create_app
    from careboard.db import db
    from careboard.tenancy import acting_for
    from careboard.updates import schedules

    app = create_app()
    with app.app_context():
        upgrade()
        ids = _make(app)
        redis = embedded.start_valkey(app.config["SETTINGS"].home)
        began = time.perf_counter()
        killed = _drafted_by_workers(app, set(ids))
        seconds = time.perf_counter() - began
        right = 0
        for org_id in ids:
            with acting_for(org_id):
                found = db.session.execute(text(_COUNTED)).one()
                right += found.once and found.told
        report.add("updates: SIGKILLs of the worker meanwhile", killed, least=KILLS)
        report.add("updates: organisations of 1,000 without each fortnight once",
                   len(ids) - right, most=0)  # fmt: skip
        report.add("updates: s for 1,000 organisations, killed workers included", seconds, most=300)
        statements, began = counted(db.engine), time.process_time()
        again = schedules.Made()
        for org_id in ids[:100]:
            with acting_for(org_id) as actor:
                again += schedules.catch_up(actor=actor)
                db.session.commit()
        report.add("updates: drafted by a second round", again.drafted + again.missed, most=0)
        report.add("updates: statements of a second round, each", len(statements) / 100, most=6)
        if redis is not None:
            redis.terminate()
            redis.wait(10)


def _make(app) -> list[UUID]:
    """The organisations, filled; in their order."""
    from careboard.accounts import service as accounts
    from careboard.db import db
    from careboard.tenancy import acting_for

    account = accounts.ensure_account(
        email="lead@bench.example", name="Lead", password=ground.PASSWORD, demo=True
    )
    ids = list(db.session.execute(text(_MAKE), {"count": ORGANISATIONS}).scalars())
    db.session.commit()
    for org_id in ids:
        db.session.remove()
        with acting_for(org_id):
            given = {"org": org_id, "account": account, "batch": ground.batch(org_id)}
            db.session.execute(text(_FILL), given)
            db.session.commit()
    ground.analyse(app.config["OWNER_URL"])
    return ids


def _drafted_by_workers(app, ids: set[UUID]) -> int:
    """Let workers draft until nothing is due, killing each but the last; how many were killed."""
    from careboard import embedded, jobs

    url, chance, killed = embedded.redis_url(app.config["SETTINGS"]), random.Random(7), 0
    jobs.configure(url)
    while _ring(ids):
        worker = _worker(app, url)
        left = _left(ids)
        share = chance.randint(DRAFTED_AT_LEAST, 2 * ORGANISATIONS // (KILLS + 1))
        while now := _left(ids):
            if killed < KILLS and len(left) - len(now) >= share:
                killed += 1
                break
            if not jobs.waiting("mail"):
                _ring(ids)
            time.sleep(0.05 if killed < KILLS else 0.5)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)
    return killed


def _ring(ids: set[UUID]) -> Sequence[UUID]:
    """As a tick does: ring once for each organisation that is due, unless rings still wait."""
    from careboard import jobs
    from workers.ticks import ring_each

    left = _left(ids)
    if left and not jobs.waiting("mail"):
        ring_each("workers.updates.draft", left)
    return left


def _left(ids: set[UUID]) -> list[UUID]:
    from careboard.db import db
    from careboard.updates.schedules import organisations_due

    found = [org_id for org_id in organisations_due() if org_id in ids]
    db.session.remove()
    return found


def _worker(app, redis_url: str) -> subprocess.Popen:
    told = {
        "DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "DATABASE_OWNER_URL": str(app.config["OWNER_URL"]),
        "REDIS_URL": redis_url,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "workers.run", "mail"],
        env={**os.environ, **told},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
