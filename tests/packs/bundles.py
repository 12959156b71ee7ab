"""A signed bundle made without a database, for tests of the verifier."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from careboard.audit_log.heads import Head
from careboard.audit_verifier import GENESIS, head_message, link_hash
from careboard.pack_verifier import event_line
from careboard.packs import bundle
from careboard.packs.bundle import Attachment, Facts
from careboard.packs.content import suppressed, to_json
from tests.packs.contents import example

ORG = "01900000-0000-7000-8000-000000000001"
SUBJECT = "01900000-0000-7000-8000-000000000002"
PACK = "01900000-0000-7000-8000-000000000003"
AT = "2026-11-20T09:00:00+00:00"


class Signer:
    """An Ed25519 key and what it signs."""

    def __init__(self, seed: int = 1) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> str:
        return self._key.sign(content).hex()


def chain(length: int = 6) -> list[dict]:
    """Events of which every second is about the subject."""
    events, previous = [], GENESIS
    for seq in range(1, length + 1):
        event = {
            "seq": seq,
            "at": AT,
            "actor": "careboard",
            "tag": "update:drafted",
            "subject": SUBJECT if seq % 2 == 0 else ORG,
            "payload": json.dumps({"after": {"n": seq}, "before": {}}),
        }
        fields = (event[name] for name in ("at", "actor", "tag", "subject", "payload"))
        event |= {"previous": previous, "hash": link_hash(previous, ORG, seq, *fields)}
        previous = event["hash"]
        events.append(event)
    return events


def head_of(events: list[dict], signer: Signer) -> Head:
    seq, sha256 = events[-1]["seq"], events[-1]["hash"]
    mark = signer.sign(head_message(ORG, seq, sha256, AT))
    return Head(ORG, seq, sha256, AT, signer.public, mark)


def members(signer: Signer | None = None, events: list[dict] | None = None) -> dict[str, bytes]:
    """The files of a bundle with two attachments."""
    signer, events = signer or Signer(), events or chain()
    parts = {
        "content": to_json(suppressed(example())),
        "pdf": b"%PDF-1.7 no real paper",
        "events": "".join(event_line(e) for e in events if e["subject"] == SUBJECT),
        "attachments": [
            Attachment(bundle.attachment_name(1, "audit.csv"), b"a,b\n1,2\n"),
            Attachment(bundle.attachment_name(2, "Prüfung.pdf"), b"%PDF-1.4"),
        ],
    }
    facts = Facts(
        id=PACK,
        reference="PCK-0001",
        kind="update",
        title="Recovery update 1",
        provider="Oakfield Care",
        service="Birchwood House",
        organisation=ORG,
        published_at=AT,
        published_on="2026-11-20",
        trail=(SUBJECT,),
        supersedes=None,
        evidence=({"reference": "EV-0001", "sha256": "ab" * 32},),
    )
    manifest = bundle.manifest(facts, head=head_of(events, signer), **parts)
    return bundle.files(
        manifest=manifest, key=signer.public, signature=signer.sign(manifest.encode()), **parts
    )
