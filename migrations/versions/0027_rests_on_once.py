"""What was tested stays as it was tested: a return lowers a rating once, a claim with a drawn sample
is not taken back, and evidence that was validated gets no other text under the same name."""

from __future__ import annotations

from alembic import op

revision = "0027_rests_on_once"
down_revision = "0026_readings_are_kept"

ONCE = {
    "uq_rating_review_first": "(org_id, risk_id) WHERE decision = 'set'",
    "uq_rating_review_lowered_once": "(org_id, claim_id) WHERE decision = 'lower'",
}

KEEP_DRAWN = """
CREATE FUNCTION app.keep_drawn_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM validation v JOIN sample s
      ON s.org_id = v.org_id AND s.validation_id = v.id
      WHERE v.org_id = NEW.org_id AND v.claim_id = NEW.id) THEN
    RAISE EXCEPTION 'a claim that a sample was drawn for is not taken back'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
KEEP_VALIDATED = """
CREATE FUNCTION app.keep_validated_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM evidence_link l JOIN claim c ON c.org_id = l.org_id AND c.id = l.claim_id
      WHERE l.org_id = NEW.org_id AND l.evidence_id = NEW.evidence_id
        AND (c.status = 'validated' OR (c.status = 'submitted' AND EXISTS (
          SELECT FROM validation v WHERE v.org_id = c.org_id AND v.claim_id = c.id)))) THEN
    RAISE EXCEPTION 'evidence that a claim is validated on gets no further revision'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    for name, rows in ONCE.items():
        op.execute(f"CREATE UNIQUE INDEX {name} ON rating_review {rows}")
    op.execute(KEEP_DRAWN)
    op.execute(
        "CREATE TRIGGER drawn_claim_is_kept BEFORE UPDATE ON claim FOR EACH ROW "
        "WHEN (NEW.status = 'withdrawn' AND OLD.status <> 'withdrawn') "
        "EXECUTE FUNCTION app.keep_drawn_claim()"
    )
    op.execute(KEEP_VALIDATED)
    op.execute(
        "CREATE TRIGGER validated_evidence_is_kept BEFORE INSERT ON evidence_revision "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_validated_evidence()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER validated_evidence_is_kept ON evidence_revision")
    op.execute("DROP FUNCTION app.keep_validated_evidence()")
    op.execute("DROP TRIGGER drawn_claim_is_kept ON claim")
    op.execute("DROP FUNCTION app.keep_drawn_claim()")
    for name in ONCE:
        op.execute(f"DROP INDEX {name}")
