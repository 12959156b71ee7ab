"""When somebody leaves: all that they answer for goes to people who stay, and their access ends.

What was done stays with who did it; what has yet to be done gets another name. Which column is
which stands here, and a guard compares it with the database's catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, exists, select, text
from sqlalchemy.exc import IntegrityError

from careboard import audit
from careboard.accounts import service, sessions, tokens
from careboard.accounts.models import Membership, MembershipService
from careboard.actions import lifecycle
from careboard.db import db, load
from careboard.errors import Invalid
from careboard.permissions import Permission, Role, permissions_of
from careboard.reviews import forums
from careboard.tenancy import Actor

P = Permission


@dataclass(frozen=True, slots=True)
class Owned:
    """A column that says who answers for a row; `open` tells while it matters.

    `service` and `label` are SQL of the row `t`. `needs` is what its owner must be able to do.
    """

    table: str
    column: str
    words: str
    open: str
    label: str
    service: str = "t.service_id"
    needs: Permission | Role | None = None
    versioned: bool = False

    @property
    def key(self) -> str:
        return f"{self.table}_{self.column.removesuffix('_id')}"


_OF_EPISODE = (
    "(SELECT e.service_id FROM monitoring_episode e "
    "WHERE e.org_id = t.org_id AND e.id = t.episode_id)"
)
_NAMED = "concat_ws(' ', t.reference, t.title)"
_TRACKED = "concat_ws(' ', t.reference, t.theme)"
ACTIONS = Owned(
    "action", "owner_id", "Actions", "t.status NOT IN ('verified', 'cancelled')", _NAMED
)
FORUMS = Owned(
    "forum_member", "membership_id", "Forums that they sit in",
    "t.until_on IS NULL", "replace(t.forum, '_', ' ')",
)  # fmt: skip
OWNED = (
    ACTIONS,
    FORUMS,
    Owned(
        "service", "manager_id", "Services that they manage", "t.active", "t.name", "t.id",
        needs=Role.REGISTERED_MANAGER,
    ),
    Owned(
        "indicator", "review_owner_id", "Indicators that they review", "t.active",
        "concat_ws(' ', t.reference, t.name)",
    ),
    Owned(
        "recovery_plan", "lead_id", "Recovery plans", "t.status = 'open'", _NAMED,
        needs=P.WORK_ON_ACTION, versioned=True,
    ),
    Owned(
        "response", "asked_id", "Declines without an answer",
        "t.status = 'open' AND t.kind IS NULL", "concat_ws(' ', t.reference, t.sentence)",
    ),
    Owned(
        "monitoring_episode", "governance_lead_id", "Enhanced monitoring, as governance lead",
        "t.status <> 'closed'", _NAMED, needs=P.DECIDE_MONITORING,
    ),
    Owned(
        "monitoring_episode", "manager_id", "Enhanced monitoring, as manager",
        "t.status <> 'closed'", _NAMED, needs=P.RUN_MANAGER_REVIEW,
    ),
    Owned(
        "episode_change", "owner_id", "Changes that enhanced monitoring asks for",
        "t.done_on IS NULL", "t.what", _OF_EPISODE, needs=P.WORK_ON_ACTION,
    ),
    Owned(
        "tracked_concern", "lead_id", "What commissioners asked, as contracts lead",
        "t.status = 'open'", _TRACKED, needs=P.WRITE_UPDATE,
    ),
    Owned(
        "tracked_concern", "manager_id", "What commissioners asked, as manager",
        "t.status = 'open'", _TRACKED, needs=P.SUBMIT_RETURN,
    ),
)  # fmt: skip
# Besides all columns called by_id or …_by_id, which name who did something.
KEPT = {
    "membership_service.membership_id": "which services the person reached",
    "outbox.membership_id": "whom a letter was written to",
    "review_attendee.membership_id": "who sat in a review",
    "plan_review.lead_id": "who led the plan when it was reviewed",
    "response.owner_id": "whom a decision named; the action made of it is handed over",
}


@dataclass(frozen=True, slots=True)
class Belonging:
    """One row that somebody answers for."""

    id: UUID
    label: str
    service_id: UUID | None


def belongings(*, actor: Actor, membership_id: UUID) -> dict[str, list[Belonging]]:
    """What the person answers for, by the key of `Owned`; kinds without any are left out."""
    actor.require(P.MANAGE_PEOPLE)
    found = {owned.key: _rows(actor, owned, membership_id) for owned in OWNED}
    return {key: rows for key, rows in found.items() if rows}


def heirs(*, actor: Actor, membership_id: UUID) -> Sequence[Membership]:
    """Everybody else who is active, by name."""
    return db.session.scalars(
        select(Membership)
        .where(Membership.org_id == actor.org_id, Membership.active, Membership.id != membership_id)
        .order_by(Membership.name, Membership.id)
    ).all()


def end(
    *, actor: Actor, membership_id: UUID, to: UUID | None, instead: Mapping[str, UUID | None]
) -> int:
    """Hand everything over to `to`, or to another by the key of `Owned`, and end the access and
    every session, in one transaction; returns how many rows changed hands.

    Raises Invalid at `to` or at the key whose heir cannot take it, and NotFound.
    """
    actor.require(P.MANAGE_PEOPLE)
    leaver = service.end_membership(actor=actor, membership_id=membership_id)
    held, handed = belongings(actor=actor, membership_id=membership_id), 0
    for owned in OWNED:
        rows = held.get(owned.key, [])
        if rows:
            heir = _heir(actor, owned, rows, leaver, instead.get(owned.key) or to)
            _hand_over(actor, owned, rows, leaver, heir)
            handed += len(rows)
    audit.record(
        actor=actor,
        tag="member:left",
        subject_id=leaver.id,
        after={"handed_over": handed, "to": to},
    )
    tokens.use_up(account_id=leaver.account_id)
    sessions.end_all(account_id=leaver.account_id)
    return handed


def _rows(actor: Actor, owned: Owned, membership_id: UUID) -> list[Belonging]:
    statement = text(
        f"SELECT t.id, {owned.label} AS label, {owned.service} AS service_id "
        f"FROM {owned.table} t WHERE t.org_id = :org AND t.{owned.column} = :who "
        f"AND {owned.open} ORDER BY 2, 1"
    )
    values = {"org": actor.org_id, "who": membership_id}
    return [Belonging(**row._mapping) for row in db.session.execute(statement, values)]


def _heir(
    actor: Actor, owned: Owned, rows: list[Belonging], leaver: Membership, heir_id: UUID | None
) -> Membership:
    """Who takes the rows, if they may."""
    field = owned.key
    if heir_id is None:
        raise Invalid(f"Choose who takes over: {owned.words.lower()}.", field)
    heir = load(Membership, actor.org_id, heir_id)
    if heir.id == leaver.id or not heir.active:
        raise Invalid("Choose somebody who stays.", field)
    if not _able(heir, owned.needs):
        raise Invalid(f"{heir.name} does not have the role for: {owned.words.lower()}.", field)
    beyond = {row.service_id for row in rows if row.service_id} - _reach(heir, rows)
    if beyond:
        raise Invalid(f"{heir.name} does not reach all services of: {owned.words.lower()}.", field)
    return heir


def _able(heir: Membership, needs: Permission | Role | None) -> bool:
    return needs is None or needs in heir.roles or needs in permissions_of(frozenset(heir.roles))


def _reach(heir: Membership, rows: list[Belonging]) -> set[UUID | None]:
    if heir.all_services:
        return {row.service_id for row in rows}
    return set(
        db.session.scalars(
            select(MembershipService.service_id).where(
                MembershipService.org_id == heir.org_id,
                MembershipService.membership_id == heir.id,
            )
        )
    )


def _hand_over(
    actor: Actor, owned: Owned, rows: list[Belonging], leaver: Membership, heir: Membership
) -> None:
    # In place of those who would do it one by one: the administrator does it for all.
    deputy = replace(actor, service_ids=None, permissions=frozenset(Permission))
    if owned is ACTIONS:
        ids = [row.id for row in rows]
        note = f"{leaver.name} left."
        try:
            lifecycle.reassign_many(actor=deputy, action_ids=ids, owner_id=heir.id, note=note)
        except Invalid as error:
            raise Invalid(error.message, owned.key) from error
    elif owned is FORUMS:
        for row in rows:
            _succeed(deputy, row.id, heir)
    else:
        _rename(actor, owned, rows, leaver, heir)


def _succeed(deputy: Actor, member_id: UUID, heir: Membership) -> None:
    """End a term in a forum and begin the heir's, unless they sit there already."""
    term = load(forums.ForumMember, deputy.org_id, member_id)
    forums.end(actor=deputy, forum=term.forum, member_id=term.id, until_on=None)
    model = forums.ForumMember
    sits = exists().where(
        model.org_id == deputy.org_id,
        model.forum == term.forum,
        model.service_id.is_not_distinct_from(term.service_id),
        model.membership_id == heir.id,
        model.until_on.is_(None),
    )
    if db.session.scalar(select(sits)):
        return
    try:
        forums.appoint(
            actor=deputy, forum=term.forum, service_id=term.service_id, membership_id=heir.id,
            part=term.part, from_on=None,
        )  # fmt: skip
    except Invalid as error:
        raise Invalid(error.message, FORUMS.key) from error


def _rename(
    actor: Actor, owned: Owned, rows: list[Belonging], leaver: Membership, heir: Membership
) -> None:
    newer = ", lock_version = lock_version + 1" if owned.versioned else ""
    statement = text(
        f"UPDATE {owned.table} SET {owned.column} = :heir{newer} WHERE org_id = :org AND id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    values = {"heir": heir.id, "org": actor.org_id, "ids": [row.id for row in rows]}
    try:
        with db.session.begin_nested():
            db.session.execute(statement, values)
    except IntegrityError as error:
        message = f"{heir.name} has another part in one of these, which nobody may have as well."
        raise Invalid(message, owned.key) from error
    for row in rows:
        audit.record(
            actor=actor,
            tag=f"{owned.table}:handed_over",
            subject_id=row.id,
            before={owned.column: leaver.id},
            after={owned.column: heir.id},
        )
