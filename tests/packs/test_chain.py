"""A pack out of the database, held against the provider's exported audit trail."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile

import pytest

from careboard import audit
from careboard.audit_log import heads
from careboard.audit_log.export import export
from careboard.audit_verifier import Export, Fault
from careboard.db import db
from careboard.pack_verifier import Bundle, read_zip
from careboard.packs import bundle, kept
from careboard.packs.models import Pack
from tests.packs.published import confirm, plain_board, publish


@pytest.fixture
def made(world, monkeypatch):
    """The bundle, the export of the audit trail after it, and the pack's id."""
    plain_board(monkeypatch)
    link, house = confirm(world), world.service_id("Alder House")
    with world.acting("alice") as alice:
        audit.record(actor=alice, tag="service:noted", subject_id=house, after={"n": 1})
        db.session.commit()
    pack_id = publish(world, link)
    with world.acting("alice") as alice:
        zipped = kept.zipped(db.session.get(Pack, (alice.org_id, pack_id)))
        trail = export(actor=alice, name="trail.zip").read()
    return zipped, trail, pack_id


def _bundle(zipped: bytes) -> Bundle:
    return Bundle(read_zip(zipped))


def _export(trail: bytes) -> Export:
    with zipfile.ZipFile(io.BytesIO(trail)) as archive:
        return Export({name: archive.read(name) for name in archive.namelist()})


def test_it_is_intact_and_carries_the_events_of_its_subject(world, made):
    found = _bundle(made[0])
    found.check(heads.keys())
    assert [event["tag"] for event in found.events()] == ["service:noted"]
    assert json.loads(found.files["manifest.json"])["id"] == str(made[2])


def test_the_audit_trail_holds_it(world, made):
    _bundle(made[0]).check_chain(_export(made[1]), heads.keys())


def test_a_trail_from_before_knows_nothing_of_it(world, made, monkeypatch):
    with world.acting("alice") as alice:
        older = export(actor=alice, name="trail.zip").read()
    newer = publish(world, _link(world), subject_id=world.org_id())
    with world.acting("alice") as alice:
        zipped = kept.zipped(db.session.get(Pack, (alice.org_id, newer)))
    with pytest.raises(Fault, match="knows nothing of this publication"):
        _bundle(zipped).check_chain(_export(older), heads.keys())


def _link(world):
    (row,) = world.sql("SELECT id FROM commissioner_link")
    return row.id


def test_another_organisations_trail(world, made):
    with world.acting("charlie") as charlie:
        theirs = export(actor=charlie, name="trail.zip").read()
    with pytest.raises(Fault, match="another organisation's"):
        _bundle(made[0]).check_chain(_export(theirs), heads.keys())


def test_the_downloaded_verifier_says_both(world, made, tmp_path):
    verifier, pack, trail = (tmp_path / name for name in ("v.py", "pack.zip", "trail.zip"))
    verifier.write_bytes(bundle.verifier(heads.keys()))
    pack.write_bytes(made[0])
    trail.write_bytes(made[1])
    done = subprocess.run(
        [sys.executable, "-I", verifier, pack, "--chain", trail],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("INTACT: PCK-0001")
    assert "The audit trail holds this publication." in done.stdout


def test_the_provider_sees_that_a_kept_file_is_lost_or_another(world, made, monkeypatch):
    from careboard import storage

    with world.acting("alice") as alice:
        row = db.session.get(Pack, (alice.org_id, made[2]))
        assert kept.check(row).intact
        monkeypatch.setattr(storage, "get", lambda org_id, sha256: b"%PDF another")
        assert "pack.pdf was changed" in kept.check(row).words

        def lost(org_id, sha256):
            raise FileNotFoundError(sha256)

        monkeypatch.setattr(storage, "get", lost)
        assert not kept.check(row).intact
