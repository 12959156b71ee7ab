"""The end of the audit chain, signed and kept where a database administrator cannot reach it.

Whoever rewrites the whole chain can make it fit again, but not the heads that were signed before.
Source: issue "Ground that holds", Audit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from careboard import audit, clock, storage
from careboard.audit_log.models import SignedHead
from careboard.audit_verifier import GENESIS, head_message, signed
from careboard.db import db
from careboard.tenancy import Actor

FOLDER = "heads"
_key: Ed25519PrivateKey | None = None
_earlier: dict[str, date] = {}
log = structlog.get_logger()


def configure(seed: str, earlier: Mapping[str, date] | None = None) -> None:
    """Sign with the Ed25519 key of that seed (64 hexadecimal digits). `earlier` are public keys
    that were used before, each with the last day (UTC) on which it signed."""
    global _key, _earlier
    _key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    _earlier = {key: day for key, day in (earlier or {}).items() if key != public_key()}


def public_key() -> str:
    """The key that signatures are checked with, in hex."""
    return _opened().public_key().public_bytes_raw().hex()


def site_keys() -> list[SiteKey]:
    """Every key that this site signs or has signed with: the present one, then the latest first."""
    before = sorted(_earlier.items(), key=lambda item: item[1], reverse=True)
    return [SiteKey(public_key(), None), *(SiteKey(key, day) for key, day in before)]


def keys() -> dict[str, str]:
    """The same as the verifiers carry them (`audit_verifier.KEYS`)."""
    return {one.key: str(one.until or "") for one in site_keys()}


def sign_bytes(content: bytes) -> str:
    """The signature of those bytes, in hex."""
    return _opened().sign(content).hex()


def _opened() -> Ed25519PrivateKey:
    if _key is None:
        raise RuntimeError("heads.configure has not been called.")
    return _key


@dataclass(frozen=True, slots=True)
class SiteKey:
    """A public key in hex, and the last day on which it signed; None: it is in use."""

    key: str
    until: date | None

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(bytes.fromhex(self.key)).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """An event's number and hash, and who says so since when."""

    org: str
    seq: int
    hash: str
    signed_at: str
    key: str
    signature: str

    @property
    def genuine(self) -> bool:
        """Whether the signature was made with the key that the head names."""
        message = head_message(self.org, self.seq, self.hash, self.signed_at)
        return signed(self.key, message, self.signature)


_HEAD = text("SELECT seq, hash FROM audit_head WHERE org_id = :org")


def present(org_id: UUID) -> Head:
    """The chain's end as it is now, signed; event 0 where nothing has happened."""
    found = db.session.execute(_HEAD, {"org": org_id}).one_or_none()
    seq, sha256 = (found.seq, found.hash) if found else (0, GENESIS)
    signed_at = clock.utc_now().isoformat(timespec="seconds")
    signature = sign_bytes(head_message(org_id, seq, sha256, signed_at))
    return Head(str(org_id), seq, sha256, signed_at, public_key(), signature)


def kept(org_id: UUID) -> list[Head]:
    """Every head that was signed, by event: what the store has and what the database has."""
    outside = [Head(**json.loads(content)) for content in storage.named(org_id, FOLDER)]
    rows = db.session.scalars(select(SignedHead).where(SignedHead.org_id == org_id))
    inside = [
        Head(str(row.org_id), row.seq, row.hash, row.signed_at, row.key, row.signature)
        for row in rows
    ]
    return sorted({*outside, *inside}, key=lambda head: (head.seq, head.signed_at))


def last(org_id: UUID) -> SignedHead | None:
    """The newest head that the database has."""
    of_org = select(SignedHead).where(SignedHead.org_id == org_id)
    return db.session.scalar(of_org.order_by(SignedHead.on_date.desc()).limit(1))


def first_unfit(org_id: UUID, heads: Iterable[Head]) -> Head | None:
    """The first head that is not genuine or that the chain no longer has; None if all fit."""
    for head in heads:
        own = head.org == str(org_id) and head.genuine
        if not (own and audit.still_has(org_id, head.seq, head.hash)):
            return head
    return None


def keep_todays(*, actor: Actor, on: date) -> Head | None:
    """Sign the chain's end for that day and keep it in the store and the database.

    None, and nothing is signed, when the day has one already or when an earlier head no longer
    fits: a chain that was rewritten must not be given a fresh signature.
    """
    of_day = SignedHead.org_id == actor.org_id, SignedHead.on_date == on
    if db.session.scalar(select(SignedHead.id).where(*of_day)):
        return None
    unfit = first_unfit(actor.org_id, kept(actor.org_id))
    if unfit is not None:
        log.error("the audit chain was rewritten", organisation=str(actor.org_id), at=unfit.seq)
        return None
    head = present(actor.org_id)
    storage.put_named(actor.org_id, f"{FOLDER}/{on}.json", json.dumps(asdict(head)).encode())
    values = {
        name: getattr(head, name) for name in ("seq", "hash", "signed_at", "key", "signature")
    }
    db.session.add(SignedHead(org_id=actor.org_id, on_date=on, **values))
    db.session.flush()
    return head


_WITHOUT = text("SELECT org_id FROM app.organisations_without_head(:on)")


def organisations_without(on: date) -> list[UUID]:
    """Organisations in which something has happened since their last head, and that have none of
    that day."""
    return list(db.session.execute(_WITHOUT, {"on": on}).scalars())
