"""Whatever is done to a published pack, the one-file verifier says so from the pack alone."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careboard.audit_verifier import Fault, head_message, link_hash
from careboard.pack_verifier import (
    UNREADABLE,
    Bundle,
    canonical,
    event_line,
    read_zip,
    sha256_of,
    zipped,
)
from careboard.packs import bundle
from tests.packs.bundles import ORG, SUBJECT, Signer, chain, members

SITE = Signer()
KNOWN = {SITE.public: ""}
WHOLE = members(SITE)
NAMES = list(WHOLE)


def verdict(files: dict[str, bytes], keys=KNOWN) -> str | None:
    """None for intact, else what is wrong."""
    try:
        Bundle(files).check(keys)
    except Fault as fault:
        return str(fault)
    except UNREADABLE as error:
        return type(error).__name__
    return None


def resigned(files: dict[str, bytes], change, signer: Signer) -> dict[str, bytes]:
    """With the manifest changed, all hashes set right again and signed by somebody."""
    about = json.loads(files["manifest.json"])
    change(about)
    for line in about["files"]:
        if line["name"] in files:
            content = files[line["name"]]
            line |= {"sha256": sha256_of(content), "size": len(content)}
    manifest = canonical(about)
    mark = {"key": signer.public, "signature": signer.sign(manifest.encode())}
    return {
        **files,
        "manifest.json": manifest.encode(),
        "signature.json": canonical(mark).encode(),
    }


def test_what_was_published_is_intact():
    assert verdict(WHOLE) is None
    assert verdict(members(SITE, chain(2))) is None


def test_the_same_files_give_the_same_zip():
    assert zipped(WHOLE) == zipped(members(SITE))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_any_byte_changed_anywhere(name, data):
    content = WHOLE[name]
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    changed = content[:place] + bytes([other]) + content[place + 1 :]
    for keys in ((SITE.public,), ()):
        assert verdict({**WHOLE, name: changed}, keys) is not None


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=40), st.integers(0, 4_000))
def test_anything_put_in(name, more, place):
    content = WHOLE[name]
    changed = content[:place] + (more or b"\n") + content[place:]
    assert verdict({**WHOLE, name: changed}) is not None


@settings(max_examples=100, deadline=None)
@given(st.permutations(NAMES))
def test_files_in_another_order(names):
    wrong = verdict({name: WHOLE[name] for name in names})
    assert (wrong is None) is (names == NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_any_file_taken_out_or_renamed(name):
    without = {other: content for other, content in WHOLE.items() if other != name}
    assert "missing" in verdict(without)
    assert "missing" in verdict({**without, f"{name}.old": WHOLE[name]})


def test_a_file_put_in():
    assert verdict({**WHOLE, "attachments/03-more.csv": b"x"}) == (
        "attachments/03-more.csv was added: it is not in the manifest"
    )


def test_content_changed_and_hashed_again_without_the_key():
    changed = {**WHOLE, "content.json": WHOLE["content.json"].replace(b"Improving", b"Excellent")}
    assert "was changed" in verdict(changed)
    rehashed = resigned(changed, lambda about: None, SITE)
    rehashed["signature.json"] = WHOLE["signature.json"]
    assert verdict(rehashed) == "the manifest was changed: its signature does not fit"


def test_signed_again_with_another_key():
    other = Signer(2)
    forged = resigned(WHOLE, lambda about: about.update(title="Other"), other)
    assert "another key" in verdict(forged)
    assert verdict(forged, ()) == "the head is signed with another key than the pack"


def _with_events(events: list[dict]) -> dict[str, bytes]:
    lines = "".join(event_line(event) for event in events).encode()
    return resigned({**WHOLE, "events.jsonl": lines}, lambda about: None, SITE)


def _events() -> list[dict]:
    return [event for event in chain() if event["subject"] == SUBJECT]


def test_an_event_altered_under_a_right_signature():
    events = _events()
    events[0]["payload"] = events[0]["payload"].replace("2", "9")
    assert "its hash does not fit" in verdict(_with_events(events))


def test_events_reordered_or_twice_under_a_right_signature():
    events = _events()
    assert "out of order" in verdict(_with_events(events[::-1]))
    assert "out of order" in verdict(_with_events([events[0], *events]))


def test_an_event_of_something_else_or_after_the_head():
    stranger = next(event for event in chain() if event["subject"] == ORG)
    assert "about something else" in verdict(_with_events([stranger]))
    late = [event for event in chain(8) if event["subject"] == SUBJECT]
    assert "comes after the head" in verdict(_with_events(late))


def test_the_last_event_rewritten_does_not_fit_the_head():
    events = _events()
    last = events[-1]
    last["payload"] = last["payload"].replace("6", "7")
    given_ = (last[name] for name in ("at", "actor", "tag", "subject", "payload"))
    last["hash"] = link_hash(last["previous"], ORG, last["seq"], *given_)
    assert "is not the head's event" in verdict(_with_events(events))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("hash", "0" * 64, "the head's signature does not fit"),
        ("seq", 7, "the head's signature does not fit"),
        ("org", SUBJECT, "the head is another organisation's"),
    ],
)
def test_a_head_that_does_not_fit(field, value, said):
    head = {**json.loads(WHOLE["head.json"]), field: value}
    files = {**WHOLE, "head.json": canonical(head).encode()}
    assert said in verdict(resigned(files, lambda about: about.update(head=head), SITE))
    assert "is not the manifest's head" in verdict(resigned(files, lambda about: None, SITE))


def test_a_head_of_another_event_signed_rightly_is_still_held_against_the_events():
    events = chain()
    mark = SITE.sign(head_message(ORG, 2, events[3]["hash"], "2026-11-20T09:00:00+00:00"))
    head = {**json.loads(WHOLE["head.json"]), "seq": 2, "hash": events[3]["hash"]}
    head["signature"] = mark
    files = {**WHOLE, "head.json": canonical(head).encode()}
    assert "is not the head's event" in verdict(
        resigned(files, lambda about: about.update(head=head), SITE)
    )


# ---- The one file, as it is downloaded


@pytest.fixture(scope="module")
def verifier(tmp_path_factory):
    path = tmp_path_factory.mktemp("verifier") / bundle.VERIFIER
    path.write_bytes(bundle.verifier(KNOWN))
    return path


def run(verifier, *arguments) -> tuple[int, str]:
    command = [sys.executable, "-I", str(verifier), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_downloaded_file_needs_the_standard_library_alone(verifier):
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(verifier.read_text()))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names) and "careboard" not in imported


def test_it_says_intact_and_what_is_broken(verifier, tmp_path):
    pack = tmp_path / "pack.zip"
    pack.write_bytes(zipped(WHOLE))
    code, said = run(verifier, pack)
    assert code == 0 and said.startswith("INTACT: PCK-0001, Recovery update 1, of Oakfield Care")
    pack.write_bytes(zipped({**WHOLE, "pack.pdf": b"%PDF other"}))
    assert run(verifier, pack) == (
        1,
        "BROKEN: pack.pdf was changed: it is not the file that was published\n",
    )
    assert "another key" in run(verifier, pack, "--key", "00" * 32)[1]
    pack.write_bytes(b"PK no zip")
    assert run(verifier, pack)[1].startswith("BROKEN: it cannot be read")


def test_an_unpacked_folder_may_be_checked_too(verifier, tmp_path):
    for name, content in WHOLE.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert run(verifier, tmp_path / "pack")[0] == 0
    (tmp_path / "pack" / "attachments" / "more.txt").write_text("x")
    assert "was added" in run(verifier, tmp_path / "pack")[1]


PACKED = zipped(WHOLE)


def of_zip(packed: bytes) -> str | None:
    """None for intact, else what is wrong."""
    try:
        Bundle(read_zip(packed), packed=packed).check(KNOWN)
    except Fault as fault:
        return str(fault)
    except UNREADABLE as error:
        return type(error).__name__
    return None


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(PACKED) - 1), st.integers(1, 255))
def test_any_byte_of_the_zip_itself_changed(place, by):
    changed = bytearray(PACKED)
    changed[place] ^= by
    assert of_zip(bytes(changed)) is not None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(PACKED)), st.binary(min_size=1, max_size=40))
def test_anything_put_into_the_zip(place, more):
    assert of_zip(PACKED[:place] + more + PACKED[place:]) is not None


def _packed_otherwise(change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in WHOLE.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 11, 20, 9, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            change(archive, entry)
            archive.writestr(entry, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda archive, entry: setattr(archive, "comment", b"All is well."),
        lambda archive, entry: setattr(entry, "comment", b"All is well."),
        lambda archive, entry: setattr(entry, "extra", b"\x01\x99\x02\x00hi"),
        lambda archive, entry: setattr(entry, "external_attr", 0o120777 << 16),
    ],
    ids=["comment", "comment of a file", "extra field", "links instead of files"],
)
def test_a_zip_that_holds_more_than_its_files(change):
    assert _packed_otherwise(lambda archive, entry: None) == PACKED
    said = "the zip is not as it was published: it holds more than its files"
    assert of_zip(_packed_otherwise(change)) == said
    for more in (b"#!/bin/sh\n" + PACKED, PACKED[:-22] + b"more" + PACKED[-22:]):
        assert of_zip(more) is not None


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_would_unpack_to_more_than_its_size_is_not_unpacked(kind):
    packed = _packed_otherwise(lambda archive, entry: setattr(entry, "compress_type", kind))
    assert of_zip(packed) == "the zip was packed anew: unpack it and check the folder"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice(verifier, tmp_path):
    pack = tmp_path / "pack.zip"
    pack.write_bytes(zipped(WHOLE))
    with zipfile.ZipFile(pack, "a") as archive:
        archive.writestr("pack.pdf", b"%PDF other")
    assert run(verifier, pack) == (1, "BROKEN: a name stands twice in the zip\n")


def test_without_a_key_in_the_file_it_says_with_which_it_was_signed(tmp_path):
    path, pack = tmp_path / "v.py", tmp_path / "pack.zip"
    path.write_bytes(bundle.verifier({}))
    pack.write_bytes(zipped(WHOLE))
    assert f"Signed with {SITE.public}" in run(path, pack)[1]
