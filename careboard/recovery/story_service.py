"""Recording a weekly or monthly review of a recovery plan, with what changed, why, what followed.

Source: steps S1-1.2, S1-1.5, S1-2.5 and S1-3.5; DESIGN section 1, promise 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from careboard import audit, separation
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery import plan_service, story_queries
from careboard.recovery.periods import Cadence
from careboard.recovery.plan_models import RecoveryPlan
from careboard.recovery.response_models import (
    ASSURANCES,
    CADENCES,
    DECISIONS,
    PlanReview,
    PlanReviewStory,
)
from careboard.tenancy import Actor

ALREADY = "This period has been reviewed already. A review stands as it was recorded."
QUESTIONS = {
    "changed": "Say what changed.",
    "why": "Say why it changed.",
    "followed": "Say what followed from it.",
}
VERDICTS = {
    "decision": "Choose what is decided.",
    "assurance": "Say whether there is assurance.",
}


@dataclass(frozen=True, slots=True)
class Story:
    """What changed, why, and what followed."""

    changed: str
    why: str
    followed: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the review came to. `assurance` of a month only."""

    decision: str
    assurance: str | None = None
    same_person_reason: str = ""


def record_review(
    *,
    actor: Actor,
    plan_id: UUID,
    cadence: Cadence,
    story: Story,
    verdict: Verdict,
    stories: Mapping[UUID, Story],
) -> UUID:
    """Record the review of the last full week or month; returns its id.

    `stories` by indicator: each that moved by a special cause since the review before needs one. A
    week is reviewed by the plan's lead or who manages recovery there, a month by someone of the
    governance group or the board who does not lead the plan. Deciding to close closes the plan.
    Raises Invalid (changed, why, followed, each also as `why-<indicator>`; decision, assurance,
    same_person_reason), Conflict, NotFound, Forbidden.
    """
    draft = story_queries.draft(
        actor=actor, plan_id=plan_id, cadence=_known(cadence), on=actor.today
    )
    plan = draft.plan
    _check_right(actor, plan, cadence)
    if plan.status != "open":
        raise Conflict("This plan has been closed.")
    if not draft.begun:
        raise Conflict(f"The first full {cadence} of the plan is not over yet.")
    if draft.recorded:
        raise Conflict(ALREADY)
    _check_story(story)
    needed = {position.indicator for position in draft.moved}
    for indicator_id in needed:
        _check_story(stories.get(indicator_id, Story("", "", "")), f"-{indicator_id}")
    _check_verdict(cadence, verdict)
    reason = _exception(actor, plan, cadence, verdict.same_person_reason.strip())
    review = PlanReview(
        org_id=actor.org_id,
        plan_id=plan.id,
        cadence=cadence,
        period_start=draft.period.start,
        period_end=draft.period.end,
        position=[position.kept() for position in draft.positions],
        decision=verdict.decision,
        assurance=verdict.assurance if cadence == "month" else None,
        lead_id=plan.lead_id,
        by_id=actor.membership_id,
        on_date=actor.today,
        same_person_reason=reason,
        **_words(story),
    )
    _add(actor, review, {one: stories[one] for one in needed})
    if verdict.decision == "close":
        plan_service.close_plan(actor=actor, plan_id=plan.id, reason=story.followed)
    return review.id


def may_review(actor: Actor, plan: RecoveryPlan, cadence: str) -> bool:
    """Whether the person may, as far as rights go."""
    if not actor.reaches(plan.service_id):
        return False
    if cadence == "month":
        return actor.may(Permission.CHALLENGE)
    leads = plan.lead_id == actor.membership_id and actor.may(Permission.RECORD_READINGS)
    return leads or actor.may(Permission.MANAGE_RECOVERY)


def _known(cadence: str) -> Cadence:
    if cadence not in CADENCES:
        raise Invalid("Choose a week or a month.", "cadence")
    return cadence


def _check_right(actor: Actor, plan: RecoveryPlan, cadence: str) -> None:
    if not may_review(actor, plan, cadence):
        raise Forbidden(
            "A month is reviewed by governance leads and board members."
            if cadence == "month"
            else "A week is reviewed by the plan's lead, the manager or a governance lead."
        )


def _check_story(story: Story, suffix: str = "") -> None:
    for name, question in QUESTIONS.items():
        text = getattr(story, name)
        if not text.strip():
            raise Invalid(question, f"{name}{suffix}")
        refuse_personal_data(text, f"{name}{suffix}")


def _check_verdict(cadence: str, verdict: Verdict) -> None:
    if verdict.decision not in DECISIONS:
        raise Invalid(VERDICTS["decision"], "decision")
    if cadence == "month" and verdict.assurance not in ASSURANCES:
        raise Invalid(VERDICTS["assurance"], "assurance")
    refuse_personal_data(verdict.same_person_reason, "same_person_reason")


def _exception(actor: Actor, plan: RecoveryPlan, cadence: str, reason: str) -> str:
    """The reason why a plan's lead reviews its month; empty for others."""
    if cadence == "week" or actor.membership_id != plan.lead_id:
        return ""
    separation.check_exception(
        other=separation.somebody_else(
            actor=actor, permission=Permission.CHALLENGE, service_id=plan.service_id
        ),
        reason=reason,
        own="lead this plan",
        step="review its month",
    )
    return reason


def _words(story: Story) -> dict[str, str]:
    return {name: getattr(story, name).strip() for name in QUESTIONS}


def _add(actor: Actor, review: PlanReview, stories: Mapping[UUID, Story]) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(review)
    except IntegrityError as error:
        raise Conflict(ALREADY) from error
    for indicator_id, story in stories.items():
        db.session.add(
            PlanReviewStory(
                org_id=actor.org_id,
                plan_review_id=review.id,
                indicator_id=indicator_id,
                **_words(story),
            )
        )
    db.session.flush()
    audit.record(
        actor=actor,
        tag="plan:reviewed",
        subject_id=review.plan_id,
        after={
            "review": review.id,
            "cadence": review.cadence,
            "period_end": review.period_end,
            "decision": review.decision,
            "assurance": review.assurance,
            "stories": [str(one) for one in stories],
            "same_person": bool(review.same_person_reason),
        },
    )
