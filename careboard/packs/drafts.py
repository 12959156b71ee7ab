"""A pack before it is published: what the commissioner would see, and what stands in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import or_, select, tuple_

from careboard import storage
from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Invalid
from careboard.evidence.models import Evidence, EvidenceRevision
from careboard.imports.models import StoredFile
from careboard.inspection import text_of
from careboard.packs import privacy, sources
from careboard.packs.bundle import Attachment, attachment_name
from careboard.packs.content import Content, hidden_places, suppressed, to_json
from careboard.packs.privacy import Attached, Finding
from careboard.permissions import Permission
from careboard.tenancy import Actor

_TEXTS = ("text/csv", "text/plain")


@dataclass(frozen=True, slots=True)
class Offer:
    """A file of evidence that may be attached. `plain`: CareBoard can read it over."""

    revision_id: UUID
    reference: str
    title: str
    file_name: str
    size: int
    sha256: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """`content` with its small numbers hidden, `hidden` of them; `mark` changes when what it says
    does. `chosen` are the files that would go along, `meant` the links of those it is made for."""

    service_id: UUID | None
    content: Content
    hidden: int
    mark: str
    findings: tuple[Finding, ...]
    offers: tuple[Offer, ...]
    chosen: tuple[Offer, ...]
    meant: tuple[UUID, ...]


def draft(*, actor: Actor, kind: str, subject_id: UUID, attachments: Sequence[UUID] = ()) -> Draft:
    """The draft with those revisions of evidence attached.

    Raises NotFound, Forbidden; Invalid (attachments) for a file that may not be attached.
    """
    source = sources.of(kind)
    service_id = source.place(actor=actor, subject_id=subject_id)
    actor.require(Permission.PUBLISH_PACK, service_id)
    whole = source.draft(actor=actor, subject_id=subject_id)
    content = suppressed(whole)
    offers = _offers(actor, content)
    chosen = _chosen(offers, attachments)
    # Two files may have one name; each is answered for by itself.
    texts = [Attached(f"{one.reference}: {one.file_name}", _text(actor, one)) for one in chosen]
    return Draft(
        service_id,
        content,
        hidden_places(whole),
        mark_of(content),
        tuple(privacy.findings(content, texts, _people(actor))),
        tuple(offers),
        tuple(chosen),
        tuple(source.meant(actor=actor, subject_id=subject_id)),
    )


def mark_of(content: Content) -> str:
    """The same for two readings of the records that say the same."""
    return hashlib.sha256(to_json(replace(content, taken_at="")).encode()).hexdigest()


def _people(actor: Actor) -> list[str]:
    """The names of everybody who has or had access to the organisation."""
    names = select(Membership.name).where(Membership.org_id == actor.org_id)
    return list(db.session.scalars(names))


def _chosen(offers: Sequence[Offer], wanted: Sequence[UUID]) -> list[Offer]:
    chosen = [one for one in offers if one.revision_id in set(wanted)]
    if len(chosen) < len(set(wanted)):
        raise Invalid(
            "A chosen file is not among the accepted evidence that this rests on.", "attachments"
        )
    return chosen


def _offers(actor: Actor, content: Content) -> list[Offer]:
    """Clean files of accepted evidence that stands in the content's own list with its hash."""
    wanted = [(line.reference, line.sha256) for line in content.evidence if line.sha256]
    if not wanted:
        return []
    kind = StoredFile.media_type
    rows = db.session.execute(
        select(
            EvidenceRevision.id,
            Evidence.reference,
            Evidence.title,
            StoredFile.file_name,
            StoredFile.size,
            StoredFile.sha256,
            or_(*(kind == one for one in _TEXTS)),
        )
        .join(Evidence, _of(EvidenceRevision, Evidence, EvidenceRevision.evidence_id))
        .join(StoredFile, _of(EvidenceRevision, StoredFile, EvidenceRevision.file_id))
        .where(
            EvidenceRevision.org_id == actor.org_id,
            tuple_(Evidence.reference, EvidenceRevision.sha256).in_(wanted),
            Evidence.status == "accepted",
            StoredFile.state == "clean",
            StoredFile.damaged_at.is_(None),
        )
        .order_by(Evidence.reference, EvidenceRevision.number)
    )
    return [Offer(*row) for row in rows]


def _of(child, table, column):
    return (table.org_id == child.org_id) & (table.id == column)


def _text(actor: Actor, offer: Offer) -> str | None:
    if not offer.plain:
        return None
    return text_of(_kept(actor, offer))


def _kept(actor: Actor, offer: Offer) -> bytes:
    try:
        return storage.get(actor.org_id, offer.sha256)
    except FileNotFoundError as error:
        raise Invalid(
            f"“{offer.file_name}” is missing from the store. Choose another.", "attachments"
        ) from error


def attached(actor: Actor, chosen: Sequence[Offer]) -> list[Attachment]:
    """The chosen files with their content, under their names in the bundle."""
    return [
        Attachment(attachment_name(number, one.file_name), _kept(actor, one))
        for number, one in enumerate(chosen, 1)
    ]
