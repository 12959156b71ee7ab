"""Sittings: opened with a prepared agenda, recorded in, and signed once for all.

Source: steps S0-1.3 (service oversight note) and S0-1.5 (provider governance minutes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.references import next_reference
from careboard.reviews import agenda, rights
from careboard.reviews import attendance as roll
from careboard.reviews.cadence import RHYTHMS
from careboard.reviews.challenges import challenges
from careboard.reviews.minutes import FORM, Parts, current_figures, load_parts, seal, version_of
from careboard.reviews.models import ChallengeAnswer, Review, ReviewEntry, ReviewItem
from careboard.reviews.queries import last_signed, next_period, open_sitting_id
from careboard.reviews.signing import lacks, signs_as
from careboard.services.models import Service
from careboard.tenancy import Actor

ASSURANCES = ("given", "partial", "withheld")
SIGNED = (
    "These minutes are signed and cannot be changed. Record a correction as a note in the next "
    "sitting, with the reference of these."
)


def open_sitting(
    *,
    actor: Actor,
    forum: str,
    service_id: UUID | None,
    period_from: date | None = None,
    period_to: date | None = None,
) -> UUID:
    """Open a sitting and prepare its agenda; returns its id.

    A day of the period that is not given is that of the period now due.

    An open sitting of the same forum, service and period is returned instead. Raises Invalid for
    a forum, service or period that do not fit, NotFound and Forbidden.
    """
    _check_forum(actor, forum, service_id)
    rights.require_run(actor, forum, service_id)
    due = next_period(actor=actor, forum=forum, service_id=service_id)
    period_from, period_to = period_from or due.first, period_to or due.last
    _check_period(period_from, period_to, latest=max(actor.today, due.first))
    key = {
        "forum": forum,
        "service_id": service_id,
        "period_from": period_from,
        "period_to": period_to,
    }
    standing = open_sitting_id(actor=actor, **key)
    if standing is not None:
        return standing
    try:
        with db.session.begin_nested():
            review = Review(
                org_id=actor.org_id,
                reference=next_reference(actor.org_id, "REV"),
                opened_by_id=actor.membership_id,
                created_at=clock.now(),
                **key,
            )
            db.session.add(review)
            db.session.flush()
    except IntegrityError as error:
        standing = open_sitting_id(actor=actor, **key)
        if standing is None:
            raise Conflict("This sitting could not be opened. Try again.") from error
        return standing
    lines = agenda.prepare(review=review, scope=_scope(actor, review))
    audit.record(
        actor=actor,
        tag="review:opened",
        subject_id=review.id,
        after={"forum": forum, "service": service_id, "period_to": period_to, "lines": lines},
    )
    return review.id


def _check_forum(actor: Actor, forum: str, service_id: UUID | None) -> None:
    if forum not in RHYTHMS:
        raise Invalid("Choose a forum.", "forum")
    if RHYTHMS[forum].per_service:
        if service_id is None:
            raise Invalid("Choose the service that this review is of.", "service")
        load(Service, actor.org_id, service_id)
    elif service_id is not None:
        raise Invalid("This forum looks at the whole organisation: choose no service.", "service")


def _check_period(first: date, last: date, *, latest: date) -> None:
    if last < first:
        raise Invalid("The period ends before it begins.", "period_to")
    if (last - first).days > 366:
        raise Invalid("A period is a year at most.", "period_from")
    if first > latest:
        raise Invalid("The period has not begun yet.", "period_from")


def _scope(actor: Actor, review: Review) -> agenda.Scope:
    last = last_signed(actor=actor, forum=review.forum, service_id=review.service_id)
    zone = ZoneInfo(actor.time_zone)
    since = last.signed_at if last else datetime.combine(review.period_from, time(), zone)
    return agenda.Scope(
        actor=actor,
        service_id=review.service_id,
        on=actor.today,
        since=since,
        since_day=since.astimezone(zone).date(),
    )


def _lock_open(actor: Actor, review_id: UUID) -> Review:
    """The sitting, held against signing meanwhile. Raises NotFound, Forbidden and Conflict."""
    review = lock(Review, actor.org_id, review_id)
    if not actor.reaches(review.service_id):
        raise Forbidden("This review is of a service that is not yours.")
    if review.status == "signed":
        raise Conflict(SIGNED)
    return review


def add_matter(*, actor: Actor, review_id: UUID, title: str) -> UUID:
    """Put a line of one's own at the end of the agenda; returns its id."""
    review = _lock_open(actor, review_id)
    rights.require_run(actor, review.forum, review.service_id)
    title = _worded(title, "Say what the matter is.", "title", most=300)
    item = ReviewItem(
        org_id=actor.org_id,
        review_id=review.id,
        position=1 + _last_position(review),
        section="added",
        title=title,
        detail={"service_id": str(review.service_id) if review.service_id else None},
    )
    db.session.add(item)
    db.session.flush()
    audit.record(actor=actor, tag="review:matter_added", subject_id=review.id)
    return item.id


def _worded(text: str, empty: str, field: str, *, most: int = rights.MOST_TEXT) -> str:
    if not text.strip():
        raise Invalid(empty, field)
    return _of_length(text, field, most=most)


def _of_length(text: str, field: str, *, most: int = rights.MOST_TEXT) -> str:
    if len(text) > most:
        raise Invalid(f"Write at most {most:,} characters; these are {len(text):,}.", field)
    return text.strip()


def _last_position(review: Review) -> int:
    statement = (
        select(ReviewItem.position)
        .where(ReviewItem.org_id == review.org_id, ReviewItem.review_id == review.id)
        .order_by(ReviewItem.position.desc())
        .limit(1)
    )
    return db.session.scalar(statement) or 0


def record_entry(
    *, actor: Actor, review_id: UUID, item_id: UUID | None, kind: str, text: str
) -> UUID:
    """Record a decision, challenge, note or withheld assurance against a line (None: the
    sitting); returns its id.

    Who runs the sitting records all of them; the board a challenge in a sitting of the whole
    organisation, and withheld assurance in its own. Raises Forbidden, Invalid, and Conflict once
    signed.
    """
    review = _lock_open(actor, review_id)
    allowed = rights.kinds_for(actor, review.forum, review.service_id)
    if not allowed:
        raise Forbidden("You do not have the right to record anything in this review.")
    if item_id is not None:
        _check_line(actor, review, item_id)
    if kind not in rights.KINDS:
        raise Invalid("Choose what you record.", "kind")
    if kind not in allowed:
        raise Forbidden("You may not record this here: you take part, but do not run the sitting.")
    text = _worded(text, "Write what is to stand in the minutes.", "text")
    entry = ReviewEntry(
        org_id=actor.org_id,
        review_id=review.id,
        item_id=item_id,
        kind=kind,
        text=text,
        by_id=actor.membership_id,
        entered_at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    audit.record(
        actor=actor, tag=f"review:{kind}_recorded", subject_id=review.id, after={"entry": entry.id}
    )
    return entry.id


def _check_line(actor: Actor, review: Review, item_id: UUID) -> None:
    item = load(ReviewItem, actor.org_id, item_id)
    if item.review_id != review.id:
        raise NotFound()
    about = item.detail.get("service_id")
    if about and not actor.reaches(UUID(about)):
        raise Forbidden("This line is about a service that is not yours.")


def answer_challenge(*, actor: Actor, entry_id: UUID, text: str) -> UUID:
    """Answer a challenge, and so close it; returns the answer's id.

    By someone else than who made it. It may be answered after its sitting was signed: the answer
    is a record of its own. Raises NotFound, Forbidden, Invalid, and Conflict when answered.
    """
    everything = replace(actor, service_ids=None)
    row = db.session.execute(challenges(everything).where(ReviewEntry.id == entry_id)).one_or_none()
    if row is None:
        raise NotFound()
    entry, _, _, answer, about = row
    if entry.by_id is not None and entry.by_id == actor.membership_id:
        raise Forbidden("You made this challenge. Someone else has to answer it.")
    if not rights.may_answer(actor, challenger_id=entry.by_id, service_id=about):
        raise Forbidden("You do not have the right to answer this challenge.")
    if answer is not None:
        raise Conflict("This challenge has been answered already. Reload the page to read it.")
    text = _worded(text, "Write the answer.", "text")
    answer = ChallengeAnswer(
        org_id=actor.org_id,
        entry_id=entry.id,
        text=text,
        by_id=actor.membership_id,
        answered_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(answer)
    except IntegrityError as error:
        raise Conflict("Someone answered this challenge before you. Reload the page.") from error
    audit.record(
        actor=actor,
        tag="review:challenge_answered",
        subject_id=entry.review_id,
        after={"entry": entry.id, "answer": answer.id},
    )
    return answer.id


def save_minutes(
    *,
    actor: Actor,
    review_id: UUID,
    attendance: str,
    summary: str,
    assurance: str | None,
    seen: str,
    present: Mapping[UUID, str] | None = None,
    inquorate_reason: str = "",
) -> None:
    """Save attendance, summary and assurance (None: not yet decided) of an open sitting.

    `present` says by membership who was `present` or sent `apologies` (None: leave as recorded);
    `attendance` names others in words. `seen` is `version_of` what the person had before them;
    raises Invalid when it has changed.
    """
    review = _lock_open(actor, review_id)
    rights.require_run(actor, review.forum, review.service_id)
    if assurance is not None and assurance not in ASSURANCES:
        raise Invalid("Choose given, partial or withheld.", "assurance")
    if seen != version_of(review):
        raise Invalid(
            "Someone else saved the minutes while you were writing. Theirs stand above the form; "
            "save again to replace them with yours.",
        )
    review.attendance = _of_length(attendance, "attendance")
    review.summary = _of_length(summary, "summary")
    review.inquorate_reason = _of_length(inquorate_reason, "inquorate_reason")
    review.assurance = assurance
    if present is not None:
        roll.record(actor=actor, review=review, statuses=present)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="review:minutes_saved",
        subject_id=review.id,
        after={"assurance": assurance},
    )


def sign(*, actor: Actor, review_id: UUID, seen: str) -> str:
    """Sign the minutes, as chair or acting chair, with the figures of the moment; returns their
    SHA-256.

    `seen` is the seal of the unsigned minutes as the person read them; raises Invalid when they
    have changed since, and for the first of what they lack.
    """
    review = _lock_open(actor, review_id)
    rights.require_run(actor, review.forum, review.service_id)
    parts = load_parts(review)
    found = roll.attendance(actor=actor, review=review, recorded=parts.attendees)
    for refusal in lacks(actor, review, found, withheld=parts.withheld):
        raise refusal
    if seen != seal(review, parts):
        raise Invalid(
            "The minutes have changed since you opened this page. Read them again, then sign.",
        )
    review.quorum, review.members_present = found.quorum, found.members_present
    review.signed_as = signs_as(actor, found)
    review.figures = _figures(actor, review, parts)
    review.signed_by_id, review.signed_at = actor.membership_id, clock.now()
    review.form, review.status = FORM, "signed"
    review.sha256 = seal(review, parts)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="review:signed",
        subject_id=review.id,
        before={"status": "open"},
        after={"status": "signed", "sha256": review.sha256, "as": review.signed_as},
    )
    return review.sha256


def _figures(actor: Actor, review: Review, parts: Parts) -> dict[str, Any]:
    """The figures of the moment, and which of the sitting's challenges were open then."""
    kept = current_figures(actor=actor, service_id=review.service_id)
    waiting = sorted(str(entry.id) for entry, answer in parts.challenges if answer is None)
    kept["challenges_open"] = {
        "version": 1,
        "value": len(waiting),
        "numerator": len(waiting),
        "denominator": len(parts.challenges),
        "on": actor.today.isoformat(),
        "ids": waiting,
    }
    return kept
