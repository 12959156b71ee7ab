"""Nobody marks their own homework, to the last step: an update keeps a reason for each step that its
own people took, a decision on a pattern answers what stands beside it, and stepping down asks for
criteria that held for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043_update_reasons"
down_revision = "0042_submissions"

TABLE = "recovery_update"
REVIEW = "episode_review"
BY_ANOTHER = {
    "validated_by_someone_else": "validated_by_id <> claim_by_id OR validation_exception <> ''",
    "approved_by_someone_else": (
        "(approved_by_id NOT IN (validated_by_id, claim_by_id) "
        "AND coalesce(approved_by_id <> edited_by_id, true)) OR approval_exception <> ''"
    ),
    "exceptions": (
        "(validation_exception = '' OR validated_by_id IS NOT NULL) "
        "AND (approval_exception = '' OR approved_by_id IS NOT NULL)"
    ),
}
WAS_BY_ANOTHER = {
    "validated_by_someone_else": "validated_by_id <> claim_by_id OR same_person_reason <> ''",
    "approved_by_someone_else": (
        "(approved_by_id <> validated_by_id "
        "AND coalesce(approved_by_id <> edited_by_id, true)) OR same_person_reason <> ''"
    ),
}
# The one reason goes to the step that had an exception. Of two, each was a line of its own; where
# there are more lines nobody can tell whose they are, and both steps keep all of them.
_WROTE = (
    "EXISTS (SELECT FROM update_words w WHERE w.org_id = u.org_id AND w.update_id = u.id "
    "AND w.by_id = u.{step}_by_id)"
)
_TWO_LINES = r"E'^[^\n]+\n[^\n]+$'"
DIVIDE = f"""
UPDATE recovery_update u SET
  validation_exception = CASE WHEN NOT x.own_approval THEN x.said
    WHEN NOT x.own_validation THEN ''
    WHEN x.said ~ {_TWO_LINES} THEN split_part(x.said, E'\\n', 1) ELSE x.said END,
  approval_exception = CASE WHEN NOT x.own_approval THEN x.unasked
    WHEN x.own_validation AND x.said ~ {_TWO_LINES} THEN split_part(x.said, E'\\n', 2)
    ELSE x.said END
FROM (SELECT u.org_id, u.id, replace(u.validation_exception, E'\\r', '') AS said,
    u.validated_by_id = u.claim_by_id OR {_WROTE.format(step="validated")} AS own_validation,
    u.approved_by_id = u.validated_by_id OR {_WROTE.format(step="approved")} AS own_approval,
    CASE WHEN u.approved_by_id = u.claim_by_id
      THEN 'No reason was asked for when it was approved by who gathered its evidence.'
      ELSE '' END AS unasked
  FROM recovery_update u WHERE u.approved_by_id IS NOT NULL) x
WHERE x.org_id = u.org_id AND x.id = u.id
"""
JOIN = """
UPDATE recovery_update SET validation_exception =
  concat_ws(E'\\n', nullif(validation_exception, ''), nullif(approval_exception, ''))
"""
ONE_REASON = """\
  IF NEW.status IN ('validated', 'approved') AND NEW.same_person_reason = ''
      AND EXISTS (SELECT FROM update_words w WHERE w.org_id = NEW.org_id
        AND w.update_id = NEW.id AND w.by_id IN (NEW.validated_by_id, NEW.approved_by_id)) THEN
"""
EACH_REASON = """\
  IF NEW.status IN ('validated', 'approved') AND EXISTS (SELECT FROM update_words w
      WHERE w.org_id = NEW.org_id AND w.update_id = NEW.id
        AND (w.by_id = NEW.validated_by_id AND NEW.validation_exception = ''
          OR w.by_id = NEW.approved_by_id AND NEW.approval_exception = '')) THEN
"""

# A sitting that decides is one of the governance group.
SITTING = """\
  SELECT r.status INTO sitting FROM review r
    WHERE r.org_id = NEW.org_id AND r.id = NEW.sitting_id FOR SHARE;
"""
OF_THE_GROUP = """\
  SELECT r.status, r.forum INTO sitting FROM review r
    WHERE r.org_id = NEW.org_id AND r.id = NEW.sitting_id FOR SHARE;
  IF sitting.forum NOT IN ('monthly_governance', 'fortnightly_recovery', 'quarterly_board',
      'quarterly_safeguarding') THEN
    RAISE EXCEPTION 'it is decided in a sitting of the governance group'
      USING ERRCODE = 'restrict_violation';
  END IF;
"""

# Whoever holds reviews often does not step down sooner for it: seven days are the least.
VISITED = "  IF NOT EXISTS (SELECT FROM monitoring_visit v"
HELD_FOR_A_WHILE = """\
  IF NOT EXISTS (SELECT FROM episode_review r WHERE r.org_id = NEW.org_id
      AND r.episode_id = NEW.episode_id
      AND r.held_on <= NEW.held_on - greatest(episode.frequency_days, 7)
      AND NOT EXISTS (SELECT FROM episode_review l WHERE l.org_id = NEW.org_id
        AND l.episode_id = NEW.episode_id AND l.number >= r.number
        AND (NOT l.all_met OR EXISTS (SELECT FROM episode_criterion c
          WHERE c.org_id = NEW.org_id AND c.episode_id = NEW.episode_id
            AND c.withdrawn_on IS NULL
            AND NOT l.criteria @> jsonb_build_array(jsonb_build_object('number', c.number))))))
  THEN
    RAISE EXCEPTION 'the criteria have not held for as long as two reviews are apart'
      USING ERRCODE = 'restrict_violation';
  END IF;
"""
# Who visited and has taken on a part of the work since is not independent of it; what was cancelled
# is no work. Who decides may have made the visit where nobody else could, with a reason of its own.
BY_ANOTHER_VISITOR = """\
      AND (v.visited_by_id <> NEW.decided_by_id OR episode.same_person_reason <> '')) THEN
"""
STILL_INDEPENDENT = """\
      AND (v.visited_by_id <> NEW.decided_by_id OR NEW.same_person_reason <> '')
      AND v.visited_by_id <> episode.manager_id
      AND NOT EXISTS (SELECT FROM action a WHERE a.org_id = NEW.org_id
        AND a.episode_id = NEW.episode_id AND a.status <> 'cancelled'
        AND v.visited_by_id IN (a.owner_id, a.completed_by_id))) THEN
"""
OWNER = """\
      AND a.episode_id = NEW.episode_id AND a.owner_id = NEW.visited_by_id) THEN
"""
OWNER_OF_WORK = """\
      AND a.episode_id = NEW.episode_id AND a.owner_id = NEW.visited_by_id
      AND a.status <> 'cancelled') THEN
"""

# A decision on one pattern of a service answers all that stand there by then, and so it is a
# decision on each of them that nobody has answered. Of the checks of one pattern the latest counts.
_PATTERNS = "('safeguarding_repeated', 'safeguarding_shared', 'low_level_shared')"
DECIDED = """\
        WHERE d.org_id = NEW.org_id AND d.trigger_id = NEW.trigger_id
          AND d.decided_by_id = NEW.by_id) THEN
"""
ANSWERED = f"""\
        JOIN trigger o ON o.org_id = d.org_id AND o.id = d.trigger_id
        JOIN trigger t ON t.org_id = d.org_id AND t.id = NEW.trigger_id
        WHERE d.org_id = NEW.org_id AND d.decided_by_id = NEW.by_id AND (o.id = t.id
          OR o.service_id = t.service_id AND d.decided_on >= t.fired_on
            AND o.rule_code IN {_PATTERNS} AND t.rule_code IN {_PATTERNS})) THEN
"""
CHECKED = """\
      WHERE p.org_id = NEW.org_id AND p.trigger_id = NEW.trigger_id
        AND p.by_id = NEW.decided_by_id AND p.same_person_reason = '') THEN
"""
CHECKED_ONE = f"""\
      JOIN trigger t ON t.org_id = p.org_id AND t.id = p.trigger_id
      JOIN trigger o ON o.org_id = p.org_id AND o.id = NEW.trigger_id
      WHERE p.org_id = NEW.org_id AND p.by_id = NEW.decided_by_id AND p.same_person_reason = ''
        AND NOT EXISTS (SELECT FROM pattern_review l WHERE l.org_id = p.org_id
          AND l.trigger_id = p.trigger_id AND l.id > p.id)
        AND (o.id = t.id OR o.service_id = t.service_id AND t.closed_on IS NULL
          AND o.rule_code IN {_PATTERNS} AND t.rule_code IN {_PATTERNS}
          AND NOT EXISTS (SELECT FROM sharing_decision d
            JOIN trigger e ON e.org_id = d.org_id AND e.id = d.trigger_id
            WHERE d.org_id = t.org_id AND d.service_id = t.service_id
              AND d.decided_on >= t.fired_on AND e.rule_code IN {_PATTERNS}))) THEN
"""
REWORDED = (
    ("keep_update", ONE_REASON, EACH_REASON),
    ("decide_in_open_sitting", SITTING, OF_THE_GROUP),
    ("allow_step_down", VISITED, HELD_FOR_A_WHILE + VISITED),
    ("allow_step_down", BY_ANOTHER_VISITOR, STILL_INDEPENDENT),
    ("keep_independent", OWNER, OWNER_OF_WORK),
    ("pattern_checked_by_another", DECIDED, ANSWERED),
    ("pattern_checked_by_another", CHECKED, CHECKED_ONE),
)


def upgrade() -> None:
    for name in WAS_BY_ANOTHER:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
    op.alter_column(TABLE, "same_person_reason", new_column_name="validation_exception")
    op.add_column(
        TABLE, sa.Column("approval_exception", sa.Text(), server_default="", nullable=False)
    )
    op.execute(f"GRANT UPDATE (approval_exception) ON {TABLE} TO careboard_app")
    op.add_column(
        REVIEW, sa.Column("same_person_reason", sa.Text(), server_default="", nullable=False)
    )
    _of_every_organisation(DIVIDE)
    for name, rule in BY_ANOTHER.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, rule)
    for function, was, now in REWORDED:
        _reword(function, was, now)


def _of_every_organisation(statement: str) -> None:
    """Change updates, those at their end too, of all organisations at once."""
    for table in (TABLE, "update_words"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
    op.execute(statement)
    op.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
    for table in (TABLE, "update_words"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _reword(function: str, was: str, now: str) -> None:
    """Put these words of a function in the place of those."""
    bind = op.get_bind()
    found = bind.scalar(
        sa.text("SELECT pg_get_functiondef(CAST(:name AS regprocedure))"),
        {"name": f"app.{function}()"},
    )
    if found.count(was) != 1:
        raise RuntimeError(f"app.{function} is not as this migration expects it.")
    bind.exec_driver_sql(found.replace(was, now))


def downgrade() -> None:
    for function, was, now in reversed(REWORDED):
        _reword(function, now, was)
    for name in BY_ANOTHER:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
    _of_every_organisation(JOIN)
    op.drop_column(REVIEW, "same_person_reason")
    op.drop_column(TABLE, "approval_exception")
    op.alter_column(TABLE, "validation_exception", new_column_name="same_person_reason")
    for name, rule in WAS_BY_ANOTHER.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, rule)
