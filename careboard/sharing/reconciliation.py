"""What was known inside and when, beside what was told outside and when; and the gaps.

Source: S3, regulator and inspector expectation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from careboard.imports.privacy import neutralise_formula
from careboard.services.models import Service
from careboard.services.queries import service_within_reach
from careboard.sharing import reconciliation_rows
from careboard.sharing.reconciliation_rule import Event, Gap, gaps
from careboard.tenancy import Actor

# Looked at unless other days are asked for: a quarter.
PERIOD = timedelta(days=92)
GAP_WORDS = {
    "undecided": "Known, and not decided",
    "untold": "Decided, and not told",
    "unanswered": "Asked, and not answered",
    "fortnight": "Fortnight missed or late",
    "raised": "Raised, and not told since",
}
_HEADINGS = ("Day", "Until", "Days", "Side", "Kind", "Reference", "Words")


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day."""

    on: date
    inside: Sequence[Event]
    outside: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Of one service and period; `gaps` as they stood at its end, the longest first."""

    service: Service
    since: date
    until: date
    days: Sequence[Day]
    gaps: Sequence[Gap]


def reconcile(*, actor: Actor, service_id: UUID, since: date, until: date) -> Reconciliation:
    """Both sides of a service on one time axis. Two statements, whatever the size.

    Raises NotFound, Forbidden.
    """
    service = service_within_reach(actor=actor, service_id=service_id)
    events = reconciliation_rows.events(actor=actor, service_id=service_id, until=until)
    shown = [event for event in events if since <= event.on <= until and event.happened]
    days = []
    for on, group in groupby(shown, key=lambda event: event.on):
        own = list(group)
        days.append(
            Day(
                on,
                [event for event in own if event.side == "inside"],
                [event for event in own if event.side == "outside"],
            )
        )
    return Reconciliation(service, since, until, days, gaps(events, since=since, until=until))


def as_csv(found: Reconciliation) -> bytes:
    """Gaps, then events, as UTF-8 with a byte-order mark; no cell begins as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADINGS)
    for gap in found.gaps:
        cells = (gap.from_on, gap.until_on or "", gap.days(found.until), "gap",
                 GAP_WORDS[gap.kind], gap.reference, gap.words)  # fmt: skip
        writer.writerow([neutralise_formula(str(cell)) for cell in cells])
    for day in found.days:
        for event in (*day.inside, *day.outside):
            cells = (event.on, "", "", event.side, event.kind, event.reference, event.words)
            writer.writerow([neutralise_formula(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")
