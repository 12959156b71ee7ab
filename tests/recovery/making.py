"""Records to compute from, brought in as files, and indicators to read."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from careboard.db import db
from careboard.recovery import service
from careboard.recovery.service import Shape
from tests.imports_db.making import bring

ON = date(2026, 11, 20)  # a Friday
SUNDAY = date(2026, 11, 15)
HOUSE = "Alder House"
REVIEWS = "Review,Service,Person,Type,Due,Completed,High risk,Actions\n"
DOSES = "Admin ID,Service,Resident,Due,Recorded,Outcome,PRN,CD,Recorded by,Witness\n"
READINGS = "Week ending,Service,Indicator,Numerator,Denominator,Value,Unit\n"
CONCERNS = {
    "complaints": "Complaint ref,Service,Received on,Theme,Formal\n",
    "incidents": "Incident ID,Service,Date,Type,Status\n",
    "safeguarding": "Concern ref,Service,Raised on,Level,Status,Closed on\n",
    "feedback": "Response,Service,Date,From,Question,Score,Out of\n",
}


def text(head: str, lines) -> str:
    return head + "".join(f"{line}\n" for line in lines)


def bring_reviews(world, *days: tuple[date, date | None], service: str = HOUSE) -> UUID:
    """Reviews as (due, completed)."""
    lines = (
        f"RV-{number},{service},P{number},four-weekly,{due:%d/%m/%Y},"
        f"{f'{done:%d/%m/%Y}' if done else ''},N,1"
        for number, (due, done) in enumerate(days)
    )
    return bring(world, "reviews", text(REVIEWS, lines))


def bring_doses(world, *doses: tuple[date, str], prn: str = "N", service: str = HOUSE) -> UUID:
    """Doses as (due, outcome code)."""
    lines = (
        f"7{number:05d},{service},P{number},{due:%d/%m/%Y} 08:00,{due:%d/%m/%Y} 08:10,{code},"
        f"{prn},N,C-1,"
        for number, (due, code) in enumerate(doses)
    )
    return bring(world, "emar", text(DOSES, lines))


def ago(days: int) -> date:
    """That many days before the Sunday that ends the last full week."""
    return SUNDAY - timedelta(days=days)


def opened(world, shape: Shape, *, person: str = "bob", where: str = HOUSE) -> UUID:
    where_id = world.service_id(where)
    with world.acting(person) as actor:
        indicator_id = service.open_indicator(actor=actor, service_id=where_id, shape=shape)
        db.session.commit()
    return indicator_id


FALLS = Shape("Falls at night", "safety", "count", "down")
