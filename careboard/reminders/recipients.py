"""Who is told what: pure rules over an organisation's people, its actions and other duties.

Nothing that is due goes silent: where the person cannot be reached the manager is told, and where
there is no manager, the governance leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from careboard.permissions import Permission, Role, permissions_of
from careboard.reminders import duties, schedule
from careboard.reminders.duties import Duty
from careboard.reminders.schedule import Occurrence


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can be written to. `service_ids` None: all services."""

    email: str
    name: str
    membership_id: UUID | None = None
    mail_mode: str = "daily"
    roles: frozenset[str] = frozenset()
    service_ids: frozenset[UUID] | None = None
    reachable: bool = True

    @property
    def key(self) -> str:
        return self.email.lower()

    def serves(self, role: Role, service_id: UUID | None) -> bool:
        """Whether the person holds that role where that service (None: all) is concerned."""
        return role in self.roles and self._reaches(service_id)

    def may(self, permission: Permission, service_id: UUID | None) -> bool:
        """Whether the person has the permission where that service (None: all) is concerned."""
        return permission in permissions_of(self.roles) and self._reaches(service_id)

    def _reaches(self, service_id: UUID | None) -> bool:
        return self.service_ids is None or service_id in self.service_ids


@dataclass(frozen=True, slots=True)
class Candidate:
    """An action that may call for a reminder. `claimed` holds (rule, day, address) told before."""

    id: UUID
    reference: str
    title: str
    service_id: UUID
    service: str
    manager_id: UUID | None
    owner_id: UUID | None
    owner_name: str
    owner_email: str
    owner_suppressed: bool
    status: str
    due_on: date | None
    completed_on: date | None
    completed_by_id: UUID | None
    claimed: frozenset[tuple[str, str, str]] = frozenset()

    @property
    def key(self) -> tuple[str, UUID]:
        return "action", self.id

    @property
    def link(self) -> tuple[str, dict[str, Any]]:
        """The endpoint of its page and what fills the address."""
        return "actions.show", {"action_id": self.id}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to tell one person. `group` is its heading in the digest."""

    person: Person
    about: Candidate | Duty
    occurrence: Occurrence
    group: str


@dataclass(frozen=True, slots=True)
class Directory:
    """The active members of an organisation."""

    people: tuple[Person, ...]
    by_id: dict[UUID, Person] = field(init=False)
    by_email: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {p.membership_id: p for p in self.people})
        object.__setattr__(self, "by_email", {p.key: p for p in self.people})

    def owner_of(self, action: Candidate) -> Person | None:
        """The owner, a member or someone known by address alone; None if nobody can be named."""
        if action.owner_id is not None:
            return self.by_id.get(action.owner_id)
        if not action.owner_email:
            return None
        known = self.by_email.get(action.owner_email.lower())
        return known or Person(
            email=action.owner_email,
            name=action.owner_name,
            reachable=not action.owner_suppressed,
        )

    def managers_of(self, about: Candidate | Duty) -> list[Person]:
        """The service's registered manager; without one who can be reached, those in charge."""
        manager = self.by_id.get(about.manager_id) if about.manager_id else None
        if manager is not None and manager.reachable:
            return [manager]
        others = [
            person
            for person in self.people
            if person.service_ids is not None
            and person.reachable
            and person.serves(Role.REGISTERED_MANAGER, about.service_id)
        ]
        return others or self.leads_of(about)

    def leads_of(self, about: Candidate | Duty) -> list[Person]:
        """The governance leads for the service, those who can be reached if there are any."""
        leads = [p for p in self.people if p.serves(Role.GOVERNANCE_LEAD, about.service_id)]
        return [p for p in leads if p.reachable] or leads

    def verifiers_of(self, action: Candidate) -> list[Person]:
        """The verifiers for the service, else its manager or leads; never who did the work."""
        concerned = {action.owner_id, action.completed_by_id}
        verifiers = [p for p in self.people if p.serves(Role.VERIFIER, action.service_id)]
        for people in (verifiers, self.managers_of(action), self.leads_of(action)):
            others = [p for p in people if p.membership_id not in concerned and p.reachable]
            if others:
                return others
        return []

    def told_of(self, duty: Duty) -> list[Person]:
        """Those whom its rule names and who can be reached, each once; where there is nobody, the
        manager or the leads. One who took part is asked only where there is nobody else."""
        told: dict[str, Person] = {}
        for whom in duty.rule.to:
            told |= {person.key: person for person in self._named(whom, duty)}
        for people in (told.values(), self.managers_of(duty), self.leads_of(duty)):
            others = [p for p in people if p.reachable and p.membership_id not in duty.not_for]
            if others:
                return others
        return [person for person in told.values() if person.reachable]

    def _named(self, whom: str | Permission, duty: Duty) -> list[Person]:
        if isinstance(whom, Permission):
            return [p for p in self.people if p.may(whom, duty.service_id)]
        if whom == duties.PEOPLE:
            return [self.by_id[one] for one in duty.people if one in self.by_id]
        return self.managers_of(duty) if whom == duties.MANAGER else self.leads_of(duty)


def all_due(
    found: Iterable[Candidate | Duty], directory: Directory, *, on: date, weekly: bool
) -> Iterator[Due]:
    """Everything that has not been told yet on that day.

    `weekly`: whether weekly digests leave. Escalations come on their day whatever a person prefers.
    """
    for about in found:
        of = _of_duty if isinstance(about, Duty) else _of_action
        for due in of(about, directory, on=on, weekly=weekly):
            claim = (due.occurrence.rule, due.occurrence.on.isoformat(), due.person.key)
            if claim not in about.claimed:
                yield due


def _of_duty(duty: Duty, directory: Directory, *, on: date, weekly: bool) -> Iterator[Due]:
    for person in directory.told_of(duty):
        if person.mail_mode == "weekly" and not weekly:
            continue
        until = schedule.week_ends(on) if person.mail_mode == "weekly" else on
        occurrence = duties.occurrence(duty, until)
        # Who wants urgent mail only hears of what is late.
        if occurrence is None or (person.mail_mode == "urgent" and duty.due_on >= on):
            continue
        yield Due(person, duty, occurrence, duty.rule.code)


def _of_action(action: Candidate, directory: Directory, *, on: date, weekly: bool) -> Iterator[Due]:
    if action.status == "completed":
        yield from _to_verifiers(action, directory, on=on, weekly=weekly)
    elif action.due_on is not None:
        yield from _to_owner(action, action.due_on, directory, on=on, weekly=weekly)
    # What is completed but not verified is overdue all the same.
    if action.due_on is not None:
        for occurrence in schedule.escalations(action.due_on, on):
            above = occurrence.rule == "governance"
            people = directory.leads_of(action) if above else directory.managers_of(action)
            for person in people:
                yield Due(person, action, occurrence, occurrence.rule)


def _to_owner(
    action: Candidate, due_on: date, directory: Directory, *, on: date, weekly: bool
) -> Iterator[Due]:
    owner = directory.owner_of(action)
    if owner is None or not owner.reachable:
        occurrence = schedule.for_owner(due_on, on)
        if occurrence is not None and occurrence.rule != "due_soon":
            for manager in directory.managers_of(action):
                yield Due(manager, action, occurrence, "unreachable")
        return
    if owner.mail_mode == "weekly" and not weekly:
        return
    until = schedule.week_ends(on) if owner.mail_mode == "weekly" else on
    occurrence = schedule.for_owner(due_on, until)
    if occurrence is None or (owner.mail_mode == "urgent" and occurrence.rule != "overdue"):
        return
    group = "overdue" if due_on < on else "due_today" if due_on == on else "due_soon"
    yield Due(owner, action, occurrence, group)


def _to_verifiers(
    action: Candidate, directory: Directory, *, on: date, weekly: bool
) -> Iterator[Due]:
    # An imported backlog would call every verifier at once; it escalates when overdue instead.
    if action.completed_on is None or action.completed_by_id is None:
        return
    occurrence = schedule.for_verifier(action.completed_on, on)
    if occurrence is None:
        return
    verifiers = directory.verifiers_of(action)
    # Where all of them want urgent mail only, nobody would be called: then all of them are.
    nobody_else = all(person.mail_mode == "urgent" for person in verifiers)
    for person in verifiers:
        if nobody_else or person.mail_mode == "daily" or (person.mail_mode == "weekly" and weekly):
            yield Due(person, action, occurrence, "verification")
