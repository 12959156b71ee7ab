"""What every list needs: the person's scope, words looked for, and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, text, true

from careboard.db import db
from careboard.tenancy import Actor

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of many. `number` counts from 1, `total` counts all rows."""

    rows: Sequence[Any]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def within(actor: Actor, column: ColumnElement) -> ColumnElement[bool]:
    """Rows whose service the person reaches."""
    return true() if actor.service_ids is None else column.in_(list(actor.service_ids))


def within_or_organisation(actor: Actor, column: ColumnElement) -> ColumnElement[bool]:
    """As `within`, and rows that belong to the whole organisation."""
    return or_(column.is_(None), within(actor, column))


def containing(words: str, *columns: ColumnElement) -> ColumnElement[bool]:
    """Rows in whose columns, taken together, every one of the words occurs, whatever its case."""
    together = func.concat_ws(" ", *columns)
    return and_(true(), *(together.ilike(pattern(word), escape="\\") for word in words.split()))


def pattern(word: str) -> str:
    """A LIKE pattern that finds the word itself, its percent signs and underscores included."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def fetch_page(statement: Select, *, page: int, size: int = PAGE_SIZE) -> Page:
    """That page of an ordered statement, in one statement; beyond the last page, the first."""
    counted = statement.add_columns(func.count().over().label("total_rows"))
    rows = db.session.execute(counted.limit(size).offset((page - 1) * size)).all()
    if not rows and page > 1:
        return fetch_page(statement, page=1, size=size)
    return Page(rows, page, rows[0].total_rows if rows else 0, size)


def fetch_rows(
    statement: str,
    values: Mapping[str, Any],
    *,
    order: str,
    page: int,
    size: int = PAGE_SIZE,
) -> Page:
    """As `fetch_page`, of rows that SQL selects; `order` names its columns as `x.…`."""
    counted = f"""SELECT x.*, count(*) OVER () AS total_rows FROM ({statement}) x
ORDER BY {order} LIMIT :page_size OFFSET :page_skip"""
    held = {**values, "page_size": size, "page_skip": (page - 1) * size}
    rows = db.session.execute(text(counted), held).all()
    if not rows and page > 1:
        return fetch_rows(statement, values, order=order, page=1, size=size)
    return Page(rows, page, rows[0].total_rows if rows else 0, size)
