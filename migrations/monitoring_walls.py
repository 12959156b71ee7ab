"""What the database itself refuses of enhanced monitoring, as migration 0029 leaves it.

Source: rules 3.4.
"""

from __future__ import annotations

from alembic import op

# Checked when the transaction ends: an episode comes before its criteria, and one criterion may
# take the place of another.
REQUIRE_CRITERION = """
CREATE FUNCTION app.require_criterion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE episode uuid;
BEGIN
  IF TG_TABLE_NAME = 'monitoring_episode' THEN episode := NEW.id;
  ELSE episode := NEW.episode_id; END IF;
  IF NOT EXISTS (SELECT FROM episode_criterion c WHERE c.org_id = NEW.org_id
      AND c.episode_id = episode AND c.withdrawn_on IS NULL) THEN
    RAISE EXCEPTION 'an episode needs a criterion for stepping down'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$
"""
# The lock lets nobody start a second one meanwhile. Seven days: from then on overdue is red.
ALLOW_STEP_DOWN = """
CREATE FUNCTION app.allow_step_down() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE episode monitoring_episode;
BEGIN
  SELECT * INTO episode FROM monitoring_episode e
    WHERE e.org_id = NEW.org_id AND e.id = NEW.episode_id FOR UPDATE;
  IF NOT EXISTS (SELECT FROM episode_review r WHERE r.org_id = NEW.org_id
      AND r.episode_id = NEW.episode_id AND r.number = NEW.number - 1
      AND r.all_met AND r.held_on < NEW.held_on) THEN
    RAISE EXCEPTION 'the criteria were not all met at the review before'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM monitoring_visit v WHERE v.org_id = NEW.org_id
      AND v.episode_id = NEW.episode_id AND v.independent AND v.verifies <> ''
      AND v.on_date <= NEW.held_on) THEN
    RAISE EXCEPTION 'no independent visit has verified it' USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT FROM action a WHERE a.org_id = NEW.org_id
      AND a.service_id = episode.service_id AND a.due_on < NEW.held_on - 7
      AND a.status IN ('open', 'in_progress', 'completed')) THEN
    RAISE EXCEPTION 'an action is overdue by more than seven days'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF episode.kind = 'commissioner' AND NOT coalesce((SELECT s.restored
      FROM commissioner_statement s WHERE s.org_id = NEW.org_id
      AND s.episode_id = NEW.episode_id ORDER BY s.stated_on DESC, s.id DESC LIMIT 1), false) THEN
    RAISE EXCEPTION 'the commissioner has not stated that its confidence is restored'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
# An episode moves on by a review alone, and never back.
KEEP_EPISODE = """
CREATE FUNCTION app.keep_episode() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = OLD.status AND OLD.status = 'open' THEN RETURN NEW; END IF;
  IF NEW.status = OLD.status AND (NEW.ended_on, NEW.re_escalation, NEW.follow_up_on)
      IS NOT DISTINCT FROM (OLD.ended_on, OLD.re_escalation, OLD.follow_up_on) THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM episode_review r WHERE r.org_id = NEW.org_id
      AND r.episode_id = NEW.id AND (
        OLD.status = 'open' AND NEW.status = 'stepped_down' AND r.decision = 'step_down'
          AND r.held_on = NEW.ended_on
        OR OLD.status = 'stepped_down' AND NEW.status = 'closed' AND r.kind = 'follow_up'
          AND (NEW.ended_on, NEW.re_escalation, NEW.follow_up_on)
            = (OLD.ended_on, OLD.re_escalation, OLD.follow_up_on))) THEN
    RAISE EXCEPTION 'an episode ends by the decision of a review'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
# Independent is who neither leads the service nor answers for one of the episode's actions.
KEEP_INDEPENDENT = """
CREATE FUNCTION app.keep_independent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM monitoring_episode e WHERE e.org_id = NEW.org_id
      AND e.id = NEW.episode_id AND e.manager_id = NEW.visited_by_id)
    OR EXISTS (SELECT FROM action a WHERE a.org_id = NEW.org_id
      AND a.episode_id = NEW.episode_id AND a.owner_id = NEW.visited_by_id) THEN
    RAISE EXCEPTION 'whoever answers for the service is not independent'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
FUNCTIONS = {
    "require_criterion": REQUIRE_CRITERION,
    "allow_step_down": ALLOW_STEP_DOWN,
    "keep_episode": KEEP_EPISODE,
    "keep_independent": KEEP_INDEPENDENT,
}


def raise_walls(kept: list[str]) -> None:
    """`kept` are the tables whose rows never change."""
    for table in kept:
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    for function in FUNCTIONS.values():
        op.execute(function)
    for table, events in (
        ("monitoring_episode", "INSERT"),
        ("episode_criterion", "UPDATE OF withdrawn_on"),
    ):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_needs_a_criterion AFTER {events} ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.require_criterion()"
        )
    op.execute(
        "CREATE TRIGGER episode_review_may_step_down BEFORE INSERT ON episode_review "
        "FOR EACH ROW WHEN (NEW.decision = 'step_down') "
        "EXECUTE FUNCTION app.allow_step_down()"
    )
    op.execute(
        "CREATE TRIGGER episode_review_in_open_sitting BEFORE INSERT ON episode_review "
        "FOR EACH ROW WHEN (NEW.sitting_id IS NOT NULL) "
        "EXECUTE FUNCTION app.decide_in_open_sitting()"
    )
    op.execute(
        "CREATE TRIGGER monitoring_episode_moves_on BEFORE UPDATE ON monitoring_episode "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_episode()"
    )
    op.execute(
        "CREATE TRIGGER monitoring_visit_is_independent BEFORE INSERT ON monitoring_visit "
        "FOR EACH ROW WHEN (NEW.independent) EXECUTE FUNCTION app.keep_independent()"
    )


def drop_functions() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION app.{name}()")
