"""What the pages show of reviews, and what the board asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.reviews import cadence, rights
from careboard.reviews.cadence import Period, Standing
from careboard.reviews.challenges import challenges, unanswered
from careboard.reviews.models import ChallengeAnswer, ForumRule, Review, ReviewEntry
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import FORUMS

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Sitting:
    """One review as lists show it. `service` is None for the whole organisation."""

    id: UUID
    reference: str
    forum: str
    service_id: UUID | None
    service: str | None
    period_from: date
    period_to: date
    status: str
    assurance: str | None
    opened_by: str | None
    opened_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    on_time: bool | None

    @property
    def forum_words(self) -> str:
        return FORUMS[self.forum]

    @property
    def record(self) -> str:
        """The name that the articles give to its minutes."""
        return cadence.RHYTHMS[self.forum].record

    @property
    def decides(self) -> bool:
        """Whether ratings are decided on in it."""
        return self.forum in cadence.DECIDING

    @property
    def title(self) -> str:
        return f"{FORUMS[self.forum]}: {self.service}" if self.service else FORUMS[self.forum]


_Opener, _Signer = aliased(Membership), aliased(Membership)


def sittings_statement(actor: Actor) -> Select:
    """SQL of (Review, service's name, opener's name, signer's name) within the person's reach."""
    statement = (
        select(Review, Service.name, _Opener.name, _Signer.name)
        .outerjoin(Service, and_(Service.org_id == Review.org_id, Service.id == Review.service_id))
        .outerjoin(
            _Opener, and_(_Opener.org_id == Review.org_id, _Opener.id == Review.opened_by_id)
        )
        .outerjoin(
            _Signer, and_(_Signer.org_id == Review.org_id, _Signer.id == Review.signed_by_id)
        )
        .where(Review.org_id == actor.org_id)
    )
    if actor.service_ids is not None:
        statement = statement.where(
            or_(Review.service_id.is_(None), Review.service_id.in_(actor.service_ids))
        )
    return statement


def as_sitting(actor: Actor, row: Row) -> Sitting:
    """One row of `sittings_statement`, in the words of the pages."""
    review, service, opener, signer = row[:4]
    on_time = None
    if review.signed_at is not None:
        signed_on = review.signed_at.astimezone(ZoneInfo(actor.time_zone)).date()
        on_time = cadence.was_on_time(review.forum, review.period_to, signed_on)
    return Sitting(
        id=review.id,
        reference=review.reference,
        forum=review.forum,
        service_id=review.service_id,
        service=service,
        period_from=review.period_from,
        period_to=review.period_to,
        status=review.status,
        assurance=review.assurance,
        opened_by=opener,
        opened_at=review.created_at,
        signed_by=signer,
        signed_at=review.signed_at,
        on_time=on_time,
    )


def find(*, actor: Actor, review_id: UUID) -> tuple[Review, Sitting]:
    """The sitting. Raises NotFound, and Forbidden when it is of a service out of reach."""
    everything = replace(actor, service_ids=None)
    row = db.session.execute(
        sittings_statement(everything).where(Review.id == review_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.reaches(row[0].service_id):
        raise Forbidden("This review is of a service that is not yours.")
    return row[0], as_sitting(actor, row)


def open_sitting_id(
    *, actor: Actor, forum: str, service_id: UUID | None, period_from: date, period_to: date
) -> UUID | None:
    """The open sitting of exactly that forum, service and period."""
    return db.session.scalar(
        select(Review.id).where(
            Review.org_id == actor.org_id,
            Review.status == "open",
            Review.forum == forum,
            Review.service_id.is_not_distinct_from(service_id),
            Review.period_from == period_from,
            Review.period_to == period_to,
        )
    )


def last_signed(*, actor: Actor, forum: str, service_id: UUID | None = None) -> Sitting | None:
    """The signed sitting with the latest period of that forum (and service). One statement."""
    row = db.session.execute(
        sittings_statement(actor)
        .where(
            Review.forum == forum,
            Review.status == "signed",
            Review.service_id.is_not_distinct_from(service_id),
        )
        .order_by(Review.period_to.desc(), Review.signed_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else as_sitting(actor, row)


def next_due(*, actor: Actor, forum: str, service_id: UUID | None = None) -> Standing:
    """When that forum's next sitting is due (rule N14). Two statements."""
    until = _held_until(actor, forum, service_id)
    return cadence.standing(forum, held_until=until, on=actor.today)


def next_period(*, actor: Actor, forum: str, service_id: UUID | None) -> Period:
    """The period that a new sitting would look back on."""
    until = _held_until(actor, forum, service_id)
    return cadence.period_to_review(forum, held_until=until, on=actor.today)


def _held_until(actor: Actor, forum: str, service_id: UUID | None) -> date | None:
    last = last_signed(actor=actor, forum=forum, service_id=service_id)
    starts = in_use(actor=actor, forum=forum)
    return cadence.held_until(
        last_end=last.period_to if last else None,
        in_use_from=starts.get((forum, service_id)) or starts.get((forum, None)),
    )


def in_use(*, actor: Actor, forum: str = "") -> dict[tuple[str, UUID | None], date]:
    """By forum and service (None: the organisation, or all services): the day from which its
    sittings are expected, where one is set. One statement."""
    statement = select(ForumRule.forum, ForumRule.service_id, ForumRule.in_use_from).where(
        ForumRule.org_id == actor.org_id, ForumRule.in_use_from.is_not(None)
    )
    if forum:
        statement = statement.where(ForumRule.forum == forum)
    return {(row.forum, row.service_id): row.in_use_from for row in db.session.execute(statement)}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of sittings."""

    rows: list[Sitting]
    number: int
    pages: int
    total: int


def sittings(
    *,
    actor: Actor,
    forum: str = "",
    service_id: UUID | None = None,
    status: str = "",
    page: int = 1,
) -> Page:
    """Sittings, the latest first. Two statements."""
    conditions = []
    if forum:
        conditions.append(Review.forum == forum)
    if service_id is not None:
        conditions.append(Review.service_id == service_id)
    if status:
        conditions.append(Review.status == status)
    statement = sittings_statement(actor).where(*conditions)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(1, page), pages)
    rows = db.session.execute(
        statement.order_by(Review.period_to.desc(), Review.created_at.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([as_sitting(actor, row) for row in rows], number, pages, total)


def recent(*, actor: Actor, most: int = 8) -> list[Sitting]:
    """The latest sittings, open ones first. One statement."""
    rows = db.session.execute(
        sittings_statement(actor)
        .order_by(Review.status, Review.period_to.desc(), Review.created_at.desc())
        .limit(most)
    )
    return [as_sitting(actor, row) for row in rows]


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge with where it was made, what it is about and its answer, if any."""

    id: UUID
    text: str
    by: str | None
    entered_at: datetime
    review_id: UUID
    reference: str
    forum: str
    service_id: UUID | None
    matter: str | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    may_answer: bool
    own: bool

    @property
    def forum_words(self) -> str:
        return FORUMS[self.forum]


def open_challenges(*, actor: Actor, service_id: UUID | None = None) -> list[Challenge]:
    """Challenges without an answer, oldest first, within the person's reach. Two statements."""
    rows = db.session.execute(unanswered(actor, service_id=service_id)).all()
    return _challenges(actor, rows)


def challenge(*, actor: Actor, entry_id: UUID) -> Challenge:
    """One challenge. Raises NotFound, and Forbidden when it is about a service out of reach."""
    everything = replace(actor, service_ids=None)
    rows = db.session.execute(challenges(everything).where(ReviewEntry.id == entry_id)).all()
    if not rows:
        raise NotFound()
    if not actor.reaches(rows[0].about):
        raise Forbidden("This challenge is about a service that is not yours.")
    return _challenges(actor, rows)[0]


def _challenges(actor: Actor, rows: Sequence[Row]) -> list[Challenge]:
    people = names(actor, [who for row in rows for who in writers(row[0], row[3])])
    return [
        as_challenge(
            actor,
            people,
            entry,
            answer,
            place=(review.id, review.reference, review.forum),
            about=about,
            matter=item.title if item is not None and item.section != "challenges" else None,
        )
        for entry, review, item, answer, about in rows
    ]


def as_challenge(
    actor: Actor,
    people: dict[UUID, str],
    entry: ReviewEntry,
    answer: ChallengeAnswer | None,
    *,
    place: tuple[UUID, str, str],
    about: UUID | None,
    matter: str | None = None,
) -> Challenge:
    """`place`: its sitting's id, reference and forum; `about`: the service it concerns."""
    return Challenge(
        id=entry.id,
        text=entry.text,
        by=people.get(entry.by_id),
        entered_at=entry.entered_at,
        review_id=place[0],
        reference=place[1],
        forum=place[2],
        service_id=about,
        matter=matter,
        answer=answer.text if answer else None,
        answered_by=people.get(answer.by_id) if answer else None,
        answered_at=answer.answered_at if answer else None,
        may_answer=answer is None
        and rights.may_answer(actor, challenger_id=entry.by_id, service_id=about),
        own=entry.by_id is not None and entry.by_id == actor.membership_id,
    )


def writers(entry: ReviewEntry, answer: ChallengeAnswer | None) -> list[UUID | None]:
    """Ids of who wrote them."""
    return [entry.by_id, answer.by_id if answer else None]


def names(actor: Actor, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names of those members. One statement, none where there is nobody to name."""
    wanted = {person for person in ids if person}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Membership.id, Membership.name).where(
            Membership.org_id == actor.org_id, Membership.id.in_(wanted)
        )
    )
    return {row.id: row.name for row in rows}
