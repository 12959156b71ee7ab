"""Who belongs to a sitting's forum, who took part, and whether enough members did.

A service's own review has its registered manager in the chair unless somebody is appointed.
Source: steps S0-1.3, S0-1.5 and S0-3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, delete, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Invalid
from careboard.reviews import rights
from careboard.reviews.models import ForumMember, ForumRule, Review, ReviewAttendee
from careboard.services.models import Service
from careboard.tenancy import Actor

STATUSES = ("present", "apologies")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a part in a sitting: chair, member or guest. `status` empty: not recorded."""

    id: UUID
    name: str
    part: str
    status: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is expected at a sitting or was recorded, with the number of members it needs (`quorum`
    None: no number is set). The chair stands first, then members, then guests."""

    people: list[Person]
    quorum: int | None

    @property
    def members(self) -> list[Person]:
        return [person for person in self.people if person.part != "guest"]

    @property
    def members_present(self) -> int:
        return sum(person.status == "present" for person in self.members)

    @property
    def quorate(self) -> bool:
        return self.quorum is None or self.members_present >= self.quorum

    @property
    def chair(self) -> Person | None:
        return next((person for person in self.people if person.part == "chair"), None)

    def of(self, membership_id: UUID | None) -> Person | None:
        """That person's standing in the sitting."""
        return next((person for person in self.people if person.id == membership_id), None)


def attendance(*, actor: Actor, review: Review, recorded: list[Person] | None = None) -> Attendance:
    """As recorded (asked for unless given); while the sitting is open also its members of today,
    in two statements."""
    if recorded is None:
        recorded = recorded_of(review)
    if review.status == "signed":
        return Attendance(recorded, review.quorum)
    known = {person.id for person in recorded}
    expected = [
        Person(row.id, row.name, row.part, "")
        for row in db.session.execute(_members(actor, review.forum, review.service_id))
    ]
    people = [*recorded, *(person for person in expected if person.id not in known)]
    quorum = db.session.scalar(
        select(ForumRule.quorum)
        .where(
            ForumRule.org_id == actor.org_id,
            ForumRule.forum == review.forum,
            or_(ForumRule.service_id.is_(None), ForumRule.service_id == review.service_id),
            ForumRule.quorum.is_not(None),
        )
        .order_by(ForumRule.service_id.is_(None))
        .limit(1)
    )
    return Attendance(_in_order(people), quorum)


def recorded_of(review: Review) -> list[Person]:
    """Those whose presence or apologies are recorded. One statement."""
    rows = db.session.execute(
        select(Membership.id, Membership.name, ReviewAttendee.part, ReviewAttendee.status)
        .join(
            Membership,
            and_(
                Membership.org_id == ReviewAttendee.org_id,
                Membership.id == ReviewAttendee.membership_id,
            ),
        )
        .where(ReviewAttendee.org_id == review.org_id, ReviewAttendee.review_id == review.id)
    )
    return _in_order([Person(*row) for row in rows])


def _in_order(people: list[Person]) -> list[Person]:
    rank = {"chair": 0, "member": 1, "guest": 2}
    return sorted(people, key=lambda person: (rank[person.part], person.name, person.id))


def _members(actor: Actor, forum: str, service_id: UUID | None):
    """SQL of (id, name, part) of today's members; the manager chairs where nobody is appointed."""
    of_forum = (
        ForumMember.org_id == actor.org_id,
        ForumMember.forum == forum,
        or_(ForumMember.service_id.is_(None), ForumMember.service_id == service_id),
        rights.on_day(actor),
    )
    appointed = select(ForumMember.membership_id, ForumMember.part).where(*of_forum)
    manager = select(Service.manager_id, literal("chair")).where(
        Service.org_id == actor.org_id,
        Service.id == service_id,
        Service.manager_id.is_not(None),
        ~appointed.where(ForumMember.part == "chair").exists(),
    )
    found = union_all(appointed, manager).subquery()
    # Whoever is a member twice over (for all services and for this one) counts once.
    return (
        select(Membership.id, Membership.name, found.c.part)
        .join(found, found.c.membership_id == Membership.id)
        .where(Membership.org_id == actor.org_id, Membership.active)
        .ext(distinct_on(Membership.id))
        .order_by(Membership.id, found.c.part)
    )


def record(*, actor: Actor, review: Review, statuses: Mapping[UUID, str]) -> None:
    """Replace who was present or sent apologies, each in the part they had when first recorded.

    Raises Invalid (present, apologies, guest).
    """
    for status in statuses.values():
        if status not in STATUSES:
            raise Invalid("Choose present or apologies.", "present")
    known = {person.id: person for person in attendance(actor=actor, review=review).people}
    _check_guests(actor, [who for who in statuses if who not in known])
    db.session.execute(
        delete(ReviewAttendee).where(
            ReviewAttendee.org_id == review.org_id, ReviewAttendee.review_id == review.id
        )
    )
    db.session.add_all(
        ReviewAttendee(
            org_id=review.org_id,
            review_id=review.id,
            membership_id=who,
            part=known[who].part if who in known else "guest",
            status=status,
        )
        for who, status in statuses.items()
    )
    db.session.flush()


def _check_guests(actor: Actor, guests: list[UUID]) -> None:
    if not guests:
        return
    found = db.session.scalars(
        select(Membership.id).where(
            Membership.org_id == actor.org_id, Membership.id.in_(guests), Membership.active
        )
    ).all()
    if len(found) != len(set(guests)):
        raise Invalid("Choose somebody of this organisation.", "guest")
