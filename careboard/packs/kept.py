"""A published pack taken from the store again, and whether it is still what was signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from careboard import audit, pack_verifier, storage
from careboard.audit_log import heads
from careboard.audit_verifier import Fault
from careboard.errors import NotFound
from careboard.pack_verifier import UNREADABLE, Bundle
from careboard.packs import bundle
from careboard.packs.bundle import Attachment

_ATTACHED = "attachments/"


def members(pack: Any) -> dict[str, bytes]:
    """Every file of the bundle of that row of `pack`. Raises NotFound when one is lost."""
    attached = [
        Attachment(line["name"], content_of(pack.org_id, line["sha256"]))
        for line in json.loads(pack.manifest)["files"]
        if line["name"].startswith(_ATTACHED)
    ]
    return bundle.files(
        content=pack.content,
        manifest=pack.manifest,
        key=pack.key,
        signature=pack.signature,
        events=pack.events,
        pdf=content_of(pack.org_id, pack.pdf_sha256),
        attachments=attached,
    )


def zipped(pack: Any) -> bytes:
    """The bundle, the same bytes each time."""
    return pack_verifier.zipped(members(pack))


def content_of(org_id: UUID, sha256: str) -> bytes:
    """A kept file. Raises NotFound."""
    try:
        return storage.get(org_id, sha256)
    except FileNotFoundError as error:
        raise NotFound("The file is not in the store. Tell your administrator.") from error


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the pack is as it was published; `words` say what is not."""

    intact: bool
    words: str


def check(pack: Any) -> Verdict:
    """Hold the pack against its signature, its hashes and the audit trail as it is now."""
    try:
        found = Bundle(members(pack))
        found.check(heads.keys())
        head = found.manifest["head"]
        if head["seq"] and not audit.still_has(pack.org_id, head["seq"], head["hash"]):
            raise Fault(f"event {head['seq']} of the audit trail is no longer the one in the head")
    except NotFound:
        return Verdict(False, "a file of it is not in the store")
    except Fault as fault:
        return Verdict(False, str(fault))
    except UNREADABLE as error:
        return Verdict(False, f"it cannot be read ({type(error).__name__})")
    return Verdict(True, f"{len(found.manifest['files'])} files and the audit trail fit.")
