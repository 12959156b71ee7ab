"""The database handle, the shape every table shares, and the one loader."""

from __future__ import annotations

import select as system
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import uuid_utils.compat
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Pool,
    event,
    func,
    select,
)
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from careboard import clock
from careboard.errors import NotFound


class Base(DeclarativeBase):
    """Every constraint has a name, so that it can be turned into a field error."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(
    model_class=Base,
    session_options={"join_transaction_mode": "create_savepoint"},
    engine_options={
        # One for each thread of a web process; those beyond are made and thrown away.
        "pool_size": 8,
        "connect_args": {"prepare_threshold": None},
        # A statement that fails is logged without its values: they may name people.
        "hide_parameters": True,
    },
)


@event.listens_for(Pool, "checkout")
def _still_open(connection, record, proxy) -> None:
    """Hand out no connection that the server has closed since: it left something to read, so
    this is seen without asking the server."""
    line = connection.pgconn
    try:
        told = system.poll()
        told.register(line.socket, system.POLLIN)
        while told.poll(0):
            line.consume_input()
    except psycopg.OperationalError as error:
        raise DisconnectionError() from error


def new_id() -> UUID:
    """A UUID that sorts by the time it was made, so that indexes grow at one end."""
    return uuid_utils.compat.uuid7()


class TenantRow:
    """A row of one organisation: primary key (org_id, id), row-level security on the table."""

    org_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, sort_order=-3
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-2)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=clock.now, server_default=func.now(), sort_order=90
    )


def parent(column: str, table: str) -> ForeignKeyConstraint:
    """A composite link to a row of the same organisation; a foreign one is refused."""
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


Row = TypeVar("Row")


def load(model: type[Row], org_id: UUID, row_id: UUID) -> Row:
    """The organisation's row with that id.

    Raises NotFound when there is none, whoever else may have one.
    """
    row = db.session.get(model, (org_id, row_id))
    if row is None:
        raise NotFound()
    return row


def lock(model: Any, org_id: UUID, row_id: UUID) -> Any:
    """As `load`, holding the row until the transaction ends, so that two cannot decide at once."""
    statement = (
        select(model)
        .where(model.org_id == org_id, model.id == row_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = db.session.scalar(statement)
    if row is None:
        raise NotFound()
    return row
