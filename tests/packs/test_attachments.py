"""Files that go along: chosen by hand, accepted, clean, and read over before."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import update

from careboard import uploads
from careboard.db import db
from careboard.errors import Invalid
from careboard.evidence import judging
from careboard.evidence import service as evidence
from careboard.imports.models import StoredFile
from careboard.packs import drafts, kept, privacy
from careboard.packs.content import EvidenceLine
from careboard.packs.models import Pack
from tests.evidence.files import PDF
from tests.packs.contents import example
from tests.packs.published import confirm, plain_board, publish

CLEAN = b"week,late\n1,12\n2,7\n"
NAMED = b"week,who\n1,Mrs Marjorie Penhaligon\n"


def submitted(world, name: str, content: bytes, accepted: bool = True):
    """The line of the evidence in a content, and its revision's id."""
    house = world.service_id("Alder House")
    with world.acting("rita") as rita:
        evidence_id = evidence.submit(
            actor=rita, title=f"Rota of {name}", kind="audits", service_id=house,
            upload=uploads.check(name, content),
        )  # fmt: skip
        db.session.commit()
    if accepted:
        with world.acting("vera") as vera:
            judging.judge(
                actor=vera, evidence_id=evidence_id, outcome="accepted", note="Read against it."
            )
            db.session.commit()
    ((reference, revision, sha256),) = [
        tuple(row)
        for row in world.sql(
            "SELECT e.reference, r.id, r.sha256 FROM evidence e JOIN evidence_revision r "
            "ON r.org_id = e.org_id AND r.evidence_id = e.id WHERE e.id = :id",
            id=evidence_id,
        )
    ]
    line = EvidenceLine(reference, f"Rota of {name}", "audits", sha256, "verifier", None)
    return line, revision


def with_lines(monkeypatch, *lines: EvidenceLine) -> None:
    plain_board(monkeypatch, example(kind="board", evidence=lines))


def draft(world, *revisions):
    house = world.service_id("Alder House")
    with world.acting("cora") as cora:
        return drafts.draft(actor=cora, kind="board", subject_id=house, attachments=revisions)


def test_a_clean_text_goes_along_and_is_in_the_bundle(world, monkeypatch):
    line, revision = submitted(world, "rota.csv", CLEAN)
    with_lines(monkeypatch, line)
    pack_id = publish(world, confirm(world), attachments=[revision])
    with world.acting("cora") as cora:
        zipped = kept.zipped(db.session.get(Pack, (cora.org_id, pack_id)))
    archive = zipfile.ZipFile(io.BytesIO(zipped))
    assert archive.read("attachments/01-rota.csv") == CLEAN
    named = [one["name"] for one in json.loads(archive.read("manifest.json"))["files"]]
    assert named[-1] == "attachments/01-rota.csv"


def test_a_name_in_a_text_file_stops_it(world, monkeypatch):
    line, revision = submitted(world, "rota.csv", NAMED)
    with_lines(monkeypatch, line)
    (found,) = draft(world, revision).findings
    assert (found.where, found.kind) == ("File “EV-0001: rota.csv”", "name")
    link = confirm(world)
    with pytest.raises(Invalid):
        publish(world, link, attachments=[revision])
    assert draft(world).findings == ()


@pytest.mark.parametrize("spelling", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_text_is_read_over_in_its_own_spelling(world, monkeypatch, spelling):
    """As a spreadsheet saves it: the name does not hide between the bytes."""
    said = "week,who\n1,Mrs Zoë Penhaligon\n".encode(spelling)
    line, revision = submitted(world, "rota.csv", said)
    with_lines(monkeypatch, line)
    (found,) = draft(world, revision).findings
    assert (found.kind, found.words) == ("name", "Mrs Zoë Penhaligon")


def test_two_files_of_one_name_are_each_answered_for(world, monkeypatch):
    first, one = submitted(world, "scan.pdf", PDF)
    second, other = submitted(world, "scan.pdf", PDF + b"\n")
    with_lines(monkeypatch, first, second)
    found = draft(world, one, other).findings
    assert len({each.key for each in found}) == 2
    said = {found[0].key: "Read from first to last page: it names nobody."}
    link = confirm(world)
    with pytest.raises(Invalid, match=second.reference):
        publish(world, link, attachments=[one, other], overrides=said)


def test_a_name_in_a_files_name_stops_it(world, monkeypatch):
    line, revision = submitted(world, "Mrs Penhaligon.csv", CLEAN)
    with_lines(monkeypatch, line)
    kinds = {(one.where, one.kind) for one in draft(world, revision).findings}
    assert ("Name of file “EV-0001: Mrs Penhaligon.csv”", "name") in kinds
    assert ("Evidence EV-0001: title", "name") in kinds


def test_of_what_cannot_be_read_over_somebody_has_to_say(world, monkeypatch):
    line, revision = submitted(world, "audit.pdf", PDF)
    with_lines(monkeypatch, line)
    (found,) = draft(world, revision).findings
    assert found.kind == privacy.UNREAD
    link = confirm(world)
    with pytest.raises(Invalid):
        publish(world, link, attachments=[revision])
    said = {found.key: "Read from first to last page: it names nobody."}
    publish(world, link, attachments=[revision], overrides=said)


def test_what_is_not_accepted_clean_or_listed_is_not_offered(world, monkeypatch):
    waiting, first = submitted(world, "waiting.csv", CLEAN + b"3,1\n", accepted=False)
    held, second = submitted(world, "held.csv", CLEAN + b"4,1\n")
    other, third = submitted(world, "other.csv", CLEAN + b"5,1\n")
    with world.acting("alice"):
        db.session.execute(
            update(StoredFile).where(StoredFile.sha256 == held.sha256).values(state="quarantined")
        )
        db.session.commit()
    with_lines(monkeypatch, waiting, held)
    assert draft(world).offers == ()
    for revision in (first, second, third):
        with pytest.raises(Invalid) as refused:
            draft(world, revision)
        assert refused.value.field == "attachments"


def test_an_older_revision_than_the_listed_is_not_offered(world, monkeypatch):
    line, revision = submitted(world, "rota.csv", CLEAN)
    with_lines(
        monkeypatch, EvidenceLine(line.reference, line.title, "audits", "0" * 64, None, None)
    )
    assert draft(world).offers == ()


def test_a_file_that_the_store_has_lost(world, monkeypatch):
    from careboard import storage

    line, revision = submitted(world, "rota.csv", CLEAN)
    with_lines(monkeypatch, line)

    def lost(org_id, sha256):
        raise FileNotFoundError(sha256)

    monkeypatch.setattr(storage, "get", lost)
    with pytest.raises(Invalid, match="missing from the store"):
        draft(world, revision)
