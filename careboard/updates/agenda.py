"""What recovery updates put before a sitting: feedback without an answer, fortnights missed, and
updates published since the last one.

Source: step S3-3.5 (governance minutes); rule N13.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from careboard.reviews.lines import Line
from careboard.tenancy import Actor
from careboard.updates import queries


def lines(*, actor: Actor, service_id: UUID | None, on: date, since: datetime) -> Iterator[Line]:
    """Unanswered feedback first; it stands on every agenda until a sitting has answered it. Two
    statements."""
    for said in queries.unanswered(actor=actor):
        row = said.row
        if service_id in (None, row.service_id):
            detail = {
                "what": "update_feedback",
                "id": row.id,
                "reason": row.said,
                "content": row.content,
            }
            title = f"{row.update} {row.theme}: the commissioner’s feedback"
            yield Line("changed", title, row.service_id, detail)
    for line in queries.settled(actor=actor, since=since.date()):
        row = line.row
        if service_id in (None, row.service_id):
            detail = {"what": "update", "id": row.id, "update": row.status}
            words = "was missed" if row.status == "missed" else "was published"
            title = f"{row.reference} {row.theme}: the update of {row.due_on:%-d %b %Y} {words}"
            yield Line("changed", title, row.service_id, detail)
