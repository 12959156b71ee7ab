"""Enhanced monitoring in the demo: what the rules suggested, what was decided, five weeks of an
episode at Alder House with its returns, and a commissioner's concern.

Played after everything else, so that the rules see what the rest of the story recorded.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.actions import service as actions
from careboard.assurance import service as claims
from careboard.assurance.models import SampleItem
from careboard.db import db, load
from careboard.monitoring import decisions, episodes, intelligence_service, report_service, reviews
from careboard.monitoring import return_service as returns
from careboard.monitoring.entry import Change, Entry, Wanted
from careboard.monitoring.models import EpisodeChange
from careboard.monitoring.return_models import MonitoringReturn
from careboard.risks.service import NewEvidence
from careboard.rules import triggers
from careboard.rules.models import Trigger

SERVICE, STARTED = "Alder House", 37  # days ago
# (week, days ago on which its return came, what it claims, what happened)
RETURNS = (
    (1, 30, "Two staff were in the upstairs lounge on all seven evenings",
     "The rota was changed on the first day; one shift was covered by the deputy."),
    (2, 23, "Every low-level concern of the week was reviewed by a senior within a day",
     "Huddles at the start of each evening shift began on Tuesday."),
    (3, 14, "Two staff were in the upstairs lounge on all seven evenings",
     "Came late: the deputy was on leave. Agency cover on the weekend knew the lounge's plan."),
    (4, 9, "No evening without a second observer, weekend included",
     "Weekend cover was rostered two weeks ahead for the first time."),
)  # fmt: skip
REPORTED = {
    1: ("on_track", "Rota, handover sheets and door log agree.", ""),
    2: ("more_needed", "Huddles are held, yet their notes are thin.",
        "Martin: a note of each huddle, from this week on."),
    3: ("more_needed", "The return came late. What it says holds.",
        "Martin: the deputy hands in when he is away."),
}  # fmt: skip


def seed_monitoring(story: Any) -> None:
    """Decide on what the rules suggest, start an episode and live through it."""
    with story.days_ago(STARTED) as day:
        triggers.look(actor=story.system, on=day)
    with story.days_ago(STARTED) as day:
        episode_id = decisions.decide(
            actor=story.person("grace"),
            service_id=story.services[SERVICE],
            decision="start",
            reason="Safeguarding and medicines are both rated very high. The concerns share a "
            "place and a time of day; each was managed by itself, and routine oversight did not "
            "show what they have in common.",
            trigger_ids=_suggested(story, SERVICE),
            entry=_entry(story, day),
        ).episode_id
        action_id = _priority_action(story, episode_id)
    _begun(story, episode_id)
    for week, days, statement, narrative in RETURNS:
        with story.days_ago(days) as day:
            return_id = returns.hand_in(
                actor=story.person("martin"),
                episode_id=episode_id,
                week=week,
                statement=statement,
                narrative=narrative,
                progress={action_id: "The rota holds; the handover sheet is signed each evening."},
                new=NewEvidence(
                    title=f"Rota and handover sheets of week {week}",
                    kind="staff_practice",
                    period_to=day - timedelta(days=1),
                    source_link=f"Rota system, week {week}",
                ),
            )
        if week in REPORTED:
            _check(story, episode_id, week, days - 1, return_id)
    _visit_and_review(story, episode_id)
    _commissioner(story)
    with story.days_ago(0) as day:
        triggers.look(actor=story.system, on=day)


def _begun(story: Any, episode_id: UUID) -> None:
    """The first two changes put in place; another service's suggestion answered with a no."""
    with story.days_ago(STARTED - 6):
        changes = select(EpisodeChange.id).where(
            EpisodeChange.org_id == story.system.org_id, EpisodeChange.episode_id == episode_id
        )
        for change_id in list(db.session.scalars(changes.order_by(EpisodeChange.due_on).limit(2))):
            episodes.put_in_place(actor=story.person("grace"), change_id=change_id)
    with story.days_ago(STARTED - 4):
        asked = _suggested(story, "Rowan Court")
        if asked:
            decisions.decide(
                actor=story.person("grace"),
                service_id=story.services["Rowan Court"],
                decision="do_not_start",
                reason="Both themes fell in one audit by a new auditor with a stricter form. A "
                "second audit is booked; the weekly review looks at both themes until then.",
                trigger_ids=asked,
            )


def _suggested(story: Any, service: str) -> list[UUID]:
    """The suggestions for a service that stand."""
    return list(
        db.session.scalars(
            select(Trigger.id).where(
                Trigger.org_id == story.system.org_id,
                Trigger.service_id == story.services[service],
                Trigger.suggests,
                Trigger.closed_on.is_(None),
            )
        )
    )


def _entry(story: Any, day) -> Entry:
    grace, martin = story.member("grace"), story.member("martin")
    return Entry(
        title="Repeated concerns in the upstairs lounge",
        kind="safeguarding",
        requires="Two staff in the upstairs lounge from 17:00, every evening; each low-level "
        "concern seen by a senior within a day.",
        governance_lead_id=grace,
        manager_id=martin,
        planned_review_on=day + timedelta(days=56),
        changes=[
            Change("weekly_review", "Review of returns and actions", grace,
                   day + timedelta(days=7)),
            Change("provider_visits", "Unannounced evening visit", grace, day + timedelta(days=21)),
            Change("temporary_support", "A senior from Rowan Court on weekends", martin,
                   day + timedelta(days=10)),
        ],
        criteria=[
            Wanted("no_repeat_themes", {"days": 56}),
            Wanted("no_red_overdue"),
            Wanted("returns_validated", {"weeks": 4}),
            Wanted(words="Families and staff say that evenings in the lounge are calm"),
        ],
    )  # fmt: skip


def _priority_action(story: Any, episode_id: UUID) -> UUID:
    return actions.create_action(
        actor=story.person("martin"),
        service_id=story.services[SERVICE],
        title="Second observer in the upstairs lounge, weekends too",
        domain="safeguarding",
        owner_id=story.member("amara"),
        due_on=story.today + timedelta(days=5),
        outcome_measure="No concern in the upstairs lounge for eight weeks",
        baseline="Four concerns in the two months before",
        evidence_required="Rota and signed handover sheets",
        episode_id=episode_id,
    )


def _check(story: Any, episode_id: UUID, week: int, days: int, return_id: UUID) -> None:
    """Vic verifies the return by a sample, and Grace reports, a day after it came."""
    with story.days_ago(days):
        vic = story.person("vic")
        claim_id = load(MonitoringReturn, vic.org_id, return_id).claim_id
        claims.start_validation(actor=vic, claim_id=claim_id)
        sample_id = claims.draw_sample(actor=vic, claim_id=claim_id, size=3)
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
            findings="Every drawn record agrees with its source.",
            outcome="proves",
        )
        decision, assessment, next_steps = REPORTED[week]
        report_service.write_report(
            actor=story.person("grace"),
            episode_id=episode_id,
            week=week,
            assessment=assessment,
            decision=decision,
            next_steps=next_steps,
        )


def _visit_and_review(story: Any, episode_id: UUID) -> None:
    with story.days_ago(18) as day:
        episodes.record_visit(
            actor=story.person("vic"),
            episode_id=episode_id,
            visit=episodes.Visit(
                on_date=day,
                visited_by_id=story.member("vic"),
                findings="Evening visit, unannounced: two staff in the lounge, plans at hand. "
                "The weekend rota had a gap on Sunday.",
                verifies="Cover on weekday evenings",
            ),
        )
    for days, reason in (
        (30, "The first week was as agreed. The concerns' themes have not come back."),
        (23, "Cover holds; the huddles need notes before they count as evidence."),
        (16, "Cover holds on weekdays; the weekend does not yet."),
        (9, "The return came late once. Weekend cover is rostered from now on."),
    ):
        with story.days_ago(days):
            reviews.review(
                actor=story.person("grace"),
                episode_id=episode_id,
                held=reviews.Held(decision="continue", reason=reason),
            )


def _commissioner(story: Any) -> None:
    """A council's concern about punctuality, and what Cora shared on it."""
    service_id = story.services["Birch Homecare, North"]
    with story.days_ago(12) as day:
        concern_id = intelligence_service.record_concern(
            actor=story.person("cora"),
            service_id=service_id,
            theme="Punctuality",
            text="Evening calls are said to start late; the council asks what is done about it.",
            on=day,
            commissioner="Northshire Council, contracts team",
            due_on=day + timedelta(days=10),
        )
    with story.days_ago(5) as day:
        intelligence_service.add_note(
            actor=story.person("cora"),
            service_id=service_id,
            on=day,
            commissioner="Northshire Council, contracts team",
            shared="Evening rounds were re-planned with travel time.",
            progress="12 of 14 sampled evening calls started within the window.",
            remaining_risk="Two rounds still have no travel time on Sundays.",
            concern_id=concern_id,
        )
