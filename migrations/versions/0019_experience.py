"""Monthly experience summaries, their themes and the notes on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import LASTING, protect

revision = "0019_experience"
down_revision = "0018_board_packs"


def _row(*parts: sa.schema.SchemaItem, name: str) -> None:
    """A table of tenant rows."""
    op.create_table(
        name,
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *parts,
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{name}_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{name}")),
    )


def _link(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{parent}.org_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    _summaries()
    _themes()
    _notes()
    _plan()
    # A summary is never rewritten: all that may happen to one is that a correction takes over.
    protect("experience_summary", "SELECT, INSERT, UPDATE (superseded_at)")
    for table in ("experience_theme", "theme_rating", "intelligence_note", "theme_action"):
        protect(table, LASTING)


def _summaries() -> None:
    table = "experience_summary"
    _row(
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("correction_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f(f"ck_{table}_month")),
        sa.CheckConstraint("source IN ('imported', 'entered')", name=op.f(f"ck_{table}_source")),
        sa.CheckConstraint(
            "sample_size >= 0 AND invited >= sample_size AND people > 0",
            name=op.f(f"ck_{table}_counts"),
        ),
        sa.CheckConstraint(
            "number = 1 OR correction_reason <> ''", name=op.f(f"ck_{table}_correction_reason")
        ),
        _link(table, "service_id", "service"),
        _link(table, "submitted_by_id", "membership"),
        sa.UniqueConstraint(
            "org_id",
            "service_id",
            "month",
            "number",
            name=op.f(f"uq_{table}_org_id_service_id_month_number"),
        ),
        name=table,
    )
    op.create_index(
        "uq_experience_summary_present",
        table,
        ["org_id", "service_id", "month"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index("ix_experience_summary_org_id_month", table, ["org_id", "month"])


def _themes() -> None:
    table = "experience_theme"
    _row(
        sa.Column("summary_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("positive >= 0 AND negative >= 0", name=op.f(f"ck_{table}_counts")),
        sa.CheckConstraint("theme = lower(theme) AND theme <> ''", name=op.f(f"ck_{table}_theme")),
        _link(table, "summary_id", "experience_summary"),
        sa.UniqueConstraint(
            "org_id", "summary_id", "theme", name=op.f(f"uq_{table}_org_id_summary_id_theme")
        ),
        name=table,
    )


def _notes() -> None:
    for table, own in (
        (
            "theme_rating",
            (
                sa.Column("rating", sa.Text(), nullable=True),
                sa.Column("rationale", sa.Text(), nullable=False),
                sa.Column("rated_by_id", sa.Uuid(), nullable=True),
                sa.Column("rated_on", sa.Date(), nullable=False),
                sa.CheckConstraint(
                    "rating IN ('low', 'moderate', 'high', 'very_high')",
                    name=op.f("ck_theme_rating_rating"),
                ),
                sa.CheckConstraint("rationale <> ''", name=op.f("ck_theme_rating_rationale")),
                _link("theme_rating", "rated_by_id", "membership"),
            ),
        ),
        (
            "intelligence_note",
            (
                sa.Column("finding", sa.Text(), nullable=False),
                sa.Column("overlap", sa.Text(), nullable=False),
                sa.Column("text", sa.Text(), nullable=False),
                sa.Column("acknowledged", sa.Boolean(), server_default="false", nullable=False),
                sa.Column("noted_by_id", sa.Uuid(), nullable=True),
                sa.Column("noted_on", sa.Date(), nullable=False),
                sa.CheckConstraint(
                    "overlap IN ('matches', 'partly', 'none')",
                    name=op.f("ck_intelligence_note_overlap"),
                ),
                sa.CheckConstraint("text <> ''", name=op.f("ck_intelligence_note_text")),
                _link("intelligence_note", "noted_by_id", "membership"),
            ),
        ),
    ):
        _row(
            sa.Column("service_id", sa.Uuid(), nullable=False),
            sa.Column("theme", sa.Text(), nullable=False),
            sa.Column("month", sa.Date(), nullable=False),
            *own,
            sa.CheckConstraint("extract(day FROM month) = 1", name=op.f(f"ck_{table}_month")),
            _link(table, "service_id", "service"),
            name=table,
        )
        op.create_index(
            f"ix_{table}_org_id_service_id",
            table,
            ["org_id", "service_id", "theme", "created_at"],
        )


def _plan() -> None:
    table = "theme_action"
    _row(
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.CheckConstraint("theme = lower(theme) AND theme <> ''", name=op.f(f"ck_{table}_theme")),
        _link(table, "action_id", "action"),
        sa.UniqueConstraint("org_id", "action_id", name=op.f(f"uq_{table}_org_id_action_id")),
        name=table,
    )


def downgrade() -> None:
    for table in (
        "theme_action",
        "intelligence_note",
        "theme_rating",
        "experience_theme",
        "experience_summary",
    ):
        op.drop_table(table)
