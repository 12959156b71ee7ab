"""Recovery at three of the demo's services: a plan off course whose decline nobody has answered,
one on course, and one that has reached its target and held it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update

from careboard.actions import lifecycle
from careboard.actions import service as actions
from careboard.db import db
from careboard.demo.recovery_year import ALDER, BIRCH, ROWAN, SERIES, readings
from careboard.imports import command_line
from careboard.recovery import (
    check_service,
    dashboard_kept,
    plan_service,
    response_rounds,
    response_service,
    service,
    story_queries,
    story_service,
)
from careboard.recovery.check_kinds import Deployment, SampledAction
from careboard.recovery.check_service import Found, Header
from careboard.recovery.models import Indicator
from careboard.recovery.plan_content import built_in_template
from careboard.recovery.plan_start import starts
from careboard.recovery.response_models import Response
from careboard.recovery.story_service import Story, Verdict


@dataclass(frozen=True, slots=True)
class Begun:
    """A plan, begun so many days ago, with one action that was done and shown since."""

    template: str
    place: str
    manager: str
    lead: str
    days: int
    action: str
    done: str
    kind: str
    link: str
    story: Story


PLANS = (
    Begun(
        "medicines", ALDER, "martin", "amara", 63,
        "A second senior signs each administration record at handover",
        "In the handover sheet of both units since the second week.",
        "care_records", "Handover sheets, weeks 2 to 4",
        Story("Compliance fell again, on evenings with agency seniors.",
              "Agency seniors were not shown the handover check.",
              "The check is now in the agency induction; evenings are observed."),
    ),
    Begun(
        "care_reviews", ROWAN, "martin", "martin", 60,
        "Reviews are booked with the key worker four weeks ahead",
        "All reviews to the end of next month are booked.",
        "audits", "Care review tracker, booked dates",
        Story("Reviews and their actions reached the target.",
              "Key workers book four weeks ahead, and the deputy samples each week.",
              "Sampling goes on for a month before the plan is closed."),
    ),
    Begun(
        "staffing", BIRCH, "sunita", "tom", 35,
        "A floating carer on evenings and at weekends",
        "The post is filled on all evenings of the rota.",
        "staff_practice", "Rota, evenings and weekends",
        Story("People say that support comes sooner.",
              "The floating carer takes calls that would have waited.",
              "The rota keeps the post until the plan ends."),
    ),
)  # fmt: skip


def seed_recovery(story) -> None:
    """The year's readings, the plans on their days, what was checked, told and answered since."""
    _load(story)
    _own(story)
    plans = {one.template: _begin(story, one) for one in PLANS}
    _checks(story, plans)
    for one in PLANS:
        _review(story, one, plans[one.template])
    _decline(story)
    dashboard_kept.keep(actor=story.system, on=story.today)
    db.session.commit()


def _load(story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "indicator-readings-export.csv"
        path.write_bytes(readings(story.today))
        command_line.run(
            actor=story.system, feed="indicator_readings", path=path, source="care system"
        )
    db.session.commit()


def _own(story) -> None:
    """Who answers for each indicator, and its target since the year began."""
    grace = story.person("grace")
    leads = {one.place: story.member(one.lead) for one in PLANS}
    with story.days_ago(0):
        for one in SERIES:
            indicator_id = _indicator(story, one.place, one.name)
            db.session.execute(
                update(Indicator)
                .where(Indicator.org_id == grace.org_id, Indicator.id == indicator_id)
                .values(review_owner_id=leads[one.place])
            )
            service.set_target(
                actor=grace,
                indicator_id=indicator_id,
                value=one.target,
                effective_from=story.today - timedelta(weeks=51),
            )


def _indicator(story, place: str, name: str) -> UUID:
    return db.session.scalar(
        select(Indicator.id).where(
            Indicator.org_id == story.system.org_id,
            Indicator.service_id == story.services[place],
            Indicator.name == name,
            Indicator.computed_by.is_(None),
        )
    )


def _begin(story, one: Begun) -> UUID:
    template = built_in_template(one.template)
    with story.days_ago(one.days) as day:
        actor, where = story.person(one.manager), story.services[one.place]
        begun = starts(actor=actor, service_id=where, specs=template.indicators, on=day)
        plan_id = plan_service.open_plan(
            actor=actor,
            service_id=where,
            facts=plan_service.Facts(
                template.title,
                template.domain,
                template.baseline_issue,
                template.improvement,
                template.horizon_weeks,
                day,
                story.member(one.lead),
            ),
            lines=[
                plan_service.Line(
                    start.spec,
                    start.baseline.value if start.baseline else None,
                    start.spec.target,
                    start.spec.goal,
                )
                for start in begun
            ],
            content=template.content,
            template=(template.code, None),
        )
        action_id = actions.create_action(
            actor=actor,
            service_id=where,
            title=one.action,
            owner_id=story.member(one.lead),
            due_on=day + timedelta(days=21),
            outcome_measure=template.improvement,
            baseline="As the plan says",
            evidence_required="What was changed, with its record",
            plan_id=plan_id,
        )
    with story.days_ago(one.days - 18):
        lifecycle.complete(
            actor=story.person(one.lead),
            action_id=action_id,
            detail=one.done,
            kind=one.kind,
            source_link=one.link,
        )
    with story.days_ago(one.days - 20):
        lifecycle.verify(actor=story.person("vic"), action_id=action_id)
    return plan_id


def _checks(story, plans: dict[str, UUID]) -> None:
    """A fortnight of shifts: each plan's own kind of check."""
    for ago in range(13, -1, -1):
        with story.days_ago(ago) as day:
            _medicines(story, day, ago, plans["medicines"])
            if ago in (12, 8, 5, 1):
                _sampled(story, day, ago, plans)


def _medicines(story, day: date, ago: int, plan_id: UUID) -> None:
    found = {
        12: [Found("discrepancy", "No entry for one dose; given, by the count", "night")],
        6: [Found("discrepancy", "Count one short, found in the returns box", "night")],
        2: [Found("discrepancy", "No entry for two doses", "night", critical=True)],
    }
    check_service.medicines_check(
        actor=story.person("amara"),
        header=Header(story.services[ALDER], day, "late", "S14", plan_id=plan_id),
        found=found.get(ago, ()),
        charts=31,
    )


def _sampled(story, day: date, ago: int, plans: dict[str, UUID]) -> None:
    differs = ago == 8
    check_service.observation(
        actor=story.person("amara"),
        header=Header(story.services[ALDER], day, "late", "S15", plan_id=plans["medicines"]),
        what="Evening medicines round",
        verdict="not_as_agreed" if differs else "as_agreed",
        found=[Found("practice", "The record was signed after the round, not at each dose")]
        if differs
        else (),
    )
    check_service.review_actions(
        actor=story.person("martin"),
        header=Header(story.services[ROWAN], day, plan_id=plans["care_reviews"]),
        actions=[
            SampledAction(f"CR-{40 + ago}", True, True),
            SampledAction(f"CR-{60 + ago}", True, not differs),
        ],
    )
    check_service.deployment(
        actor=story.person("tom"),
        header=Header(story.services[BIRCH], day, "late", plan_id=plans["staffing"]),
        hours=Deployment(64, 58 if differs else 64, 62, 4 if differs else 1,
                         "Two people waited for their supper" if differs else ""),
    )  # fmt: skip


def _review(story, one: Begun, plan_id: UUID) -> None:
    """The last full week, told by who leads or manages the plan."""
    with story.days_ago(0) as day:
        draft = story_queries.draft(actor=story.system, plan_id=plan_id, cadence="week", on=day)
        story_service.record_review(
            actor=story.person(one.manager),
            plan_id=plan_id,
            cadence="week",
            story=one.story,
            verdict=Verdict("change" if one.place == ALDER else "continue"),
            stories={position.indicator: one.story for position in draft.moved},
        )


def _decline(story) -> None:
    """What fires fires; the first decline at Alder House has been answered, the rest waits."""
    with story.days_ago(9) as day:
        response_rounds.look(actor=story.system, on=day)
        answered = _first(story)
        if answered is not None:
            response_service.answer(
                actor=story.person("grace"),
                response_id=answered,
                decision=response_service.Decision(
                    kind="revised_controls",
                    reason="The handover check does not reach agency seniors.",
                    owner_id=story.member("amara"),
                    due_on=day + timedelta(days=21),
                    title="Agency seniors make the handover check with a permanent senior",
                    outcome_measure="98% medicines compliance in two weeks running",
                    baseline="91.6% in the last full week",
                    evidence_required="Handover sheets of evenings with agency seniors",
                ),
            )
    with story.days_ago(0) as day:
        response_rounds.look(actor=story.system, on=day)


def _first(story) -> UUID | None:
    own: Sequence[UUID] = db.session.scalars(
        select(Response.id)
        .where(
            Response.org_id == story.system.org_id,
            Response.service_id == story.services[ALDER],
            Response.indicator_id == _indicator(story, ALDER, "Medicines compliance"),
        )
        .order_by(Response.fired_on, Response.id)
    ).all()
    return own[0] if own else None
