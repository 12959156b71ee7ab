"""A page that judges the same as a rule goes by the organisation's own thresholds too."""

from __future__ import annotations

from datetime import UTC, datetime

from careboard.actions import agenda
from careboard.db import db
from careboard.rules import queries, service
from tests.dashboards.rows import TODAY, add_action, days_ago
from tests.rules.making import world_service


def test_the_agenda_goes_by_the_thresholds_of_the_rule(world):
    with world.acting("alice") as actor:
        house = world_service(actor, "Alder House")
        for _ in range(2):
            add_action(actor, house, status="open", due_on=days_ago(9), original_due_on=days_ago(9))
        db.session.commit()
    assert judged(world) == ([], "quiet")
    with world.acting("adam") as actor:
        values = {"share": 20, "closures": 10, "days": 56, "red": 2}
        service.change(
            actor=actor,
            code="actions_closed_late",
            values=values,
            in_use_from=TODAY,
            reason="We are a small provider.",
        )
        db.session.commit()
    assert judged(world) == (["Alder House: actions are closed late, or not at all"], "fires")


def judged(world) -> tuple[list[str], str]:
    """The lines of the agenda, and what the rule says of the organisation."""
    with world.acting("alice") as actor:
        since = datetime(2026, 11, 1, tzinfo=UTC)
        lines = agenda.lines(actor=actor, service_id=None, on=TODAY, since=since)
        titles = [line.title for line in lines]
        answers = queries.evaluation(actor=actor, on=TODAY).answers
        return titles, next(
            answer.outcome for answer in answers if answer.rule.code == "actions_closed_late"
        )
