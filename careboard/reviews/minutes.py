"""The minutes of a sitting as one canonical text, and the hash that seals it.

The text covers the sitting, every line of its agenda, every entry, the figures and the answers
given by the time of signing; from form 2 also the attendance by name, the quorum, in what part
it was signed, and what was decided on ratings and monitoring in it. People stand in it by id.
Answers given later belong to later minutes: `figures["challenges_open"]["ids"]` says which
challenges were open at signing. Source: steps S0-1.3, S0-1.5 and S0-3.3.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from careboard import figures
from careboard.db import db
from careboard.reviews.attendance import Person, recorded_of
from careboard.reviews.decisions import Decision, decisions_of
from careboard.reviews.models import ChallengeAnswer, Review, ReviewEntry, ReviewItem
from careboard.tenancy import Actor

FORM = "minutes/2"
FIGURES = ("audit_risks_linked", "overdue_actions")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a sitting consists of. `entries` holds (entry, its answer or None) in order of time;
    `carried` the same for challenges of earlier sittings that stand on the agenda."""

    items: list[ReviewItem]
    entries: list[tuple[ReviewEntry, ChallengeAnswer | None]]
    carried: list[tuple[ReviewEntry, ChallengeAnswer | None]]
    attendees: list[Person]
    decisions: list[Decision]

    @property
    def challenges(self) -> list[tuple[ReviewEntry, ChallengeAnswer | None]]:
        own = [pair for pair in self.entries if pair[0].kind == "challenge"]
        return own + self.carried

    @property
    def withheld(self) -> bool:
        """Whether assurance was withheld on some matter."""
        return any(entry.kind == "withheld" for entry, _ in self.entries)


def load_parts(review: Review) -> Parts:
    """Four statements."""
    items = db.session.scalars(
        select(ReviewItem)
        .where(ReviewItem.org_id == review.org_id, ReviewItem.review_id == review.id)
        .order_by(ReviewItem.position, ReviewItem.id)
    ).all()
    carried_ids = [UUID(i.detail["entry_id"]) for i in items if i.section == "challenges"]
    rows = db.session.execute(
        select(ReviewEntry, ChallengeAnswer)
        .outerjoin(ChallengeAnswer, answer_of_entry())
        .where(
            ReviewEntry.org_id == review.org_id,
            or_(ReviewEntry.review_id == review.id, ReviewEntry.id.in_(carried_ids)),
        )
        .order_by(ReviewEntry.entered_at, ReviewEntry.id)
    ).all()
    pairs = [(entry, answer) for entry, answer in rows]
    return Parts(
        items=list(items),
        entries=[pair for pair in pairs if pair[0].review_id == review.id],
        carried=[pair for pair in pairs if pair[0].review_id != review.id],
        attendees=recorded_of(review),
        decisions=decisions_of(review),
    )


def current_figures(*, actor: Actor, service_id: UUID | None) -> dict[str, Any]:
    """By code, what minutes signed now would keep of the board's figures. One statement."""
    scope = None if service_id is None else (service_id,)
    counted = figures.counts(actor=actor, on=actor.today, codes=FIGURES, service_ids=scope)
    return {
        code: {
            "version": figures.FIGURES[code].version,
            "value": count.percent if figures.FIGURES[code].percent else count.numerator,
            "numerator": count.numerator,
            "denominator": count.denominator,
            "on": actor.today.isoformat(),
        }
        for code, count in counted.items()
    }


def answer_of_entry():
    """SQL: joins a challenge to its answer."""
    return and_(
        ChallengeAnswer.org_id == ReviewEntry.org_id, ChallengeAnswer.entry_id == ReviewEntry.id
    )


def content(review: Review, parts: Parts) -> dict[str, Any]:
    """The whole minutes as plain values, the same for the same rows whenever it is asked."""
    form = review.form if review.status == "signed" else FORM
    return _first_form(review, parts) | (_second_form(review, parts) if form == FORM else {})


def _second_form(review: Review, parts: Parts) -> dict[str, Any]:
    return {
        "form": FORM,
        "attendees": sorted([str(p.id), p.part, p.status] for p in parts.attendees),
        "quorum": [review.quorum, review.members_present, review.inquorate_reason],
        "signed_as": review.signed_as,
        "decisions": [decision.sealed for decision in parts.decisions],
    }


def _first_form(review: Review, parts: Parts) -> dict[str, Any]:
    still_open = set(review.figures.get("challenges_open", {}).get("ids", ()))
    return {
        "form": "minutes/1",
        "organisation": review.org_id,
        "sitting": review.id,
        "reference": review.reference,
        "forum": review.forum,
        "service": review.service_id,
        "period": [review.period_from, review.period_to],
        "opened": [review.opened_by_id, review.created_at],
        "attendance": review.attendance,
        "summary": review.summary,
        "assurance": review.assurance,
        "figures": review.figures,
        "signed": [review.signed_by_id, review.signed_at],
        "items": [
            {
                "id": item.id,
                "position": item.position,
                "section": item.section,
                "title": item.title,
                "detail": item.detail,
                "subject": [item.action_id, item.audit_concern_id, item.risk_id],
            }
            for item in parts.items
        ],
        "entries": [
            {
                "id": entry.id,
                "item": entry.item_id,
                "kind": entry.kind,
                "text": entry.text,
                "by": entry.by_id,
                "at": entry.entered_at,
            }
            for entry, _ in parts.entries
        ],
        "answers": sorted(
            [str(entry.id), answer.text, str(answer.by_id), _plain(answer.answered_at)]
            for entry, answer in parts.challenges
            if answer is not None and str(entry.id) not in still_open
        ),
    }


def seal(review: Review, parts: Parts) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of `content`."""
    canonical = json.dumps(
        content(review, parts),
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        default=_plain,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def version_of(review: Review) -> str:
    """A mark of what the sitting's own fields say, to notice that someone else saved others."""
    parts = "\0".join(
        (review.attendance, review.summary, review.assurance or "", review.inquorate_reason)
    )
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
