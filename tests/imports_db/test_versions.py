"""Later versions, versions within one file, what people have worked on, and taking back."""

from __future__ import annotations

import pytest

from careboard.db import db
from careboard.errors import Invalid
from careboard.imports import service, undo
from careboard.imports.models import DataMap
from tests.imports_db.making import actions, batch, bring, complaints, receive

FIRST = complaints(
    "C1,Alder House,01/10/2026,Food,The soup was cold",
    "C2,Alder House,02/10/2026,Food,No choice at tea",
)
LATER = complaints(
    "C1,Alder House,01/10/2026,Food,The soup was cold",
    "C2,Alder House,02/10/2026,Staffing,No choice at tea",
    "C3,Alder Lodge,03/10/2026,Food,Late lunch",
)


def outcome(world, batch_id) -> dict:
    return batch(world, batch_id).report["outcome"]


def counts(new=0, changed=0, unchanged=0, kept=0, held=0) -> dict:
    return {"new": new, "changed": changed, "unchanged": unchanged, "kept": kept, "held": held}


def take_back(world, batch_id) -> None:
    with world.acting("alice") as actor:
        undo.undo(actor=actor, batch_id=batch_id)
        db.session.commit()


def test_a_later_version_supersedes_and_both_stay(world):
    first = bring(world, "complaints", FIRST)
    later = bring(world, "complaints", LATER)
    assert outcome(world, first) == counts(new=2)
    assert outcome(world, later) == counts(new=1, changed=1, unchanged=1)
    now = world.sql("SELECT id, theme, batch_id, row_no FROM concern WHERE source_key = 'C2'")[0]
    assert (now.theme, now.batch_id, now.row_no) == ("Staffing", later, 3)
    kept = world.sql("SELECT * FROM superseded_row")
    assert [(row.record_id, row.batch_id, row.replaced_by_batch_id) for row in kept] == [
        (now.id, first, later)
    ]
    assert kept[0].version["theme"] == "Food" and kept[0].version["row_no"] == 3


def test_of_one_key_in_one_file_the_later_row_counts_and_both_stay(world):
    brought = bring(
        world,
        "complaints",
        complaints(
            "C1,Alder House,01/10/2026,Food,As first written",
            "C1,Alder House,01/10/2026,Food,As put right",
        ),
    )
    assert outcome(world, brought) == counts(new=1)
    assert world.sql("SELECT text FROM concern")[0].text == "As put right"
    kept = world.sql("SELECT version FROM superseded_row")[0].version
    assert (kept["text"], kept["row_no"]) == ("As first written", 2)


def test_the_same_file_is_not_received_twice(world):
    first = bring(world, "complaints", FIRST)
    receipt = receive(world, "complaints", FIRST, name="renamed.csv")
    assert receipt.already_loaded and receipt.batch_id == first
    assert world.sql("SELECT count(*) FROM import_batch")[0][0] == 1


def test_the_same_file_received_twice_before_loading_is_loaded_once(world):
    first, second = (receive(world, "complaints", FIRST).batch_id for _ in range(2))
    for batch_id in (first, first):
        with world.acting("alice") as actor:
            service.load_batch(actor=actor, batch_id=batch_id)
            db.session.commit()
    with world.acting("alice") as actor, pytest.raises(Exception, match="loaded already"):
        service.start_load(actor=actor, batch_id=second)
    assert world.sql("SELECT count(*) FROM superseded_row")[0][0] == 0


def test_undoing_restores_what_was_replaced_and_takes_the_rest_away(world):
    bring(world, "complaints", FIRST)
    before = world.sql("SELECT * FROM concern ORDER BY id")
    later = bring(world, "complaints", LATER)
    take_back(world, later)
    assert world.sql("SELECT * FROM concern ORDER BY id") == before
    assert batch(world, later).status == "undone"
    gone = world.sql("SELECT version ->> 'source_key' AS key FROM superseded_row ORDER BY 1")
    assert [row.key for row in gone] == ["C2", "C3"]
    # What was taken back may be brought again.
    assert not receive(world, "complaints", LATER).already_loaded


def test_undoing_is_refused_while_a_later_import_rests_on_it(world):
    first = bring(world, "complaints", FIRST)
    later = bring(world, "complaints", LATER)
    reference = batch(world, later).reference
    with world.acting("alice") as actor, pytest.raises(Invalid, match=f"Undo {reference} first"):
        undo.undo(actor=actor, batch_id=first)
    take_back(world, later)
    take_back(world, first)
    assert world.sql("SELECT count(*) FROM concern")[0][0] == 0
    with world.acting("alice") as actor, pytest.raises(Invalid, match="Only an import"):
        undo.undo(actor=actor, batch_id=first)


def test_undoing_is_refused_while_an_action_rests_on_it(world):
    first = bring(world, "complaints", FIRST)
    answer = "ACT-0005,Alder House,C1,Warm the plates,Rita,01/12/2026,Open,"
    bring(world, "actions", actions(answer))
    assert world.sql("SELECT count(concern_id) FROM action")[0][0] == 1
    with world.acting("alice") as actor, pytest.raises(Invalid, match="actions rest on its rows"):
        undo.undo(actor=actor, batch_id=first)
    assert world.sql("SELECT count(*) FROM concern")[0][0] == 2


TRACKER = "ACT-0005,Alder House,,Warm the plates,Rita,{due},{status},"


def work_on(world) -> None:
    world.sql("SELECT 1")
    with world.acting("alice") as actor:
        db.session.execute(
            db.text(
                "INSERT INTO action_update (org_id, id, action_id, kind, happened_at) "
                "SELECT org_id, gen_random_uuid(), id, 'started', now() FROM action"
            )
        )
        db.session.execute(db.text("UPDATE action SET status = 'in_progress'"))
        db.session.commit()
    assert actor


def test_what_people_worked_on_is_not_overwritten_and_not_taken_back(world):
    first = bring(world, "actions", actions(TRACKER.format(due="01/12/2026", status="Open")))
    work_on(world)
    later = bring(world, "actions", actions(TRACKER.format(due="24/12/2026", status="Cancelled")))
    assert outcome(world, later) == counts(kept=1)
    now = world.sql("SELECT status, due_on, batch_id FROM action")[0]
    assert (now.status, str(now.due_on), now.batch_id) == ("in_progress", "2026-12-01", first)
    with world.acting("alice") as actor, pytest.raises(Invalid, match="people have worked on"):
        undo.undo(actor=actor, batch_id=first)


def test_a_moved_due_date_keeps_the_original_one(world):
    for due in ("01/12/2026", "24/12/2026"):
        bring(world, "actions", actions(TRACKER.format(due=due, status="Open")))
    now = world.sql("SELECT due_on, original_due_on FROM action")[0]
    assert (str(now.due_on), str(now.original_due_on)) == ("2026-12-24", "2026-12-01")


def test_a_reference_that_careboard_has_given_out_is_not_taken_twice(world):
    with world.acting("alice") as actor:
        db.session.execute(
            db.text(
                "INSERT INTO action (org_id, id, reference, service_id, title, status) "
                "SELECT org_id, gen_random_uuid(), 'ACT-0005', id, 'Our own', 'draft' "
                "FROM service LIMIT 1"
            )
        )
        db.session.commit()
    assert actor
    bring(
        world,
        "actions",
        actions(
            TRACKER.format(due="01/12/2026", status="Open"),
            "ACT-0090,Alder House,,Other work,Rita,01/12/2026,Open,",
        ),
    )
    rows = world.sql("SELECT reference, source_key FROM action ORDER BY 1")
    assert [tuple(row) for row in rows] == [
        ("ACT-0005", None), ("ACT-0090", "ACT-0090"), ("ACT-0091", "ACT-0005"),
    ]  # fmt: skip
    bring(world, "actions", actions(TRACKER.format(due="02/12/2026", status="Open")))
    rows = world.sql("SELECT reference FROM action WHERE source_key = 'ACT-0005'")
    assert [row.reference for row in rows] == ["ACT-0091"]


def test_a_tracker_without_references_gets_some(world):
    head, *rows = actions(TRACKER.format(due="01/12/2026", status="Open")).splitlines()
    text = "\n".join(line.split(",", 1)[1] for line in (head, *rows)) + "\n"
    bring(world, "actions", text)
    assert world.sql("SELECT reference FROM action")[0].reference == "ACT-0001"


def test_a_remembered_map_is_used_and_grows_with_new_columns(world):
    receipt = receive(world, "complaints", FIRST)
    with world.acting("alice") as actor:
        mapping = batch(world, receipt.batch_id).report["mapping"]
    for column in mapping["columns"]:
        if column["header"] == "Theme":
            column["field"] = None
    with world.acting("alice") as actor:
        service.set_map(actor=actor, batch_id=receipt.batch_id, mapping=mapping)
        db.session.commit()
    wider = FIRST.replace("Summary", "Summary,Outcome").replace("cold", "cold,Upheld")
    wider = wider.replace("at tea", "at tea,Not upheld")
    second = receive(world, "complaints", wider)
    assert not second.familiar
    held = world.in_org(
        "alder", db.select(DataMap.mapping).order_by(DataMap.version.desc()).limit(1)
    )
    fields = {column["header"]: column["field"] for column in held["columns"]}
    assert fields["Theme"] is None and fields["Outcome"] == "outcome"
    third = wider.replace("cold", "tepid")
    assert receive(world, "complaints", third).familiar


@pytest.mark.parametrize(
    "text",
    ["", "\x00\x01\x02", "just a line", "a,b\n1,2\n", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"],
)
def test_no_file_is_too_odd(world, text):
    with world.acting("alice") as actor:
        try:
            receipt = service.receive(
                actor=actor,
                feed="complaints",
                source="x",
                file_name="x.csv",
                content=text.encode("latin-1"),
            )
        except Invalid as error:
            assert error.message and error.field == "file"
        else:
            assert world and receipt.batch_id


def test_odd_cells_come_in_or_are_held_back(world):
    text = complaints(
        "C1,Alder House,01/10/2026,Food,\\N",
        'C2,Alder House,01/10/2026,Food,"a ""quoted"" word\nand a second line"',
        "C3,Alder House,01/10/2026,Food,nul \x00 here and \x01 there",
        "C4,Alder House,01/10/2026,Food,\x01",
        "C5,Alder House,01/10/9999,=1+1,😀 ünïcode \u202e",
        "C6,No such house,01/10/2026,Food,held back with \x00 inside",
        *(f"D{number},Alder House,01/10/2026,Food,An ordinary complaint" for number in range(50)),
    )
    bring(world, "complaints", text)
    rows = {row.source_key: row.text for row in world.sql("SELECT source_key, text FROM concern")}
    assert rows["C2"] == 'a "quoted" word\nand a second line'
    assert set(rows) >= {"C1", "C2", "C3", "C4"}


def test_a_number_beyond_all_bounds_fails_nothing(world):
    head = "Audit ref,Service,Theme,Completed on,Score\n"
    bring(world, "audits", head + "A1,Alder House,Fire,01/10/2026,99999999999999\n")
    assert world.sql("SELECT count(*) FROM import_batch WHERE status = 'loaded'")[0][0] == 1
