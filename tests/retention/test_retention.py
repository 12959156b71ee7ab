"""How long records are kept, holds on them, and what disposal takes and leaves."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard import storage
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.retention import queries, service
from careboard.retention.classes import CLASSES
from tests.acceptance.walking import on
from tests.actions.samples import events
from tests.browsing import WIDTHS, check, needs_browser
from tests.imports_db import making

BASE = "/o/alder/retention"
LATER = date(2034, 12, 1)


@pytest.fixture
def complained(world):
    """An import of two complaints on 1 November 2026, one with words that were held back."""
    return making.bring(
        world,
        "complaints",
        making.complaints(
            "C-1,Alder House,01/11/2026,Food,Cold lunch",
            "C-2,Alder House,01/11/2026,Food,Mr John Smith NHS 943 476 5919 told us",
        ),
    )


def due(world, code):
    with world.acting("adam") as actor:
        periods = queries.periods(actor=actor)
        return queries.due(actor=actor, periods=periods)[code]


def dispose(world, code, person="adam", reason="The schedule says so"):
    with world.acting(person) as actor:
        told = service.dispose(actor=actor, code=code, reason=reason)
        db.session.commit()
    return told


def place(world, code="concerns"):
    with world.acting("adam") as actor:
        hold_id = service.place_hold(actor=actor, code=code, reason="Public inquiry")
        db.session.commit()
    return hold_id


def test_nothing_is_due_before_its_time_and_the_day_after_it_is(world, complained):
    assert all(due(world, code).number == 0 for code in CLASSES)
    with on(date(2026, 11, 1)):
        last = queries.before(date(2034, 11, 1), CLASSES["concerns"].days)
    assert last == date(2026, 11, 1)
    with on(date(2034, 11, 1)):
        assert due(world, "concerns").number == 0
    with on(date(2034, 11, 2)):
        found = due(world, "concerns")
    assert (found.number, found.oldest_on) == (2, date(2026, 11, 1))


def test_words_go_and_what_figures_count_stays(world, complained):
    with world.acting("alice"):
        db.session.execute(text("UPDATE concern SET place = 'Lounge', person_ref = 'abc'"))
        db.session.commit()
    with on(LATER):
        assert dispose(world, "concerns") == ("DSL-0001", 2)
        for row in world.sql("SELECT * FROM concern"):
            assert (row.text, row.place, row.person_ref, row.details) == ("", "", "", {})
            assert (row.kind, row.theme, row.disposed_on) == ("complaint", "Food", LATER)
        assert world.sql("SELECT * FROM row_version WHERE table_name = 'concern'") == []
        with pytest.raises(Invalid, match="Nothing of this kind is due"):
            dispose(world, "concerns")
    (logged,) = world.sql("SELECT * FROM disposal")
    assert (logged.number, logged.oldest_on, logged.days) == (2, date(2026, 11, 1), 2922)
    assert "Smith" not in str(world.sql("SELECT * FROM concern, superseded_row"))


def test_an_earlier_version_is_kept_while_the_record_is(world, complained):
    with world.acting("alice"):
        db.session.execute(text("UPDATE concern SET place = 'Lounge'"))
        db.session.commit()
        with pytest.raises(DBAPIError, match="what a row said is kept"):
            db.session.execute(text("DELETE FROM row_version"))
        db.session.rollback()


def test_a_file_goes_and_its_hash_stays(world, complained):
    (file,) = world.sql("SELECT * FROM stored_file")
    with on(date(2027, 4, 1)):
        assert dispose(world, "import_files")[1] == 1
    (kept,) = world.sql("SELECT * FROM stored_file")
    assert (kept.state, kept.sha256) == ("disposed", file.sha256)
    with pytest.raises(FileNotFoundError):
        storage.get(world.org_id(), file.sha256)
    answer = world.client("alice").get(f"/o/alder/imports/{complained}/file")
    assert answer.status_code == 410 and "disposed of" in answer.text


def test_held_words_go_once_they_were_decided_on(world, complained):
    with world.acting("adam"):
        db.session.execute(
            text(
                "UPDATE held_text SET status = 'released', decided_at = now(), "
                "decided_by_id = (SELECT id FROM membership WHERE name = 'Adam')"
            )
        )
        db.session.commit()
    with on(date(2028, 1, 1)):
        assert dispose(world, "held_text")[1] == 1
    (row,) = world.sql("SELECT * FROM held_text")
    assert (row.original, row.status) == ("", "released")


def test_a_hold_keeps_everything_it_covers_until_it_is_lifted(world, complained):
    hold_id = place(world, code="")
    with on(LATER):
        with pytest.raises(Invalid, match="HLD-0001 holds these records"):
            dispose(world, "concerns")
        with world.acting("adam") as actor:
            service.lift_hold(actor=actor, hold_id=hold_id, reason="The inquiry is closed")
            db.session.commit()
        with world.acting("adam") as actor, pytest.raises(Conflict):
            service.lift_hold(actor=actor, hold_id=hold_id, reason="Again")
        assert dispose(world, "concerns")[1] == 2


def test_the_database_refuses_a_disposal_of_what_is_held(world, complained):
    place(world)
    row = """
INSERT INTO disposal (org_id, id, reference, record_class, days, before_on, oldest_on, newest_on,
  number, ids_sha256, reason, disposed_by_id, disposed_on)
SELECT org_id, gen_random_uuid(), 'DSL-9', 'concerns', 30, '2026-01-01', '2025-01-01', '2025-01-01',
  1, '', 'x', id, '2026-01-01' FROM membership LIMIT 1"""
    with world.acting("adam"):
        with pytest.raises(DBAPIError, match="under a legal hold"):
            db.session.execute(text(row))
        db.session.rollback()


def test_a_period_is_changed_with_a_reason_and_audited(world):
    with world.acting("adam") as actor:
        service.set_period(actor=actor, code="mail", days=400, reason="Our policy 7")
        db.session.commit()
    with world.acting("adam") as actor:
        assert queries.periods(actor=actor)["mail"].days == 400
    (row,) = world.sql("SELECT id FROM retention_period")
    assert events(world, row.id) == ["retention:period_set"]


@pytest.mark.parametrize(
    ("days", "reason", "field"), [(29, "x", "days"), (None, "x", "days"), (400, " ", "reason")]
)
def test_wrong_periods_are_refused(world, days, reason, field):
    with world.acting("adam") as actor, pytest.raises(Invalid) as refusal:
        service.set_period(actor=actor, code="mail", days=days, reason=reason)
    assert refusal.value.field == field


@pytest.mark.parametrize("person", ["alice", "bob", "vera", "ben"])
def test_only_the_administrator_disposes(world, person):
    with world.acting(person) as actor, pytest.raises(Forbidden):
        service.dispose(actor=actor, code="concerns", reason="x")


def test_the_pages(world, complained):
    adam = world.client("adam")
    assert "Nothing has been disposed of" in adam.get(f"{BASE}/").text
    assert adam.post(f"{BASE}/holds", data={"reason": ""}).status_code == 422
    assert adam.post(f"{BASE}/holds", data={"reason": "Inquiry"}).status_code == 303
    assert adam.post(f"{BASE}/classes/mail", data={"days": "x", "reason": ""}).status_code == 422
    with on(LATER):
        answer = adam.post(f"{BASE}/classes/concerns/disposal", data={"reason": "Schedule"})
        assert answer.status_code == 422 and "HLD-0001" in answer.text
        (hold,) = world.sql("SELECT id FROM legal_hold")
        assert adam.post(f"{BASE}/holds/{hold.id}/end", data={}).status_code == 422
        ended = adam.post(f"{BASE}/holds/{hold.id}/end", data={"reason": "Over"})
        assert ended.status_code == 303
        answer = adam.post(f"{BASE}/classes/concerns/disposal", data={"reason": "Schedule"})
        assert answer.status_code == 303
        page = adam.get(f"{BASE}/").text
    assert "DSL-0001" in page and "The inquiry" not in page
    assert world.client("bob").get(f"{BASE}/").status_code == 403
    assert world.client("charlie").get(f"{BASE}/").status_code == 404
    assert adam.get(f"{BASE}/classes/nothing").status_code == 404
    assert adam.post(f"{BASE}/classes/nothing", data={}).status_code == 404


class TestInABrowser:
    pytestmark = needs_browser

    @pytest.mark.parametrize("width", WIDTHS)
    def test_the_pages_are_sound(self, site, world, complained, width):
        place(world, code="mail")
        with on(LATER):
            dispose(world, "concerns")
            page = site.page("adam", width=width)
            for address in ("/", "/classes/concerns", "/classes/mail", "/classes/import_files"):
                page.goto(BASE + address)
                assert check(page) == []
