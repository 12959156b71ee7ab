"""The nightly look of every rule at many organisations, few of which have anything new."""

from __future__ import annotations

import time

from sqlalchemy import text

from bench import ground
from bench.reminding import counted
from bench.report import Report

ORGANISATIONS, CHANGED = 1_000, 50
_MAKE = """
INSERT INTO organisation (id, slug, name, kind)
SELECT gen_random_uuid(), 'ruled-' || n, 'Ruled ' || n, 'provider'
FROM generate_series(1, :count) n RETURNING id
"""
# A year of one service: audits of six themes a month, incidents, safeguarding concerns, feedback
# and actions.
_FILL = """
WITH house AS (
  INSERT INTO service (org_id, id, source_key, name) VALUES (:org, gen_random_uuid(), 's', 'House')
  RETURNING id
), audits AS (
  INSERT INTO audit (org_id, id, service_id, theme, domain, cycle, completed_on, score, max_score,
    rag)
  SELECT :org, gen_random_uuid(), h.id, 'theme ' || t, 'audits', 'cycle ' || m,
    date '2026-11-20' - 30 * m, 8000 + (t * 37 + m * 91) % 2000, 10000,
    (ARRAY['green', 'green', 'amber'])[1 + (t + m) % 3]
  FROM house h, generate_series(1, 6) t, generate_series(0, 11) m
), concerns AS (
  INSERT INTO concern (org_id, id, kind, service_id, domain, occurred_on, theme, place, level,
    status, score, max_score)
  SELECT :org, gen_random_uuid(), k, h.id, 'safety', date '2026-11-20' - (n * 7) % 360,
    'theme ' || n % 9, 'place ' || n % 5, '', 'closed', 400, 500
  FROM house h, unnest(ARRAY['incident', 'safeguarding', 'feedback']) k, generate_series(1, 60) n
)
INSERT INTO action (org_id, id, reference, service_id, title, owner_name, due_on, original_due_on,
  status, batch_id)
SELECT :org, gen_random_uuid(), 'A' || n, h.id, 'Put it right', 'Owner',
  date '2026-11-20' + n * 3 - 60, date '2026-11-20' + n * 3 - 60, 'open', :batch
FROM house h, generate_series(1, 40) n
"""


def measure(report: Report) -> None:
    """Time and statements for an organisation; who is looked at again when little is new."""
    from flask_migrate import upgrade

    from careboard import audit
    from careboard.app import create_app
    from careboard.db import db
    from careboard.rules.triggers import Looked, look, providers_to_evaluate
    from careboard.tenancy import acting_for

    def look_at(found: list) -> Looked:
        total = Looked()
        for org_id in found:
            with acting_for(org_id) as actor:
                total += look(actor=actor, on=actor.today)
                db.session.commit()
        return total

    def waiting() -> list:
        found = [org_id for org_id in providers_to_evaluate() if org_id in ids]
        db.session.remove()
        return found

    app = create_app()
    with app.app_context():
        upgrade()
        made = db.session.execute(text(_MAKE), {"count": ORGANISATIONS}).scalars()
        ids = set(made)
        db.session.commit()
        for org_id in ids:
            db.session.remove()
            with acting_for(org_id):
                given = {"org": org_id, "batch": ground.batch(org_id)}
                db.session.execute(text(_FILL), given)
                db.session.commit()
        ground.analyse(app.config["OWNER_URL"])
        statements, began = counted(db.engine), time.process_time()
        first = look_at(waiting())
        spent = time.process_time() - began
        report.add("rules: statements per organisation", len(statements) / ORGANISATIONS, most=50)
        report.add("rules: ms of the worker’s own per organisation of 1,000", spent, most=100)
        report.add("rules: triggers fired per organisation", first.fired / ORGANISATIONS, least=1)
        report.add("rules: organisations looked at with nothing new", len(waiting()), most=0)
        for org_id in list(ids)[:CHANGED]:
            with acting_for(org_id) as actor:
                audit.record(actor=actor, tag="concern:recorded", subject_id=actor.org_id)
                db.session.commit()
        began = time.perf_counter()
        changed = waiting()
        found_in = time.perf_counter() - began
        report.add("rules: organisations looked at with 50 changed", len(changed), most=CHANGED)
        began = time.perf_counter()
        again = look_at(changed)
        looked_in = time.perf_counter() - began
        report.add("rules: finding them ÷ looking at them", found_in / looked_in, most=0.2)
        report.add("rules: triggers fired by a second look", again.fired, most=0)
