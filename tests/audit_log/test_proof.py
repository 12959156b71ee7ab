"""Whatever is done to the trail afterwards, the one file finds it offline."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from careboard import audit, audit_verifier
from careboard.audit_log import export, heads
from careboard.audit_verifier import FIELDS, GENESIS, head_message, link_hash
from careboard.db import db
from tests.worlds import World

Files = dict[str, bytes]


@pytest.fixture
def trail(world) -> World:
    """An organisation with a dozen events, whose chain was signed after the first ones."""
    with world.acting("alice") as alice:
        heads.keep_todays(actor=alice, on=alice.today)
        for number in range(12):
            audit.record(actor=alice, tag="test:noted", subject_id=alice.org_id,
                         after={"number": number})  # fmt: skip
        db.session.commit()
    return world


@pytest.fixture
def taken(trail, tmp_path) -> Path:
    """Its export, unpacked."""
    return _unpack(trail, tmp_path / "export")


def _unpack(world: World, folder: Path) -> Path:
    with world.acting("alice") as alice, export.export(actor=alice, name="x.zip") as made:
        zipfile.ZipFile(made).extractall(folder)
    return folder


def _check(folder: Path, *more: str) -> tuple[int, str]:
    """The verifier's own copy in the export, run alone: no network, no packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder), *more],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout


def _events(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def _rehash(events: list[dict], org: str) -> list[dict]:
    previous = GENESIS
    for place, event in enumerate(events, 1):
        event.update(seq=place, previous=previous)
        event["hash"] = previous = link_hash(previous, org, place, *(event[f] for f in FIELDS))
    return events


def _write(folder: Path, name: str, rows: list[dict]) -> None:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def _seal(folder: Path, key: Ed25519PrivateKey) -> None:
    """Make the manifest fit what the folder holds now, signed with that key."""
    events = _events(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]
    }
    manifest["key"] = key.public_key().public_bytes_raw().hex()
    manifest.update(seq=len(events), hash=events[-1]["hash"])
    content = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sig").write_text(key.sign(content).hex())


def test_an_export_as_it_was_made_holds(taken):
    code, said = _check(taken, "--key", heads.public_key())
    assert code == 0 and "2 signed heads, all fit" in said
    assert heads.public_key() in _check(taken)[1]


def _byte(events):
    events[6]["payload"] = events[6]["payload"].replace("after", "aftes", 1)


def _gone(events):
    del events[6]


def _order(events):
    events[6], events[7] = events[7], events[6]


def _tail(events):
    del events[-3:]


def _head_cut(events):
    del events[0]


def _twice(events):
    events.insert(6, dict(events[6]))


CHANGES = {"one byte": _byte, "a row": _gone, "the order": _order, "the tail": _tail,
           "the beginning": _head_cut, "a row twice": _twice}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("rehashed", [False, True], ids=["as it is", "re-hashed"])
@pytest.mark.parametrize("sealed", [False, True], ids=["manifest as it was", "manifest re-signed"])
def test_a_changed_export_is_found(taken, what, rehashed, sealed):
    events = _events(taken)
    CHANGES[what](events)
    if rehashed:
        org = json.loads((taken / "manifest.json").read_text())["organisation"]
        _rehash(events, org)
    _write(taken, "events.jsonl", events)
    if sealed:
        _seal(taken, Ed25519PrivateKey.generate())
    for more in ((), ("--key", heads.public_key())):
        code, said = _check(taken, *more)
        assert code == 1 and said.startswith("BROKEN: "), said


def test_whoever_also_drops_the_heads_is_found_by_the_key_and_by_the_witness(taken):
    """All is forged, and signed with a key of the forger's own."""
    witness = _events(taken)[6]
    events = _events(taken)
    _byte(events)
    org = json.loads((taken / "manifest.json").read_text())["organisation"]
    _write(taken, "events.jsonl", _rehash(events, org))
    forger = Ed25519PrivateKey.generate()
    last = events[-1]
    mark = forger.sign(head_message(org, last["seq"], last["hash"], "now")).hex()
    key = forger.public_key().public_bytes_raw().hex()
    head = {"org": org, "seq": last["seq"], "hash": last["hash"], "signed_at": "now"}
    _write(taken, "heads.jsonl", [head | {"key": key, "signature": mark}])
    (taken / "verify.py").write_text(Path(audit_verifier.__file__).read_text())
    _seal(taken, forger)
    assert _check(taken)[0] == 0  # nothing within the export can tell
    assert _check(taken, "--key", heads.public_key())[0] == 1
    code, said = _check(taken, "--head", f"{witness['seq']}:{witness['hash']}")
    assert code == 1 and "the witness keeps" in said


def _as_administrator(world: World, *statements: str) -> None:
    """As someone who owns the database and stops at nothing."""
    address = (
        world.app.config["OWNER_URL"].replace("+psycopg", "").replace("careboard_owner", "postgres")
    )
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


REHASH = """
DO $$ DECLARE row audit_event; link text; before text; place bigint; BEGIN
  FOR row IN SELECT * FROM audit_event ORDER BY org_id, seq LOOP
    IF row.seq = 1 OR place IS NULL THEN before := repeat('0', 64); END IF;
    place := row.seq;
    link := encode(sha256(convert_to(concat_ws(E'\\n', before, row.org_id::text, row.seq::text,
      row.at, row.actor, row.tag, row.subject, row.payload), 'UTF8')), 'hex');
    UPDATE audit_event SET previous = before, hash = link
      WHERE org_id = row.org_id AND seq = row.seq;
    UPDATE audit_head SET hash = link WHERE org_id = row.org_id AND seq = row.seq;
    before := link;
  END LOOP;
END $$
"""


@pytest.mark.parametrize("forgetting", ["", "DELETE FROM signed_head"], ids=["kept", "emptied"])
def test_a_database_rewritten_and_hashed_again_is_found_offline(trail, tmp_path, forgetting):
    """The chain fits, the export is genuine; the head signed before, kept outside, does not fit."""
    before = audit_tail(trail)
    _as_administrator(
        trail, "UPDATE audit_event SET actor = 'someone' WHERE seq = 1", REHASH,
        *([forgetting] if forgetting else []),
    )  # fmt: skip
    assert audit_tail(trail) != before
    with trail.acting("alice") as alice:
        assert audit.verify(alice.org_id).intact
        assert heads.first_unfit(alice.org_id, heads.kept(alice.org_id)) is not None
        assert heads.keep_todays(actor=alice, on=alice.today.replace(year=2030)) is None
    folder = _unpack(trail, tmp_path / "rewritten")
    code, said = _check(folder)
    assert code == 1 and "was another when the head of" in said


def audit_tail(world: World) -> str:
    return world.sql("SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1")[0][0]


def test_the_command_line_says_so_too(trail, monkeypatch):
    from click.testing import CliRunner

    from careboard.cli import main

    monkeypatch.setenv("DATABASE_URL", trail.app.config["SQLALCHEMY_DATABASE_URI"])
    monkeypatch.setenv("DATABASE_OWNER_URL", trail.app.config["OWNER_URL"])
    fine = CliRunner().invoke(main, ["audit", "verify", "--org", "alder"])
    assert fine.exit_code == 0 and "1 signed heads, all fit" in fine.output
    _as_administrator(trail, "UPDATE audit_event SET actor = 'someone' WHERE seq = 1", REHASH)
    found = CliRunner().invoke(main, ["audit", "verify", "--org", "alder"])
    assert found.exit_code == 1 and "REWRITTEN" in found.output


def test_heads_are_signed_once_a_day_and_never_changed(trail):
    from sqlalchemy.exc import DBAPIError

    with trail.acting("alice") as alice:
        assert heads.keep_todays(actor=alice, on=alice.today) is None
        assert len(heads.kept(alice.org_id)) == 1
    assert trail.org_id() not in heads.organisations_without(alice.today)
    assert trail.org_id("birch") in heads.organisations_without(alice.today)
    with pytest.raises(DBAPIError, match="permission denied"):
        trail.sql("DELETE FROM signed_head")
    address = trail.app.config["OWNER_URL"].replace("+psycopg", "")
    with psycopg.connect(address) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("SELECT set_config('app.org', %s, true)", [str(trail.org_id())])
        owner.execute("UPDATE signed_head SET seq = 1")


def test_files_are_found_among_the_hashes(trail, taken, tmp_path):
    strange = tmp_path / "files"
    strange.mkdir()
    (strange / "a.txt").write_text("nobody knows this")
    assert "is not among the files" in _check(taken, "--files", str(strange))[1]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all"])
def test_what_is_no_export_is_said_to_be_none(tmp_path, content, capsys):
    (tmp_path / "x.zip").write_bytes(content)
    assert audit_verifier.main([str(tmp_path / "x.zip")]) == 1
    assert "BROKEN" in capsys.readouterr().out
