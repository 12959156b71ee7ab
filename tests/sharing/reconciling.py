"""Events of both sides as a test writes them down, and the gaps that are found between them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from careboard.sharing.reconciliation_rule import Event, gaps

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
RISK, OTHER = UUID(int=1), UUID(int=2)


def rated(to, day, before=None, *, risk=RISK, domain="staffing"):
    facts = {"from": before, "to": to, "domain": domain}
    return Event("inside", "rating", "RSK-1", day, "rated", "risk", risk, facts)


def closed(day, *, risk=RISK):
    return Event("inside", "closed", "RSK-1", day, "closed", "risk", risk)


def decided(day, decision="share", *, tell_by=None, subject=RISK, row=OTHER):
    facts = {
        "decision": decision,
        "tell_by": tell_by and tell_by.isoformat(),
        "subject": str(subject),
    }
    return Event("inside", "decision", "SHD-1", day, "decided", "decision", row, facts)


def told(day, *, decision=None):
    facts = {"decision": decision and str(decision)}
    return Event("outside", "told", "COM-1", day, "told", "communication", UUID(int=9), facts)


def asked(day, due, answered=None, kind="asked"):
    facts = {"due_on": due.isoformat(), "answered_on": answered and answered.isoformat()}
    return Event("outside", kind, "CB-CQ-1", day, "asked", "concern", UUID(int=8), facts)


def update(due, status, published=None):
    facts = {
        "due_on": due.isoformat(),
        "published_on": published and published.isoformat(),
        "status": status,
    }
    return Event("outside", "update", "RUP-1", published or due, "update", "update",
                 UUID(int=7), facts)  # fmt: skip


def found(*events, since=TODAY - 92 * DAY, until=TODAY):
    ordered = sorted(events, key=lambda event: event.on)
    return [
        (gap.kind, gap.from_on, gap.until_on, gap.days(until))
        for gap in gaps(ordered, since=since, until=until)
    ]
