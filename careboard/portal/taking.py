"""The files of a pack that a reader takes away, as they lie in the store under their hashes."""

from __future__ import annotations

from careboard import storage
from careboard.audit_log import heads
from careboard.packs import bundle
from careboard.packs.bundle import VERIFIER, Attachment
from careboard.portal.reading import Attached, Opened

__all__ = ["VERIFIER", "attached", "everything", "pdf", "verifier"]


def pdf(opened: Opened) -> bytes:
    """The pack on paper."""
    return storage.get(opened.pack.org_id, opened.pack.pdf_sha256)


def attached(opened: Opened, one: Attached) -> bytes:
    """What was put beside it by hand."""
    return storage.get(opened.pack.org_id, one.sha256)


def everything(opened: Opened) -> bytes:
    """The zip that the verifier checks; the same bytes each time."""
    pack = opened.pack
    members = bundle.files(
        content=pack.content,
        manifest=pack.manifest,
        key=pack.key,
        signature=pack.signature,
        events=pack.events,
        pdf=pdf(opened),
        attachments=[Attachment(one.name, attached(opened, one)) for one in opened.attachments],
    )
    return bundle.zipped(members, at=pack.published_at)


def verifier() -> bytes:
    """The one file that checks a pack, with CareBoard's public key in it."""
    return bundle.verifier([heads.public_key()])
