"""What each part of a service's timeline is made of: one SELECT with the columns that all share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, DateTime, Select, Text, cast, func, literal, null, select

from careboard.accounts.models import Membership
from careboard.tenancy import Actor


def happened(
    model: Any,
    kind: str,
    actor: Actor,
    *,
    day: Any,
    moment: Any = None,
    code: Any,
    subject: Any,
    name: Any,
    text: Any = None,
    who: Any = None,
) -> Select:
    """Rows of a model as things that happened, of the actor's organisation. `code` is what
    `timeline_words` calls it by, `subject` the row whose page tells more."""
    return select(
        literal(kind).label("kind"),
        (subject).label("subject_id"),
        cast(day, Date).label("day"),
        cast(null() if moment is None else moment, DateTime(timezone=True)).label("moment"),
        cast(code, Text).label("code"),
        cast(name, Text).label("name"),
        cast(literal("") if text is None else text, Text).label("text"),
        cast(null() if who is None else who, Text).label("who"),
    ).where(model.org_id == actor.org_id)


def local_day(actor: Actor, moment: Any) -> Any:
    """The moment as the organisation's clocks show it."""
    return func.timezone(actor.time_zone, moment)


def by_member(statement: Select, model: Any, column: Any) -> Select:
    """With the person of that column, whose name is `Membership.name`."""
    return statement.outerjoin(
        Membership, (Membership.org_id == model.org_id) & (Membership.id == column)
    )
