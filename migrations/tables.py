"""Tenant tables spelled short: columns by kind, composite links, names by the convention."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


def columns(
    kind: sa.types.TypeEngine, *names: str, null: bool = False, default: str | None = None
) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=null, server_default=default) for name in names]


texts = partial(columns, sa.Text())
ids = partial(columns, sa.Uuid())
days = partial(columns, sa.Date())
instants = partial(columns, sa.DateTime(timezone=True))
flags = partial(columns, sa.Boolean())
numbers = partial(columns, sa.Integer())
documents = partial(columns, JSONB())


def tenant_table(name: str, *parts: list[sa.schema.SchemaItem] | sa.schema.SchemaItem) -> None:
    """A table of an organisation's rows, of lists of columns, links and single constraints."""
    flat = [item for part in parts for item in (part if isinstance(part, list) else [part])]
    op.create_table(
        name,
        *ids("org_id", "id"),
        *flat,
        *instants("created_at", default=sa.text("now()")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{name}_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{name}")),
    )


def links(table: str, **parents: str) -> list[sa.ForeignKeyConstraint]:
    """Composite links, a column to the table that it names."""
    return [
        sa.ForeignKeyConstraint(
            ["org_id", column],
            [f"{parent}.org_id", f"{parent}.id"],
            name=op.f(f"fk_{table}_org_id_{column}"),
        )
        for column, parent in parents.items()
    ]


def checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def unique(table: str, *names: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("org_id", *names, name=op.f(f"uq_{table}_org_id_{'_'.join(names)}"))


def index(table: str, *names: str) -> None:
    """An index of the organisation's rows, named after its first column."""
    op.create_index(f"ix_{table}_org_id_{names[0]}", table, ["org_id", *names])
