"""Recovery updates in the demo: a council's concern at Birch Homecare, North, followed for six
weeks: one update read and answered, one missed, one published, one that waits for its validation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.assurance import service as claims
from careboard.assurance.models import SampleItem
from careboard.db import db, load
from careboard.demo.published import link_to_council, open_until
from careboard.monitoring import intelligence_service
from careboard.packs import publishing
from careboard.reviews import minutes
from careboard.reviews import service as sittings
from careboard.reviews.models import Review
from careboard.risks.service import NewEvidence
from careboard.updates import feedback, fortnights, schedules, service, steps, words
from careboard.updates.models import RecoveryUpdate, UpdateSchedule
from careboard.updates.queries import unanswered

SERVICE, THEME = "Birch Homecare, North", "Continuity of carers"
COUNCIL = "Northshire Council, contracts team"
BEGAN = 44  # days ago: the first of four fortnights
SETS = {
    44: (
        "People had at most five carers in a fortnight, nine of ten sampled",
        "Rota of the fortnight against the visit log",
        "Rounds were drawn anew so that each person has a team of four.",
        "Two rounds still depend on agency staff at weekends.",
    ),
    16: (
        "People had at most four carers in a fortnight, all ten sampled",
        "Rota and visit log, weeks 44 and 45",
        "No person had more than four carers. Families were asked and say that it shows.",
        "Weekend cover rests on one agency carer until the second of December.",
    ),
    2: (
        "Weekends are covered by the service's own carers",
        "Weekend rota, weeks 46 and 47",
        "The weekend team is complete.",
        "",
    ),
}


def seed_updates(story: Any) -> None:
    """Play it on its days; `story` is the demo's calendar and look-ups."""
    link_id = link_to_council(story, "cora", BEGAN + 8)
    tracked_id = _tracked(story, link_id)
    first = _drafted(story, tracked_id, 44)
    _whole(story, first, 44, link_id)
    _feedback(story, first, 37, "partly", "Better on weekdays. We do not see it at weekends.")
    _answered(story, 36)
    _drafted(story, tracked_id, 30)  # which nobody took further
    second = _drafted(story, tracked_id, 16)
    _whole(story, second, 16, link_id)
    _feedback(story, second, 9, "yes", "This is what we asked for. Weekends remain to be seen.")
    _gathered(story, _drafted(story, tracked_id, 2), 2)


def _tracked(story: Any, link_id: UUID) -> UUID:
    with story.days_ago(BEGAN + 6) as day:
        cora = story.person("cora")
        concern_id = intelligence_service.record_concern(
            actor=cora,
            service_id=story.services[SERVICE],
            theme=THEME,
            text="Families tell the council that a new face comes to every other visit.",
            on=day,
            commissioner=COUNCIL,
            due_on=story.today + timedelta(days=30),
        )
        tracked_id = service.track(
            actor=cora,
            concern_id=concern_id,
            theme=THEME,
            required_assurance="At most four carers for each person in a fortnight, weekends "
            "included, shown by rota and visit log.",
            due_on=story.today + timedelta(days=30),
            lead_id=cora.membership_id,
            manager_id=story.member("sunita"),
            link_id=link_id,
        )
        first = story.today - timedelta(days=BEGAN)
        service.start(actor=cora, tracked_id=tracked_id, anchor_on=first)
    return tracked_id


def _drafted(story: Any, tracked_id: UUID, days: int) -> UUID:
    """Nine o'clock of that day: the worker drafts."""
    with story.days_ago(days) as day:
        present = fortnights.instant(day, story.system.time_zone)
        schedules.catch_up(actor=story.system, present=present)
        return db.session.scalar(
            select(RecoveryUpdate.id)
            .join(
                UpdateSchedule,
                (UpdateSchedule.org_id == RecoveryUpdate.org_id)
                & (UpdateSchedule.id == RecoveryUpdate.schedule_id),
            )
            .where(
                RecoveryUpdate.org_id == story.system.org_id,
                UpdateSchedule.tracked_id == tracked_id,
            )
            .order_by(RecoveryUpdate.due_on.desc())
            .limit(1)
        )


def _gathered(story: Any, update_id: UUID, days: int) -> UUID:
    shows, title, _, _ = SETS[days]
    with story.days_ago(days) as day:
        return steps.gather(
            actor=story.person("sunita"),
            update_id=update_id,
            statement=shows,
            new=NewEvidence(
                title=title,
                kind="care_records",
                period_to=day - timedelta(days=1),
                source_link="Rostering system, continuity report",
            ),
        )


def _whole(story: Any, update_id: UUID, days: int, link_id: UUID) -> None:
    """All its steps, by five people in one day."""
    claim_id = _gathered(story, update_id, days)
    _, _, progress, remaining = SETS[days]
    with story.days_ago(days) as day:
        _validated(story, claim_id)
        cora, vic, grace = (story.person(one) for one in ("cora", "vic", "grace"))
        for section, said in (("progress", progress), ("remaining_risk", remaining)):
            words.write(actor=cora, update_id=update_id, section=section, words=said)
        values = {"actor": vic, "update_id": update_id}
        # The first time the figures are refreshed: they are older than the validation.
        if not steps.validate(**values):
            steps.validate(**values)
        steps.approve(actor=grace, update_id=update_id)
        publishing.publish(
            actor=cora,
            kind="update",
            subject_id=update_id,
            links=[link_id],
            expires_on=open_until(day),
            attachments=[],
            overrides={},
        )


def _validated(story: Any, claim_id: UUID) -> None:
    vic = story.person("vic")
    claims.start_validation(actor=vic, claim_id=claim_id)
    sample_id = claims.draw_sample(actor=vic, claim_id=claim_id, size=5)
    drawn = select(SampleItem.id).where(
        SampleItem.org_id == vic.org_id, SampleItem.sample_id == sample_id
    )
    for item_id in list(db.session.scalars(drawn)):
        claims.record_item(actor=vic, claim_id=claim_id, item_id=item_id, result="matches")
    claims.complete_validation(
        actor=vic,
        claim_id=claim_id,
        relevant="yes",
        is_current="yes",
        sufficient="yes",
        findings="Rota and visit log agree for every person sampled.",
        outcome="proves",
    )


def _feedback(story: Any, update_id: UUID, days: int, content: str, said: str) -> None:
    with story.days_ago(days) as day:
        feedback.record(
            actor=story.person("cora"), update_id=update_id, on=day, said=said, content=content
        )


def _answered(story: Any, days: int) -> None:
    """The governance group answers what stands unanswered, and signs its minutes."""
    with story.days_ago(days):
        grace = story.person("grace")
        sitting_id = sittings.open_sitting(
            actor=grace, forum="fortnightly_recovery", service_id=None
        )
        for one in unanswered(actor=grace):
            feedback.answer(
                actor=grace,
                feedback_id=one.row.id,
                sitting_id=sitting_id,
                decision="Weekends become a figure of their own in the updates.",
                next_steps="The manager draws the weekend teams by the next fortnight.",
            )
        review = load(Review, grace.org_id, sitting_id)
        sittings.save_minutes(
            actor=grace,
            review_id=sitting_id,
            attendance="",
            summary="The council's feedback on continuity of carers was answered.",
            assurance="partial",
            seen=minutes.version_of(review),
            present={grace.membership_id: "present"},
            inquorate_reason="",
        )
        seen = minutes.seal(review, minutes.load_parts(review))
        sittings.sign(actor=grace, review_id=sitting_id, seen=seen)
