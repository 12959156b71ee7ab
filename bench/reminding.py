"""The reminders sweep over many organisations, few of which have anything due."""

from __future__ import annotations

import time

from sqlalchemy import event, text

from bench import ground
from bench.report import Report

ORGANISATIONS, WITH_WORK = 1_000, 50
_MAKE = """
INSERT INTO organisation (id, slug, name, kind)
SELECT gen_random_uuid(), 'many-' || n, 'Many ' || n, 'provider' FROM generate_series(1, :count) n
"""
# A hundred open actions each; most organisations have none due for months.
_FILL = """
WITH service_made AS (
  INSERT INTO service (org_id, id, source_key, name) VALUES (:org, gen_random_uuid(), 's', 'House')
  RETURNING id)
INSERT INTO action (org_id, id, reference, service_id, title, owner_name, owner_email, due_on,
  original_due_on, status, batch_id)
SELECT :org, gen_random_uuid(), 'A' || n, s.id, 'Put it right', 'Owner', 'owner@bench.example',
  date '2026-11-20' + :ahead, date '2026-11-20' + :ahead, 'open', :batch
FROM service_made s, generate_series(1, 100) n
"""


def measure(report: Report) -> None:
    """Statements for each organisation with due work, and for one without."""
    from flask_migrate import upgrade

    from careboard.app import create_app
    from careboard.commands.sweep import SWEEPS
    from careboard.db import db
    from careboard.tenancy import tenant_context

    app = create_app()
    with app.app_context():
        upgrade()
        db.session.execute(text(_MAKE), {"count": ORGANISATIONS})
        db.session.commit()
        ids = db.session.execute(
            text("SELECT id FROM organisation WHERE slug LIKE 'many-%' ORDER BY slug")
        ).scalars()
        for number, org_id in enumerate(list(ids)):
            db.session.remove()
            with tenant_context(org_id):
                given = {"org": org_id, "batch": ground.batch(org_id)}
                ahead = -3 if number < WITH_WORK else 200
                db.session.execute(text(_FILL), {**given, "ahead": ahead})
                db.session.commit()
        ground.analyse(app.config["OWNER_URL"])
        db.session.remove()
        statements, began = counted(db.engine), time.perf_counter()
        SWEEPS["reminders"](None)
        seconds = time.perf_counter() - began
        report.add("reminders: statements per organisation with due work",
                   (len(statements) - 2) / WITH_WORK, most=14)  # fmt: skip
        report.add("reminders: ms per organisation of 1,000", seconds, most=10)
        statements.clear()
        SWEEPS["reminders"](None)
        sent = sum("INSERT INTO outbox" in statement for statement in statements)
        report.add("reminders: letters posted by a second sweep", sent, most=0)


def counted(engine) -> list[str]:
    """The statements sent from now on."""
    seen: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection, cursor, statement, parameters, context, many):
        seen.append(statement)

    return seen
