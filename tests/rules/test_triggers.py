"""What fires is kept once; it closes itself, and comes again as a new trigger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from careboard import clock
from careboard.db import db
from careboard.rules import registry, triggers
from careboard.rules.triggers import Looked
from tests.rules.making import FALLS, TODAY, incident, look

pytestmark = pytest.mark.usefixtures("calendar")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def only_falls(monkeypatch):
    monkeypatch.setattr(registry, "all_rules", lambda: (FALLS,))
    monkeypatch.setattr(triggers, "all_rules", lambda: (FALLS,))


def kept(world):
    return world.sql(
        "SELECT reference, rule_code, rule_version, key, fired_on, sentence, rows, parameters, "
        "suggests, decide_by, closed_on, closed_why FROM trigger ORDER BY reference"
    )


def test_it_fires_once_for_one_state_of_affairs(world):
    first = incident(world, TODAY - 3 * DAY)
    assert look(world, TODAY) == Looked()
    second = incident(world, TODAY - DAY)
    assert look(world, TODAY) == Looked(fired=1)
    assert look(world, TODAY) == Looked()
    assert look(world, TODAY + DAY) == Looked()
    (trigger,) = kept(world)
    assert (trigger.reference, trigger.rule_code, trigger.rule_version) == ("TRG-0001", "falls", 1)
    assert trigger.sentence == "2 falls at Alder House"
    assert [row["id"] for row in trigger.rows] == [str(first), str(second)]
    assert trigger.rows[0] == {
        "kind": "concern", "id": str(first), "reference": "", "on": "2026-11-17"
    }  # fmt: skip
    assert trigger.parameters == {"least": 2, "days": 28}
    # Five working days to decide: Friday the 20th to Friday the 27th.
    assert (trigger.suggests, trigger.decide_by) == (True, date(2026, 11, 27))


def test_another_place_is_another_state_of_affairs(world):
    for place in ("lounge", "garden"):
        incident(world, TODAY - DAY, place=place)
        incident(world, TODAY, place=place)
    assert look(world, TODAY) == Looked(fired=2)
    assert {trigger.key for trigger in kept(world)} == {"lounge", "garden"}


def test_other_rows_are_a_change_of_the_same(world):
    incident(world, TODAY - DAY)
    incident(world, TODAY)
    look(world, TODAY)
    third = incident(world, TODAY)
    assert look(world, TODAY) == Looked(changed=1)
    assert look(world, TODAY) == Looked()
    (change,) = world.sql("SELECT on_date, sentence, rows FROM trigger_change")
    assert change.on_date == TODAY and change.sentence == "3 falls at Alder House"
    assert str(third) in [row["id"] for row in change.rows]
    # What made it fire stands as it was.
    assert len(kept(world)[0].rows) == 2


def test_it_closes_itself_and_comes_again_as_a_new_one(world):
    incident(world, TODAY - 20 * DAY)
    incident(world, TODAY - 19 * DAY)
    assert look(world, TODAY) == Looked(fired=1)
    later = TODAY + 9 * DAY
    assert look(world, later) == Looked(closed=1)
    (trigger,) = kept(world)
    assert (trigger.closed_on, trigger.closed_why) == (later, "0 falls at Alder House")
    incident(world, later)
    incident(world, later)
    assert look(world, later) == Looked(fired=1)
    assert [one.closed_on for one in kept(world)] == [later, None]


def test_what_is_no_longer_looked_at_is_closed(world):
    ids = [incident(world, TODAY), incident(world, TODAY)]
    look(world, TODAY)
    with world.acting("alice"):
        db.session.execute(
            db.text("UPDATE concern SET place = 'hall' WHERE id = ANY(:ids)"), {"ids": ids}
        )
        db.session.commit()
    assert look(world, TODAY) == Looked(fired=1, closed=1)
    assert [one.closed_why for one in kept(world)] == ["It is no longer so.", ""]


def test_too_little_data_closes_nothing(world, monkeypatch):
    incident(world, TODAY)
    incident(world, TODAY)
    look(world, TODAY)
    blind = type(FALLS)(**{**_fields(FALLS), "find": _cannot_tell})
    monkeypatch.setattr(triggers, "all_rules", lambda: (blind,))
    assert look(world, TODAY) == Looked()
    assert kept(world)[0].closed_on is None


def _fields(rule):
    return {name: getattr(rule, name) for name in rule.__slots__}


def _cannot_tell(facts, given, on):
    for finding in FALLS.find(facts, given, on):
        yield type(finding)(finding.service_id, finding.key, "too_little_data", "Who knows")


def test_a_day_before_the_latest_look_is_not_looked_at_again(world):
    incident(world, TODAY)
    incident(world, TODAY)
    assert look(world, TODAY + DAY) == Looked(fired=1)
    assert look(world, TODAY - 5 * DAY) == Looked()
    assert kept(world)[0].closed_on is None


def test_the_database_holds_one_open_trigger_of_a_kind(world):
    incident(world, TODAY)
    incident(world, TODAY)
    look(world, TODAY)
    with pytest.raises(IntegrityError, match="uq_trigger_open"):
        world.sql(
            "INSERT INTO trigger (org_id, id, reference, rule_code, rule_version, parameters, "
            "service_id, key, fired_on, sentence, rows, suggests) SELECT org_id, "
            "gen_random_uuid(), 'TRG-0009', rule_code, 1, '{}', service_id, key, fired_on, "
            "'Again', '[]', false FROM trigger"
        )


def test_each_step_stands_in_the_audit_trail(world):
    incident(world, TODAY - 20 * DAY)
    incident(world, TODAY - 19 * DAY)
    look(world, TODAY)
    incident(world, TODAY)
    look(world, TODAY)
    look(world, TODAY + 40 * DAY)
    tags = world.sql("SELECT tag FROM audit_event WHERE tag LIKE 'trigger:%' ORDER BY seq")
    assert [row.tag for row in tags] == ["trigger:fired", "trigger:changed", "trigger:closed"]


class TestWhoIsLookedAt:
    """Only providers with something new, or whose day has come."""

    def waiting(self, world, on: date = TODAY) -> set:
        db.session.remove()
        found = set(triggers.providers_to_evaluate(on))
        db.session.remove()
        return found

    def test_every_provider_once_and_no_commissioner(self, world):
        alder, birch = world.org_id(), world.org_id("birch")
        assert self.waiting(world) == {alder, birch}
        look(world, TODAY)
        assert self.waiting(world) == {birch}

    def test_what_was_recorded_since(self, world):
        look(world, TODAY)
        incident(world, TODAY)
        assert world.org_id() in self.waiting(world)
        look(world, TODAY)
        assert world.org_id() not in self.waiting(world)

    def test_its_own_triggers_and_sign_ins_are_nothing_new(self, world):
        incident(world, TODAY)
        incident(world, TODAY)
        assert look(world, TODAY) == Looked(fired=1)
        world.client("alice").get("/o/alder/actions/export.csv")
        assert world.org_id() not in self.waiting(world)

    def test_the_day_on_which_time_alone_changes_an_answer(self, world):
        incident(world, TODAY)
        look(world, TODAY)
        assert world.org_id() not in self.waiting(world, TODAY + 27 * DAY)
        assert world.org_id() in self.waiting(world, TODAY + 28 * DAY)
        look(world, TODAY + 28 * DAY)
        assert world.org_id() not in self.waiting(world, TODAY + 90 * DAY)

    def test_other_rules(self, world, monkeypatch):
        look(world, TODAY)
        newer = type(FALLS)(**{**_fields(FALLS), "version": 2})
        monkeypatch.setattr(triggers, "all_rules", lambda: (newer,))
        assert world.org_id() in self.waiting(world)


def test_the_job_run_twice_has_one_effect(world, monkeypatch):
    from workers import context, rules

    monkeypatch.setattr(context, "application", lambda: world.app)
    incident(world, TODAY)
    incident(world, TODAY)
    org_id = str(world.org_id())
    db.session.remove()
    rules.look(org_id)
    rules.look(org_id)
    assert len(kept(world)) == 1
    assert clock.today() == TODAY
