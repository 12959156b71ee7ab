"""The files of a pack that a reader takes away, as they lie in the store under their hashes."""

from __future__ import annotations

from careboard.audit_log import heads
from careboard.packs import bundle, kept
from careboard.packs.bundle import VERIFIER
from careboard.portal.reading import Attached, Opened

__all__ = ["VERIFIER", "attached", "everything", "pdf", "verifier"]


def pdf(opened: Opened) -> bytes:
    """The pack on paper. Raises NotFound when the store has lost it, as `attached` does."""
    return kept.content_of(opened.pack.org_id, opened.pack.pdf_sha256)


def attached(opened: Opened, one: Attached) -> bytes:
    """What was put beside it by hand."""
    return kept.content_of(opened.pack.org_id, one.sha256)


def everything(opened: Opened) -> bytes:
    """The zip that the verifier checks; the same bytes each time."""
    return kept.zipped(opened.pack)


def verifier() -> bytes:
    """The one file that checks a pack, with CareBoard's public keys in it."""
    return bundle.verifier(heads.keys())
