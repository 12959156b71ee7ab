"""Which SQL statements a piece of work sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from careboard.db import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The texts of the statements sent meanwhile, in order."""
    sent: list[str] = []

    def note(connection, cursor, statement, *more) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
