"""Entering enhanced monitoring: what it requires, what changes, and how it can end.

Source: rules 3.4; S2 ("the provider should define what changes operationally"); steps S2-1.2,
S2-2.2 and S2-3.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard import audit, separation
from careboard.actions.service import owner_for
from careboard.db import db, load
from careboard.errors import Invalid
from careboard.monitoring.criteria import COMPUTED
from careboard.monitoring.models import (
    CHANGES,
    KINDS,
    EpisodeChange,
    EpisodeCriterion,
    MonitoringEpisode,
)
from careboard.monitoring.people import require_among
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery.models import Indicator
from careboard.references import next_reference
from careboard.tenancy import Actor

FREQUENCY = 7
PLANNED_AFTER = timedelta(days=56)
MOST_TITLE = 200
KIND_WORDS = {
    "safeguarding": "Repeated safeguarding concerns",
    "audit": "Declining audit assurance",
    "commissioner": "Commissioner confidence",
    "other": "Another concern",
}
CHANGE_WORDS = {
    "weekly_review": "Weekly review",
    "provider_visits": "Provider visits",
    "action_verification": "Action verification",
    "senior_reporting": "Senior reporting",
    "temporary_support": "Temporary support",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes operationally, by whom and by when."""

    kind: str
    what: str
    owner_id: UUID | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A criterion for stepping down: computed by `code`, or in a person's own `words`."""

    code: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What starting needs."""

    title: str
    kind: str
    requires: str
    governance_lead_id: UUID | None
    manager_id: UUID | None
    planned_review_on: date | None
    changes: Sequence[Change] = ()
    criteria: Sequence[Wanted] = ()
    frequency_days: int = FREQUENCY
    same_person_reason: str = ""


def begin(*, actor: Actor, service_id: UUID, entry: Entry) -> MonitoringEpisode:
    """Store an episode with its changes and criteria.

    Raises Invalid (title, kind, requires, governance_lead_id, manager_id, planned_review_on,
    frequency_days, criteria, same_person_reason, or `<kind>_what|owner|due` of a change).
    """
    _check(actor, service_id, entry)
    episode = MonitoringEpisode(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "EM"),
        service_id=service_id,
        title=entry.title.strip(),
        kind=entry.kind,
        started_on=actor.today,
        frequency_days=entry.frequency_days,
        planned_review_on=entry.planned_review_on,
        governance_lead_id=entry.governance_lead_id,
        manager_id=entry.manager_id,
        requires=entry.requires.strip(),
        same_person_reason=entry.same_person_reason.strip(),
    )
    db.session.add(episode)
    db.session.flush()
    for change in entry.changes:
        db.session.add(_change(actor, episode, change))
    for number, wanted in enumerate(entry.criteria, start=1):
        db.session.add(criterion(actor=actor, episode=episode, number=number, wanted=wanted))
    db.session.flush()
    audit.record(
        actor=actor,
        tag="monitoring:started",
        subject_id=episode.id,
        after={
            "service": service_id,
            "kind": episode.kind,
            "planned_review": episode.planned_review_on,
            "criteria": len(entry.criteria),
            "same_person": bool(episode.same_person_reason),
        },
    )
    return episode


def _check(actor: Actor, service_id: UUID, entry: Entry) -> None:
    if not entry.title.strip():
        raise Invalid("Say in a few words what this is about.", "title")
    if entry.kind not in KINDS:
        raise Invalid("Choose what it is about.", "kind")
    if _open_one(actor, service_id, entry.kind):
        raise Invalid("The service is under enhanced monitoring for this already.", "kind")
    if not entry.requires.strip():
        raise Invalid("Say what is required of the service.", "requires")
    if entry.planned_review_on is None or entry.planned_review_on <= actor.today:
        raise Invalid("Give a day after today.", "planned_review_on")
    if not 1 <= entry.frequency_days <= 31:
        raise Invalid("Review it every 1 to 31 days.", "frequency_days")
    if not entry.criteria:
        raise Invalid(
            "Choose at least one criterion. Without one nobody could tell when it may end.",
            "criteria",
        )
    refuse_personal_data(entry.title, "title")
    require_leads(
        actor=actor,
        service_id=service_id,
        governance_lead_id=entry.governance_lead_id,
        manager_id=entry.manager_id,
        reason=entry.same_person_reason.strip(),
    )


def require_leads(
    *,
    actor: Actor,
    service_id: UUID,
    governance_lead_id: UUID | None,
    manager_id: UUID | None,
    reason: str,
) -> None:
    """Two people who may lead; one for both only where there is nobody else, with a reason.

    Raises Invalid (governance_lead_id, manager_id, same_person_reason).
    """
    may_decide, may_return = Permission.DECIDE_MONITORING, Permission.SUBMIT_RETURN
    for permission, member_id, name in (
        (may_decide, governance_lead_id, "governance_lead_id"),
        (may_return, manager_id, "manager_id"),
    ):
        require_among(
            actor=actor,
            permission=permission,
            service_id=service_id,
            member_id=member_id,
            field=name,
        )
    if governance_lead_id != manager_id:
        return
    others = {"actor": actor, "service_id": service_id, "involved": (manager_id,)}
    other = separation.somebody_else(permission=may_return, **others)
    separation.check_exception(
        other=other,
        reason=reason,
        own="chose one person for both leads",
        step="make the weekly returns",
    )


def _open_one(actor: Actor, service_id: UUID, kind: str) -> bool:
    statement = select(MonitoringEpisode.id).where(
        MonitoringEpisode.org_id == actor.org_id,
        MonitoringEpisode.service_id == service_id,
        MonitoringEpisode.kind == kind,
        MonitoringEpisode.status == "open",
    )
    return db.session.scalar(statement) is not None


def _change(actor: Actor, episode: MonitoringEpisode, change: Change) -> EpisodeChange:
    if change.kind not in CHANGES:
        raise Invalid("Choose what changes.", "changes")
    if not change.what.strip():
        raise Invalid("Say what changes.", f"{change.kind}_what")
    refuse_personal_data(change.what, f"{change.kind}_what")
    if change.owner_id is None:
        raise Invalid("Choose who answers for it.", f"{change.kind}_owner")
    if change.due_on is None or change.due_on < actor.today:
        raise Invalid("Give a day from today on.", f"{change.kind}_due")
    owner = owner_for(actor, episode.service_id, change.owner_id)
    return EpisodeChange(
        org_id=actor.org_id,
        episode_id=episode.id,
        kind=change.kind,
        what=change.what.strip(),
        owner_id=owner.id,
        due_on=change.due_on,
    )


def criterion(
    *, actor: Actor, episode: MonitoringEpisode, number: int, wanted: Wanted
) -> EpisodeCriterion:
    """The row of a criterion, its parameters checked. Raises Invalid (`<code>_<parameter>`,
    own_words)."""
    if wanted.code is None:
        if not wanted.words.strip():
            raise Invalid("Say what must be so.", "own_words")
        parameters, words = {}, wanted.words.strip()
    else:
        parameters, words = _computed(actor, episode, wanted)
    return EpisodeCriterion(
        org_id=actor.org_id,
        episode_id=episode.id,
        number=number,
        code=wanted.code,
        parameters=parameters,
        words=words,
        added_on=actor.today,
        added_by_id=actor.membership_id,
    )


def _computed(
    actor: Actor, episode: MonitoringEpisode, wanted: Wanted
) -> tuple[dict[str, Any], str]:
    """Its parameters, and its words with them."""
    kind = COMPUTED.get(wanted.code)
    if kind is None:
        raise Invalid("Choose a criterion.", "criteria")
    kept: dict[str, Any] = {}
    said: dict[str, str] = {}
    for one in kind.fields:
        value, at = wanted.parameters.get(one.name), f"{kind.code}_{one.name}"
        if one.kind == "number":
            if value is None or not one.least <= int(value) <= one.most:
                raise Invalid(f"Give a number from {one.least} to {one.most}.", at)
            kept[one.name], said[one.name] = int(value), str(int(value))
        elif one.kind == "themes":
            if not value:
                raise Invalid("Choose the weak themes.", at)
            kept[one.name], said[one.name] = list(value), ", ".join(value)
        elif one.kind == "theme":
            if not value:
                raise Invalid("Choose a theme.", at)
            kept[one.name] = said[one.name] = str(value)
        else:
            kept[one.name], said[one.name] = _indicator(actor, episode, value, at)
    return kept, kind.said.format(**said)


def _indicator(actor: Actor, episode: MonitoringEpisode, value: Any, at: str) -> tuple[str, str]:
    if not value:
        raise Invalid("Choose an indicator.", at)
    indicator = load(Indicator, actor.org_id, UUID(str(value)))
    if indicator.service_id != episode.service_id:
        raise Invalid("Choose an indicator of this service.", at)
    return str(indicator.id), indicator.name
