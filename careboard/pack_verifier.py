#!/usr/bin/env python3
"""Checks a pack that was published from CareBoard. This one file needs only Python 3.9 or newer.

    python3 verify-pack.py PACK.zip [--key HEX] [--chain EXPORT.zip]

PACK     the bundle as it was downloaded, or a folder that it was unpacked into.
--key    the public key that CareBoard signs with; may be repeated. Without it the keys that came
         with this file count, each in its time; what was signed with is printed for you to compare.
--chain  an export of the provider's audit trail: it must hold the publication of this very pack.

Ends with code 0 and INTACT when all holds, else with code 1 and what is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

from careboard.audit_verifier import (
    FIELDS,
    KEYS,
    Fault,
    _must,
    described,
    head_message,
    link_hash,
    of_site,
    opened,
    signed,
)

PACK_FORMAT = "careboard-pack-1"
MANIFEST, SIGNATURE, CONTENT, PDF = "manifest.json", "signature.json", "content.json", "pack.pdf"
EVENTS, HEAD, READ_ME = "events.jsonl", "head.json", "README.txt"
UNREADABLE = (
    *(KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, RecursionError),
    *(RuntimeError, zipfile.BadZipFile, zlib.error),
)


def canonical(value):
    """The one spelling of a document that hashes and signatures are made of."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def event_line(event):
    """The one spelling of an event of the audit trail, a line of events.jsonl."""
    return canonical(event) + "\n"


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def _as_spelt(name, content):
    """The document in those bytes, which must be its one spelling."""
    value = json.loads(content.decode())
    _must(canonical(value).encode() == content, f"{name} is not spelt as it was published")
    return value


class Bundle:
    """An unpacked pack: `files` by name, in the order of the zip (`ordered` False for a folder);
    `packed` are the bytes of the zip that they came in."""

    def __init__(self, files, ordered=True, packed=None):
        for name in (MANIFEST, SIGNATURE):
            _must(name in files, f"{name} is missing")
        self.files, self.ordered, self.packed = files, ordered, packed
        self.manifest = _as_spelt(MANIFEST, files[MANIFEST])
        _must(self.manifest.get("format") == PACK_FORMAT, "this is no pack of CareBoard")

    def check(self, keys=None):
        """Raise Fault at the first thing that does not hold; `keys` as in KEYS."""
        self._check_signature(keys or {})
        self._check_files()
        self._check_head()
        self._check_events()
        as_published = self.packed is None or self.packed == zipped(self.files)
        _must(as_published, "the zip is not as it was published: it holds more than its files")

    def _check_signature(self, keys):
        mark = _as_spelt(SIGNATURE, self.files[SIGNATURE])
        key, signature = mark["key"], mark["signature"]
        _must(set(mark) == {"key", "signature"}, f"{SIGNATURE} holds more than it should")
        of_site(keys, key, self.manifest["published_at"])
        for said in (key, signature):
            _must(
                said == bytes.fromhex(said).hex(), f"{SIGNATURE} is not spelt as it was published"
            )
        _must(
            signed(key, self.files[MANIFEST], signature),
            "the manifest was changed: its signature does not fit",
        )

    def _check_files(self):
        named = {line["name"]: line for line in self.manifest["files"]}
        others = [name for name in self.files if name not in (MANIFEST, SIGNATURE)]
        for name, line in named.items():
            _must(name in self.files, f"{name} is missing")
            content = self.files[name]
            right = sha256_of(content) == line["sha256"] and len(content) == line["size"]
            _must(right, f"{name} was changed: it is not the file that was published")
        for name in others:
            _must(name in named, f"{name} was added: it is not in the manifest")
        order = [MANIFEST, SIGNATURE, *named]
        _must(not self.ordered or list(self.files) == order, "the files stand in another order")

    def _check_head(self):
        head = self.manifest["head"]
        _must(canonical(head).encode() == self.files[HEAD], f"{HEAD} is not the manifest's head")
        _must(head["org"] == self.manifest["organisation"], "the head is another organisation's")
        key = json.loads(self.files[SIGNATURE])["key"]
        _must(head["key"] == key, "the head is signed with another key than the pack")
        message = head_message(head["org"], head["seq"], head["hash"], head["signed_at"])
        _must(signed(key, message, head["signature"]), "the head's signature does not fit")

    def events(self):
        """The events of the pack's subject, oldest first."""
        return [json.loads(line) for line in self.files[EVENTS].decode().split("\n") if line]

    def _check_events(self):
        org, head, before = self.manifest["organisation"], self.manifest["head"], None
        spelt = "".join(event_line(event) for event in self.events())
        _must(spelt.encode() == self.files[EVENTS], f"{EVENTS} is not spelt as it was published")
        for event in self.events():
            seq, found = event["seq"], f"event {event['seq']} ({event['tag']})"
            given = (event[field] for field in FIELDS)
            right = link_hash(event["previous"], org, seq, *given)
            _must(event["hash"] == right, f"{found} was changed: its hash does not fit")
            _must(event["subject"] in self.manifest["trail"], f"{found} is about something else")
            _must(before is None or seq > before["seq"], f"{found} stands out of order")
            follows = before is None or seq != before["seq"] + 1
            follows = follows or event["previous"] == before["hash"]
            _must(follows, f"{found} does not follow the one before it")
            _must(seq <= head["seq"], f"{found} comes after the head")
            _must(seq < head["seq"] or right == head["hash"], f"{found} is not the head's event")
            before = event

    def check_chain(self, export, keys=None):
        """Raise Fault unless the exported audit trail holds what the pack says of it."""
        export.check(keys)
        org, head = self.manifest["organisation"], self.manifest["head"]
        _must(export.manifest["organisation"] == org, "the audit trail is another organisation's")
        lines = [json.loads(line) for line in export.files[EVENTS].decode().splitlines() if line]
        chain = {event["seq"]: event for event in lines}
        if head["seq"]:
            _must(head["seq"] in chain, f"the audit trail ends before event {head['seq']}")
            fits = chain[head["seq"]]["hash"] == head["hash"]
            _must(fits, f"event {head['seq']} of the audit trail is not the one in the pack's head")
        for event in self.events():
            fits = chain[event["seq"]]["hash"] == event["hash"]
            _must(fits, f"event {event['seq']} of the audit trail is not the one in the pack")
        sha256 = sha256_of(self.files[MANIFEST])
        published = [
            event
            for event in lines
            if event["tag"] == "pack:published"
            and event["subject"] == self.manifest["id"]
            and json.loads(event["payload"])["after"]["manifest_sha256"] == sha256
        ]
        _must(len(published) == 1, "the audit trail knows nothing of this publication")
        _must(published[0]["seq"] > head["seq"], "the publication comes before the pack's head")


def unpacked(path):
    """The pack in a zip or a folder."""
    if path.is_dir():
        names = sorted(one for one in path.rglob("*") if one.is_file())
        files = {one.relative_to(path).as_posix(): one.read_bytes() for one in names}
        return Bundle(files, ordered=False)
    packed = path.read_bytes()
    return Bundle(read_zip(packed), packed=packed)


def read_zip(packed):
    """The files in the bytes of a zip by name, in their order. Raises Fault where a name stands
    twice, or a file would unpack to more than it takes there."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        found = archive.infolist()
        names = [one.filename for one in found]
        _must(len(names) == len(set(names)), "a name stands twice in the zip")
        stored = all(one.compress_type == zipfile.ZIP_STORED for one in found)
        fits = sum(one.file_size for one in found) < len(packed)
        _must(stored and fits, "the zip was packed anew: unpack it and check the folder")
        return {name: archive.read(name) for name in names}


def zipped(files):
    """The one zip of those files: nothing in it is compressed, so that every computer makes the
    same bytes."""
    at = datetime.fromisoformat(json.loads(files[MANIFEST])["published_at"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def main(arguments=None):
    """Check what the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(description="Checks a pack published from CareBoard.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--chain", type=Path)
    given = parser.parse_args(arguments)
    say = sys.stdout.write
    keys = dict.fromkeys(given.key, "") or KEYS
    try:
        bundle = unpacked(given.pack)
        bundle.check(keys)
        if given.chain:
            bundle.check_chain(opened(given.chain), keys)
    except Fault as fault:
        say(f"BROKEN: {fault}\n")
        return 1
    except UNREADABLE as error:
        say(f"BROKEN: it cannot be read ({type(error).__name__}: {error})\n")
        return 1
    manifest, head = bundle.manifest, bundle.manifest["head"]
    say(f"INTACT: {manifest['reference']}, {manifest['title']}, of {manifest['provider']}, ")
    say(f"published {manifest['published_on']}.\n")
    say(f"{len(manifest['files'])} files, {len(bundle.events())} events; ")
    say(f"the audit trail stood at event {head['seq']}, {head['hash']}.\n")
    if given.chain:
        say("The audit trail holds this publication.\n")
    if not given.key:
        key = json.loads(bundle.files[SIGNATURE])["key"]
        say(f"Signed with {described(keys, key)}\nCompare it with the key that the portal shows.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
