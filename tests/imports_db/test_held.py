"""Texts that may name someone: redacted on the way in, decided once."""

from __future__ import annotations

import pytest

from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.imports import held
from tests.imports_db.making import actions, bring, complaints

TEXT = "Mrs Smith found the key safe 1234 open"
FILE = complaints(f"C1,Alder House,01/10/2026,Food,{TEXT}")


def decide(world, *, release: bool, reason: str = "", person: str = "alice") -> None:
    row = world.sql("SELECT id FROM held_text WHERE status = 'held'")[0]
    with world.acting(person) as actor:
        held.decide(actor=actor, held_id=row.id, release=release, reason=reason)
        db.session.commit()


def shown(world) -> str:
    return world.sql("SELECT text FROM concern WHERE source_key = 'C1'")[0].text


def waiting(world) -> int:
    return world.sql("SELECT count(*) FROM held_text WHERE status = 'held'")[0][0]


def test_everybody_sees_the_text_redacted(world):
    bring(world, "complaints", FILE)
    assert "Smith" not in shown(world) and "1234" not in shown(world)
    row = world.sql("SELECT original, kinds, field FROM held_text")[0]
    assert (row.original, row.field) == (TEXT, "text") and {"name", "key_safe"} <= set(row.kinds)
    report = world.sql("SELECT report::text AS all FROM import_batch")[0].all
    assert "Smith" not in report and "1234" not in report


def test_kept_redacted_the_original_is_emptied(world):
    bring(world, "complaints", FILE)
    decide(world, release=False)
    row = world.sql("SELECT status, original, decided_by_id FROM held_text")[0]
    assert (row.status, row.original) == ("redacted", "")
    assert row.decided_by_id == world.member_id("alice")
    assert "Smith" not in shown(world)


def test_released_with_a_reason_it_is_shown_as_it_came(world):
    bring(world, "complaints", FILE)
    with pytest.raises(Invalid) as refused:
        decide(world, release=True)
    assert refused.value.field == "reason"
    decide(world, release=True, reason="A television character")
    assert shown(world) == TEXT


@pytest.mark.parametrize("release", [True, False])
def test_the_same_text_is_not_asked_about_twice(world, release):
    bring(world, "complaints", FILE)
    decide(world, release=release, reason="A television character")
    bring(world, "complaints", FILE.replace("Food", "Staffing"))
    assert waiting(world) == 0
    assert (shown(world) == TEXT) == release


def test_an_undecided_text_moves_to_the_later_version(world):
    bring(world, "complaints", FILE)
    bring(world, "complaints", FILE.replace("Food", "Staffing"))
    assert waiting(world) == 1
    decide(world, release=True, reason="A television character")
    assert shown(world) == TEXT
    bring(world, "complaints", FILE.replace(TEXT, "Nothing to hide"))
    assert shown(world) == "Nothing to hide"


def test_of_a_row_replaced_within_its_file_no_text_is_asked_about(world):
    later = FILE + "C1,Alder House,01/10/2026,Food,Somebody found it open\n"
    bring(world, "complaints", later)
    assert waiting(world) == 0 and shown(world) == "Somebody found it open"
    kept = world.sql("SELECT version::text AS all FROM superseded_row")[0].all
    assert "Smith" not in kept


def test_a_title_is_free_text_too(world):
    brought = actions("ACT-0001,Alder House,,Ring Mrs Jones,Rita,01/12/2026,Open,Told Mr Brown")
    bring(world, "actions", brought)
    row = world.sql("SELECT title, completion_detail FROM action")[0]
    assert "Jones" not in row.title and "Brown" not in row.completion_detail
    fields = world.sql("SELECT field FROM held_text ORDER BY 1")
    assert [f.field for f in fields] == ["completion_detail", "title"]


def test_only_some_may_decide_and_only_once(world):
    bring(world, "complaints", FILE)
    with pytest.raises(Forbidden):
        decide(world, release=False, person="vera")
    with world.acting("alice") as actor:
        assert held.redact_all(actor=actor) == 1
        db.session.commit()
    row = world.sql("SELECT id FROM held_text")[0]
    with world.acting("alice") as actor, pytest.raises(Invalid, match="already"):
        held.decide(actor=actor, held_id=row.id, release=False, reason="")


def test_a_decision_does_not_touch_what_people_have_written_since(world):
    bring(world, "complaints", FILE)
    with world.acting("alice") as actor:
        db.session.execute(db.text("UPDATE concern SET text = 'Put in our own words'"))
        db.session.commit()
    assert actor
    decide(world, release=True, reason="A television character")
    assert shown(world) == "Put in our own words"
