"""Minutes as their pages show them: lines of the agenda with what was recorded against each.

A person who does not reach all services reads the minutes of the whole organisation without the
lines of the others. Source: steps S0-1.3 and S0-1.5.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, text

from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.figures import FIGURES
from careboard.reviews import rights
from careboard.reviews.agenda import SECTIONS, sections_of
from careboard.reviews.attendance import Attendance, attendance
from careboard.reviews.decisions import Decision
from careboard.reviews.minutes import (
    Parts,
    answer_of_entry,
    current_figures,
    load_parts,
    seal,
    version_of,
)
from careboard.reviews.models import ChallengeAnswer, Review, ReviewEntry, ReviewItem
from careboard.reviews.queries import (
    Challenge,
    Sitting,
    as_challenge,
    as_sitting,
    find,
    names,
    sittings_statement,
    writers,
)
from careboard.reviews.signing import lacks
from careboard.tenancy import Actor

Pair = tuple[ReviewEntry, ChallengeAnswer | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision or note; for a challenge, `challenge` holds it."""

    id: UUID
    kind: str
    text: str
    by: str | None
    entered_at: datetime
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the agenda. `facts` are its frozen details, dates as dates; `carried` is the
    challenge of an earlier sitting that it repeats."""

    id: UUID
    section: str
    title: str
    facts: dict[str, Any]
    owner: str | None
    action_id: UUID | None
    audit_concern_id: UUID | None
    risk_id: UUID | None
    entries: list[Entry] = field(default_factory=list)
    carried: Challenge | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """A sitting's whole page. `unchanged` is None while it is open, else whether its seal holds.

    `roll` is the attendance by name, `attendance` names others in words. `decisions` are those
    taken on ratings. `draft_seal` is the seal of what is shown, for whoever signs exactly that.
    `lacks` is what still keeps the person from signing. `hidden` counts the lines and decisions
    of services out of the person's reach.
    """

    sitting: Sitting
    attendance: str
    roll: Attendance
    inquorate_reason: str
    signed_as: str | None
    summary: str
    decisions: list[Decision]
    figures: list[ShownFigure]
    version: str
    sha256: str | None
    sections: dict[str, list[Line]]
    entries: list[Entry]
    hidden: int
    draft_seal: str
    lacks: list[Invalid]
    unchanged: bool | None
    may_run: bool
    kinds: tuple[str, ...]


def minutes(*, actor: Actor, review_id: UUID) -> Minutes:
    """Everything about one sitting, in nine statements. Raises NotFound and Forbidden."""
    review, sitting = find(actor=actor, review_id=review_id)
    parts = load_parts(review)
    sealed = seal(review, parts)
    people = _people(actor, parts.items, [*parts.entries, *parts.carried])
    lines = _lines(actor, review, parts, people)
    seen = [found for found in lines if actor.reaches(_service(found))]
    decisions = [found for found in parts.decisions if actor.reaches(found.service_id)]
    roll = attendance(actor=actor, review=review, recorded=parts.attendees)
    return Minutes(
        sitting=sitting,
        attendance=review.attendance,
        roll=roll,
        inquorate_reason=review.inquorate_reason,
        signed_as=review.signed_as,
        summary=review.summary,
        decisions=decisions,
        figures=shown_figures(review.figures),
        version=version_of(review),
        sha256=review.sha256,
        sections=_sections(review, seen),
        entries=_entries(actor, review, people, [p for p in parts.entries if p[0].item_id is None]),
        hidden=len(lines) - len(seen) + len(parts.decisions) - len(decisions),
        draft_seal=sealed,
        lacks=list(lacks(actor, review, roll, withheld=parts.withheld)),
        unchanged=_unchanged(review, sealed) if review.status == "signed" else None,
        may_run=rights.may_run(actor, review.forum, review.service_id),
        kinds=_kinds(actor, review),
    )


def _sections(review: Review, lines: list[Line]) -> dict[str, list[Line]]:
    """Lines by section; a section that the agenda did not look at is left out, not shown empty."""
    found = {section: [x for x in lines if x.section == section] for section in SECTIONS}
    looked_at = sections_of(review)
    return {name: rows for name, rows in found.items() if rows or name in looked_at}


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as minutes show it. `value` is words; `of` what the denominator counts."""

    code: str
    title: str
    value: str
    numerator: int
    denominator: int
    of: str
    version: int
    on: date


def shown_figures(kept: dict[str, Any]) -> list[ShownFigure]:
    """Those of the board's figures that minutes keep."""
    return [
        ShownFigure(
            code=code,
            title=FIGURES[code].title,
            value=_value(code, kept[code]["value"]),
            numerator=kept[code]["numerator"],
            denominator=kept[code]["denominator"],
            of=FIGURES[code].of,
            version=kept[code]["version"],
            on=date.fromisoformat(kept[code]["on"]),
        )
        for code in FIGURES
        if code in kept
    ]


def _value(code: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:g}%" if FIGURES[code].percent else f"{value:,}"


def figures_now(*, actor: Actor, sitting: Sitting) -> list[ShownFigure]:
    """What the minutes would keep if they were signed now. One statement."""
    return shown_figures(current_figures(actor=actor, service_id=sitting.service_id))


def _lines(actor: Actor, review: Review, parts: Parts, people: dict[UUID, str]) -> list[Line]:
    pairs_of: dict[UUID, list[Pair]] = {}
    for pair in parts.entries:
        if pair[0].item_id is not None:
            pairs_of.setdefault(pair[0].item_id, []).append(pair)
    return [
        _as_line(actor, review, item, people, [*pairs_of.get(item.id, ()), *parts.carried])
        for item in parts.items
    ]


def line(*, actor: Actor, review_id: UUID, item_id: UUID) -> tuple[Sitting, Line, tuple[str, ...]]:
    """One line, its sitting and what the person may record there (nothing once signed).

    Three statements. Raises NotFound and Forbidden.
    """
    row = db.session.execute(
        sittings_statement(actor)
        .add_columns(ReviewItem)
        .join(
            ReviewItem,
            and_(ReviewItem.org_id == Review.org_id, ReviewItem.review_id == Review.id),
        )
        .where(Review.id == review_id, ReviewItem.id == item_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    review, item = row[0], row[4]
    carried = item.detail.get("entry_id")
    pairs = _pairs(
        review,
        or_(
            ReviewEntry.item_id == item.id,
            ReviewEntry.id == (UUID(carried) if carried else None),
        ),
    )
    found = _as_line(actor, review, item, _people(actor, [item], pairs), pairs)
    if not actor.reaches(_service(found)):
        raise Forbidden("This line is about a service that is not yours.")
    return as_sitting(actor, row), found, _kinds(actor, review)


def sitting_entries(
    *, actor: Actor, review_id: UUID
) -> tuple[Sitting, list[Entry], tuple[str, ...]]:
    """What was recorded of the sitting itself, not of a line. Three statements."""
    review, sitting = find(actor=actor, review_id=review_id)
    pairs = _pairs(review, and_(ReviewEntry.review_id == review.id, ReviewEntry.item_id.is_(None)))
    entries = _entries(actor, review, _people(actor, [], pairs), pairs)
    return sitting, entries, _kinds(actor, review)


def _kinds(actor: Actor, review: Review) -> tuple[str, ...]:
    if review.status == "signed":
        return ()
    return rights.kinds_for(actor, review.forum, review.service_id)


def _pairs(review: Review, condition) -> list[Pair]:
    rows = db.session.execute(
        select(ReviewEntry, ChallengeAnswer)
        .outerjoin(ChallengeAnswer, answer_of_entry())
        .where(ReviewEntry.org_id == review.org_id, condition)
        .order_by(ReviewEntry.entered_at, ReviewEntry.id)
    )
    return [(entry, answer) for entry, answer in rows]


def _people(actor: Actor, items: list[ReviewItem], pairs: list[Pair]) -> dict[UUID, str]:
    owners = [UUID(item.detail["owner_id"]) for item in items if item.detail.get("owner_id")]
    return names(actor, [*owners, *(who for pair in pairs for who in writers(*pair))])


def _as_line(
    actor: Actor, review: Review, item: ReviewItem, people: dict[UUID, str], pairs: list[Pair]
) -> Line:
    """`pairs`: at least those of the line, and the challenge that it carries."""
    facts = {key: _dated(key, value) for key, value in item.detail.items()}
    owner_id = facts.get("owner_id")
    carried = facts.get("entry_id")
    return Line(
        id=item.id,
        section=item.section,
        title=item.title,
        facts=facts,
        owner=people.get(UUID(owner_id)) if owner_id else facts.get("owner_name") or None,
        action_id=item.action_id,
        audit_concern_id=item.audit_concern_id,
        risk_id=item.risk_id,
        entries=_entries(
            actor, review, people, [p for p in pairs if p[0].item_id == item.id], facts
        ),
        carried=next(
            (
                as_challenge(
                    actor,
                    people,
                    *pair,
                    place=(UUID(facts["review_id"]), facts["reference"], facts["forum"]),
                    about=_uuid(facts["service_id"]),
                )
                for pair in pairs
                if str(pair[0].id) == carried
            ),
            None,
        ),
    )


def _entries(
    actor: Actor,
    review: Review,
    people: dict[UUID, str],
    pairs: list[Pair],
    facts: dict[str, Any] | None = None,
) -> list[Entry]:
    about = _uuid((facts or {}).get("service_id")) or review.service_id
    place = (review.id, review.reference, review.forum)
    return [
        Entry(
            id=entry.id,
            kind=entry.kind,
            text=entry.text,
            by=people.get(entry.by_id),
            entered_at=entry.entered_at,
            challenge=as_challenge(actor, people, entry, answer, place=place, about=about)
            if entry.kind == "challenge"
            else None,
        )
        for entry, answer in pairs
    ]


def _service(line: Line) -> UUID | None:
    return _uuid(line.facts.get("service_id"))


def _uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _dated(key: str, value: Any) -> Any:
    if value and key.endswith("_on"):
        return date.fromisoformat(value)
    if value and key.endswith("_at"):
        return datetime.fromisoformat(value)
    return value


_SIGNED_EVENT = text(
    "SELECT payload FROM audit_event WHERE org_id = :org AND subject = :subject "
    "AND tag = 'review:signed'"
)


def _unchanged(review: Review, sealed: str) -> bool:
    """Whether the minutes still have the seal that they and the audit trail keep."""
    kept = db.session.execute(
        _SIGNED_EVENT, {"org": review.org_id, "subject": str(review.id)}
    ).scalars()
    witnessed = [json.loads(payload)["after"].get("sha256") for payload in kept]
    return sealed == review.sha256 and witnessed == [sealed]
