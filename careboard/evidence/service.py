"""Submitting evidence, revising it, and attaching it to what it supports.

Evidence is never deleted: a replacement is a further revision, and detaching removes the link
alone. Source: DESIGN sections 3 and 4, Evidence; step S0-1.4.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select

from careboard import audit, clock, uploads
from careboard.actions.models import ActionUpdate
from careboard.db import db, load, lock
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.evidence import settled
from careboard.evidence.models import Evidence, EvidenceLink, EvidenceRevision
from careboard.evidence.targets import MODELS, Target, one_target
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.risks.models import Risk
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.uploads import Upload
from careboard.vocabulary import EVIDENCE_KINDS

VALID_DAYS = 92
MOST_LINK = 2_000


def submit(
    *,
    actor: Actor,
    title: str,
    kind: str,
    service_id: UUID | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
    valid_until: date | None = None,
    upload: Upload | None = None,
    source_link: str = "",
    note: str = "",
    draft: bool = False,
    target: Target | None = None,
) -> UUID:
    """Add an item of evidence with its first revision; returns its id.

    Exactly one of `upload` and `source_link`. With a `target` (see `targets.one_target`) it is
    attached, takes over the target's service, and is submitted even when `draft` is asked for.
    `valid_until` defaults to 92 days after the period's end (today without one).
    Raises Invalid (title, kind, period_to, valid_until, file, source_link), Forbidden, NotFound.
    """
    service_id = _place(actor, service_id, target)
    if target is not None:
        settled.refuse_more(actor, target)
    until = check_facts(
        title=title,
        kind=kind,
        period_from=period_from,
        period_to=period_to,
        valid_until=valid_until,
        today=actor.today,
    )
    link = check_content(upload=upload, source_link=source_link)
    item = Evidence(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "EV"),
        title=title.strip(),
        kind=kind,
        service_id=service_id,
        period_from=period_from,
        period_to=period_to,
        valid_until=until,
        status="draft" if draft and target is None else "submitted",
        submitted_by_id=actor.membership_id,
    )
    db.session.add(item)
    db.session.flush()
    revision = _add_revision(actor, item, 1, upload, link, note)
    audit.record(
        actor=actor,
        tag=f"evidence:{'drafted' if item.status == 'draft' else 'submitted'}",
        subject_id=item.id,
        after={"kind": kind, "valid_until": until, "sha256": revision.sha256},
    )
    if target is not None:
        _link(actor, item, target)
    return item.id


def check_facts(
    *,
    title: str,
    kind: str,
    period_from: date | None,
    period_to: date | None,
    valid_until: date | None,
    today: date,
) -> date:
    """The date until which the evidence is valid. Raises Invalid at the field that is wrong."""
    if not title.strip():
        raise Invalid("Give the evidence a title.", "title")
    if kind not in EVIDENCE_KINDS:
        raise Invalid("Choose the kind of evidence.", "kind")
    if period_from and period_to and period_from > period_to:
        raise Invalid("The period ends before it starts.", "period_to")
    if period_from and period_from > today:
        raise Invalid("The period has not begun yet.", "period_from")
    until = valid_until or (period_to or today) + timedelta(days=VALID_DAYS)
    if until < (period_to or period_from or date.min):
        raise Invalid("It would expire before its own period ends.", "valid_until")
    return until


def check_content(*, upload: Upload | None, source_link: str) -> str | None:
    """The cleaned link, or None for a file. Raises Invalid unless there is exactly one."""
    link = " ".join(source_link.split())
    if upload is not None and link:
        raise Invalid("Send a file or a link to the source record, not both.", "source_link")
    if upload is None and not link:
        raise Invalid("Choose a file, or give a link to the source record.", "file")
    if not link:
        return None
    if len(link) > MOST_LINK:
        raise Invalid("The link is too long. Give the record's own address.", "source_link")
    try:
        scheme = urlsplit(link).scheme
    except ValueError as error:
        raise Invalid("This address cannot be read. Copy it again.", "source_link") from error
    if "://" in link and scheme not in ("http", "https"):
        raise Invalid("An address must start with https:// or http://.", "source_link")
    return link


def revise(
    *,
    actor: Actor,
    evidence_id: UUID,
    upload: Upload | None = None,
    source_link: str = "",
    note: str = "",
) -> int:
    """Replace what the evidence is by a further revision; returns its number.

    The earlier revisions stay as they were, and what was decided on them no longer holds.
    Raises Invalid (file, source_link, note); also for evidence that a claim was or is being
    validated on.
    """
    item = lock(Evidence, actor.org_id, evidence_id)
    _require_change(actor, item)
    if item.status == "withdrawn":
        raise Invalid("This evidence was withdrawn. Add new evidence instead.", "file")
    for attached in _links_of(actor, item):
        settled.refuse_other(actor, _target_of(attached))
    link = check_content(upload=upload, source_link=source_link)
    if not note.strip():
        raise Invalid("Say why it is replaced.", "note")
    last = db.session.scalar(
        select(func.max(EvidenceRevision.number)).where(
            EvidenceRevision.org_id == actor.org_id, EvidenceRevision.evidence_id == item.id
        )
    )
    revision = _add_revision(actor, item, last + 1, upload, link, note)
    before = item.status
    if item.status != "draft":
        item.status = "submitted"
        item.decided_by_id = item.decided_on = None
        item.same_person_reason = ""
    item.submitted_by_id = actor.membership_id
    db.session.flush()
    audit.record(
        actor=actor,
        tag="evidence:revised",
        subject_id=item.id,
        before={"status": before, "revision": last},
        after={"status": item.status, "revision": last + 1, "sha256": revision.sha256},
    )
    return revision.number


def submit_draft(*, actor: Actor, evidence_id: UUID) -> None:
    """Hand a draft in. Handing it in again changes nothing. Raises Forbidden, NotFound."""
    item = lock(Evidence, actor.org_id, evidence_id)
    _require_change(actor, item)
    if item.status == "draft":
        _hand_in(actor, item)


def withdraw(*, actor: Actor, evidence_id: UUID, reason: str) -> None:
    """Take evidence back, with a reason; it no longer supports anything, and stays on record.

    Raises Invalid without a reason, or while something verified or decided rests on it.
    """
    item = lock(Evidence, actor.org_id, evidence_id)
    _require_change(actor, item)
    if not reason.strip():
        raise Invalid("Say why it is withdrawn.", "reason")
    if item.status == "withdrawn":
        return
    for link in _links_of(actor, item):
        settled.refuse_less(actor, _target_of(link))
    before, item.status, item.decision_note = item.status, "withdrawn", reason.strip()
    item.decided_by_id, item.decided_on = actor.membership_id, actor.today
    item.same_person_reason = ""
    db.session.flush()
    audit.record(
        actor=actor,
        tag="evidence:withdrawn",
        subject_id=item.id,
        before={"status": before},
        after={"status": "withdrawn"},
    )


def attach(*, actor: Actor, evidence_id: UUID, **ids: UUID | None) -> None:
    """Attach evidence to exactly one thing; a draft is handed in by it. Twice is as once.

    `ids` as for `targets.one_target`: action_id, risk_id, claim_id and the like. Raises Invalid
    (field `reference`) for evidence of another service, withdrawn evidence, or a settled claim.
    """
    target = one_target(**ids)
    item = lock(Evidence, actor.org_id, evidence_id)
    service_id = _service_of(actor, target)
    actor.require(Permission.SUBMIT_EVIDENCE, service_id)
    actor.require(Permission.SUBMIT_EVIDENCE, item.service_id)
    if item.service_id not in (None, service_id):
        raise Invalid("This evidence belongs to another service.", "reference")
    if item.status in ("withdrawn", "rejected"):
        raise Invalid("Withdrawn or rejected evidence supports nothing.", "reference")
    held = select(EvidenceLink.id).where(
        EvidenceLink.org_id == actor.org_id,
        EvidenceLink.evidence_id == item.id,
        target.link_column == target.id,
    )
    if db.session.scalar(held) is not None:
        return
    settled.refuse_more(actor, target)
    if item.status == "draft":
        _hand_in(actor, item)
    _link(actor, item, target)


def detach(*, actor: Actor, evidence_id: UUID, link_id: UUID) -> None:
    """Take evidence off what it is attached to; the evidence itself stays.

    Raises Invalid once something was decided on it: an action verified, a rating, a claim.
    """
    item = lock(Evidence, actor.org_id, evidence_id)
    actor.require(Permission.SUBMIT_EVIDENCE, item.service_id)
    link = load(EvidenceLink, actor.org_id, link_id)
    if link.evidence_id != item.id:
        raise NotFound()
    target = _target_of(link)
    settled.refuse_less(actor, target)
    actor.require(Permission.SUBMIT_EVIDENCE, _service_of(actor, target))
    db.session.delete(link)
    db.session.flush()
    _tell_action(actor, target, f"{item.reference} detached", {"detached": str(item.id)})
    audit.record(
        actor=actor,
        tag="evidence:detached",
        subject_id=item.id,
        before={target.column: target.id},
    )


def may_change(*, actor: Actor, service_id: UUID | None) -> bool:
    """Whether the person may replace or withdraw evidence of that service.

    Evidence of the whole organisation (None) takes a person whose rights are for all of it.
    """
    reaches = actor.reaches(service_id) and (service_id or actor.service_ids is None)
    return actor.may(Permission.SUBMIT_EVIDENCE) and bool(reaches)


def _require_change(actor: Actor, item: Evidence) -> None:
    if not may_change(actor=actor, service_id=item.service_id):
        raise Forbidden("This evidence is for more than your own services.")


def _place(actor: Actor, service_id: UUID | None, target: Target | None) -> UUID | None:
    """The service that new evidence belongs to, where the person may submit it."""
    if target is not None:
        service_id = _service_of(actor, target)
    actor.require(Permission.SUBMIT_EVIDENCE, service_id)
    if service_id is not None:
        load(Service, actor.org_id, service_id)
    elif actor.service_ids is not None:
        raise Invalid("Choose the service that this is evidence for.", "service_id")
    return service_id


def _hand_in(actor: Actor, item: Evidence) -> None:
    # Whoever hands a draft in, it stays the work of the one who made it, who may not judge it.
    item.status = "submitted"
    item.submitted_by_id = item.submitted_by_id or actor.membership_id
    db.session.flush()
    audit.record(
        actor=actor,
        tag="evidence:submitted",
        subject_id=item.id,
        before={"status": "draft"},
        after={"status": "submitted"},
    )


def _add_revision(
    actor: Actor,
    item: Evidence,
    number: int,
    upload: Upload | None,
    link: str | None,
    note: str,
) -> EvidenceRevision:
    kept = uploads.keep(actor=actor, upload=upload) if upload is not None else None
    revision = EvidenceRevision(
        org_id=actor.org_id,
        evidence_id=item.id,
        number=number,
        file_id=kept.id if kept else None,
        source_link=link,
        sha256=kept.sha256 if kept else hashlib.sha256(link.encode()).hexdigest(),
        note=note.strip(),
        created_by_id=actor.membership_id,
    )
    db.session.add(revision)
    db.session.flush()
    return revision


def _link(actor: Actor, item: Evidence, target: Target) -> None:
    db.session.add(
        EvidenceLink(
            org_id=actor.org_id,
            evidence_id=item.id,
            created_by_id=actor.membership_id,
            **{target.column: target.id},
        )
    )
    db.session.flush()
    _tell_action(actor, target, f"{item.reference} attached", {"attached": str(item.id)})
    audit.record(
        actor=actor, tag="evidence:attached", subject_id=item.id, after={target.column: target.id}
    )


def _tell_action(actor: Actor, target: Target, note: str, changes: dict) -> None:
    if target.column != "action_id":
        return
    db.session.add(
        ActionUpdate(
            org_id=actor.org_id,
            action_id=target.id,
            kind="noted",
            note=note,
            by_id=actor.membership_id,
            happened_at=clock.now(),
            changes=changes,
        )
    )


def _service_of(actor: Actor, target: Target) -> UUID:
    row = load(MODELS[target.column], actor.org_id, target.id)
    if target.column in ("rating_review_id", "dispute_id"):
        row = load(Risk, actor.org_id, row.risk_id)
    return row.service_id


def _target_of(link: EvidenceLink) -> Target:
    return one_target(**{column: getattr(link, column) for column in MODELS})


def _links_of(actor: Actor, item: Evidence) -> list[EvidenceLink]:
    statement = select(EvidenceLink).where(
        EvidenceLink.org_id == actor.org_id, EvidenceLink.evidence_id == item.id
    )
    return list(db.session.scalars(statement))
