"""Writing the weekly report on an episode, by someone other than who handed its return in.

Source: step S2-1.4 (enhanced monitoring report).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.db import db, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.monitoring import position
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.return_models import MonitoringReport, MonitoringReturn
from careboard.monitoring.return_service import asked_for
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.separation import check_exception, somebody_else
from careboard.tenancy import Actor

DECISIONS = {
    "on_track": "On course: go on as it is",
    "more_needed": "More is needed",
    "review_now": "Call an out-of-cycle review",
}


def write_report(
    *,
    actor: Actor,
    episode_id: UUID,
    week: int,
    assessment: str,
    decision: str,
    next_steps: str = "",
    same_person_reason: str = "",
) -> UUID:
    """Report on a week of an episode; returns the report's id.

    What the records say is kept with it, and the return that had come by then. Raises Invalid
    (assessment, decision, next_steps, same_person_reason), Conflict when the week has its report,
    Forbidden, NotFound.
    """
    episode = lock(MonitoringEpisode, actor.org_id, episode_id)
    actor.require(Permission.DECIDE_MONITORING, episode.service_id)
    if actor.membership_id is None:
        raise Forbidden("A report is written by a person.")
    asked = asked_for(actor=actor, episode=episode, number=week)
    of_week = {"org_id": actor.org_id, "episode_id": episode.id, "week": week}
    written = db.session.scalar(select(MonitoringReport).filter_by(**of_week))
    if written is not None:
        raise Conflict(f"{written.reference} on week {week} was written before.")
    handed = db.session.scalar(select(MonitoringReturn).filter_by(**of_week))
    _check(assessment, decision, next_steps)
    report = MonitoringReport(
        **of_week,
        reference=next_reference(actor.org_id, "EMR"),
        return_id=handed.id if handed else None,
        returned_by_id=handed.submitted_by_id if handed else None,
        position=position.of_week(actor=actor, service_id=episode.service_id, week=asked),
        actions=position.actions(actor=actor, episode_id=episode.id),
        assessment=assessment.strip(),
        decision=decision,
        next_steps=next_steps.strip(),
        written_by_id=actor.membership_id,
        written_on=actor.today,
        same_person_reason=_exception(actor, episode, handed, same_person_reason.strip()),
    )
    db.session.add(report)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="monitoring_report:written",
        subject_id=report.id,
        after={
            "episode": episode.id,
            "week": week,
            "return": report.return_id,
            "decision": decision,
            "same_person": bool(report.same_person_reason),
        },
    )
    return report.id


def other_for(*, actor: Actor, service_id: UUID, returned_by_id: UUID | None) -> str | None:
    """The name of someone else who could write the report; None when there is nobody."""
    return somebody_else(
        actor=actor,
        permission=Permission.DECIDE_MONITORING,
        service_id=service_id,
        involved=[returned_by_id],
    )


def _check(assessment: str, decision: str, next_steps: str) -> None:
    if not assessment.strip():
        raise Invalid("Say what you checked and what you found.", "assessment")
    if decision not in DECISIONS:
        raise Invalid("Choose what follows.", "decision")
    if decision != "on_track" and not next_steps.strip():
        raise Invalid("Say who does what by when.", "next_steps")


def _exception(
    actor: Actor, episode: MonitoringEpisode, handed: MonitoringReturn | None, reason: str
) -> str:
    if handed is None or handed.submitted_by_id != actor.membership_id:
        return ""
    check_exception(
        other=other_for(
            actor=actor, service_id=episode.service_id, returned_by_id=handed.submitted_by_id
        ),
        reason=reason,
        own="handed in this week's return",
        step="report on it",
    )
    return reason
