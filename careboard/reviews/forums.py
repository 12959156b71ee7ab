"""The forums themselves: who belongs to each, since when it is in use, how many it needs.

Source: DESIGN section 3, review; steps S0-1.5, S0-2.5 and S0-3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, case, exists, or_, select
from sqlalchemy.exc import IntegrityError

from careboard import audit
from careboard.accounts.models import Membership, MembershipService
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.permissions import Permission, permissions_of
from careboard.reviews import cadence, rights
from careboard.reviews.cadence import RHYTHMS, Rhythm
from careboard.reviews.models import ForumMember, ForumRule
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import FORUMS

PARTS = ("chair", "member")


@dataclass(frozen=True, slots=True)
class Member:
    """One term of one person. `service` None: for all services, or of the organisation's forum."""

    id: UUID
    name: str
    job_title: str
    part: str
    service_id: UUID | None
    service: str | None
    from_on: date
    until_on: date | None
    active: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """`in_use_from` None: as by default; `quorum` None: no number is set."""

    service_id: UUID | None
    service: str | None
    quorum: int | None
    in_use_from: date | None


@dataclass(frozen=True, slots=True)
class Forum:
    """A forum with its rhythm, its rules (the general one first) and members."""

    code: str
    words: str
    rhythm: Rhythm
    expected: bool
    rules: list[Rule]
    members: list[Member]
    may_manage: bool

    @property
    def general(self) -> Rule:
        return next((r for r in self.rules if r.service_id is None), Rule(None, None, None, None))

    @property
    def present_members(self) -> list[Member]:
        return [member for member in self.members if not member.ended]

    @property
    def chair(self) -> Member | None:
        """The chair of the organisation's forum, or of all services."""
        return next(
            (m for m in self.present_members if m.part == "chair" and m.service_id is None), None
        )


def may_manage(actor: Actor, service_id: UUID | None = None) -> bool:
    """A governance lead; for a matter of the organisation one of all services."""
    if not actor.may(Permission.RUN_GOVERNANCE_REVIEW):
        return False
    return actor.service_ids is None if service_id is None else actor.reaches(service_id)


def forums(*, actor: Actor) -> list[Forum]:
    """All six, with those of their rules and members that the person reaches. Two statements."""
    rules, members = _rules(actor), _members(actor)
    return [_forum(actor, code, rules, members) for code in FORUMS]


def forum(*, actor: Actor, code: str) -> Forum:
    """One of them. Two statements; raises NotFound."""
    if code not in FORUMS:
        raise NotFound()
    return _forum(actor, code, _rules(actor, code), _members(actor, code))


def _forum(actor: Actor, code: str, rules, members) -> Forum:
    return Forum(
        code=code,
        words=FORUMS[code],
        rhythm=RHYTHMS[code],
        expected=code in cadence.EXPECTED,
        rules=[rule for found, rule in rules if found == code],
        members=[member for found, member in members if found == code],
        may_manage=may_manage(actor),
    )


def _within(actor: Actor, model) -> list:
    if actor.service_ids is None:
        return []
    return [or_(model.service_id.is_(None), model.service_id.in_(actor.service_ids))]


def _rules(actor: Actor, code: str = "") -> list[tuple[str, Rule]]:
    rows = db.session.execute(
        select(ForumRule, Service.name)
        .outerjoin(
            Service,
            and_(Service.org_id == ForumRule.org_id, Service.id == ForumRule.service_id),
        )
        .where(
            ForumRule.org_id == actor.org_id,
            *([ForumRule.forum == code] if code else []),
            *_within(actor, ForumRule),
        )
        .order_by(Service.name_norm.nulls_first())
    )
    return [
        (row.forum, Rule(row.service_id, service, row.quorum, row.in_use_from))
        for row, service in rows
    ]


def _members(actor: Actor, code: str = "") -> list[tuple[str, Member]]:
    ended = ForumMember.until_on < actor.today
    rows = db.session.execute(
        select(ForumMember, Membership.name, Membership.job_title, Membership.active, Service.name)
        .join(
            Membership,
            and_(
                Membership.org_id == ForumMember.org_id,
                Membership.id == ForumMember.membership_id,
            ),
        )
        .outerjoin(
            Service,
            and_(Service.org_id == ForumMember.org_id, Service.id == ForumMember.service_id),
        )
        .where(
            ForumMember.org_id == actor.org_id,
            *([ForumMember.forum == code] if code else []),
            *_within(actor, ForumMember),
        )
        .order_by(
            case((ended, 1), else_=0),
            Service.name_norm.nulls_first(),
            ForumMember.part,
            Membership.name,
        )
    )
    return [
        (
            row.forum,
            Member(
                id=row.id,
                name=name,
                job_title=job_title,
                part=row.part,
                service_id=row.service_id,
                service=service,
                from_on=row.from_on,
                until_on=row.until_on,
                active=active,
                ended=row.until_on is not None and row.until_on < actor.today,
            ),
        )
        for row, name, job_title, active, service in rows
    ]


def people(*, actor: Actor) -> list[tuple[UUID, str]]:
    """(id, name) of everyone who can take part in a sitting. One statement."""
    rows = db.session.execute(
        select(Membership.id, Membership.name, Membership.job_title)
        .where(Membership.org_id == actor.org_id, Membership.active)
        .order_by(Membership.name, Membership.id)
    )
    return [(row.id, f"{row.name}, {row.job_title}" if row.job_title else row.name) for row in rows]


def appoint(
    *,
    actor: Actor,
    forum: str,
    service_id: UUID | None,
    membership_id: UUID | None,
    part: str,
    from_on: date | None,
) -> UUID:
    """Make somebody chair or member of a forum from that day; returns the term's id.

    Raises Invalid (service, membership, part, from_on), NotFound and Forbidden.
    """
    _check_place(actor, forum, service_id)
    if membership_id is None:
        raise Invalid("Choose a person.", "membership")
    person = load(Membership, actor.org_id, membership_id)
    if part not in PARTS:
        raise Invalid("Choose chair or member.", "part")
    if not person.active:
        raise Invalid(f"{person.name} has left the organisation.", "membership")
    if part == "chair" and not _could_run(person, forum, service_id):
        raise Invalid(
            f"{person.name} does not have the right to run this review, so cannot chair it.",
            "membership",
        )
    row = ForumMember(
        org_id=actor.org_id,
        forum=forum,
        service_id=service_id,
        membership_id=person.id,
        part=part,
        from_on=from_on or actor.today,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise _taken(error, person.name) from error
    audit.record(
        actor=actor,
        tag="forum:member_appointed",
        subject_id=row.id,
        after={"forum": forum, "service": service_id, "member": person.id, "part": part,
               "from": row.from_on},
    )  # fmt: skip
    return row.id


def _taken(error: IntegrityError, name: str) -> Invalid:
    if "one_chair" in str(error.orig):
        return Invalid("This forum has a chair. End that term first.", "part")
    return Invalid(f"{name} belongs to this forum already. End that term first.", "membership")


def _check_place(actor: Actor, forum: str, service_id: UUID | None) -> None:
    if forum not in FORUMS:
        raise NotFound()
    if service_id is not None:
        if not RHYTHMS[forum].per_service:
            raise Invalid("This forum is the whole organisation's: choose no service.", "service")
        load(Service, actor.org_id, service_id)
    if not may_manage(actor, service_id):
        raise Forbidden("You do not have the right to manage this forum.")


def _could_run(person: Membership, forum: str, service_id: UUID | None) -> bool:
    may = permissions_of(frozenset(person.roles))
    if RHYTHMS[forum].per_service:
        return Permission.RUN_MANAGER_REVIEW in may and _reaches(person, service_id)
    needed = {Permission.RUN_GOVERNANCE_REVIEW}
    if forum == rights.BOARD:
        needed.add(Permission.CHALLENGE)
    return person.all_services and bool(needed & may)


def _reaches(person: Membership, service_id: UUID | None) -> bool:
    if person.all_services or service_id is None:
        return person.all_services
    return db.session.scalar(
        select(
            exists().where(
                MembershipService.org_id == person.org_id,
                MembershipService.membership_id == person.id,
                MembershipService.service_id == service_id,
            )
        )
    )


def end(*, actor: Actor, forum: str, member_id: UUID, until_on: date | None) -> None:
    """End somebody's term in that forum on that day (None: today).

    Raises NotFound, Forbidden, Invalid (until_on), and Conflict when it has ended.
    """
    row = lock(ForumMember, actor.org_id, member_id)
    if row.forum != forum:
        raise NotFound()
    if not may_manage(actor, row.service_id):
        raise Forbidden("You do not have the right to manage this forum.")
    if row.until_on is not None:
        raise Conflict("This term has an end already.")
    until = until_on or max(actor.today, row.from_on)
    if until < row.from_on:
        raise Invalid("The term ends before it begins.", "until_on")
    row.until_on = until
    db.session.flush()
    audit.record(
        actor=actor,
        tag="forum:member_ended",
        subject_id=row.id,
        before={"until": None},
        after={"forum": row.forum, "until": until},
    )


def set_rule(
    *,
    actor: Actor,
    forum: str,
    service_id: UUID | None,
    quorum: int | None,
    in_use_from: date | None,
) -> None:
    """Set how many members a sitting needs and since when it is expected (None: by default).

    Raises Invalid (service, quorum), NotFound and Forbidden.
    """
    _check_place(actor, forum, service_id)
    if quorum is not None and not 1 <= quorum <= 50:
        raise Invalid("A quorum is 1 to 50 members.", "quorum")
    of_place = select(ForumRule).where(
        ForumRule.org_id == actor.org_id,
        ForumRule.forum == forum,
        ForumRule.service_id.is_not_distinct_from(service_id),
    )
    row = db.session.scalar(of_place.with_for_update())
    before = None
    if row is None:
        row = ForumRule(org_id=actor.org_id, forum=forum, service_id=service_id)
        db.session.add(row)
    else:
        before = {"quorum": row.quorum, "in_use_from": row.in_use_from}
    row.quorum, row.in_use_from = quorum, in_use_from
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("Somebody else set this a moment ago. Reload the page.") from error
    audit.record(
        actor=actor,
        tag="forum:rule_set",
        subject_id=row.id,
        before=before,
        after={"forum": forum, "service": service_id, "quorum": quorum,
               "in_use_from": in_use_from},
    )  # fmt: skip
