"""Rows held back: corrected in place, tried again, left out with a reason."""

from __future__ import annotations

import pytest

from careboard.db import db, new_id
from careboard.errors import Invalid
from careboard.imports import quarantine, undo
from careboard.services.models import Service
from tests.imports_db.making import batch, bring, complaints, quarantined

MIXED = complaints(
    "C1,Alder House,01/10/2026,Food,Good",
    "C2,Alder House,31/02/2026,Food,Mrs Smith of BS1 4DJ was unhappy",
    "C3,Alder Manor,03/10/2026,Food,Whose is this",
    "C4,Alder Manor,04/10/2026,Food,And this",
    "C1,Alder House,01/10/2026,Food,Good",
)


def correct(world, row_id, **cells) -> None:
    with world.acting("alice") as actor:
        titles = {"received": "Received on", "service": "Service", "summary": "Summary"}
        changes = {titles[name]: value for name, value in cells.items()}
        quarantine.correct(actor=actor, row_id=row_id, cells=changes)
        db.session.commit()


def add_service(world, name: str) -> None:
    with world.acting("adam") as actor:
        db.session.add(Service(org_id=actor.org_id, id=new_id(), name=name))
        db.session.commit()


def test_bad_rows_wait_and_repeats_do_not(world):
    brought = bring(world, "complaints", MIXED)
    assert sorted(quarantined(world, brought)) == [3, 4, 5]
    rows = world.sql("SELECT row_no, code, status FROM quarantined_row ORDER BY 1")
    assert [tuple(row) for row in rows][-1] == (6, "duplicate", "dismissed")


def test_what_is_kept_of_a_row_is_redacted(world):
    brought = bring(world, "complaints", MIXED)
    raw = world.sql("SELECT raw FROM quarantined_row WHERE row_no = 3")[0].raw
    assert "Smith" not in str(raw) and "BS1" not in str(raw)
    assert brought


def test_a_corrected_row_comes_in_with_its_number_and_its_own_words(world):
    brought = bring(world, "complaints", MIXED)
    correct(world, quarantined(world, brought)[3], received="28/02/2026")
    row = world.sql("SELECT row_no, batch_id, occurred_on FROM concern WHERE source_key = 'C2'")[0]
    assert (row.row_no, row.batch_id, str(row.occurred_on)) == (3, brought, "2026-02-28")
    held = world.sql("SELECT original, row_no, status FROM held_text")
    assert [(h.original, h.row_no, h.status) for h in held] == [
        ("Mrs Smith of BS1 4DJ was unhappy", 3, "held")
    ]
    after = batch(world, brought)
    assert (after.accepted, after.rejected) == (2, 3)
    kept = world.sql("SELECT status, corrected, decided_by_id FROM quarantined_row "
                     "WHERE row_no = 3")[0]  # fmt: skip
    assert kept.status == "loaded" and kept.corrected["Received on"] == "28/02/2026"
    assert kept.decided_by_id == world.member_id("alice")


def test_a_row_that_is_still_bad_says_where_and_stays(world):
    brought = bring(world, "complaints", MIXED)
    row = quarantined(world, brought)[3]
    with pytest.raises(Invalid) as refused:
        correct(world, row, received="30/02/2026")
    assert refused.value.field == "received_on" and "30/02/2026" in refused.value.message
    with pytest.raises(Invalid) as refused:
        correct(world, row, received="28/02/2026", service="Nowhere")
    assert refused.value.field == "service.name"
    assert 3 in quarantined(world, brought)


def test_unknown_services_are_never_made_and_their_rows_come_in_later(world):
    brought = bring(world, "complaints", MIXED)
    assert world.sql("SELECT count(*) FROM service")[0][0] == 3
    add_service(world, "Alder Manor")
    with world.acting("alice") as actor:
        done = quarantine.retry(actor=actor, batch_id=brought)
        db.session.commit()
    assert (done.loaded, done.waiting) == (2, 1)
    assert list(quarantined(world, brought)) == [3]
    rows = world.sql("SELECT row_no FROM concern WHERE batch_id = :b ORDER BY 1", b=brought)
    assert [row.row_no for row in rows] == [2, 4, 5]
    assert batch(world, brought).accepted == 3
    with world.acting("alice") as actor:
        assert quarantine.retry(actor=actor, batch_id=brought).loaded == 0


def test_a_row_is_left_out_with_a_reason(world):
    brought = bring(world, "complaints", MIXED)
    row = quarantined(world, brought)[4]
    with world.acting("alice") as actor:
        with pytest.raises(Invalid) as refused:
            quarantine.dismiss(actor=actor, row_id=row, reason="  ")
        assert refused.value.field == "reason"
        quarantine.dismiss(actor=actor, row_id=row, reason="A house we sold")
        db.session.commit()
    with world.acting("alice") as actor, pytest.raises(Invalid, match="dealt with"):
        quarantine.dismiss(actor=actor, row_id=row, reason="Again")
    with pytest.raises(Invalid, match="dealt with"):
        correct(world, row, service="Alder House")
    tags = [r.tag for r in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert "quarantined_row:dismissed" in tags


def test_a_row_does_not_replace_what_came_later(world):
    brought = bring(world, "complaints", MIXED)
    bring(world, "complaints", complaints("C2,Alder House,28/02/2026,Food,As it is by now"))
    with pytest.raises(Invalid, match="row 2 of IMP-0002"):
        correct(world, quarantined(world, brought)[3], received="28/02/2026")
    within = bring(
        world,
        "complaints",
        complaints("C9,Alder House,31/02/2026,Food,First", "C9,Alder House,01/03/2026,Food,Last"),
    )
    with pytest.raises(Invalid, match="row 3 of IMP-0003"):
        correct(world, quarantined(world, within)[2], received="28/02/2026")


def test_rows_of_an_undone_import_cannot_come_in(world):
    brought = bring(world, "complaints", MIXED)
    row = quarantined(world, brought)[3]
    with world.acting("alice") as actor:
        undo.undo(actor=actor, batch_id=brought)
        db.session.commit()
    with pytest.raises(Invalid, match="undone"):
        correct(world, row, received="28/02/2026")


def test_a_corrected_row_goes_with_its_import(world):
    brought = bring(world, "complaints", MIXED)
    correct(world, quarantined(world, brought)[3], received="28/02/2026")
    with world.acting("alice") as actor:
        undo.undo(actor=actor, batch_id=brought)
        db.session.commit()
    assert world.sql("SELECT count(*) FROM concern")[0][0] == 0
    assert world.sql("SELECT count(*) FROM held_text")[0][0] == 0
