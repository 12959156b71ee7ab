"""The whole audit trail to take away, with what is needed to check it elsewhere, offline."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import IO, Any

from sqlalchemy import text

from careboard import audit_verifier
from careboard.audit_log import heads
from careboard.audit_log.queries import Event
from careboard.config import ROOT
from careboard.db import db
from careboard.imports.privacy import neutralise_formula
from careboard.tenancy import Actor

VERIFIER = "verify.py"
_HEADINGS = ("Event", "At (UTC)", "Who", "What", "Subject", "Reference", "Changes", "Hash")
_EVENTS = text(
    "SELECT seq, at, actor, tag, subject, payload, previous, hash FROM audit_event "
    "WHERE org_id = :org AND seq <= :seq ORDER BY seq"
)
_FILES = text(
    "SELECT f.id AS file, f.sha256, f.size, r.evidence_id AS evidence, r.number AS revision "
    "FROM stored_file f LEFT JOIN evidence_revision r ON r.org_id = f.org_id AND r.file_id = f.id "
    "WHERE f.org_id = :org ORDER BY f.created_at, f.id, r.number"
)
_READ_ME = """How to check this audit trail, on any computer with Python 3.9 or newer:

    python3 {verifier} {name}

It walks the chain of events, compares it with every signed head, and needs no network. Take
{verifier} from a copy that you trust. With --key and --head it also holds the trail against what
is printed on the last page of a board pack; see {verifier} --help.
"""


def verifier() -> bytes:
    """The one file that checks an export, with the site's public keys in it."""
    return carrying((ROOT / "careboard" / "audit_verifier.py").read_text(), heads.keys()).encode()


def carrying(source: str, keys: Mapping[str, str]) -> str:
    """A verifier's source with those keys in it."""
    return source.replace("\nKEYS = {}\n", f"\nKEYS = {json.dumps(keys, indent=4)}\n")


def export(*, actor: Actor, name: str) -> IO[bytes]:
    """The trail as a zip of that name, open at its beginning: events, signed heads, hashes of
    files, the verifier, and a signed manifest of them all."""
    head = heads.present(actor.org_id)
    signed = [*heads.kept(actor.org_id), head]
    out = tempfile.TemporaryFile()  # noqa: SIM115  (handed to the caller)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        chain = db.session.execute(_EVENTS, {"org": actor.org_id, "seq": head.seq})
        files = db.session.execute(_FILES, {"org": actor.org_id})
        read_me = _READ_ME.format(verifier=VERIFIER, name=name).encode()
        sums = {
            "events.jsonl": _write(archive, "events.jsonl", map(_line, chain.mappings())),
            "heads.jsonl": _write(archive, "heads.jsonl", map(_line, map(asdict, signed))),
            "files.jsonl": _write(archive, "files.jsonl", map(_line, files.mappings())),
            VERIFIER: _write(archive, VERIFIER, [verifier()]),
            "README.txt": _write(archive, "README.txt", [read_me]),
        }
        manifest = {
            "format": audit_verifier.FORMAT,
            "organisation": str(actor.org_id),
            "seq": head.seq,
            "hash": head.hash,
            "made_at": head.signed_at,
            "key": head.key,
            "files": sums,
        }
        content = json.dumps(manifest, indent=1, sort_keys=True).encode()
        archive.writestr("manifest.json", content)
        archive.writestr("manifest.sig", heads.sign_bytes(content))
    out.seek(0)
    return out


def _line(row: Any) -> bytes:
    return json.dumps(dict(row), default=str, ensure_ascii=False).encode() + b"\n"


def _write(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> str:
    """The SHA-256 of what was written."""
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
    return digest.hexdigest()


def as_csv(found: Iterable[Event]) -> bytes:
    """The events as UTF-8 with a byte-order mark; no cell begins as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADINGS)
    for event in found:
        changes = "; ".join(f"{name}: {old} → {new}" for name, old, new in event.changes)
        cells = (event.seq, event.at.isoformat(), event.who, event.what, event.subject,
                 event.reference, changes, event.hash)  # fmt: skip
        writer.writerow([neutralise_formula(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")
