"""Organisations of a given size, made by set-based SQL as the app role."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from careboard.accounts import service as accounts
from careboard.db import db
from careboard.tenancy import acting_for

PASSWORD = "a bench pass phrase"

_SERVICES = """
INSERT INTO service (org_id, id, source_key, cqc_location_id, name, kind, local_authority, region)
SELECT :org, gen_random_uuid(), '1-' || (10000000 + n), '1-' || (10000000 + n),
  'Service ' || to_char(n, 'FM000'), (ARRAY['home', 'homecare', 'living'])[n % 3 + 1],
  'Authority ' || n % 9, 'Region ' || n % 4
FROM generate_series(1, :count) n
"""
# Six themes a month for two years.
_AUDITS = """
INSERT INTO audit (org_id, id, source_key, service_id, theme, domain, cycle, completed_on, score,
  max_score, rag)
SELECT :org, gen_random_uuid(), s.source_key || '/' || m || '/' || t.theme, s.id, t.theme, t.domain,
  'month ' || m, date '2026-11-15' - m * 30, 7000 + (hashtext(s.name || m || t.theme) & 2047),
  10000,
  'amber'
FROM service s, generate_series(0, 23) m, (VALUES ('medicines', 'medicines'),
  ('care records', 'records'), ('staff supervision', 'staffing'), ('infection control', 'safety'),
  ('catering', 'audits'), ('health and safety', 'safety')) t (theme, domain)
WHERE s.org_id = :org
"""
_CONCERNS = """
INSERT INTO audit_concern (org_id, id, source_key, audit_id, service_id, theme, domain, raised_on,
  text, severity, status)
SELECT a.org_id, gen_random_uuid(), 'C/' || a.source_key, a.id, a.service_id, a.theme, a.domain,
  a.completed_on, 'A finding', CASE WHEN a.score < 8000 THEN 'red' ELSE 'amber' END,
  CASE WHEN a.completed_on > date '2026-08-01' THEN 'open' ELSE 'closed' END
FROM audit a WHERE a.org_id = :org AND a.score < 8200
"""
_ACTIONS = """
INSERT INTO action (org_id, id, source_key, reference, service_id, domain, audit_concern_id,
  source_reference, title, owner_name, owner_email, due_on, original_due_on, status, updated_on,
  batch_id)
SELECT c.org_id, gen_random_uuid(), 'A/' || c.source_key, 'A/' || c.source_key, c.service_id,
  c.domain, c.id, c.source_key, 'Put it right', 'Owner', 'owner@bench.example', c.raised_on + 42,
  c.raised_on + 42, CASE WHEN c.status = 'closed' THEN 'verified' ELSE 'open' END,
  date '2026-11-10', :batch
FROM audit_concern c WHERE c.org_id = :org AND hashtext(c.source_key) % 5 <> 0
"""
_OTHERS = """
INSERT INTO concern (org_id, id, kind, source_key, service_id, domain, occurred_on, theme, level,
  status, score, max_score)
SELECT :org, gen_random_uuid(), k.kind, s.source_key || '/' || d || k.kind, s.id, k.domain,
  date '2026-11-19' - d * k.every, 'a theme', '', 'closed', 400, 500
FROM service s, generate_series(0, 730) d, (VALUES ('feedback', 'experience', 3),
  ('incident', 'safety', 7), ('complaint', 'complaints', 30),
  ('safeguarding', 'safeguarding', 60)) k (kind, domain, every)
WHERE s.org_id = :org AND d * k.every < 730
"""
_RISKS = """
INSERT INTO risk (org_id, id, reference, service_id, domain, original_cause, rating, rated_on,
  opened_on)
SELECT :org, gen_random_uuid(), 'R/' || s.source_key || d.domain, s.id, d.domain, 'A cause',
  (ARRAY['low', 'moderate', 'high', 'very_high'])[(hashtext(s.name || d.domain) & 3) + 1],
  date '2026-11-01', date '2026-05-01'
FROM service s, unnest(ARRAY['safety', 'medicines', 'safeguarding', 'staffing', 'complaints',
  'experience', 'records', 'audits']) d (domain) WHERE s.org_id = :org
"""
_REVIEWS = """
INSERT INTO rating_review (org_id, id, risk_id, rating_to, decision, rationale, decided_on,
  decided_at)
SELECT org_id, id, id, rating, 'set', 'Reasons', rated_on, rated_on FROM risk WHERE org_id = :org
"""
_EVIDENCE = """
WITH made AS (
  INSERT INTO evidence (org_id, id, reference, title, kind, service_id, valid_until, status,
    decided_on)
  SELECT org_id, id, 'E/' || reference, 'Sample', 'audits', service_id, date '2027-02-01',
    'accepted', date '2026-11-01' FROM risk WHERE org_id = :org RETURNING org_id, id)
INSERT INTO evidence_link (org_id, id, evidence_id, rating_review_id)
SELECT org_id, gen_random_uuid(), id, id FROM made
"""


def organisation(slug: str, services: int) -> UUID:
    """A provider with that many services and two years of records, led by `lead@<slug>.example`."""
    org_id = accounts.create_organisation(slug=slug, name=slug.title(), kind="provider")
    db.session.commit()
    db.session.remove()
    with acting_for(slug) as actor:
        email = f"lead@{slug}.example"
        account_id = accounts.ensure_account(email=email, name="Lead", password=PASSWORD, demo=True)
        accounts.add_member(
            actor=actor, account_id=account_id, name="Lead", email=email, roles=["governance_lead"]
        )
        given = {"org": org_id, "count": services, "batch": batch(org_id)}
        for statement in (
            *(_SERVICES, _AUDITS, _CONCERNS, _ACTIONS, _OTHERS, _RISKS, _REVIEWS),
            *("UPDATE risk SET rating_review_id = id WHERE org_id = :org", _EVIDENCE),
        ):
            db.session.execute(text(statement), given)
        db.session.commit()
    return org_id


def batch(org_id: UUID) -> UUID:
    """Imported actions need not be measurable; so these come from an import."""
    file = db.session.execute(
        text(
            "INSERT INTO stored_file (org_id, id, sha256, size, media_type, file_name) "
            "VALUES (:org, gen_random_uuid(), 'none', 0, 'text/csv', 'bench') RETURNING id"
        ),
        {"org": org_id},
    ).scalar_one()
    return db.session.execute(
        text(
            "INSERT INTO import_batch (org_id, id, reference, feed, source, file_id, sha256, "
            "status) VALUES (:org, gen_random_uuid(), 'IMP-0', 'actions', 'bench', :file, 'none', "
            "'loaded') RETURNING id"
        ),
        {"org": org_id, "file": file},
    ).scalar_one()


def analyse(owner_url: str) -> None:
    """Let the planner know the tables, as autovacuum would have by then."""
    from sqlalchemy import create_engine

    engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
