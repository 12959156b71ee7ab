"""The watch over a rating that was lowered: begun with it, kept by the service, decided by the
governance group.

Source: DESIGN section 4; steps S0-3.4 (risk profile tracker) and S0-3.5; rules 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text

from careboard import audit
from careboard.dashboards.signals import months_before, signals
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid
from careboard.permissions import Permission
from careboard.records.models import Concern
from careboard.risks import sittings
from careboard.risks.models import RatingReview, RatingWatch, Risk, WatchNote
from careboard.risks.sustained import MONTH_VALUES, WATCH_DAYS
from careboard.tenancy import Actor

OUTCOMES = ("sustained", "not_sustained")


def begin(*, actor: Actor, risk: Risk, review: RatingReview) -> RatingWatch:
    """Watch a lowered rating for 92 days, by the signal that the board follows for its domain."""
    signal = signals(actor=actor, service_ids=[risk.service_id], on=actor.today).of(
        risk.service_id, risk.domain
    )
    kind = signal.kind if signal else ""
    watch = RatingWatch(
        org_id=actor.org_id,
        risk_id=risk.id,
        rating_review_id=review.id,
        started_on=actor.today,
        until=actor.today + timedelta(days=WATCH_DAYS),
        signal=kind,
        before=_value(actor, risk, kind, _higher_since(actor, risk, review)),
        lowered_at=_value(actor, risk, kind, actor.today),
    )
    db.session.add(watch)
    db.session.flush()
    return watch


def _higher_since(actor: Actor, risk: Risk, lowered: RatingReview) -> date:
    """The day on which the rating that is now lowered was given."""
    reviews = db.session.execute(
        select(RatingReview.rating_to, RatingReview.decided_on)
        .where(
            RatingReview.org_id == actor.org_id,
            RatingReview.risk_id == risk.id,
            RatingReview.id != lowered.id,
        )
        .order_by(RatingReview.decided_at.desc(), RatingReview.id.desc())
    )
    since = lowered.decided_on
    for rating, day in reviews:
        if rating != lowered.rating_from:
            break
        since = day
    return since


def _value(actor: Actor, risk: Risk, kind: str, on: date) -> Decimal | None:
    """The signal's latest monthly value that was known on a day, of the four months before it."""
    if not kind:
        return None
    known = [
        value
        for value in month_values(actor, risk, kind, months_before(on)).values()
        if value is not None
    ]
    return known[-1] if known else None


def month_values(
    actor: Actor, risk: Risk, kind: str, months: Sequence[date]
) -> dict[date, Decimal | None]:
    """The monthly values of a signal of the risk's service and domain. One statement."""
    rows = db.session.execute(
        text(MONTH_VALUES),
        {
            "org": actor.org_id,
            "service": risk.service_id,
            "domain": risk.domain,
            "signal": kind,
            "months": list(months),
        },
    )
    return {row.month: row.value for row in rows}


def end_by_raise(*, actor: Actor, risk: Risk, review: RatingReview) -> None:
    """A rating that is raised again was not sustained: its open watches say so."""
    before = db.session.scalars(
        select(RatingWatch)
        .where(
            RatingWatch.org_id == actor.org_id,
            RatingWatch.risk_id == risk.id,
            RatingWatch.outcome.is_(None),
        )
        .with_for_update()
    )
    for watch in before:
        watch.outcome = "not_sustained"
        watch.reason = f"Raised again to {review.rating_to.replace('_', ' ')}: {review.rationale}"
        watch.decided_by_id, watch.decided_on = actor.membership_id, actor.today
        watch.sitting_id = review.sitting_id
        watch.standing_review_id = watch.rating_review_id
    db.session.flush()


def note(*, actor: Actor, watch_id: UUID, text: str, concern_reference: str = "") -> UUID:
    """Add to the risk profile tracker what was seen, with a new concern by its reference.

    Raises Invalid (note, concern), Conflict once the watch is decided, Forbidden, NotFound.
    """
    watch = lock(RatingWatch, actor.org_id, watch_id)
    risk = load(Risk, actor.org_id, watch.risk_id)
    actor.require(Permission.SUBMIT_EVIDENCE, risk.service_id)
    if watch.outcome is not None:
        raise Conflict("This watch is decided. Record a new concern with the risk itself.")
    if not text.strip():
        raise Invalid("Write what was seen.", "note")
    row = WatchNote(
        org_id=actor.org_id,
        watch_id=watch.id,
        note=text.strip(),
        concern_id=_concern(actor, risk, concern_reference.strip()),
        noted_on=actor.today,
        by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="watch:noted",
        subject_id=risk.id,
        after={"watch": watch.id, "note": row.id, "concern": row.concern_id},
    )
    return row.id


def _concern(actor: Actor, risk: Risk, reference: str) -> UUID | None:
    if not reference:
        return None
    found = db.session.scalar(
        select(Concern.id).where(
            Concern.org_id == actor.org_id,
            Concern.service_id == risk.service_id,
            Concern.source_key == reference,
        )
    )
    if found is None:
        raise Invalid("No concern of this service has that reference.", "concern")
    return found


def decide(
    *, actor: Actor, watch_id: UUID, outcome: str, reason: str, sitting_id: UUID | None
) -> None:
    """Record in a sitting whether an improvement was sustained.

    Raises Invalid (outcome, reason, sitting), Conflict when it is decided, Forbidden, NotFound.
    """
    watch = lock(RatingWatch, actor.org_id, watch_id)
    risk = lock(Risk, actor.org_id, watch.risk_id)
    actor.require(Permission.RATE_RISK, risk.service_id)
    if watch.outcome is not None:
        raise Conflict("This watch has been decided already. Reload the page to read it.")
    if outcome not in OUTCOMES:
        raise Invalid("Say whether the improvement was sustained.", "outcome")
    if not reason.strip():
        raise Invalid("Give the reasons.", "reason")
    if sitting_id is None:
        raise Invalid("The governance group decides: choose its sitting.", "sitting")
    sittings.require_open(actor, sitting_id)
    watch.outcome, watch.reason, watch.sitting_id = outcome, reason.strip(), sitting_id
    watch.decided_by_id, watch.decided_on = actor.membership_id, actor.today
    watch.standing_review_id = risk.rating_review_id
    db.session.flush()
    audit.record(
        actor=actor,
        tag=f"watch:{outcome}",
        subject_id=risk.id,
        after={"watch": watch.id, "sitting": sitting_id},
    )
