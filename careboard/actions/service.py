"""Making actions: from a finding, a risk or by hand, as a draft or at once open.

Source: steps S0-1.2 (each audit concern gets an owner and a date) and S0-1.4; domain rules 3.3,
vague actions.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.accounts.models import Membership, MembershipService
from careboard.actions.baselines import checked
from careboard.actions.lateness import GAPS, gaps
from careboard.actions.models import Action, ActionUpdate
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid
from careboard.monitoring.models import MonitoringEpisode
from careboard.permissions import Permission, permissions_of
from careboard.records.models import AuditConcern, Concern
from careboard.recovery.plan_models import RecoveryPlan
from careboard.references import next_reference
from careboard.reminders import notices
from careboard.risks.models import Risk
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS, in_words

MOST_TITLE = 500
MOVED_ON = "Someone changed this action while you were writing. It is shown as it is now."
_REFUSALS = {
    "ck_action_not_vague": ("An open action needs owner, date, outcome, baseline, evidence.", None),
    "ck_action_verified_by_someone_else": (
        "Someone other than its owner and the person who completed it must verify it.",
        "same_person_reason",
    ),
    "ck_action_measured": ("A measure needs a baseline and another value as target.", "measure"),
    "ck_action_cancel_reason": ("Say why it is cancelled.", "reason"),
}


def create_action(
    *,
    actor: Actor,
    service_id: UUID,
    title: str,
    domain: str | None = None,
    owner_id: UUID | None = None,
    due_on: date | None = None,
    outcome_measure: str = "",
    baseline: str = "",
    evidence_required: str = "",
    audit_concern_id: UUID | None = None,
    concern_id: UUID | None = None,
    risk_id: UUID | None = None,
    plan_id: UUID | None = None,
    episode_id: UUID | None = None,
    draft: bool = False,
    **measured: Any,
) -> UUID:
    """Add an action, open unless `draft`; returns its id. The owner is told at once by e-mail.

    `measured` may name its measure: the fields of `baselines.FIELDS`. An episode's is a priority.
    Raises Invalid at the field that is missing (an open action must not be vague) or wrong,
    NotFound for a service, source or owner of nobody, Forbidden out of the person's scope.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.ASSIGN_ACTION, service_id)
    answers = (audit_concern_id, concern_id, risk_id, plan_id, episode_id)
    origin = _origin(actor, service_id, *answers)
    values = _checked(
        actor,
        service_id,
        vague=draft,
        title=title,
        domain=domain or getattr(origin, "domain", None),
        owner_id=owner_id,
        due_on=due_on,
        outcome_measure=outcome_measure,
        baseline=baseline,
        evidence_required=evidence_required,
        **measured,
    )
    action = Action(
        org_id=actor.org_id,
        service_id=service_id,
        audit_concern_id=audit_concern_id,
        concern_id=concern_id,
        risk_id=risk_id,
        plan_id=plan_id,
        episode_id=episode_id,
        priority=episode_id is not None,
        source_reference=getattr(origin, "source_key", None) or getattr(origin, "reference", ""),
        reference=next_reference(actor.org_id, "ACT"),
        status="draft" if draft else "open",
        original_due_on=due_on,
        updated_on=actor.today,
        created_by_id=actor.membership_id,
        **values,
    )
    return _added(actor, action)


def _added(actor: Actor, action: Action) -> UUID:
    """Store it and tell of it."""
    db.session.add(action)
    flush()
    tell(actor, action, "created")
    audit.record(actor=actor, tag="action:created", subject_id=action.id, after=facts(action))
    if action.status != "draft":
        notices.action_assigned(actor=actor, action=action)
    return action.id


def open_from_concern(
    *,
    actor: Actor,
    audit_concern_id: UUID,
    owner_id: UUID,
    due_on: date,
    outcome_measure: str,
    baseline: str,
    evidence_required: str,
    title: str = "",
) -> UUID:
    """Open the action that answers an audit concern; returns its id. Source: step S0-1.2."""
    concern = load(AuditConcern, actor.org_id, audit_concern_id)
    return create_action(
        actor=actor,
        service_id=concern.service_id,
        title=title or concern.text,
        domain=concern.domain,
        owner_id=owner_id,
        due_on=due_on,
        outcome_measure=outcome_measure,
        baseline=baseline,
        evidence_required=evidence_required,
        audit_concern_id=audit_concern_id,
    )


def edit_draft(
    *,
    actor: Actor,
    action_id: UUID,
    lock_version: int | None = None,
    open_it: bool = False,
    **values: Any,
) -> None:
    """Change a draft: title, domain, owner_id, due_on, the texts and its measure, all given.

    With `open_it` it is opened, and must then not be vague. Raises Invalid at the field, Conflict.
    """
    action = hold(actor, action_id, Permission.ASSIGN_ACTION, lock_version)
    require_status(action, "draft")
    for name, value in _checked(actor, action.service_id, vague=not open_it, **values).items():
        setattr(action, name, value)
    action.original_due_on = action.due_on
    action.updated_on = actor.today
    if open_it:
        action.status = "open"
    flush()
    tell(actor, action, "opened" if open_it else "noted", "" if open_it else "Draft changed")
    audit.record(
        actor=actor,
        tag=f"action:{'opened' if open_it else 'edited'}",
        subject_id=action.id,
        after=facts(action),
    )
    if open_it:
        notices.action_assigned(actor=actor, action=action)


def fill_gaps(
    *, actor: Actor, action_id: UUID, lock_version: int | None = None, **values: Any
) -> None:
    """Give a vague imported action what it lacks; what it has stays. Raises Invalid, Conflict.

    `values` may hold owner_id, due_on, outcome_measure, baseline, evidence_required.
    """
    action = hold(actor, action_id, Permission.ASSIGN_ACTION, lock_version)
    require_status(action, "open", "in_progress", "completed")
    missing = gaps(action)
    given = {name: clean(values.get(name)) for name in missing if clean(values.get(name))}
    if not given:
        raise Invalid("Fill in at least one of the gaps.", missing[0] if missing else None)
    if "owner_id" in given:
        given["owner_id"] = owner_for(actor, action.service_id, given["owner_id"]).id
    for name, value in given.items():
        setattr(action, name, value)
    if "due_on" in given:
        action.original_due_on = action.original_due_on or action.due_on
    action.updated_on = actor.today
    flush()
    tell(actor, action, "noted", "Gaps filled", filled=sorted(given))
    audit.record(actor=actor, tag="action:edited", subject_id=action.id, after=facts(action))
    if "owner_id" in given:
        notices.action_assigned(actor=actor, action=action)


def hold(actor: Actor, action_id: UUID, permission: Permission, lock_version: int | None) -> Action:
    """The action, held until the transaction ends, if the person may do this to it.

    Raises NotFound, Forbidden, and Conflict when it has moved on from `lock_version` (None: any).
    """
    action = lock(Action, actor.org_id, action_id)
    actor.require(permission, action.service_id)
    if lock_version is not None and lock_version != action.lock_version:
        raise Conflict(MOVED_ON)
    return action


def require_status(action: Action, *statuses: str) -> None:
    """Raise Invalid unless the action is in one of these states."""
    if action.status not in statuses:
        now = in_words(action.status)
        raise Invalid(f"{action.reference} is {now}, so this can no longer be done.")


def owner_for(actor: Actor, service_id: UUID, owner_id: UUID) -> Membership:
    """The member who may own an action of that service; Invalid (owner_id) for one who may not."""
    member = load(Membership, actor.org_id, owner_id)
    if not can_own(member):
        raise Invalid(f"{member.name} cannot work on actions. Choose someone else.", "owner_id")
    if not _works_at(member, service_id):
        raise Invalid(f"{member.name} does not work at this service.", "owner_id")
    return member


def can_own(member: Membership) -> bool:
    """Whether an action may be given to this member, as far as roles decide."""
    return member.active and Permission.WORK_ON_ACTION in permissions_of(frozenset(member.roles))


def flush() -> None:
    """Flush; what a named constraint refuses becomes Invalid in words, and all is rolled back."""
    try:
        db.session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        if name not in _REFUSALS:
            raise
        db.session.rollback()
        raise Invalid(*_REFUSALS[name]) from error


def tell(actor: Actor, action: Action, kind: str, note: str = "", **changes: Any) -> None:
    """Add a line to the action's timeline."""
    db.session.add(
        ActionUpdate(
            org_id=actor.org_id,
            action_id=action.id,
            kind=kind,
            note=note,
            by_id=actor.membership_id,
            happened_at=clock.now(),
            changes={name: _plain(value) for name, value in changes.items()},
        )
    )
    db.session.flush()


def facts(action: Action) -> dict[str, Any]:
    """What the audit trail keeps of an action: ids, states and dates."""
    return {
        "status": action.status,
        "owner": action.owner_id,
        "due_on": action.due_on,
        "extensions": action.extensions or 0,
        "service": action.service_id,
    }


def clean(value: Any) -> Any:
    """Text without blanks around it; anything else as it is."""
    return value.strip() if isinstance(value, str) else value


def _checked(actor: Actor, service_id: UUID, *, vague: bool, **values: Any) -> dict[str, Any]:
    """The values, tidied, once nothing speaks against them."""
    values = {name: clean(value) for name, value in values.items()}
    values["domain"] = values.get("domain") or None
    if not values["title"]:
        raise Invalid("Say what is to be done.", "title")
    if len(values["title"]) > MOST_TITLE:
        raise Invalid(f"Say it in at most {MOST_TITLE} characters.", "title")
    if values["domain"] not in (None, *DOMAINS):
        raise Invalid("Choose a domain.", "domain")
    if values["owner_id"] is not None:
        owner_for(actor, service_id, values["owner_id"])
    if not vague:
        for name, words in GAPS.items():
            if not values[name]:
                raise Invalid(words, name)
        if values["due_on"] < actor.today:
            raise Invalid("The due date has passed already. Choose a later one.", "due_on")
    return values | checked(actor=actor, service_id=service_id, vague=vague, values=values)


def _origin(
    actor: Actor,
    service_id: UUID,
    audit_concern_id: UUID | None,
    concern_id: UUID | None,
    risk_id: UUID | None,
    plan_id: UUID | None,
    episode_id: UUID | None,
) -> AuditConcern | Concern | Risk | RecoveryPlan | MonitoringEpisode | None:
    origin = None
    wanted = (
        (AuditConcern, audit_concern_id),
        (Concern, concern_id),
        (Risk, risk_id),
        (RecoveryPlan, plan_id),
        (MonitoringEpisode, episode_id),
    )
    for model, row_id in wanted:
        if row_id is None:
            continue
        origin = load(model, actor.org_id, row_id)
        if origin.service_id != service_id:
            raise Invalid("What this answers belongs to another service.", "service_id")
    return origin


def _works_at(member: Membership, service_id: UUID) -> bool:
    if member.all_services:
        return True
    statement = select(MembershipService.id).where(
        MembershipService.org_id == member.org_id,
        MembershipService.membership_id == member.id,
        MembershipService.service_id == service_id,
    )
    return db.session.scalar(statement) is not None


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | list | None) else str(value)
