"""What sharing puts before a sitting, and whom it reminds of four-week checks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard import clock
from careboard.db import db
from careboard.reminders import duty_rows
from careboard.reviews import agenda as reviews
from careboard.sharing import agenda, control_check
from careboard.sharing.communications import Links
from careboard.sharing.control_check import Figures
from careboard.sharing.control_check_rule import Sides
from tests.acceptance.walking import on
from tests.monitoring.making import sitting
from tests.sharing import making, saying

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def lines(world, *, since=None):
    with world.acting("alice") as alice:
        found = agenda.lines(
            actor=alice, service_id=None, on=clock.today(), since=since or clock.now() - DAY
        )
        return [(line.detail["what"], line.title.split()[0]) for line in found]


@pytest.fixture
def controlled(world):
    """A decision of four weeks ago, told at once, whose controls began then."""
    with on(TODAY - 28 * DAY):
        risk = making.risk(world)
        decision = making.decided(world, risk, control_on=TODAY - 28 * DAY)
        saying.told(world, about=Links(decision_id=decision))
    return decision


def test_what_nobody_decided_stands_first(world):
    making.risk(world)
    (first, *_) = lines(world)
    assert first[0] == "unshared"


def test_a_decision_is_told_once(world):
    making.decided(world, making.risk(world))
    assert lines(world) == [("sharing", "SHD-0001")]
    assert lines(world, since=clock.now() + DAY) == []


def test_what_was_not_told_in_time_stays(world):
    with on(TODAY - 5 * DAY):
        making.decided(world, making.risk(world))
    assert lines(world, since=clock.now()) == [("untold", "SHD-0001")]


def test_a_four_week_check_is_asked_for_until_it_is_made(world, controlled):
    later = clock.now()
    assert lines(world, since=later) == [("check_due", "SHD-0001")]
    with world.acting("alice") as alice:
        duties = [one for one in duty_rows.duties(actor=alice, on=TODAY)
                  if one.rule.code == "control_check_due"]  # fmt: skip
        assert [(one.reference, one.due_on, one.args) for one in duties] == [
            ("SHD-0001", TODAY, {"decision_id": str(controlled)})
        ]
        control_check.record(
            actor=alice,
            decision_id=controlled,
            figures=Figures(source="Rota", typed=Sides(30, 200, 29, 200)),
            findings="Hardly any fewer.",
        )
        db.session.commit()
    assert lines(world) == [("check_not_reduced", "SHD-0001")]
    with world.acting("alice") as alice:
        codes = {one.rule.code for one in duty_rows.duties(actor=alice, on=TODAY)}
    assert "control_check_due" not in codes


def test_awaited_advice_stays_until_it_comes(world):
    told = saying.told(world)
    first = saying.advised(world, told, outcome="awaited")
    later = clock.now() + DAY
    assert lines(world, since=later) == [("advice_awaited", "ADV-0001")]
    saying.advised(world, told, follows_id=first)
    assert lines(world) == [("advice_received", "ADV-0002")]
    assert lines(world, since=later) == []


def test_it_is_on_the_agenda_of_a_sitting(world, controlled):
    assert agenda.lines in reviews.FEATURES
    page = world.client("alice").get(f"/o/alder/reviews/{sitting(world)}").text
    assert "Four-week check due" in page
    assert f"/o/alder/sharing/decisions/{controlled}/check?sitting=" in page
