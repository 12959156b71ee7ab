"""What the commissioner said of an update, and what the governance group decided on it.

Source: step S3-3.5 (governance minutes); DESIGN section 4, Recovery update.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard import audit
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.risks import sittings
from careboard.tenancy import Actor
from careboard.updates.models import FeedbackAnswer, RecoveryUpdate, UpdateFeedback
from careboard.updates.words import tracked_of

CONTENT = {"yes": "Content", "partly": "Content in part", "no": "Not content"}
FORUM = "fortnightly_recovery"


def record(*, actor: Actor, update_id: UUID, on: date, said: str, content: str) -> UUID:
    """Record what the commissioner said of a published update; returns the feedback's id.

    Raises Invalid (on, said, content), Forbidden, NotFound.
    """
    update = load(RecoveryUpdate, actor.org_id, update_id)
    tracked = tracked_of(actor, update)
    actor.require(Permission.RECORD_COMMUNICATION, tracked.service_id)
    if actor.membership_id is None:
        raise Forbidden("Feedback is recorded by a person.")
    if update.status != "published":
        raise Invalid("The commissioner has not seen this update: it is not published.")
    if on > actor.today or on < update.published_on:
        raise Invalid("Give a day from its publication up to today.", "on")
    if not said.strip():
        raise Invalid("Say what the commissioner said.", "said")
    if content not in CONTENT:
        raise Invalid("Choose whether the commissioner is content.", "content")
    row = UpdateFeedback(
        org_id=actor.org_id,
        update_id=update_id,
        on_date=on,
        said=said.strip(),
        content=content,
        recorded_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="update_feedback:recorded",
        subject_id=row.id,
        after={"update": update_id, "on": on, "content": content},
    )
    return row.id


def answer(
    *, actor: Actor, feedback_id: UUID, sitting_id: UUID | None, decision: str, next_steps: str = ""
) -> UUID:
    """Answer feedback in an open sitting of the governance group; returns the update's id.

    Raises Invalid (sitting, decision), Conflict once its minutes are signed, Forbidden, NotFound.
    """
    feedback = load(UpdateFeedback, actor.org_id, feedback_id)
    tracked = tracked_of(actor, load(RecoveryUpdate, actor.org_id, feedback.update_id))
    actor.require(Permission.RUN_GOVERNANCE_REVIEW, tracked.service_id)
    if actor.membership_id is None:
        raise Forbidden("Feedback is answered by a person.")
    if sitting_id is None:
        raise Invalid("Choose the sitting in which it was answered.", "sitting")
    sittings.require_open(actor, sitting_id)
    if not decision.strip():
        raise Invalid("Say what the group decided.", "decision")
    row = FeedbackAnswer(
        org_id=actor.org_id,
        feedback_id=feedback_id,
        sitting_id=sitting_id,
        decision=decision.strip(),
        next_steps=next_steps.strip(),
        by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="update_feedback:answered",
        subject_id=feedback_id,
        after={"answer": row.id, "sitting": sitting_id},
    )
    return feedback.update_id
