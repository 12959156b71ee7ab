"""What a reading said is kept before it says something else, whoever asks the database."""

from __future__ import annotations

from alembic import op

revision = "0026_readings_are_kept"
down_revision = "0025_kept_series"

KEEP_READING = """
CREATE FUNCTION app.keep_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM superseded_row s
      WHERE s.org_id = OLD.org_id AND s.table_name = 'reading' AND s.record_id = OLD.id
        AND s.version = to_jsonb(OLD)) THEN
    RAISE EXCEPTION 'what a reading said is kept before it changes'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(KEEP_READING)
    op.execute(
        "CREATE TRIGGER reading_is_kept BEFORE UPDATE OR DELETE ON reading "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_reading()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER reading_is_kept ON reading")
    op.execute("DROP FUNCTION app.keep_reading()")
