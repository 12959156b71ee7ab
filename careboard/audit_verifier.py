#!/usr/bin/env python3
"""Checks an export of CareBoard's audit trail. This one file needs only Python 3.9 or newer.

    python3 verify.py EXPORT.zip [--key HEX] [--head EVENT:HASH] [--files FOLDER]

--key    the public key that CareBoard signs with, as printed in a board pack; may be repeated.
         Without it the keys that came with this file count, each in its time; what was signed
         with is printed for you to compare.
--head   an event's number and hash as a witness keeps them (printed in a pack); may be repeated.
--files  a folder with files of evidence, to be found again among the hashes in the export.

Ends with code 0 when all holds, else with code 1 and what is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from datetime import datetime
from pathlib import Path

FORMAT = "careboard-audit-1"
GENESIS = "0" * 64
FIELDS = ("at", "actor", "tag", "subject", "payload")
# The public keys of the site that this file was downloaded from, each with the last day (UTC) on
# which it signed; none for the key in use.
KEYS = {}

# Ed25519 as in RFC 8032, section 5.1; points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(a, b):
    one = (a[1] - a[0]) * (b[1] - b[0]) % P
    two = (a[1] + a[0]) * (b[1] + b[0]) % P
    three = 2 * a[3] * b[3] * D % P
    four = 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def _x_of(y, odd):
    """The x of a point with that y, or None when there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and odd):
        return None
    return P - x if (x & 1) != odd else x


def _point(words):
    number = int.from_bytes(words, "little")
    y, odd = number & (2**255 - 1), number >> 255
    x = _x_of(y, odd)
    return None if x is None else (x, y, 1, x * y % P)


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    """Whether the Ed25519 signature of those bytes was made with that key (both in hex)."""
    try:
        public, mark = bytes.fromhex(key), bytes.fromhex(signature)
    except ValueError:
        return False
    if len(public) != 32 or len(mark) != 64:
        return False
    a, r = _point(public), _point(mark[:32])
    s = int.from_bytes(mark[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(mark[:32] + public + message).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(r, _times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


def link_hash(previous, org, seq, at, actor, tag, subject, payload):
    """The SHA-256 that chains one event to the one before it."""
    parts = (previous, str(org), str(seq), at, actor, tag, subject, payload)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def head_message(org, seq, sha256, signed_at):
    """The bytes that are signed for a head of the chain."""
    return f"careboard-head-1\n{org}\n{seq}\n{sha256}\n{signed_at}".encode()


class Fault(Exception):
    """Something in the export is not as it must be; the first that was found."""


def _must(holds, words):
    if not holds:
        raise Fault(words)


def of_site(keys, key, at):
    """Raise Fault unless that is one of those keys (of none, any will do) and signed in its time;
    `at` is the moment of signing."""
    _must(not keys or key in keys, f"signed with another key: {key}")
    last = keys[key] if keys else ""
    if last:
        day = "{}-{:02}-{:02}".format(*datetime.fromisoformat(at).utctimetuple()[:3])
        _must(day <= last, f"signed {at} with a key that was used until {last}: {key}")


def described(keys, key):
    """A key in words, with its fingerprint to compare."""
    fingerprint = hashlib.sha256(bytes.fromhex(key)).hexdigest()
    until = f", used until {keys[key]}" if keys.get(key) else ""
    return f"{key}{until}\n  fingerprint {fingerprint}"


def _lines(content):
    return [json.loads(line) for line in content.decode().splitlines() if line]


class Export:
    """The unpacked export: `files` by name."""

    def __init__(self, files):
        self.files = files
        _must("manifest.json" in files, "there is no manifest.json")
        self.manifest = json.loads(files["manifest.json"])
        _must(self.manifest.get("format") == FORMAT, "this is no export of an audit trail")

    def check(self, keys=None, witnesses=()):
        """Raise Fault at the first thing that does not hold; `keys` as in KEYS."""
        keys = keys or {}
        self._check_manifest(keys)
        chain = self._check_chain()
        self._check_heads(chain, keys)
        for seq, sha256 in witnesses:
            _must(chain.get(seq) == sha256, f"event {seq} has not the hash that the witness keeps")

    def _check_manifest(self, keys):
        key = self.manifest["key"]
        of_site(keys, key, self.manifest["made_at"])
        mark = self.files.get("manifest.sig", b"").decode("ascii", "replace").strip()
        _must(signed(key, self.files["manifest.json"], mark), "the manifest's signature is wrong")
        named = self.manifest["files"]
        for name in sorted(set(self.files) | set(named)):
            if name in ("manifest.json", "manifest.sig"):
                continue
            _must(name in self.files, f"{name} is missing")
            _must(name in named, f"{name} is not in the manifest")
            found = hashlib.sha256(self.files[name]).hexdigest()
            _must(found == named[name], f"{name} is not the file that was exported")

    def _check_chain(self):
        org, previous, chain = self.manifest["organisation"], GENESIS, {0: GENESIS}
        for place, event in enumerate(_lines(self.files["events.jsonl"]), 1):
            found = f"event {event['seq']} ({event['tag']})"
            _must(event["seq"] == place, f"{found} stands in place {place}")
            _must(event["previous"] == previous, f"{found} does not follow the one before it")
            right = link_hash(previous, org, place, *(event[field] for field in FIELDS))
            _must(event["hash"] == right, f"{found} was changed: its hash does not fit")
            previous = chain[place] = right
        end = len(chain) - 1
        _must(end == self.manifest["seq"], f"there are {end} events, not {self.manifest['seq']}")
        _must(previous == self.manifest["hash"], "the last event is not the one that was exported")
        return chain

    def _check_heads(self, chain, keys):
        org = self.manifest["organisation"]
        for head in _lines(self.files["heads.jsonl"]):
            seq, sha256, signed_at, key = head["seq"], head["hash"], head["signed_at"], head["key"]
            found = f"the head of {signed_at}"
            _must(head["org"] == org, f"{found} is another organisation's")
            of_site(keys, key, signed_at)
            message = head_message(org, seq, sha256, signed_at)
            _must(signed(key, message, head["signature"]), f"{found} has a wrong signature")
            _must(seq in chain, f"{found} knows event {seq}, which is not there")
            _must(chain[seq] == sha256, f"event {seq} was another when {found} was signed")


def opened(path):
    """The export in a zip or a folder."""
    if path.is_dir():
        return Export({p.name: p.read_bytes() for p in path.iterdir() if p.is_file()})
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        _must(len(names) == len(set(names)), "a name stands twice in the zip")
        return Export({name: archive.read(name) for name in names})


def strangers(export, folder):
    """Files in the folder whose content is not among the hashes in the export."""
    known = {line["sha256"] for line in _lines(export.files["files.jsonl"])}
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return [p for p in files if hashlib.sha256(p.read_bytes()).hexdigest() not in known]


def _witness(words):
    seq, _, sha256 = words.partition(":")
    return int(seq), sha256


def main(arguments=None):
    """Check what the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(description="Checks an export of CareBoard's audit trail.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--head", action="append", default=[], type=_witness)
    parser.add_argument("--files", type=Path)
    given = parser.parse_args(arguments)
    say, keys = sys.stdout.write, dict.fromkeys(given.key, "") or KEYS
    try:
        export = opened(given.export)
        export.check(keys, given.head)
        for stranger in strangers(export, given.files) if given.files else ():
            raise Fault(f"{stranger} is not among the files of the export")
    except Fault as fault:
        say(f"BROKEN: {fault}\n")
        return 1
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        say(f"BROKEN: it cannot be read ({type(error).__name__}: {error})\n")
        return 1
    heads = _lines(export.files["heads.jsonl"])
    say(f"{export.manifest['seq']} events, chain intact; {len(heads)} signed heads, all fit.\n")
    if not given.key:
        used = sorted({export.manifest["key"], *(head["key"] for head in heads)})
        say("".join(f"Signed with {described(keys, key)}\n" for key in used))
        say("Compare with the key in a printed pack.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
