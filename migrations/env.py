"""Alembic's entry: migrations run as the owner, on the direct address."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, text

import careboard.models  # noqa: F401  (fills the metadata)
from careboard.db import Base


def _skip_functions_and_roles(obj, name, type_, reflected, compare_to) -> bool:
    return not (type_ == "table" and name == "alembic_version")


def run() -> None:
    engine = create_engine(current_app.config["OWNER_URL"])
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '4s'"))
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=_skip_functions_and_roles,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
