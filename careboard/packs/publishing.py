"""Publishing: what was drafted becomes a pack that nobody can change.

Source: issue "Sharing with commissioners", Packs; step S3-3.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import select, text

from careboard import audit, clock, uploads
from careboard.audit_log import heads
from careboard.audit_log.heads import Head
from careboard.board_packs.typeset import NotSet
from careboard.db import db, load, lock, new_id
from careboard.errors import Conflict, Invalid
from careboard.pack_verifier import event_line, sha256_of
from careboard.packs import bundle, drafts, letters, paper, sources
from careboard.packs.bundle import Attachment, Facts
from careboard.packs.commissioner_queries import OPEN
from careboard.packs.content import Content, from_json, to_json
from careboard.packs.drafts import Draft
from careboard.packs.models import CommissionerLink, Pack, PackGrant, PackOverride
from careboard.references import next_reference
from careboard.tenancy import Actor
from careboard.uploads import Upload

log = structlog.get_logger()
MOST_BYTES = 100 * uploads.MEGABYTE
_EVENTS = text(
    "SELECT seq, at, actor, tag, subject, payload, previous, hash FROM audit_event "
    "WHERE org_id = :org AND seq <= :seq AND subject = ANY(:subjects) ORDER BY seq"
)


class _Frozen(NamedTuple):
    """The exact texts and bytes of a pack, and the signature that holds them together."""

    content: str
    events: str
    manifest: str
    key: str
    signature: str
    pdf: bytes


def publish(
    *,
    actor: Actor,
    kind: str,
    subject_id: UUID,
    links: Sequence[UUID],
    expires_on: date,
    attachments: Sequence[UUID],
    overrides: Mapping[str, str],
    supersedes_id: UUID | None = None,
    seen: str | None = None,
) -> UUID:
    """Freeze the subject as it stands and grant it to those commissioners; returns the pack's id.

    `overrides` are reasons by `privacy.Finding.key`; `seen` is the mark of the draft that the
    person looked at: it is published once. Raises NotFound, Forbidden; Invalid (links, expires_on,
    attachments, overrides, supersedes) and what the source says of its being ready; Conflict when
    the draft has changed since.
    """
    draft = drafts.draft(actor=actor, kind=kind, subject_id=subject_id, attachments=attachments)
    source = sources.of(kind)
    source.ready(actor=actor, subject_id=subject_id)
    if seen is not None and seen != draft.mark:
        raise Conflict("What this pack says has changed since you looked at it. Look again.")
    reasons = reasons_for(draft, overrides)
    granted = confirmed_links(actor, links)
    check_expiry(actor, expires_on)
    older = _superseded(actor, kind, subject_id, supersedes_id)
    if older is None and seen is not None:
        _refuse_twice(actor, kind, subject_id, draft)
    files = drafts.attached(actor, draft.chosen)
    trail = [str(one) for one in source.trail(actor=actor, subject_id=subject_id)]
    pack = _pack(actor, kind, subject_id, draft, older)
    _freeze(actor, pack, draft.content, files, trail, older)
    _record(actor, pack, reasons)
    for link in granted:
        grant(actor, pack, link, expires_on)
    if older is not None:
        older.superseded_by_id = pack.id
        audit.record(actor=actor, tag="pack:superseded", subject_id=older.id, after={"by": pack.id})
        db.session.flush()
    source.published(actor=actor, subject_id=subject_id, pack_id=pack.id)
    _announce(actor, pack, older)
    return pack.id


def _record(actor: Actor, pack: Pack, reasons: Mapping[tuple[str, str], str]) -> None:
    """The overrides, and the event that the verifier looks for in the audit trail."""
    for (place, of_kind), reason in reasons.items():
        db.session.add(
            PackOverride(
                org_id=actor.org_id, pack_id=pack.id, place=place, kind=of_kind,
                reason=reason, by_id=actor.membership_id,
            )
        )  # fmt: skip
    audit.record(
        actor=actor,
        tag="pack:published",
        subject_id=pack.id,
        after={
            "kind": pack.kind,
            "subject": pack.subject_id,
            "content_sha256": pack.content_sha256,
            "manifest_sha256": pack.manifest_sha256,
            "pdf_sha256": pack.pdf_sha256,
            "overrides": len(reasons),
            "supersedes": pack.supersedes_id,
        },
    )


def _announce(actor: Actor, pack: Pack, older: Pack | None) -> None:
    """A letter to each reader: who read the older pack learns that it is replaced."""
    told = letters.links_of(actor=actor, pack_id=older.id) if older else []
    if older is not None:
        letters.announce(actor=actor, pack_id=older.id, what="superseded")
    letters.announce(actor=actor, pack_id=pack.id, what="published", besides=told)


def reasons_for(draft: Draft, overrides: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """The reason for each finding. Raises Invalid (overrides) unless every one has its own."""
    reasons = {
        (one.where, one.kind): (overrides.get(one.key) or "").strip() for one in draft.findings
    }
    without = [where for (where, _), reason in reasons.items() if not reason]
    if without:
        raise Invalid(f"Correct it, or say why it may stand: {'; '.join(without)}.", "overrides")
    return reasons


def confirmed_links(actor: Actor, wanted: Sequence[UUID]) -> list[CommissionerLink]:
    """The confirmed, living links. Raises Invalid (links) for none, one that has ended, or one of
    a domain that CareBoard's operator has not confirmed."""
    rows = db.session.scalars(
        select(CommissionerLink)
        .where(
            CommissionerLink.org_id == actor.org_id,
            CommissionerLink.id.in_(set(wanted)),
            *OPEN,
        )
        .order_by(CommissionerLink.id)
    ).all()
    if not rows:
        raise Invalid("Choose at least one commissioner whose identity is confirmed.", "links")
    if len(rows) < len(set(wanted)):
        raise Invalid("One of the commissioners no longer has access. Choose again.", "links")
    return list(rows)


def check_expiry(actor: Actor, expires_on: date) -> None:
    """Raise Invalid (expires_on) for a day that is over."""
    if expires_on < actor.today:
        raise Invalid("This day is over. Choose a day from today on.", "expires_on")


def grant(actor: Actor, pack: Pack, link: CommissionerLink, expires_on: date) -> PackGrant:
    """Let the commissioner of that link read the pack up to and with that day."""
    row = PackGrant(
        org_id=actor.org_id,
        pack_id=pack.id,
        link_id=link.id,
        commissioner_org_id=link.commissioner_org_id,
        granted_by_id=actor.membership_id,
        granted_at=clock.now(),
        expires_on=expires_on,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="pack:granted",
        subject_id=pack.id,
        after={"commissioner": link.commissioner_org_id, "expires_on": expires_on},
    )
    return row


def _superseded(
    actor: Actor, kind: str, subject_id: UUID, supersedes_id: UUID | None
) -> Pack | None:
    if supersedes_id is None:
        return None
    older = lock(Pack, actor.org_id, supersedes_id)
    if (older.kind, older.subject_id) != (kind, subject_id):
        raise Invalid("A pack replaces one of the same subject.", "supersedes")
    if older.superseded_by_id is not None:
        newer = load(Pack, actor.org_id, older.superseded_by_id)
        raise Invalid(f"{older.reference} is replaced already, by {newer.reference}.", "supersedes")
    return older


_TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def _refuse_twice(actor: Actor, kind: str, subject_id: UUID, draft: Draft) -> None:
    """A button that was pressed twice publishes once."""
    db.session.execute(_TAKE_TURN, {"key": f"pack:{actor.org_id}:{subject_id}"})
    current = select(Pack.reference, Pack.content).where(
        Pack.org_id == actor.org_id,
        Pack.kind == kind,
        Pack.subject_id == subject_id,
        Pack.superseded_by_id.is_(None),
        Pack.withdrawn_on.is_(None),
    )
    for reference, content in db.session.execute(current):
        if drafts.mark_of(from_json(content)) == draft.mark:
            raise Invalid(
                f"{reference} says the same already. Open that one to the commissioner, or say "
                "that the new one replaces it.",
                "supersedes",
            )


def _pack(actor: Actor, kind: str, subject_id: UUID, draft: Draft, older: Pack | None) -> Pack:
    content = draft.content
    return Pack(
        org_id=actor.org_id,
        id=new_id(),
        reference=next_reference(actor.org_id, "PCK"),
        kind=kind,
        subject_id=subject_id,
        service_id=draft.service_id,
        provider_name=content.provider,
        service_name=content.service or "",
        title=content.title,
        period_from=content.period_from,
        period_to=content.period_to,
        published_by_id=actor.membership_id,
        published_at=clock.now(),
        published_on=actor.today,
        supersedes_id=older.id if older else None,
    )


def _freeze(
    actor: Actor,
    pack: Pack,
    content: Content,
    files: Sequence[Attachment],
    trail: Sequence[str],
    older: Pack | None,
) -> None:
    head = heads.present(actor.org_id)
    frozen = _frozen(actor, pack, content, files, trail, older, head)
    size = len(frozen.pdf) + sum(len(one.content) for one in files)
    if size > MOST_BYTES:
        most = MOST_BYTES // uploads.MEGABYTE
        raise Invalid(f"Together the files are larger than {most} MB.", "attachments")
    name = f"{pack.reference}.pdf"
    kept = uploads.keep(
        actor=actor,
        upload=Upload(name, "application/pdf", frozen.pdf),
        field="attachments",
    )
    pack.pdf_file_id, pack.pdf_sha256 = kept.id, kept.sha256
    pack.content, pack.content_sha256 = frozen.content, sha256_of(frozen.content.encode())
    pack.manifest, pack.manifest_sha256 = frozen.manifest, sha256_of(frozen.manifest.encode())
    pack.key, pack.signature, pack.events = frozen.key, frozen.signature, frozen.events
    db.session.add(pack)
    db.session.flush()


def _frozen(
    actor: Actor,
    pack: Pack,
    content: Content,
    files: Sequence[Attachment],
    trail: Sequence[str],
    older: Pack | None,
    head: Head,
) -> _Frozen:
    exact = to_json(content)
    rows = db.session.execute(
        _EVENTS, {"org": actor.org_id, "seq": head.seq, "subjects": list(trail)}
    )
    events = "".join(event_line(dict(row)) for row in rows.mappings())
    pdf = _pdf(content, paper.Facts.of(pack, sha256_of(exact.encode()), head, files))
    manifest = bundle.manifest(
        _facts(actor, pack, content, trail, older),
        head=head,
        content=exact,
        pdf=pdf,
        events=events,
        attachments=files,
    )
    return _Frozen(exact, events, manifest, head.key, heads.sign_bytes(manifest.encode()), pdf)


def _pdf(content: Content, facts: paper.Facts) -> bytes:
    try:
        return paper.pdf(content, facts=facts)
    except NotSet as error:
        log.error("pack not set", reference=facts.reference, error=str(error))
        raise Invalid("The PDF could not be made. Tell your administrator.") from error


def _facts(
    actor: Actor, pack: Pack, content: Content, trail: Sequence[str], older: Pack | None
) -> Facts:
    replaced = older and {
        "reference": older.reference, "manifest_sha256": older.manifest_sha256
    }  # fmt: skip
    return Facts(
        id=str(pack.id),
        reference=pack.reference,
        kind=pack.kind,
        title=pack.title,
        provider=pack.provider_name,
        service=pack.service_name,
        organisation=str(actor.org_id),
        published_at=_instant(pack.published_at),
        published_on=pack.published_on.isoformat(),
        trail=tuple(trail),
        supersedes=replaced,
        evidence=tuple(
            {"reference": line.reference, "sha256": line.sha256} for line in content.evidence
        ),
    )


def _instant(value: datetime) -> str:
    return value.isoformat(timespec="seconds")
