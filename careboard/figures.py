"""Figures: numbers that open to the rows behind them.

Each has one definition with a version; its value, wherever it is shown, is counted from the same
rows that its page lists. Source: DESIGN section 1, promise 3; rules N1 and 3.3.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from careboard import clock
from careboard.dashboards.models import FigureReading
from careboard.db import db
from careboard.errors import NotFound
from careboard.figure_definitions import FIGURES, Definition
from careboard.figure_rows import ROWS, parameters, prelude
from careboard.tenancy import Actor

PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class Count:
    """A figure's value without its rows. `before` is the latest earlier reading, if any."""

    code: str
    numerator: int
    denominator: int
    detail: dict[str, int] = field(default_factory=dict)
    before: tuple[int, int | None, date] | None = None

    @property
    def percent(self) -> float | None:
        """Of 100, to two places; None when there is nothing to count."""
        return percentage(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its definition and rows (those that ask for work first)."""

    definition: Definition
    count: Count
    on: date
    taken_at: datetime
    rows: list[Any]
    rows_total: int


def percentage(numerator: int, denominator: int | None) -> float | None:
    """Of 100, to two places; None when there is nothing to count."""
    return round(100 * numerator / denominator, 2) if denominator else None


def define(code: str) -> Definition:
    """Raises NotFound for a code that no figure has."""
    if code not in FIGURES:
        raise NotFound()
    return FIGURES[code]


def counts(
    *,
    actor: Actor,
    on: date,
    codes: Collection[str] = tuple(FIGURES),
    service_ids: Collection[UUID] | None = None,
    since: date | None = None,
) -> dict[str, Count]:
    """The values of several figures within the person's services, in one statement.

    `since` adds the latest reading of each taken on or before that day, for comparison; readings
    are of the whole organisation, so a person with fewer services gets none.
    """
    scope = _scope(actor, service_ids)
    compared = since is not None and scope is None
    statement = text(prelude() + " UNION ALL ".join(_count_sql(code, scope) for code in codes))
    values = _values(actor, on, scope)
    counted = {
        row.code: Count(row.code, row.counted, row.total, _bands(row))
        for row in db.session.execute(statement, values)
    }
    if not compared:
        return counted
    return _with_readings(actor, since, counted)


def compute(
    *,
    actor: Actor,
    code: str,
    on: date,
    service_ids: Collection[UUID] | None = None,
    everything: bool = True,
    page: int = 1,
    page_rows: int | None = PAGE_ROWS,
) -> Figure:
    """A figure with a page of its rows (`page_rows` None: all), in two statements.

    `everything` False leaves out the rows that ask for no work. Raises NotFound for an unknown
    code.
    """
    definition = define(code)
    scope = _scope(actor, service_ids)
    count = counts(actor=actor, on=on, codes=(code,), service_ids=service_ids)[code]
    rows = _rows(actor, definition, on, scope, everything, page, page_rows)
    waiting = count.numerator
    if definition.attention == "uncounted":
        waiting = count.denominator - count.numerator
    total = count.denominator if everything else waiting
    return Figure(definition, count, on, clock.now(), rows, total)


def foremost(*, actor: Actor, code: str, on: date, most: int) -> list[Any]:
    """The rows that ask for work, the latest in doing first. One statement."""
    return _rows(actor, define(code), on, _scope(actor, None), False, 1, most)


def _rows(
    actor: Actor,
    definition: Definition,
    on: date,
    scope: list[UUID] | None,
    everything: bool,
    page: int,
    page_rows: int | None,
) -> list[Any]:
    attention = "x.counted" if definition.attention == "counted" else "NOT x.counted"
    statement = prelude() + (
        f"SELECT x.*, s.name AS service FROM ({ROWS[definition.code]}) x "
        "LEFT JOIN service s ON s.org_id = :org AND s.id = x.service_id WHERE true"
        + _within(scope)
        + ("" if everything else f" AND {attention}")
        + f" ORDER BY ({attention}) DESC, x.days DESC NULLS LAST, x.reference, x.id"
        + ("" if page_rows is None else " LIMIT :limit OFFSET :offset")
    )
    values = _values(actor, on, scope)
    if page_rows is not None:
        values |= {"limit": page_rows, "offset": (page - 1) * page_rows}
    return list(db.session.execute(text(statement), values))


_UNREAD = text("SELECT org_id FROM app.providers_without_reading(:day)")


def providers_to_read() -> list[UUID]:
    """Providers whose figures have not been kept today: one statement for all."""
    return list(db.session.execute(_UNREAD, {"day": clock.today()}).scalars())


def take_readings(*, actor: Actor, on: date) -> int:
    """Keep today's value of every figure for the whole organisation; returns how many.

    Taking them again on the same day replaces them.
    """
    values = [
        {
            "org_id": actor.org_id,
            "code": count.code,
            "version": FIGURES[count.code].version,
            "on_date": on,
            "numerator": count.numerator,
            "denominator": count.denominator,
            "detail": count.detail,
            "taken_at": clock.now(),
        }
        for count in counts(actor=actor, on=on).values()
    ]
    statement = insert(FigureReading).values(values)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["org_id", "code", "version", "on_date"],
        set_={
            "numerator": new.numerator,
            "denominator": new.denominator,
            "detail": new.detail,
            "taken_at": new.taken_at,
        },
    )
    db.session.execute(statement)
    return len(values)


def audit_risks_linked(*, actor: Actor, on: date) -> dict[str, Any]:
    """Rule N1 in the words of the figures command: linked, total, percent, target, unlinked.

    `unlinked` gives, by the concern's reference, what its best action lacks.
    """
    figure = compute(
        actor=actor, code="audit_risks_linked", on=on, everything=False, page_rows=None
    )
    return {
        "linked": figure.count.numerator,
        "total": figure.count.denominator,
        "percent": figure.count.percent,
        "target": figure.definition.target,
        "unlinked": {row.reference: list(row.faults) for row in figure.rows},
    }


_ACTIONS = text("SELECT count(*) FROM action WHERE org_id = :org")


def overdue_actions(*, actor: Actor, on: date) -> dict[str, int]:
    """Overdue actions in the words of the figures command: count, actions (of every status) and
    the age bands."""
    count = counts(actor=actor, on=on, codes=("overdue_actions",))["overdue_actions"]
    actions = db.session.execute(_ACTIONS, {"org": actor.org_id}).scalar_one()
    return {"count": count.numerator, "actions": actions, **count.detail}


def _scope(actor: Actor, service_ids: Collection[UUID] | None) -> list[UUID] | None:
    """The services to count (None: all): those asked for that the person reaches."""
    if service_ids is None:
        return None if actor.service_ids is None else list(actor.service_ids)
    return [service_id for service_id in service_ids if actor.reaches(service_id)]


def _values(actor: Actor, on: date, scope: list[UUID] | None) -> dict[str, Any]:
    values: dict[str, Any] = {"org": actor.org_id, "on": on, **parameters(on)}
    return values if scope is None else values | {"services": scope}


def _within(scope: list[UUID] | None) -> str:
    return "" if scope is None else " AND x.service_id = ANY(:services)"


def _count_sql(code: str, scope: list[UUID] | None) -> str:
    return (
        f"SELECT '{code}' AS code, count(*) AS total, count(*) FILTER (WHERE counted) AS counted, "
        "count(*) FILTER (WHERE counted AND days BETWEEN 1 AND 7) AS week, "
        "count(*) FILTER (WHERE counted AND days BETWEEN 8 AND 28) AS month, "
        "count(*) FILTER (WHERE counted AND days > 28) AS older "
        f"FROM ({ROWS[code]}) x WHERE true" + _within(scope)
    )


def _bands(row: Any) -> dict[str, int]:
    """Age bands, for the figure that has them. Source: rules 3.3, overdue action."""
    if row.code != "overdue_actions":
        return {}
    return {"days_1_to_7": row.week, "days_8_to_28": row.month, "days_over_28": row.older}


_READINGS = text("""
SELECT DISTINCT ON (code) code, numerator, denominator, on_date FROM figure_reading
WHERE org_id = :org AND on_date <= :since ORDER BY code, on_date DESC
""")


def _with_readings(actor: Actor, since: date, counted: dict[str, Count]) -> dict[str, Count]:
    rows = db.session.execute(_READINGS, {"org": actor.org_id, "since": since})
    before = {row.code: (row.numerator, row.denominator, row.on_date) for row in rows}
    return {
        code: Count(code, c.numerator, c.denominator, c.detail, before.get(code))
        for code, c in counted.items()
    }
