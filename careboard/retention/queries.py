"""What is kept for how long, what is held, what is due and what was disposed of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select, text

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.retention.classes import CLASSES, RecordClass
from careboard.retention.models import Disposal, LegalHold, RetentionPeriod
from careboard.services.lists import Page, fetch_page
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Period:
    """How long a class is kept, in days; the rest is empty while it is CareBoard's default."""

    days: int
    set_on: date | None = None
    set_by: str = ""
    reason: str = ""

    @property
    def words(self) -> str:
        """Whole years, leap days counted, as people say them; else days."""
        years = round(self.days / 365.25)
        whole = years > 1 and -2 < self.days - years * 365.25 < 1
        return f"{years} years" if whole else f"{self.days:,} days"


@dataclass(frozen=True, slots=True)
class Due:
    """How many records of a class are due for disposal, and the day of the oldest."""

    number: int
    oldest_on: date | None


def before(on: date, days: int) -> date:
    """Records from before that day have been kept for so many days."""
    return on - timedelta(days=days)


def periods(*, actor: Actor) -> dict[str, Period]:
    """By class; what was set last counts."""
    statement = (
        select(RetentionPeriod, Membership.name)
        .join(
            Membership,
            (Membership.org_id == RetentionPeriod.org_id)
            & (Membership.id == RetentionPeriod.set_by_id),
        )
        .where(RetentionPeriod.org_id == actor.org_id)
        .order_by(RetentionPeriod.created_at, RetentionPeriod.id)
    )
    found = {code: Period(one.days) for code, one in CLASSES.items()}
    for row, name in db.session.execute(statement):
        found[row.record_class] = Period(row.days, row.set_on, name, row.reason)
    return found


def due(*, actor: Actor, periods: dict[str, Period]) -> dict[str, Due]:
    """By class, in one statement."""
    parts, values = [], {"org": actor.org_id}
    for code, one in CLASSES.items():
        values[f"before_{code}"] = before(actor.today, periods[code].days)
        rows = one.due.replace(":before", f":before_{code}")
        parts.append(text(f"SELECT '{code}', count(*), min(on_date) FROM ({rows}) AS {code}"))
    statement = " UNION ALL ".join(str(part) for part in parts)
    return {
        code: Due(number, oldest)
        for code, number, oldest in db.session.execute(text(statement), values)
    }


def rows_due(*, actor: Actor, record_class: RecordClass, before: date, most: int) -> list:
    """The oldest rows (id, on_date) that are due."""
    statement = text(f"{record_class.due} ORDER BY on_date, 1 LIMIT :most")
    return list(
        db.session.execute(statement, {"org": actor.org_id, "before": before, "most": most})
    )


def holds(*, actor: Actor) -> list:
    """Every hold with the names of those who placed and lifted it, standing ones first."""
    lifter = select(Membership.org_id, Membership.id, Membership.name).subquery("lifter")
    statement = (
        select(LegalHold, Membership.name.label("placed_by"), lifter.c.name.label("lifted_by"))
        .join(
            Membership,
            (Membership.org_id == LegalHold.org_id) & (Membership.id == LegalHold.placed_by_id),
        )
        .outerjoin(
            lifter,
            (lifter.c.org_id == LegalHold.org_id) & (lifter.c.id == LegalHold.lifted_by_id),
        )
        .where(LegalHold.org_id == actor.org_id)
        .order_by(LegalHold.lifted_on.is_not(None), LegalHold.reference.desc())
    )
    return list(db.session.execute(statement))


def holds_of(*, actor: Actor, code: str) -> list[LegalHold]:
    """The standing holds on a class."""
    return list(
        db.session.scalars(
            select(LegalHold).where(
                LegalHold.org_id == actor.org_id,
                LegalHold.lifted_on.is_(None),
                or_(LegalHold.record_class.is_(None), LegalHold.record_class == code),
            )
        )
    )


def disposals(*, actor: Actor, page: int = 1) -> Page:
    """A page of the disposal log, newest first: rows (Disposal, name)."""
    statement = (
        select(Disposal, Membership.name)
        .join(
            Membership,
            (Membership.org_id == Disposal.org_id) & (Membership.id == Disposal.disposed_by_id),
        )
        .where(Disposal.org_id == actor.org_id)
        .order_by(Disposal.reference.desc())
    )
    return fetch_page(statement, page=page)
