"""The commissioner intelligence log and contract governance notes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.monitoring import intelligence_queries, intelligence_service
from careboard.monitoring.intelligence_queries import LogFilter
from tests.monitoring import weekly
from tests.reminders import duty_making as make

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def record(world, person="cora", **changes):
    values = {
        "service_id": world.service_id("Alder House"),
        "theme": "Late visits",
        "text": "Evening visits come late.",
        "on": TODAY,
        "commissioner": "Northshire contracts team",
        **changes,
    }
    with world.acting(person) as actor:
        concern_id = intelligence_service.record_concern(actor=actor, **values)
        db.session.commit()
    return concern_id


def note(world, person="cora", **changes):
    values = {
        "service_id": world.service_id("Alder House"),
        "on": TODAY,
        "commissioner": "Northshire contracts team",
        "shared": "Evening cover, verified",
        "progress": "No evening without a senior",
        "remaining_risk": "Sundays",
        **changes,
    }
    with world.acting(person) as actor:
        note_id = intelligence_service.add_note(actor=actor, **values)
        db.session.commit()
    return note_id


class TestLog:
    def test_a_concern_is_a_commissioner_query_of_the_records(self, world):
        concern_id = record(world, due_on=TODAY + 7 * DAY)
        (row,) = world.sql("SELECT * FROM concern WHERE id = :id", id=concern_id)
        assert (row.kind, row.theme, row.status) == ("commissioner_query", "Late visits", "open")
        assert row.source_key == "CB-CQ-0001" and row.batch_id is None
        assert row.details == {
            "service.la": "Northshire contracts team",
            "due_on": "2026-11-27",
        }
        (event,) = world.sql(
            "SELECT subject FROM audit_event WHERE tag = 'commissioner_concern:recorded'"
        )
        assert event.subject == str(concern_id)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"theme": " "}, "theme"),
            ({"text": ""}, "text"),
            ({"commissioner": ""}, "commissioner"),
            ({"on": TODAY + DAY}, "on"),
            ({"due_on": TODAY - DAY}, "due_on"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, changes, field):
        with pytest.raises(Invalid) as refused:
            record(world, **changes)
        assert refused.value.field == field

    def test_who_may(self, world):
        record(world, "alice")
        for person in ("bob", "rita", "vera", "ben", "adam"):
            with pytest.raises(Forbidden):
                record(world, person)
        with pytest.raises(NotFound):
            record(world, "charlie")

    def test_repeats_on_one_theme_of_one_service_are_told(self, world):
        record(world, on=TODAY - 40 * DAY)
        record(world, on=TODAY - 30 * DAY)
        record(world, theme="Invoices")
        record(world, service_id=world.service_id("Alder Lodge"))
        record(world)
        with world.acting("bob") as bob:
            found = intelligence_queries.log(actor=bob, wanted=LogFilter(), page=1)
        assert [(row.Concern.theme, row.repeated) for row in found.rows] == [
            ("Late visits", 2), ("Invoices", 1), ("Late visits", 2), ("Late visits", 1),
        ]  # fmt: skip


class TestNotes:
    def test_a_note_of_an_episode_is_kept(self, world, monkeypatch):
        weekly.on(monkeypatch, TODAY)
        episode_id = weekly.start(world)
        note(world, episode_id=episode_id, concern_id=record(world))
        (row,) = world.sql("SELECT * FROM contract_note")
        assert row.reference == "CGN-0001" and row.episode_id == episode_id
        with pytest.raises(Exception, match="permission denied"):
            world.sql("UPDATE contract_note SET shared = 'Else'")

    @pytest.mark.parametrize(
        "field", ["commissioner", "shared", "progress", "remaining_risk", "on"]
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, field):
        with pytest.raises(Invalid) as refused:
            note(world, **{field: TODAY + DAY if field == "on" else " "})
        assert refused.value.field == field

    def test_of_another_service_is_refused(self, world):
        lodge = world.service_id("Alder Lodge")
        elsewhere = make.episode(world, TODAY, service_id=lodge)
        with pytest.raises(Invalid) as refused:
            note(world, episode_id=elsewhere)
        assert refused.value.field == "episode_id"
        with pytest.raises(Invalid) as refused:
            note(world, concern_id=record(world, service_id=lodge))
        assert refused.value.field == "concern_id"

    def test_who_may(self, world):
        for person in ("bob", "rita", "vera", "ben", "adam"):
            with pytest.raises(Forbidden):
                note(world, person)
        with pytest.raises(NotFound):
            note(world, "charlie")
