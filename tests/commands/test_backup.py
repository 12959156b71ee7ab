"""A backup restored into an empty place: every row, file and head, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from obstore.store import LocalStore
from sqlalchemy import create_engine, text

from careboard import backup, embedded, storage
from careboard.commands.backup import command as backup_command
from careboard.db import db
from tests.evidence.files import PDF, PNG
from tests.uploads.test_custody import kept
from tests.uploads.test_hostile import send_evidence


@pytest.fixture
def filled(world, tmp_path, monkeypatch) -> Path:
    """The world with two files kept; the store's folder."""
    store = tmp_path / "store"
    store.mkdir()
    monkeypatch.setattr(storage, "_store", LocalStore(store))
    for name, content in (("sheet.pdf", PDF), ("photo.png", PNG)):
        assert send_evidence(world, name, content).status_code == 303
    return store


@pytest.fixture
def empty_place(app, databases, tmp_path, monkeypatch, filled):
    """From `move()` on the application has an empty database and an empty store."""
    name = f"restored{next(databases.numbers)}"
    engines = []

    def move() -> Path:
        databases.execute(f"CREATE DATABASE {name} OWNER careboard_owner")
        urls = embedded.urls_for(databases.admin, name)
        db.session.remove()
        engines.append(create_engine(urls.app, connect_args={"prepare_threshold": None}))
        monkeypatch.setitem(db.engines, None, engines[0])
        monkeypatch.setitem(app.config, "OWNER_URL", urls.owner)
        new = tmp_path / "new-store"
        new.mkdir()
        monkeypatch.setattr(storage, "_store", LocalStore(new))
        return new

    yield move
    db.session.remove()
    for engine in engines:
        engine.dispose()
    databases.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_everything_comes_back_into_an_empty_place(world, filled, empty_place, tmp_path):
    before = _counts(world)
    made, faults = backup.make(tmp_path / "backup")
    assert faults == []
    assert len([path for path in made.files if "/sha256/" in path]) == 2
    assert made.heads["alder"][0] > 0
    assert os.stat(tmp_path / "backup").st_mode & 0o77 == 0
    new = empty_place()
    assert backup.restore(tmp_path / "backup") == backup.read(tmp_path / "backup")
    same, faults = backup.verify(made)
    assert (same, faults) == (2, [])
    assert _counts(world) == before
    assert {p.relative_to(new) for p in new.rglob("*")} == {
        p.relative_to(filled) for p in filled.rglob("*")
    }
    # The wall is up again, and the app still cannot pass it.
    assert db.session.execute(text("SELECT count(*) FROM stored_file")).scalar() == 0
    assert send_evidence(world, "after.pdf", PDF + b" ").status_code == 303


def _counts(world) -> dict[str, int]:
    tables = ("account", "membership", "service", "evidence", "stored_file", "audit_event")
    return {name: world.sql(f"SELECT count(*) AS n FROM {name}")[0].n for name in tables}


def test_a_chain_that_was_cut_after_the_restore_is_found(world, filled, empty_place, tmp_path):
    made, _ = backup.make(tmp_path / "backup")
    empty_place()
    backup.restore(tmp_path / "backup")
    made.heads["alder"] = (made.heads["alder"][0], "0" * 64)
    kept_file = next((tmp_path / "new-store").rglob("*/sha256/*/*"))
    kept_file.write_bytes(b"changed")
    same, faults = backup.verify(made)
    assert same == 1
    assert sorted(fault.split(" ")[0] for fault in faults) == ["lost", "the"]


def test_a_place_that_is_not_empty_is_left_alone(world, filled, tmp_path):
    backup.make(tmp_path / "backup")
    with pytest.raises(backup.Unfit, match="must be empty"):
        backup.restore(tmp_path / "backup")
    with pytest.raises(backup.Unfit, match="is not empty"):
        backup.make(tmp_path / "backup")


@pytest.mark.parametrize("part", [backup.DUMP, backup.MANIFEST, "files"])
def test_a_backup_that_changed_is_refused_before_anything_is_written(
    world, filled, empty_place, tmp_path, part
):
    folder = tmp_path / "backup"
    backup.make(folder)
    if part == "files":
        next(path for path in folder.rglob("sha256/*/*")).write_bytes(b"changed")
    elif part == backup.DUMP:
        (folder / part).write_bytes((folder / part).read_bytes()[:-1])
    else:
        (folder / part).unlink()
    new = empty_place()
    with pytest.raises(backup.Unfit):
        backup.restore(folder)
    assert list(new.iterdir()) == []
    with db.engine.connect() as connection:
        assert connection.execute(text(backup._TABLES)).scalar() == 0


def test_a_manifest_that_points_outside_is_refused(world, filled, tmp_path):
    folder = tmp_path / "backup"
    backup.make(folder)
    manifest = json.loads((folder / backup.MANIFEST).read_text())
    manifest["files"]["../../evil"] = "0" * 64
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(backup.Unfit, match="outside"):
        backup.read(folder)


def test_a_store_that_lost_a_file_is_told_and_backed_up_nevertheless(
    world, filled, tmp_path, monkeypatch
):
    lost, changed = (path for path in sorted(filled.rglob("sha256/*/*")) if path.is_file())
    lost.unlink()
    changed.write_bytes(b"changed")
    monkeypatch.setattr("careboard.commands.backup.application", world.app.app_context)
    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup")])
    assert done.exit_code == 1
    assert "FAULT  lost: " in done.output and "FAULT  changed: " in done.output
    assert kept(tmp_path / "backup" / "files").exists()
