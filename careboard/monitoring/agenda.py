"""What enhanced monitoring puts before a sitting: suggestions without a decision, and episodes.

Source: steps S2-1.5 and S2-2.5; DESIGN section 4, monitoring episode.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from careboard.monitoring import trigger_queries
from careboard.monitoring.episode_rows import under_monitoring
from careboard.monitoring.reviews import due
from careboard.reviews.lines import Line
from careboard.tenancy import Actor


def lines(*, actor: Actor, service_id: UUID | None, on: date, since: datetime) -> Iterator[Line]:
    """Suggestions that nobody has decided on, the first due first; then the episodes, the longest
    first, until their follow-up review. Two statements."""
    names = trigger_queries.rule_words()
    for row in trigger_queries.undecided(actor=actor, service_id=service_id, until=on, size=None):
        detail = {"what": "trigger", "id": row.id, "reason": row.sentence}
        title = f"{row.reference} {names.get(row.rule_code, row.rule_code)}"
        yield Line("changed", title, row.service_id, detail)
    for one in under_monitoring(actor=actor, on=on):
        row = one.row
        if service_id in (None, row.service_id):
            next_one = due(one)
            detail = {
                "what": "episode",
                "id": row.id,
                "week": one.week,
                "weeks": one.weeks,
                "met": one.met,
                "criteria": len(one.criteria),
                "review_on": next_one and next_one.due_on,
            }
            yield Line(
                "changed", f"{one.row.reference} {one.row.title}", one.row.service_id, detail
            )
