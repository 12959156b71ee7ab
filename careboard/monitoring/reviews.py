"""Reviews of an episode: when one is due, what stands against stepping down, and the decision.

Source: rules 3.3 (new safeguarding information) and 3.4; steps S2-1.5 and S2-2.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from careboard import audit, clock
from careboard.actions.lateness import RED_AFTER
from careboard.clock import day_words
from careboard.db import db, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.monitoring import criteria
from careboard.monitoring.episode_rows import Episode, episodes
from careboard.monitoring.models import ESCALATIONS, EpisodeReview, MonitoringEpisode
from careboard.monitoring.people import at_work
from careboard.permissions import Permission
from careboard.risks import sittings
from careboard.separation import check_exception, somebody_else
from careboard.tenancy import Actor

OUT_OF_CYCLE_DAYS = 2  # working days after new safeguarding information
FOLLOW_UP_DAYS = 28
APART_DAYS = 7  # at least, between the two reviews at which all criteria have to hold
DECISION_WORDS = {
    "continue": "Continue",
    "escalate": "Escalate",
    "step_down": "Step down",
    "sustained": "The improvement is sustained",
    "not_sustained": "The improvement is not sustained",
}
ESCALATION_WORDS = {
    "local_authority": "Local authority advice",
    "provider_intervention": "Provider intervention",
    "board": "The board",
    "commissioner": "The commissioner",
}


@dataclass(frozen=True, slots=True)
class Due:
    """The next review: `kind` scheduled, out_of_cycle or follow_up, `cause` why out of cycle."""

    kind: str
    due_on: date
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What a review decided. `escalated_to` with escalate; `sitting_id`, `re_escalation` and
    `follow_up_on` with step_down, and `same_person_reason` where who decides made the visit that
    verified it; `planned_review_on` moves the planned review."""

    decision: str
    reason: str
    escalated_to: str | None = None
    sitting_id: UUID | None = None
    re_escalation: str = ""
    follow_up_on: date | None = None
    planned_review_on: date | None = None
    same_person_reason: str = ""


def due(episode: Episode) -> Due | None:
    """The next review of an episode; None once it is closed."""
    row, last = episode.row, episode.last_review
    if row.status == "closed":
        return None
    if row.status == "stepped_down":
        return Due("follow_up", row.follow_up_on)
    since = date.fromisoformat(last["held_on"]) if last else row.started_on
    next_on = since + timedelta(days=row.frequency_days)
    if since < row.planned_review_on < next_on:
        next_on = row.planned_review_on
    if episode.new_concerns:
        known = min(concern.known_on or concern.on for concern in episode.new_concerns)
        called = clock.add_working_days(known, OUT_OF_CYCLE_DAYS)
        if called <= next_on:
            many = len(episode.new_concerns)
            words = "a new safeguarding concern" if many == 1 else f"{many} new concerns"
            return Due("out_of_cycle", called, f"New safeguarding information: {words}")
    return Due("scheduled", next_on)


def obstacles(episode: Episode) -> list[str]:
    """What stands against stepping down today, in sentences; empty: it may be offered.

    All criteria at two reviews running and at any between, as far apart as reviews of the episode
    are and a week at least; an independent visit that verified it, nothing red-overdue, and for the
    commissioner's confidence its own statement. Source: rules 3.4 and N11.
    """
    found = []
    if not episode.all_met:
        open_ones = len(episode.criteria) - episode.met
        found.append(f"{open_ones} of {len(episode.criteria)} criteria not met today.")
    last = episode.last_review
    if last is None:
        found.append("No review has found all criteria met yet: it takes two running.")
    elif not last["all_met"]:
        found.append("The last review did not find all criteria met: it takes two running.")
    elif episode.added_since:
        found.append(
            f"{len(episode.added_since)} of {len(episode.criteria)} criteria added since the last "
            "review: each has to hold at two running."
        )
    elif episode.known.on < second_on(episode):
        second, since = second_on(episode), episode.held_since
        found.append(
            f"All criteria have held at reviews since {day_words(since)}: the second of two "
            f"counts from {day_words(second)}, {(second - since).days} days later."
        )
    if not episode.verified:
        found.append("No independent visit has verified the improvement.")
    on = episode.known.on
    red = [row for row in episode.known.late if (on - row.on).days > RED_AFTER]
    if red:
        found.append(f"Overdue by more than a week: {', '.join(row.reference for row in red)}.")
    if episode.row.kind == "commissioner" and not episode.known.restored:
        found.append("The commissioner has not stated that its confidence is restored.")
    return found


def second_on(episode: Episode) -> date:
    """From which day a review is the second at which all criteria hold, where they held at the
    last one."""
    apart = max(episode.row.frequency_days, APART_DAYS)
    return episode.held_since + timedelta(days=apart)


def review(*, actor: Actor, episode_id: UUID, held: Held) -> EpisodeReview:
    """Hold the review that is due, with its decision; stepping down ends the episode.

    By a governance lead who does not manage what is monitored; stepping down in an open sitting of
    the governance group. Raises Invalid (decision, reason, escalated_to, sitting, re_escalation,
    follow_up_on, planned_review_on, same_person_reason), Conflict, Forbidden, NotFound.
    """
    row = lock(MonitoringEpisode, actor.org_id, episode_id)
    actor.require(Permission.DECIDE_MONITORING, row.service_id)
    if actor.membership_id == row.manager_id and not row.same_person_reason:
        raise Forbidden("You answer for what is monitored. Somebody else reviews it.")
    (episode,) = episodes(actor=actor, ids=[episode_id], on=actor.today)
    called = due(episode)
    if called is None:
        raise Conflict("This episode is closed. It is shown as it is now.")
    _check(actor, episode, called, held)
    made = EpisodeReview(
        org_id=actor.org_id,
        episode_id=episode_id,
        number=(episode.last_review["number"] if episode.last_review else 0) + 1,
        kind=called.kind,
        due_on=called.due_on,
        held_on=actor.today,
        cause=called.cause,
        decision=held.decision,
        escalated_to=held.escalated_to if held.decision == "escalate" else None,
        reason=held.reason.strip(),
        criteria=snapshot(episode),
        all_met=episode.all_met,
        decided_by_id=actor.membership_id,
        decided_at=clock.now(),
        sitting_id=held.sitting_id,
        same_person_reason=_exception(actor, episode, held),
    )
    db.session.add(made)
    db.session.flush()
    _follow(actor, row, held)
    _record(actor, made, row)
    return made


def snapshot(episode: Episode) -> list[dict[str, Any]]:
    """Where each criterion stands, as a review keeps it."""
    return [
        {
            "number": one.number,
            "words": one.words,
            "state": one.standing.state,
            "sentence": one.standing.sentence,
            "rows": [kept(row) for row in one.standing.rows],
        }
        for one in episode.criteria
    ]


def kept(row: criteria.Row) -> dict[str, Any]:
    """A reference to a row in plain values, as triggers keep theirs."""
    on = row.on.isoformat() if row.on else None
    return {"kind": row.kind, "id": str(row.id), "reference": row.reference, "on": on}


def _check(actor: Actor, episode: Episode, called: Due, held: Held) -> None:
    choices = decisions(called)
    if held.decision not in choices:
        raise Invalid("Choose what the review decides.", "decision")
    if not held.reason.strip():
        raise Invalid("Say why.", "reason")
    if held.decision == "escalate" and held.escalated_to not in ESCALATIONS:
        raise Invalid("Choose to whom it is escalated.", "escalated_to")
    if held.sitting_id is not None:
        sittings.require_open(actor, held.sitting_id)
    if held.decision == "step_down":
        _check_step_down(actor, episode, held)
    elif called.kind != "follow_up":
        _check_planned(actor, episode, held)


def decisions(called: Due, against: Sequence[str] = ()) -> Sequence[str]:
    """What a review of that kind may decide; stepping down while nothing stands against it."""
    if called.kind == "follow_up":
        return ("sustained", "not_sustained")
    if against:
        return ("continue", "escalate")
    return ("continue", "escalate", "step_down")


def _check_step_down(actor: Actor, episode: Episode, held: Held) -> None:
    against = obstacles(episode)
    if against:
        raise Invalid(" ".join(["It cannot be stepped down.", *against]), "decision")
    if held.sitting_id is None:
        raise Invalid("The governance group decides it: choose its open sitting.", "sitting")
    if not held.re_escalation.strip():
        raise Invalid("Say what would bring it back under monitoring.", "re_escalation")
    latest = actor.today + timedelta(days=FOLLOW_UP_DAYS)
    if held.follow_up_on is None or not actor.today < held.follow_up_on <= latest:
        raise Invalid(
            f"Give a day within {FOLLOW_UP_DAYS} days, for the follow-up review.", "follow_up_on"
        )


def _exception(actor: Actor, episode: Episode, held: Held) -> str:
    """The reason to keep, where who steps it down made the only visit that verified it; else
    nothing."""
    if held.decision != "step_down" or episode.verified_by_another(actor.membership_id):
        return ""
    row, reason = episode.row, held.same_person_reason.strip()
    given = {"actor": actor, "service_id": row.service_id}
    decides = somebody_else(
        permission=Permission.DECIDE_MONITORING, involved=[row.manager_id], **given
    )
    part = {row.manager_id, *at_work(actor=actor, episode_id=row.id)}
    visits = somebody_else(permission=Permission.VALIDATE_EVIDENCE, involved=part, **given)
    step = "decide on it" if decides else "visit" if visits else "visit or decide on it"
    own = "made the visit that verified it"
    check_exception(other=decides or visits, reason=reason, own=own, step=step)
    return reason


def _check_planned(actor: Actor, episode: Episode, held: Held) -> None:
    moved = held.planned_review_on
    if moved is None and episode.row.planned_review_on <= actor.today:
        raise Invalid(
            "The planned review is today or over: give the next one.", "planned_review_on"
        )
    if moved is not None and moved <= actor.today:
        raise Invalid("Give a day after today.", "planned_review_on")


def _follow(actor: Actor, row: MonitoringEpisode, held: Held) -> None:
    """What the decision does to the episode."""
    if held.decision == "step_down":
        row.status, row.ended_on = "stepped_down", actor.today
        row.re_escalation, row.follow_up_on = held.re_escalation.strip(), held.follow_up_on
    elif row.status == "stepped_down":
        row.status = "closed"
    elif held.planned_review_on is not None:
        row.planned_review_on = held.planned_review_on
    db.session.flush()


def _record(actor: Actor, made: EpisodeReview, row: MonitoringEpisode) -> None:
    audit.record(
        actor=actor,
        tag="monitoring:reviewed",
        subject_id=made.id,
        after={
            "episode": row.id,
            "number": made.number,
            "kind": made.kind,
            "decision": made.decision,
            "escalated_to": made.escalated_to,
            "all_met": made.all_met,
            "status": row.status,
            "sitting": made.sitting_id,
            "same_person": bool(made.same_person_reason),
        },
    )
