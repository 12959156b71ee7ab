"""The signing key is turned: what was signed before holds by the key of before, in its time."""

from __future__ import annotations

import io
import secrets
import subprocess
import sys
import zipfile
from datetime import date

import pytest

from careboard import checkup, storage
from careboard.audit_log import export, heads
from careboard.audit_verifier import Export, Fault
from careboard.config import ConfigurationError, Settings
from careboard.db import db
from careboard.pack_verifier import Bundle, zipped
from careboard.packs import bundle, kept
from careboard.packs.models import Pack
from tests.packs import published
from tests.packs.bundles import Signer, members

EARLIER, PRESENT = Signer(1), Signer(2)
PUBLISHED = "2026-11-20"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({PRESENT.public: "", EARLIER.public: PUBLISHED}, None),
        ({PRESENT.public: "", EARLIER.public: "2027-01-31"}, None),
        ({PRESENT.public: "", EARLIER.public: "2026-11-19"}, "used until 2026-11-19"),
        ({PRESENT.public: ""}, "another key"),
    ],
)
def test_a_pack_of_an_earlier_key_holds_in_its_time(tmp_path, keys, said):
    """Said alike by the library and by the file that readers download."""
    files = members(EARLIER)
    if said is None:
        Bundle(files).check(keys)
    else:
        with pytest.raises(Fault, match=said):
            Bundle(files).check(keys)
    verifier, pack = tmp_path / "verify-pack.py", tmp_path / "pack.zip"
    verifier.write_bytes(bundle.verifier(keys))
    pack.write_bytes(zipped(files))
    done = subprocess.run(
        [sys.executable, "-I", "-S", verifier, pack], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("BROKEN" if said else "INTACT"), done
    if said is None:
        assert f"Signed with {EARLIER.public}, used until {keys[EARLIER.public]}" in done.stdout
        assert heads.SiteKey(EARLIER.public, None).fingerprint in done.stdout


@pytest.fixture
def turned(world, monkeypatch):
    """A pack and a head of the key of before; then turns the key, with that as its last day."""
    monkeypatch.setattr(heads, "_key", heads._key)
    monkeypatch.setattr(heads, "_earlier", {})
    monkeypatch.setattr(storage, "put_named", lambda *kept: None)
    published.plain_board(monkeypatch)
    pack_id = published.publish(world, published.confirm(world))
    with world.acting("alice") as alice:
        heads.keep_todays(actor=alice, on=alice.today)
        db.session.commit()
    before = heads.public_key()

    def turn(last: date | None = date.max):
        heads.configure(secrets.token_hex(32), {before: last} if last else None)
        return pack_id

    return turn


def checked(world, pack_id):
    with world.acting("cora") as cora:
        return kept.check(db.session.get(Pack, (cora.org_id, pack_id)))


def test_after_turning_the_packs_and_the_trail_of_before_still_hold(world, turned):
    pack_id, before = turned(), heads.site_keys()[1]
    assert checked(world, pack_id).intact
    assert checkup.run(checkup.signing_keys) is None
    page = world.client("carol").get("/portal/verify").text
    assert before.key in page and before.fingerprint in page and "Used until" in page
    verifier = world.client("carol").get("/portal/verifier").text
    assert f'"{before.key}": "9999-12-31"' in verifier
    with world.acting("alice") as alice, export.export(actor=alice, name="x.zip") as made:
        trail = made.read()
    assert f'"{before.key}": "9999-12-31"' in export.verifier().decode()
    with zipfile.ZipFile(io.BytesIO(trail)) as archive:
        found = Export({name: archive.read(name) for name in archive.namelist()})
    found.check(heads.keys())
    with pytest.raises(Fault, match="another key"):
        found.check({heads.public_key(): ""})


@pytest.mark.parametrize(
    ("last", "words"), [(None, "is not known"), (date(2026, 1, 31), "after its last day")]
)
def test_a_key_that_is_not_listed_or_out_of_its_time_is_named_by_the_doctor(
    world, turned, last, words
):
    pack_id = turned(last)
    assert not checked(world, pack_id).intact
    assert words in checkup.run(checkup.signing_keys)


def test_the_setting_takes_keys_and_days(monkeypatch):
    one, other = "ab" * 32, "cd" * 32
    monkeypatch.setenv("CAREBOARD_EARLIER_KEYS", f"{one}:2026-11-21, {other}:2027-11-21")
    found = Settings.from_environment().earlier_keys
    assert found == {one: date(2026, 11, 21), other: date(2027, 11, 21)}


@pytest.mark.parametrize("wrong", ["ab", "ab" * 32, "ab" * 32 + ":soon", "xy" * 32 + ":2026-11-21"])
def test_a_setting_that_is_no_key_and_day_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("CAREBOARD_EARLIER_KEYS", wrong)
    with pytest.raises(ConfigurationError, match="EARLIER_KEYS"):
        Settings.from_environment()
