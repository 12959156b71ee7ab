"""A published pack as one zip, which can be checked without CareBoard."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from careboard import pack_verifier
from careboard.audit_log.export import carrying
from careboard.audit_log.heads import Head
from careboard.clock import day_words
from careboard.config import ROOT
from careboard.pack_verifier import canonical, sha256_of

VERIFIER = "verify-pack.py"
_READ_ME = """{reference}: {title}
Published by {provider} on {on}.

pack.pdf is for reading; content.json says the same for machines. What was attached by hand lies
in “attachments”. Nothing of it can be changed without being noticed. To check that, on any
computer with Python 3.9 or newer and without a network:

    python3 {verifier} {reference}.zip

Take {verifier} from the portal, page “How to check a pack”, not from whoever gave you this file.
manifest.json lists every file with its SHA-256 and is signed in signature.json (Ed25519).
head.json is the end of the provider's audit trail just before publication, signed; events.jsonl
are the events of what this pack is about, each with the hash that chains it to the one before.
"""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was attached, by its name in the bundle."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What the manifest says of a pack besides its files."""

    id: str
    reference: str
    kind: str
    title: str
    provider: str
    service: str
    organisation: str
    published_at: str
    published_on: str
    trail: Sequence[str]
    supersedes: dict[str, str] | None
    evidence: Sequence[dict[str, Any]]


def manifest(
    facts: Facts,
    *,
    head: Head,
    content: str,
    pdf: bytes,
    events: str,
    attachments: Sequence[Attachment],
) -> str:
    """The manifest's exact text. It carries the words of the read-me and of the head too, so that
    the bundle can be made again from it, byte for byte."""
    on = date.fromisoformat(facts.published_on)
    read_me = _READ_ME.format(
        reference=facts.reference,
        title=facts.title,
        provider=facts.provider,
        on=day_words(on),
        verifier=VERIFIER,
    )
    about = {"format": pack_verifier.PACK_FORMAT, **asdict(facts)}
    about |= {"head": asdict(head), "read_me": read_me}
    files = _members(about, content, events, pdf, attachments)
    lines = [{"name": name, "sha256": sha256_of(data), "size": len(data)} for name, data in files]
    return canonical(about | {"files": lines})


def attachment_name(number: int, file_name: str) -> str:
    """Where the attachment of that number, from 1, lies in the bundle."""
    return f"attachments/{number:02d}-{file_name}"


def _members(
    about: dict[str, Any],
    content: str,
    events: str,
    pdf: bytes,
    attachments: Sequence[Attachment],
) -> Iterator[tuple[str, bytes]]:
    yield pack_verifier.CONTENT, content.encode()
    yield pack_verifier.PDF, pdf
    yield pack_verifier.EVENTS, events.encode()
    yield pack_verifier.HEAD, canonical(about["head"]).encode()
    yield pack_verifier.READ_ME, about["read_me"].encode()
    for one in attachments:
        yield one.name, one.content


def files(
    *,
    content: str,
    manifest: str,
    key: str,
    signature: str,
    events: str,
    pdf: bytes,
    attachments: Sequence[Attachment],
) -> dict[str, bytes]:
    """Every file of the bundle by name, in its order."""
    about = json.loads(manifest)
    return {
        pack_verifier.MANIFEST: manifest.encode(),
        pack_verifier.SIGNATURE: canonical({"key": key, "signature": signature}).encode(),
        **dict(_members(about, content, events, pdf, attachments)),
    }


def verifier(keys: Mapping[str, str]) -> bytes:
    """The one file that checks a pack, with those public keys in it (`heads.keys`)."""
    audit = (ROOT / "careboard" / "audit_verifier.py").read_text()
    pack = (ROOT / "careboard" / "pack_verifier.py").read_text()
    first, own = pack.split("from __future__ import annotations\n", 1)
    shared = audit.split("from __future__ import annotations\n", 1)[1].split("\ndef _witness(")[0]
    imported = next(
        ast.get_source_segment(pack, node)
        for node in ast.parse(pack).body
        if isinstance(node, ast.ImportFrom) and node.module == "careboard.audit_verifier"
    )
    own = own.replace(f"{imported}\n", "")
    shared = carrying(shared, keys)
    return f"{first}from __future__ import annotations\n{shared}\n{own}".encode()
