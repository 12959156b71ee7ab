"""Handing in the weekly return of an episode.

Source: steps S2-2.4 (enhanced monitoring return) and S2-3.3 (monitoring file); rule N11.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.assurance.service import submit_claim
from careboard.clock import day_words
from careboard.db import db, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.monitoring import position
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.return_models import MonitoringReport, MonitoringReturn
from careboard.monitoring.weeks import Week, week_of
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.references import next_reference
from careboard.risks.service import NewEvidence
from careboard.tenancy import Actor


def hand_in(
    *,
    actor: Actor,
    episode_id: UUID,
    week: int,
    statement: str,
    narrative: str,
    help_needed: str = "",
    progress: Mapping[UUID, str] | None = None,
    evidence_ids: Collection[UUID] = (),
    new: NewEvidence | None = None,
) -> UUID:
    """Hand in the return of a week; returns its id.

    `statement` is what it claims, with its evidence: a claim, which somebody else validates by a
    sample. `progress` are words on the episode's actions, by id. What the records say is kept with
    it. Raises Invalid (statement, narrative, help_needed, progress, evidence, or a field of the
    new evidence), Conflict when the week has its return, Forbidden, NotFound.
    """
    episode = lock(MonitoringEpisode, actor.org_id, episode_id)
    actor.require(Permission.SUBMIT_RETURN, episode.service_id)
    if actor.membership_id is None:
        raise Forbidden("A return is handed in by a person.")
    asked = asked_for(actor=actor, episode=episode, number=week)
    _check(actor, episode, week)
    words = {str(row_id): said.strip() for row_id, said in (progress or {}).items()}
    told = {"statement": statement, "narrative": narrative, "help_needed": help_needed}
    _check_words(told, words)
    claim_id = submit_claim(
        actor=actor,
        kind="monitoring_return",
        statement=statement,
        period_from=asked.first,
        period_to=min(asked.last, actor.today),
        service_id=episode.service_id,
        evidence_ids=evidence_ids,
        new=new,
    )
    handed = MonitoringReturn(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "RET"),
        episode_id=episode.id,
        week=week,
        due_on=asked.due_on,
        submitted_on=actor.today,
        submitted_by_id=actor.membership_id,
        claim_id=claim_id,
        prefilled=position.of_week(actor=actor, service_id=episode.service_id, week=asked),
        actions=[
            row | {"progress": words.get(row["id"], "")}
            for row in position.actions(actor=actor, episode_id=episode.id)
        ],
        narrative=narrative.strip(),
        help_needed=help_needed.strip(),
    )
    db.session.add(handed)
    db.session.flush()
    _record(actor, handed)
    return handed.id


def _record(actor: Actor, handed: MonitoringReturn) -> None:
    audit.record(
        actor=actor,
        tag="monitoring_return:submitted",
        subject_id=handed.id,
        after={
            "episode": handed.episode_id,
            "week": handed.week,
            "due_on": handed.due_on,
            "submitted_on": handed.submitted_on,
            "claim": handed.claim_id,
        },
    )


def asked_for(*, actor: Actor, episode: MonitoringEpisode, number: int) -> Week:
    """The week of the episode, once its return or report may be made. Raises Invalid."""
    asked = week_of(episode.started_on, number)
    if number < 1 or (episode.ended_on is not None and asked.due_on > episode.ended_on):
        raise Invalid(f"{episode.reference} has no week {number}.")
    if actor.today < asked.opens_on:
        raise Invalid(
            f"Week {number} goes on until {day_words(asked.last)}: what is said of it "
            f"can be handed in from {day_words(asked.opens_on)}."
        )
    return asked


def _check(actor: Actor, episode: MonitoringEpisode, week: int) -> None:
    of_week = {"org_id": actor.org_id, "episode_id": episode.id, "week": week}
    handed = db.session.scalar(select(MonitoringReturn).filter_by(**of_week))
    if handed is not None:
        raise Conflict(f"{handed.reference} of week {week} was handed in before.")
    report = db.session.scalar(select(MonitoringReport).filter_by(**of_week))
    if report is not None and report.written_by_id == actor.membership_id:
        raise Invalid(
            f"You wrote {report.reference} on week {week}. Someone else has to hand its return in."
        )


def _check_words(told: Mapping[str, str], progress: Mapping[str, str]) -> None:
    if not told["narrative"].strip():
        raise Invalid("Say what happened and what was done.", "narrative")
    for said in progress.values():
        refuse_personal_data(said, "progress")
