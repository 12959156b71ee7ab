"""The audit trail under rollback: an event stands for what was kept, and for nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard import audit
from careboard.db import db


def _note(actor, what: str) -> None:
    audit.record(actor=actor, tag=f"test:{what}", subject_id=actor.org_id)


def _tags(world) -> list[str]:
    rows = world.sql("SELECT tag FROM audit_event WHERE tag LIKE 'test:%' ORDER BY seq")
    return [row.tag.removeprefix("test:") for row in rows]


def test_a_savepoint_that_is_taken_back_takes_only_its_own_events(world):
    with world.acting("alice") as alice:
        _note(alice, "before")
        with pytest.raises(DBAPIError), db.session.begin_nested():
            _note(alice, "inside")
            db.session.execute(text("SELECT 1 / 0"))
        _note(alice, "after")
        db.session.commit()
        assert audit.verify(alice.org_id).intact
    assert _tags(world) == ["before", "after"]


def test_savepoints_within_savepoints(world):
    with world.acting("alice") as alice:
        with db.session.begin_nested():
            _note(alice, "outer")
            inner = db.session.begin_nested()
            _note(alice, "inner")
            inner.rollback()
        outer = db.session.begin_nested()
        with db.session.begin_nested():
            _note(alice, "released, then undone")
        outer.rollback()
        _note(alice, "end")
        db.session.commit()
    assert _tags(world) == ["outer", "end"]


def test_a_transaction_that_is_rolled_back_leaves_nothing(world):
    with world.acting("alice") as alice:
        db.session.execute(text("SELECT 1"))
        _note(alice, "lost")
        db.session.rollback()
        _note(alice, "kept")
        db.session.commit()
        db.session.commit()
    assert _tags(world) == ["kept"]
