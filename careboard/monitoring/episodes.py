"""What happens during an episode: changes put in place, criteria judged, visits, statements.

Source: S2; rules 3.4; steps S2-1.3, S2-2.3 and S2-3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from careboard import audit
from careboard.actions.models import Action
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence.models import Evidence
from careboard.evidence.queries import NO_SUPPORT, makers
from careboard.monitoring.entry import Wanted, criterion
from careboard.monitoring.models import (
    CommissionerStatement,
    CriterionJudgement,
    EpisodeChange,
    EpisodeCriterion,
    MonitoringEpisode,
    MonitoringVisit,
)
from careboard.monitoring.people import at_work, require_among
from careboard.permissions import Permission
from careboard.separation import check_exception, somebody_else
from careboard.tenancy import Actor

OVER = "This episode is over. It is shown as it is now."


def hold(*, actor: Actor, episode_id: UUID, permission: Permission) -> MonitoringEpisode:
    """The open episode, held against changes meanwhile. Raises NotFound, Forbidden, Conflict."""
    episode = lock(MonitoringEpisode, actor.org_id, episode_id)
    actor.require(permission, episode.service_id)
    if episode.status != "open":
        raise Conflict(OVER)
    return episode


def put_in_place(*, actor: Actor, change_id: UUID) -> UUID:
    """A change is in place from today on; returns its episode. By its owner or a governance lead.

    Raises Forbidden, Conflict, NotFound.
    """
    change = lock(EpisodeChange, actor.org_id, change_id)
    episode = hold(actor=actor, episode_id=change.episode_id, permission=Permission.READ)
    if actor.membership_id != change.owner_id and not actor.may(Permission.DECIDE_MONITORING):
        raise Forbidden("Its owner or a governance lead says that it is in place.")
    if change.done_on is not None:
        raise Conflict("This is in place already.")
    change.done_on, change.done_by_id = actor.today, actor.membership_id
    db.session.flush()
    _record(actor, "monitoring:changed", change.id, episode.id, kind=change.kind)
    return episode.id


def add_criterion(*, actor: Actor, episode_id: UUID, wanted: Wanted) -> None:
    """Add a criterion to a running episode. Raises as `entry.criterion`."""
    episode = hold(actor=actor, episode_id=episode_id, permission=Permission.DECIDE_MONITORING)
    last = select(func.max(EpisodeCriterion.number)).where(
        EpisodeCriterion.org_id == actor.org_id, EpisodeCriterion.episode_id == episode.id
    )
    number = (db.session.scalar(last) or 0) + 1
    row = criterion(actor=actor, episode=episode, number=number, wanted=wanted)
    db.session.add(row)
    db.session.flush()
    _record(actor, "monitoring:criterion_added", row.id, episode.id, code=row.code)


def withdraw_criterion(*, actor: Actor, criterion_id: UUID, reason: str) -> UUID:
    """Withdraw a criterion that does not serve, with the reason; returns its episode.

    The last one stays. Raises Invalid (reason), Conflict, Forbidden, NotFound.
    """
    row = lock(EpisodeCriterion, actor.org_id, criterion_id)
    episode = hold(actor=actor, episode_id=row.episode_id, permission=Permission.DECIDE_MONITORING)
    if row.withdrawn_on is not None:
        raise Conflict("This criterion was withdrawn already.")
    _require_not_manager(actor, episode, "withdraws it")
    if not reason.strip():
        raise Invalid("Say why it no longer serves.", "reason")
    left = select(func.count()).where(
        EpisodeCriterion.org_id == actor.org_id,
        EpisodeCriterion.episode_id == episode.id,
        EpisodeCriterion.withdrawn_on.is_(None),
    )
    if db.session.scalar(left) == 1:
        raise Invalid("It is the last criterion. Add another one first.", "reason")
    row.withdrawn_on, row.withdrawn_by_id = actor.today, actor.membership_id
    row.withdrawn_reason = reason.strip()
    db.session.flush()
    _record(actor, "monitoring:criterion_withdrawn", row.id, episode.id)
    return episode.id


def judge_criterion(
    *,
    actor: Actor,
    criterion_id: UUID,
    met: bool,
    reason: str,
    evidence_id: UUID | None,
    same_person_reason: str = "",
) -> UUID:
    """Judge a criterion in own words, met only on evidence in date; returns its episode.

    By who may validate evidence, and neither by the manager whose work it is nor, without a reason
    and while somebody else could, on evidence that the judge made. Raises Invalid (reason,
    evidence_id, same_person_reason), Forbidden, Conflict, NotFound.
    """
    row = load(EpisodeCriterion, actor.org_id, criterion_id)
    episode = hold(actor=actor, episode_id=row.episode_id, permission=Permission.VALIDATE_EVIDENCE)
    if row.code is not None or row.withdrawn_on is not None:
        raise Conflict("This criterion is not judged by a person.")
    _require_not_manager(actor, episode, "judges it")
    if not reason.strip():
        raise Invalid("Say what you found.", "reason")
    if met or evidence_id is not None:
        _require_in_date(actor, episode, evidence_id)
    exception = _exception(actor, episode, evidence_id, same_person_reason.strip())
    judgement = CriterionJudgement(
        org_id=actor.org_id,
        criterion_id=row.id,
        met=met,
        reason=reason.strip(),
        evidence_id=evidence_id,
        judged_by_id=actor.membership_id,
        judged_on=actor.today,
        same_person_reason=exception,
    )
    db.session.add(judgement)
    db.session.flush()
    facts = {"met": met, "same_person": bool(exception)}
    _record(actor, "monitoring:criterion_judged", row.id, episode.id, **facts)
    return episode.id


def _require_in_date(actor: Actor, episode: MonitoringEpisode, evidence_id: UUID | None) -> None:
    if evidence_id is None:
        raise Invalid("Choose the evidence that shows it.", "evidence_id")
    evidence = load(Evidence, actor.org_id, evidence_id)
    in_date = evidence.valid_until >= actor.today and evidence.status not in NO_SUPPORT
    if evidence.service_id != episode.service_id or not in_date:
        raise Invalid("Choose evidence of this service that is in date.", "evidence_id")


def _exception(
    actor: Actor, episode: MonitoringEpisode, evidence_id: UUID | None, reason: str
) -> str:
    """The reason why who made the evidence judges by it; empty for others, and where the episode
    has its own reason for one person in both parts."""
    made_by = makers(actor, Evidence.id == evidence_id)
    if actor.membership_id not in made_by or episode.same_person_reason:
        return ""
    check_exception(
        other=somebody_else(
            actor=actor,
            permission=Permission.VALIDATE_EVIDENCE,
            service_id=episode.service_id,
            involved={*made_by, episode.manager_id},
        ),
        reason=reason,
        own="made this evidence or an earlier revision of it",
        step="judge by it",
    )
    return reason


@dataclass(frozen=True, slots=True)
class Visit:
    """A provider visit; `verifies` says what was verified, empty: nothing."""

    on_date: date | None
    visited_by_id: UUID | None
    findings: str
    verifies: str = ""


def record_visit(*, actor: Actor, episode_id: UUID, visit: Visit) -> UUID:
    """Record a visit; returns its id. It is independent where the visitor neither manages the
    service nor owns one of the episode's actions.

    Raises Invalid (on_date, visited_by_id, findings, verifies), Conflict, Forbidden, NotFound.
    """
    may = Permission.VALIDATE_EVIDENCE
    episode = hold(actor=actor, episode_id=episode_id, permission=may)
    if visit.on_date is None or not episode.started_on <= visit.on_date <= actor.today:
        raise Invalid("Give a day between the start of the episode and today.", "on_date")
    if not visit.findings.strip():
        raise Invalid("Say what was found.", "findings")
    visitor = require_among(
        actor=actor,
        permission=may,
        service_id=episode.service_id,
        member_id=visit.visited_by_id,
        field="visited_by_id",
    )
    row = MonitoringVisit(
        org_id=actor.org_id,
        episode_id=episode.id,
        on_date=visit.on_date,
        visited_by_id=visitor,
        independent=is_independent(actor=actor, episode=episode, member_id=visitor),
        findings=visit.findings.strip(),
        verifies=visit.verifies.strip(),
        recorded_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    _record(actor, "monitoring:visited", row.id, episode.id, independent=row.independent)
    return row.id


def is_independent(*, actor: Actor, episode: MonitoringEpisode, member_id: UUID) -> bool:
    """Whether the member neither manages what is monitored nor owns or did one of its actions."""
    return member_id not in {episode.manager_id, *at_work(actor=actor, episode_id=episode.id)}


def record_statement(
    *, actor: Actor, episode_id: UUID, restored: bool, words: str, stated_on: date | None
) -> None:
    """Record what the commissioner stated about its confidence, by the contract lead.

    Raises Invalid (words, stated_on), Conflict, Forbidden, NotFound.
    """
    episode = hold(
        actor=actor, episode_id=episode_id, permission=Permission.RECORD_COMMISSIONER_CONCERN
    )
    _require_not_manager(actor, episode, "records it")
    if not words.strip():
        raise Invalid("Write what the commissioner said.", "words")
    if stated_on is None or not episode.started_on <= stated_on <= actor.today:
        raise Invalid("Give a day between the start of the episode and today.", "stated_on")
    row = CommissionerStatement(
        org_id=actor.org_id,
        episode_id=episode.id,
        restored=restored,
        text=words.strip(),
        stated_on=stated_on,
        recorded_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    _record(actor, "monitoring:commissioner_stated", row.id, episode.id, restored=restored)


def take_up(*, actor: Actor, episode_id: UUID, action_id: UUID) -> None:
    """Make an action of the service a priority action of the episode.

    Raises Invalid (action_id), Conflict, Forbidden, NotFound.
    """
    episode = hold(actor=actor, episode_id=episode_id, permission=Permission.ASSIGN_ACTION)
    action = lock(Action, actor.org_id, action_id)
    if action.service_id != episode.service_id:
        raise Invalid("Choose an action of this service.", "action_id")
    if action.episode_id not in (None, episode.id):
        raise Invalid("This action belongs to another episode.", "action_id")
    action.episode_id, action.priority = episode.id, True
    db.session.flush()
    _record(actor, "monitoring:action_taken_up", action.id, episode.id)


def _require_not_manager(actor: Actor, episode: MonitoringEpisode, what: str) -> None:
    if actor.membership_id == episode.manager_id and not episode.same_person_reason:
        raise Forbidden(f"You answer for what is monitored. Somebody else {what}.")


def _record(actor: Actor, tag: str, subject_id: UUID, episode_id: UUID, **facts) -> None:
    after = {"episode": episode_id, **facts}
    audit.record(actor=actor, tag=tag, subject_id=subject_id, after=after)
