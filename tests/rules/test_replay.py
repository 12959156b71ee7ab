"""A past day gives the answer that it gave then, whatever was corrected, added or taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from careboard import clock
from careboard.actions import lifecycle
from careboard.db import db
from careboard.imports.undo import undo
from careboard.risks import service as risks
from careboard.risks.basis import Basis
from careboard.rules import service as rules
from tests.actions import samples
from tests.imports_db import making as imports
from tests.rules.making import TODAY, incident, look, says

pytestmark = pytest.mark.usefixtures("calendar")
DAY = timedelta(days=1)
LATER = date(2027, 11, 20)
FOOD = [f"C-{n},Alder House,{n:02}/11/2026,Food,Cold lunch" for n in range(1, 6)]


@pytest.fixture
def history(world):
    """A day's rows of several kinds, looked at; the batch of the complaints."""
    samples.add_finding(world)
    batch = imports.bring(world, "complaints", imports.complaints(*FOOD))
    action = samples.add_action(world, due_on=TODAY)
    for _ in range(4):
        incident(world, TODAY - 5 * DAY, kind="safeguarding", theme="neglect")
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risks.open_risk(
            actor=actor, service_id=house, domain="staffing",
            original_cause="Late visits", rating="high", rationale="Counted",
            basis=Basis(none_yet=True),
        )  # fmt: skip
        db.session.commit()
    look(world, TODAY + DAY)
    look(world, TODAY + 2 * DAY)
    clock.freeze(LATER)
    return batch, action


def run(world, statement: str) -> None:
    with world.acting("alice"):
        db.session.execute(text(statement))
        db.session.commit()


def finish(world, action_id) -> None:
    samples.complete(world, action_id)
    with world.acting("vera") as actor:
        lifecycle.verify(actor=actor, action_id=action_id, note="Seen")
        db.session.commit()


def take_back(world, batch_id) -> None:
    with world.acting("alice") as actor:
        undo(actor=actor, batch_id=batch_id)
        db.session.commit()


def test_it_is_as_known_at_the_end_of_that_day(world, history):
    """Fired then, corrected a year later, the same still."""
    batch, action = history
    day = TODAY + DAY
    before = says(world, day)
    assert any(f.outcome == "fires" for *_, findings in before for f in findings)
    finish(world, action)
    take_back(world, batch)
    corrected = [line.replace("Food", "Laundry") for line in FOOD]
    imports.bring(world, "complaints", imports.complaints(*corrected))
    run(world, "UPDATE concern SET theme = 'falls', status = 'closed' WHERE kind = 'safeguarding'")
    run(world, "UPDATE service SET name = 'Oak House', active = false WHERE name = 'Alder House'")
    incident(world, TODAY, service="Alder Lodge")
    assert says(world, day) == before
    assert says(world, LATER) != before


CORRECTIONS = {
    "theme": "UPDATE concern SET theme = theme || ' again' WHERE kind = 'safeguarding'",
    "place": "UPDATE concern SET place = 'garden'",
    "closed": "UPDATE concern SET status = 'closed', closed_on = '2026-11-21'",
    "moved": "UPDATE concern SET occurred_on = occurred_on - 40",
    "score": "UPDATE audit SET score = 3000, rag = 'red'",
    "finding": "UPDATE audit_concern SET severity = 'red'",
    "due": "UPDATE action SET due_on = due_on - 60, extensions = extensions + 1",
    "owner": "UPDATE action SET status = 'in_progress' WHERE status = 'open'",
    "closed risk": "UPDATE risk SET status = 'closed', closed_on = '2026-11-21'",
    "name": "UPDATE service SET name = name || '!'",
}


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(chosen=st.lists(st.sampled_from(sorted(CORRECTIONS)), min_size=1, max_size=6))
def test_corrections_change_no_past_day(world, replayed, chosen):
    """Whichever rows are corrected, in whatever order, on ever later days."""
    for name in chosen:
        clock.freeze(replayed.next_day())
        run(world, CORRECTIONS[name])
    clock.freeze(LATER)
    for day, answer in replayed.past.items():
        assert says(world, day) == answer


class Replayed:
    def __init__(self, past: dict) -> None:
        self.past = past
        self.days = (TODAY + timedelta(days=count) for count in range(10, 360))

    def next_day(self) -> date:
        return next(self.days)


@pytest.fixture
def replayed(world, history):
    return Replayed({day: says(world, day) for day in (TODAY, TODAY + DAY, TODAY + 3 * DAY)})


def test_thresholds_are_those_of_that_day(world, history):
    before = says(world, TODAY + DAY)
    with world.acting("adam") as actor:
        rules.change(
            actor=actor, code="safeguarding_repeated", values={"least": 9}, in_use_from=LATER,
            reason="Too many",
        )  # fmt: skip
        db.session.commit()
    assert says(world, TODAY + DAY) == before
    settings_now = {code: number for code, _, number, _ in says(world, LATER)}
    assert settings_now["safeguarding_repeated"] == 1


def test_days_before_the_organisation_came_are_answered_with_what_is_known_now(world, history):
    old = TODAY - 200 * DAY
    before = says(world, old)
    for number in range(3):
        incident(world, old - number * DAY, kind="safeguarding", theme="neglect")
    assert says(world, old) != before


def test_nothing_is_left_behind(world, history):
    says(world, TODAY + DAY)
    assert world.sql("SELECT count(*) FROM pg_views WHERE schemaname LIKE 'pg_temp%'")[0][0] == 0
