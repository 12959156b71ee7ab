"""An address that refuses mail is not tried again, and someone who can act on it is told."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from careboard import audit, tenancy
from careboard.db import db, load, new_id
from careboard.permissions import Role
from careboard.reminders import outbox, people
from careboard.reminders.models import Outbox, Suppression
from careboard.reminders.outbox import Post
from careboard.reminders.recipients import Candidate, Directory, Person
from careboard.tenancy import Actor


def address_refused(*, org_id: UUID, mail_id: UUID) -> None:
    """Suppress the address of that mail, and tell those responsible for its owner's actions.

    Does nothing when it is suppressed already.
    """
    actor = tenancy.system_actor(org_id)
    assert actor is not None
    mail = load(Outbox, org_id, mail_id)
    statement = (
        insert(Suppression)
        .values(org_id=org_id, id=new_id(), email_norm=mail.to_email.lower(), reason="hard_bounce")
        .on_conflict_do_nothing(index_elements=["org_id", "email_norm"])
        .returning(Suppression.id)
    )
    suppression_id = db.session.scalar(statement)
    if suppression_id is None:
        return
    audit.record(
        actor=actor,
        tag="address:suppressed",
        subject_id=suppression_id,
        after={"mail": str(mail_id), "reason": "hard_bounce"},
    )
    told = _responsible(actor, mail.to_email.lower())
    outbox.post_all(
        actor=actor,
        posts=[_notice(mail, person, own, suppression_id) for person, own in told],
    )


def _responsible(actor: Actor, email: str) -> list[tuple[Person, list[Candidate]]]:
    """Each person to tell, with the actions that they are responsible for."""
    directory = people.directory(actor=actor)
    told: dict[str, tuple[Person, list[Candidate]]] = {}
    for action in people.live_actions_of(actor=actor, email=email):
        for person in directory.managers_of(action):
            told.setdefault(person.key, (person, []))[1].append(action)
    told.pop(email, None)
    return list(told.values()) or [(person, []) for person in _in_charge(directory, email)]


def _in_charge(directory: Directory, email: str) -> list[Person]:
    for role in (Role.GOVERNANCE_LEAD, Role.ADMINISTRATOR):
        found = [p for p in directory.people if role in p.roles and p.reachable and p.key != email]
        if found:
            return found
    return []


def _notice(mail: Outbox, person: Person, actions: list[Candidate], suppression_id: UUID) -> Post:
    lines = [
        {
            "action_id": str(action.id),
            "reference": action.reference,
            "title": action.title,
            "service": action.service,
        }
        for action in actions
    ]
    name = mail.to_name or mail.to_email
    return Post(
        kind="unreachable",
        to_email=person.email,
        to_name=person.name,
        membership_id=person.membership_id,
        template="unreachable",
        content={"name": name, "address": mail.to_email, "lines": lines, "mail_id": str(mail.id)},
        subject=f"Mail does not reach {name}",
        why="You get this because you are responsible for someone's actions, and their mail "
        "server says that the address does not exist.",
        dedupe_key=f"unreachable:{suppression_id}:{person.key}",
    )
