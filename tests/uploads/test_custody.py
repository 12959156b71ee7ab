"""Kept files: read again every night, and no half of one when there is no room."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from obstore.store import LocalStore

from careboard import clock, custody, storage
from careboard.tenancy import acting_for
from tests.evidence.files import PDF
from tests.uploads.test_hostile import refusal, send_evidence
from tests.uploads.test_scanning import download, look


@pytest.fixture
def store(tmp_path, monkeypatch) -> Path:
    """The store's folder, which only this test uses."""
    monkeypatch.setattr(storage, "_store", LocalStore(tmp_path))
    return tmp_path


def tomorrow(monkeypatch) -> None:
    later = clock.utc_now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "utc_now", lambda: later)


def kept(store: Path) -> Path:
    (path,) = (path for path in store.rglob("*") if path.is_file())
    return path


def damaged(world) -> list[bool]:
    return [row.damaged_at is not None for row in world.sql("SELECT damaged_at FROM stored_file")]


@contextmanager
def room_for(app: Flask, most: int) -> Iterator[None]:
    """From the next request on no file may grow longer than that: as on a disk that is full."""
    held, hooks = resource.getrlimit(resource.RLIMIT_FSIZE), app.before_request_funcs[None]
    hooks.insert(0, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, held[1])))
    try:
        yield
    finally:
        del hooks[0]
        resource.setrlimit(resource.RLIMIT_FSIZE, held)


def test_a_day_later_every_file_is_read_again(world, store, monkeypatch):
    send_evidence(world, "sheet.pdf", PDF)
    assert look(world) == custody.Seen()
    tomorrow(monkeypatch)
    assert custody.organisations_to_look_at() == [world.org_id()]
    assert look(world).same == 1
    assert look(world) == custody.Seen()


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(PDF + b"!")])
def test_a_lost_or_changed_file_is_noted_once_and_mended_when_put_back(
    world, store, monkeypatch, harm
):
    send_evidence(world, "sheet.pdf", PDF)
    path = kept(store)
    harm(path)
    for _ in range(2):
        tomorrow(monkeypatch)
        assert look(world).damaged == 1
    assert damaged(world) == [True]
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event")]
    assert tags.count("file:damaged") == 1
    path.write_bytes(PDF)
    tomorrow(monkeypatch)
    assert look(world).same == 1
    assert damaged(world) == [False]


def test_the_same_content_twice_is_read_once(world, store, monkeypatch):
    for _ in range(2):
        send_evidence(world, "sheet.pdf", PDF)
    tomorrow(monkeypatch)
    assert look(world).same == 1


def test_a_round_reads_no_more_than_it_may(world, store, monkeypatch):
    for number in range(3):
        send_evidence(world, "sheet.pdf", PDF + bytes([number]))
    tomorrow(monkeypatch)
    with acting_for("alder") as actor:
        assert custody.look(actor=actor, most=2).same == 2
    assert look(world).same == 1


@pytest.mark.parametrize("size", [200_000, 3_000_000])
def test_a_full_disk_is_said_and_nothing_is_half_stored(world, store, size):
    # The longer one does not even fit while it is being received.
    content = PDF + b" " * size
    with room_for(world.app, 100_000):
        answer = send_evidence(world, "sheet.pdf", content)
    assert answer.status_code in (422, 507)
    words = refusal(answer) if answer.status_code == 422 else answer.text
    assert "There is no room left to keep" in words
    assert world.sql("SELECT FROM evidence") == world.sql("SELECT FROM stored_file") == []
    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert send_evidence(world, "sheet.pdf", content).status_code == 303
    assert download(world).data == content
