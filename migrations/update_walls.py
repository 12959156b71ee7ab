"""What the database itself refuses of recovery updates, as migration 0039 leaves it.

Source: DESIGN section 4, Recovery update.
"""

from __future__ import annotations

from alembic import op

# One step at a time; back to the draft from any step; published and missed are the end, but for a
# pack that takes the place of another. What was drafted stands still while it is not a draft.
KEEP_UPDATE = """
CREATE FUNCTION app.keep_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'published' AND to_jsonb(NEW) - 'pack_id' = to_jsonb(OLD) - 'pack_id' THEN
    RETURN NEW;
  END IF;
  IF OLD.status IN ('published', 'missed') THEN
    RAISE EXCEPTION 'this update is at its end' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (OLD.status, NEW.status) NOT IN (('draft', 'draft'), ('draft', 'validated'),
      ('validated', 'draft'), ('validated', 'validated'), ('validated', 'approved'),
      ('approved', 'draft'), ('approved', 'approved'), ('approved', 'published'))
      AND NEW.status <> 'missed' THEN
    RAISE EXCEPTION 'an update goes from one step to the next' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status <> 'draft' AND (NEW.content, NEW.content_sha256, NEW.edited_by_id, NEW.claim_id)
      IS DISTINCT FROM (OLD.content, OLD.content_sha256, OLD.edited_by_id, OLD.claim_id) THEN
    RAISE EXCEPTION 'what was validated is not changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.status = 'draft' AND NEW.status = 'validated' AND EXISTS (SELECT FROM claim c
      WHERE c.org_id = NEW.org_id AND c.id = NEW.claim_id AND c.status <> 'validated') THEN
    RAISE EXCEPTION 'its evidence set is validated first' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status IN ('validated', 'approved') AND NEW.same_person_reason = ''
      AND EXISTS (SELECT FROM update_words w WHERE w.org_id = NEW.org_id
        AND w.update_id = NEW.id AND w.by_id IN (NEW.validated_by_id, NEW.approved_by_id)) THEN
    RAISE EXCEPTION 'nobody validates or approves words that they wrote'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
WRITE_ON_DRAFT = """
CREATE FUNCTION app.write_on_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
  SELECT u.status INTO found FROM recovery_update u
    WHERE u.org_id = NEW.org_id AND u.id = NEW.update_id FOR SHARE;
  IF found.status <> 'draft' THEN
    RAISE EXCEPTION 'words are written on a draft' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
END_BY_DECISION = """
CREATE FUNCTION app.end_by_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'ended' THEN
    RAISE EXCEPTION 'fortnights that ended stay so' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status = 'ended' AND NOT EXISTS (SELECT FROM review_entry e
      JOIN review v ON v.org_id = e.org_id AND v.id = e.review_id
      WHERE e.org_id = NEW.org_id AND e.id = NEW.end_entry_id AND e.kind = 'decision'
        AND v.forum IN ('monthly_governance', 'fortnightly_recovery', 'quarterly_board',
          'quarterly_safeguarding')
        AND e.entered_at >= NEW.created_at) THEN
    RAISE EXCEPTION 'fortnights end by a decision of the governance group'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
CLOSE_ONCE = """
CREATE FUNCTION app.close_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a line that was closed stays so' USING ERRCODE = 'restrict_violation';
END $$
"""
FUNCTIONS = {
    "keep_update": KEEP_UPDATE,
    "write_on_draft": WRITE_ON_DRAFT,
    "end_by_decision": END_BY_DECISION,
    "close_once": CLOSE_ONCE,
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
    op.execute(
        "CREATE TRIGGER recovery_update_moves_on BEFORE UPDATE ON recovery_update "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_update()"
    )
    op.execute(
        "CREATE TRIGGER update_schedule_ends_by_decision BEFORE UPDATE ON update_schedule "
        "FOR EACH ROW EXECUTE FUNCTION app.end_by_decision()"
    )
    op.execute(
        "CREATE TRIGGER tracked_concern_closes_once BEFORE UPDATE ON tracked_concern "
        "FOR EACH ROW WHEN (OLD.status <> 'open') EXECUTE FUNCTION app.close_once()"
    )
    op.execute(
        "CREATE TRIGGER update_words_on_draft BEFORE INSERT ON update_words "
        "FOR EACH ROW EXECUTE FUNCTION app.write_on_draft()"
    )
    op.execute(
        "CREATE TRIGGER feedback_answer_in_open_sitting BEFORE INSERT ON feedback_answer "
        "FOR EACH ROW EXECUTE FUNCTION app.decide_in_open_sitting()"
    )


def drop_functions() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION app.{name}()")
