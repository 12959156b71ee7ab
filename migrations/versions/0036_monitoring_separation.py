"""Who answers for what is monitored decides nothing about it, and stepping down asks for more: each
criterion at two reviews, and a visit by somebody else than the one who decides."""

from __future__ import annotations

from alembic import op

from migrations.monitoring_walls import ALLOW_STEP_DOWN

revision = "0036_monitoring_separation"
down_revision = "0035_retention"

# Its argument is the column that says who. One person for both is kept with its reason.
NOT_BY_MANAGER = """
CREATE FUNCTION app.not_by_manager() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said jsonb := to_jsonb(NEW); episode uuid := said ->> 'episode_id';
BEGIN
  IF episode IS NULL THEN
    SELECT c.episode_id INTO episode FROM episode_criterion c
      WHERE c.org_id = NEW.org_id AND c.id = (said ->> 'criterion_id')::uuid;
  END IF;
  IF EXISTS (SELECT FROM monitoring_episode e WHERE e.org_id = NEW.org_id AND e.id = episode
      AND e.manager_id = (said ->> TG_ARGV[0])::uuid AND e.same_person_reason = '') THEN
    RAISE EXCEPTION 'whoever answers for what is monitored does not decide on it'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
NOT_ON_OWN_EVIDENCE = """
CREATE FUNCTION app.not_on_own_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM evidence v
      JOIN episode_criterion c ON c.org_id = v.org_id AND c.id = NEW.criterion_id
      JOIN monitoring_episode e ON e.org_id = c.org_id AND e.id = c.episode_id
      WHERE v.org_id = NEW.org_id AND v.id = NEW.evidence_id
        AND v.submitted_by_id = NEW.judged_by_id AND e.same_person_reason = '') THEN
    RAISE EXCEPTION 'nobody judges by evidence that they submitted'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
NOT_AGAINST_OWN = """
CREATE FUNCTION app.not_against_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM service s WHERE s.org_id = NEW.org_id AND s.id = NEW.service_id
      AND s.manager_id = NEW.decided_by_id)
    AND EXISTS (SELECT FROM membership m WHERE m.org_id = NEW.org_id AND m.active
      AND m.id <> NEW.decided_by_id AND 'governance_lead' = ANY(m.roles)
      AND (m.all_services OR EXISTS (SELECT FROM membership_service r
        WHERE r.org_id = m.org_id AND r.membership_id = m.id AND r.service_id = NEW.service_id)))
  THEN
    RAISE EXCEPTION 'whoever manages a service does not decide against monitoring it'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
_VISITED = "AND v.on_date <= NEW.held_on) THEN"
_BY_ANOTHER = """\
AND v.on_date <= NEW.held_on
      AND (v.visited_by_id <> NEW.decided_by_id OR episode.same_person_reason <> '')) THEN"""
_OVERDUE = "  IF EXISTS (SELECT FROM action a"
_AT_BOTH = """\
  IF EXISTS (SELECT FROM episode_criterion c WHERE c.org_id = NEW.org_id
      AND c.episode_id = NEW.episode_id AND c.withdrawn_on IS NULL AND NOT EXISTS (
        SELECT FROM episode_review r, jsonb_array_elements(r.criteria) k
        WHERE r.org_id = NEW.org_id AND r.episode_id = NEW.episode_id
          AND r.number = NEW.number - 1 AND (k ->> 'number')::integer = c.number)) THEN
    RAISE EXCEPTION 'the review before did not look at every criterion'
      USING ERRCODE = 'restrict_violation';
  END IF;
"""
WATCHED = (
    ("episode_review", "INSERT", "decided_by_id"),
    ("criterion_judgement", "INSERT", "judged_by_id"),
    ("commissioner_statement", "INSERT", "recorded_by_id"),
    ("episode_criterion", "UPDATE OF withdrawn_on", "withdrawn_by_id"),
)


def upgrade() -> None:
    for function in (NOT_BY_MANAGER, NOT_ON_OWN_EVIDENCE, NOT_AGAINST_OWN):
        op.execute(function)
    for table, events, column in WATCHED:
        op.execute(
            f"CREATE TRIGGER {table}_not_by_manager BEFORE {events} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION app.not_by_manager('{column}')"
        )
    op.execute(
        "CREATE TRIGGER criterion_judgement_not_on_own BEFORE INSERT ON criterion_judgement "
        "FOR EACH ROW EXECUTE FUNCTION app.not_on_own_evidence()"
    )
    op.execute(
        "CREATE TRIGGER monitoring_decision_not_against_own BEFORE INSERT ON monitoring_decision "
        "FOR EACH ROW WHEN (NEW.decision = 'do_not_start') "
        "EXECUTE FUNCTION app.not_against_own()"
    )
    asked = ALLOW_STEP_DOWN.replace(_VISITED, _BY_ANOTHER).replace(_OVERDUE, _AT_BOTH + _OVERDUE)
    op.execute(_again(asked))


def _again(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def downgrade() -> None:
    op.execute(_again(ALLOW_STEP_DOWN))
    op.execute("DROP TRIGGER monitoring_decision_not_against_own ON monitoring_decision")
    op.execute("DROP TRIGGER criterion_judgement_not_on_own ON criterion_judgement")
    for table, _, _ in WATCHED:
        op.execute(f"DROP TRIGGER {table}_not_by_manager ON {table}")
    for name in ("not_against_own", "not_on_own_evidence", "not_by_manager"):
        op.execute(f"DROP FUNCTION app.{name}()")
