"""Files and the scanner: clean, refused, and kept in quarantine while it does not answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from careboard import custody, scanning
from careboard.config import ConfigurationError
from careboard.tenancy import acting_for
from tests.evidence.files import PDF
from tests.reminders.conftest import free_port
from tests.uploads.hostile import EICAR
from tests.uploads.scanner import Scanner, serving
from tests.uploads.test_hostile import refusal, send_evidence, send_import

INFECTED = PDF + EICAR
CSV = b"Complaint ID,Service,Date received,Category\nC1,Alder House,01/10/2026,Food\n"


@pytest.fixture(autouse=True)
def none_configured() -> Iterator[None]:
    yield
    scanning.configure(None)


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    with serving() as server:
        scanning.configure(server.url)
        yield server


@pytest.fixture
def away() -> str:
    """The address of a scanner that is not there."""
    url = f"tcp://127.0.0.1:{free_port()}"
    scanning.configure(url)
    return url


def states(world) -> list[str]:
    return [row.state for row in world.sql("SELECT state FROM stored_file ORDER BY id")]


def download(world):
    revision_id = world.sql("SELECT id FROM evidence_revision ORDER BY id")[-1].id
    return world.client("alice").get(f"/o/alder/evidence/revisions/{revision_id}/file")


def look(world) -> custody.Seen:
    with acting_for("alder") as actor:
        return custody.look(actor=actor)


def test_what_the_scanner_calls_clean_is_handed_out(world, scanner):
    assert send_evidence(world, "sheet.pdf", PDF).status_code == 303
    assert states(world) == ["clean"]
    assert download(world).data == PDF


@pytest.mark.parametrize("send", [send_evidence, send_import])
def test_what_the_scanner_finds_is_refused_at_the_field(world, scanner, send):
    name, content = ("sheet.pdf", INFECTED) if send is send_evidence else ("a.csv", CSV + EICAR)
    answer = send(world, name, content)
    assert answer.status_code == 422
    assert "the virus scanner found Eicar-Test-Signature in it" in refusal(answer)
    assert states(world) == []


def test_without_an_answer_a_file_is_held_until_there_is_one(world, away):
    answer = send_evidence(world, "sheet.pdf", PDF)
    assert answer.status_code == 303
    assert states(world) == ["quarantined"]
    held = download(world)
    assert held.status_code == 423 and "has not been checked for viruses" in held.text
    page = world.client("alice").get(answer.location)
    assert "Held until it has been checked for viruses" in page.text
    assert custody.organisations_to_look_at() == [world.org_id()]
    look(world)
    assert states(world) == ["quarantined"]
    with serving() as server:
        scanning.configure(server.url)
        assert look(world).cleared == 1
    assert states(world) == ["clean"]
    assert custody.organisations_to_look_at() == []
    assert download(world).data == PDF


def test_what_is_found_later_is_never_handed_out(world, away):
    answer = send_evidence(world, "sheet.pdf", INFECTED)
    with serving() as server:
        scanning.configure(server.url)
        assert look(world).rejected == 1
        assert look(world) == custody.Seen()
    assert states(world) == ["rejected"]
    assert download(world).status_code == 423
    assert "the virus scanner found something" in world.client("alice").get(answer.location).text
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event")]
    assert tags.count("file:rejected") == 1


def test_an_import_is_read_but_its_file_is_held(world, away):
    answer = send_import(world, "complaints.csv", CSV)
    assert answer.status_code == 303
    batch_id = world.sql("SELECT id FROM import_batch")[0].id
    assert world.client("alice").get(f"/o/alder/imports/{batch_id}/file").status_code == 423


def test_a_scanner_that_does_not_scan_is_no_scanner(world, scanner):
    scanner.limit = 10
    assert scanning.scan([PDF]).state == "quarantined"
    assert "size limit exceeded" in scanning.scan([PDF]).finding
    assert scanning.answers()


def test_a_scanner_that_hangs_up_is_no_scanner(monkeypatch):
    monkeypatch.setattr(scanning, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scanning.configure(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        assert scanning.scan([PDF]).state == "quarantined"
        assert not scanning.answers()


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(ConfigurationError):
        scanning.configure("http://127.0.0.1")
