"""What a rating rests on: evidence on record, a new item, or a checked return.

Source: DESIGN section 4; rule N3 (current evidence); steps S0-3.1 to S0-3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, or_, select

from careboard.assurance.models import Claim
from careboard.db import db, load
from careboard.errors import Invalid
from careboard.evidence import service as evidence
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.risks.assurance import CURRENT_DAYS, SUPPORTING
from careboard.risks.models import RatingReview, Risk
from careboard.tenancy import Actor
from careboard.uploads import Upload


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """An item sent together with the rating: a file or a link to the source record."""

    title: str
    kind: str
    period_to: date | None = None
    valid_until: date | None = None
    upload: Upload | None = None
    source_link: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rating rests on: items on record, a new one, or the plain statement that there is
    none yet, which leaves the rating unsupported. `carried` come with a return or a dispute."""

    existing: Sequence[UUID] = ()
    new: NewEvidence | None = None
    none_yet: bool = False
    carried: Sequence[UUID] = ()

    @property
    def items(self) -> list[UUID]:
        """Those on record, each once."""
        return list(dict.fromkeys([*self.carried, *self.existing]))


def check(basis: Basis) -> None:
    """Raise Invalid (evidence, none_yet) unless there is evidence or the statement of none."""
    cites = bool(basis.items or basis.new)
    if cites and basis.none_yet:
        raise Invalid("There is evidence, so “no evidence yet” cannot be true as well.", "none_yet")
    if not cites and not basis.none_yet:
        raise Invalid(
            "A rating needs evidence. Choose or add an item, or state that there is none yet.",
            "evidence",
        )


def checked_return(actor: Actor, risk: Risk, claim_id: UUID) -> Claim:
    """The service assurance return that a rating is to rest on. Raises Invalid (claim)."""
    claim = load(Claim, actor.org_id, claim_id)
    if claim.kind != "assurance_return" or claim.risk_id != risk.id:
        raise Invalid("This return is about another risk.", "claim")
    if claim.status != "validated":
        raise Invalid(f"{claim.reference} has not been checked yet.", "claim")
    return claim


def proves(claim: Claim | None) -> bool:
    """Whether a return was found to prove what it claims, wholly or in part."""
    return claim is not None and claim.outcome in ("proves", "partly") and not claim.unsupported


def lowered_on(actor: Actor, claim: Claim) -> bool:
    """Whether the rating has been lowered on this return before."""
    statement = select(RatingReview.id).where(
        RatingReview.org_id == actor.org_id,
        RatingReview.claim_id == claim.id,
        RatingReview.decision == "lower",
    )
    return db.session.scalar(statement.limit(1)) is not None


def items_of(actor: Actor, claim: Claim | None) -> list[UUID]:
    """The return's own evidence that still supports something."""
    return items_in_date(actor, EvidenceLink.claim_id == claim.id) if claim else []


def items_in_date(actor: Actor, *attached: Any) -> list[UUID]:
    """Items attached in any of these ways that still support something, and may be cited."""
    statement = (
        select(EvidenceLink.evidence_id)
        .distinct()
        .join(
            Evidence,
            (Evidence.org_id == EvidenceLink.org_id) & (Evidence.id == EvidenceLink.evidence_id),
        )
        .where(
            EvidenceLink.org_id == actor.org_id,
            or_(*attached),
            Evidence.status.in_(SUPPORTING),
            Evidence.valid_until >= actor.today,
        )
    )
    return list(db.session.scalars(statement))


def is_current(actor: Actor, basis: Basis) -> bool:
    """Whether an item is dated at most 62 days ago and has not expired. Source: rule N3."""
    oldest = actor.today - timedelta(days=CURRENT_DAYS)
    new = basis.new
    if new is not None and (new.period_to or actor.today) >= oldest:
        return True
    dated = func.coalesce(Evidence.period_to, cast(Evidence.created_at, Date))
    statement = select(Evidence.id).where(
        Evidence.org_id == actor.org_id,
        Evidence.id.in_(basis.items),
        Evidence.status.in_(SUPPORTING),
        Evidence.valid_until >= actor.today,
        dated >= oldest,
    )
    return db.session.scalar(statement.limit(1)) is not None


def cite(actor: Actor, risk: Risk, review: RatingReview, basis: Basis) -> list[UUID]:
    """Attach what a review rests on; returns the items' ids.

    What is carried was attached to the return or the dispute by those who may.
    """
    for evidence_id in basis.carried:
        db.session.add(
            EvidenceLink(
                org_id=actor.org_id,
                evidence_id=evidence_id,
                rating_review_id=review.id,
                created_by_id=actor.membership_id,
            )
        )
    db.session.flush()
    cited = basis.items
    if basis.new is not None:
        cited.append(submit(actor, risk, basis.new))
    for evidence_id in cited:
        if evidence_id not in basis.carried:
            evidence.attach(actor=actor, evidence_id=evidence_id, rating_review_id=review.id)
    return cited


def submit(actor: Actor, risk: Risk, new: NewEvidence) -> UUID:
    """Put a new item on record for the risk's service; returns its id."""
    return evidence.submit(
        actor=actor,
        title=new.title,
        kind=new.kind,
        service_id=risk.service_id,
        period_to=new.period_to,
        valid_until=new.valid_until,
        upload=new.upload,
        source_link=new.source_link,
    )
