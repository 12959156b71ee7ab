"""The provider's view of recovery: 300 services, 10 indicators each, two years of weeks."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text

from bench import ground
from bench.board import server_time
from bench.report import Report
from careboard.accounts.models import Organisation
from careboard.db import db
from careboard.tenancy import acting_for

SERVICES, INDICATORS, READINGS = 300, 10, 104

_INDICATORS = """
INSERT INTO indicator (org_id, id, reference, service_id, measure, name, domain, unit, good,
  cadence, baseline_value, baseline_on)
SELECT :org, gen_random_uuid(), 'I/' || s.source_key || n, s.id, 'measure ' || n,
  'Indicator ' || n, (ARRAY['safety', 'medicines', 'safeguarding', 'staffing', 'complaints',
  'experience', 'records', 'audits'])[n % 8 + 1], 'percent', 'up', 'week', 88,
  date '2024-11-18'
FROM service s, generate_series(1, :indicators) n WHERE s.org_id = :org
"""
_TARGETS = """
INSERT INTO indicator_target (org_id, id, indicator_id, value, effective_from)
SELECT org_id, gen_random_uuid(), id, 95, baseline_on FROM indicator WHERE org_id = :org
"""
_REBASES = """
INSERT INTO rebase (org_id, id, indicator_id, on_date, reason)
SELECT org_id, gen_random_uuid(), id, date '2025-11-17', 'A change of process' FROM indicator
WHERE org_id = :org AND hashtext(reference) % 3 = 0
"""
# Most of the last week's are in; a few services are behind.
_READINGS = """
INSERT INTO reading (org_id, id, indicator_id, period_start, period_end, value, numerator,
  denominator, source_key)
SELECT i.org_id, gen_random_uuid(), i.id, date '2026-11-09' - 7 * n, date '2026-11-15' - 7 * n,
  90 + (hashtext(i.reference || n) & 7), 90 + (hashtext(i.reference || n) & 7), 100, ''
FROM indicator i, generate_series(0, :readings - 1) n
WHERE i.org_id = :org AND (n > 2 OR hashtext(CAST(i.service_id AS text)) % 20 <> 0)
"""


def fill(org_id: UUID, *, indicators: int = INDICATORS, readings: int = READINGS) -> None:
    """Indicators with targets, changes of process and readings, for every service there is."""
    given = {"org": org_id, "indicators": indicators, "readings": readings}
    for statement in (_INDICATORS, _TARGETS, _REBASES, _READINGS):
        db.session.execute(text(statement), given)
    db.session.commit()


def measure(report: Report) -> None:
    """Statements of the provider's view, and its server time over its own SQL."""
    from flask_migrate import upgrade

    from careboard.app import create_app

    app = create_app()
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        upgrade()
        for slug, services in (("small", 12), ("large", SERVICES)):
            org_id = _organisation(slug, services)
            with acting_for(slug):
                fill(org_id)
        ground.analyse(app.config["OWNER_URL"])
    counts = {}
    for slug in ("small", "large"):
        counts[slug], ratio = server_time(app, slug, "recovery/", 10)
        report.add(f"recovery of all services, {slug}: statements", counts[slug], most=12)
    report.add("recovery of all services, large: server time ÷ its own SQL", ratio, most=3)
    difference = abs(counts["small"] - counts["large"])
    report.add("recovery of all services: more statements for 300 services", difference, most=0)


def _organisation(slug: str, services: int) -> UUID:
    """The one that the board was measured with, or a new one."""
    found = db.session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    db.session.remove()
    return found or ground.organisation(slug, services)
