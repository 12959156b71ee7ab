"""What the demo's people did about their records: ratings, evidence, actions and sittings.

Each thing happens on its own day, with the calendar set to it, through the services that people
use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from careboard import clock, figures, tenancy
from careboard.accounts.models import Membership
from careboard.actions import lifecycle
from careboard.actions import service as actions
from careboard.actions.models import Action
from careboard.db import db
from careboard.demo import rating_story
from careboard.demo.claims import seed_claims
from careboard.demo.experience import seed_experience
from careboard.demo.forums import seed_forums
from careboard.demo.framework import seed_framework
from careboard.demo.monitoring import seed_monitoring
from careboard.demo.outcomes import seed_outcomes
from careboard.demo.published import seed_brightwaters_packs, seed_oakfields_packs
from careboard.demo.rating_story import Ratings
from careboard.demo.ratings import RATINGS
from careboard.demo.recovery import seed_recovery
from careboard.demo.sharing import seed_sharing
from careboard.demo.updates import seed_updates
from careboard.records.models import AuditConcern
from careboard.reminders.schedule import mail_leaves
from careboard.reminders.service import sweep_reminders
from careboard.risks.models import Risk
from careboard.services.models import Service
from careboard.tenancy import Actor, acting_for


def fill() -> None:
    """Play the story of both providers up to today."""
    for org, lead, checker in (("oakfield", "grace", "vic"), ("brightwater", "olu", None)):
        with acting_for(org) as system:
            story = _Story(system)
            ratings = Ratings(story, RATINGS[org], lead, checker)
            ratings.before_latest_sitting()
            seed_experience(story)
            if org == "oakfield":
                _oakfield(story, ratings)
            else:
                ratings.latest_sitting()
                ratings.sign_latest()
                ratings.since()
                seed_brightwaters_packs(story)
            _daily(story)


class _Story:
    """Look-ups and the calendar while the story is played."""

    def __init__(self, system: Actor) -> None:
        self.system = system
        self.today = system.today
        org = system.org_id
        rows = db.session.execute(select(Service.name, Service.id).where(Service.org_id == org))
        self.services = {row.name: row.id for row in rows}

    def person(self, local: str) -> Actor:
        account_id = db.session.scalar(
            select(Membership.account_id).where(
                Membership.org_id == self.system.org_id, Membership.email.startswith(f"{local}@")
            )
        )
        return tenancy.enter(
            slug=self.system.org_slug, account_id=account_id, request_id="demo", read_only=False
        )

    def member(self, local: str) -> UUID:
        return self.person(local).membership_id

    @contextmanager
    def days_ago(self, days: int) -> Iterator[date]:
        """The calendar set back; what happens is committed on that day."""
        held = clock.frozen_day()
        day = self.today - timedelta(days=days)
        clock.freeze(day)
        try:
            yield day
            db.session.commit()
        finally:
            clock.freeze(held)

    def open_concerns(self, service: str, theme: str) -> list[UUID]:
        """Open amber or red audit concerns with no action yet, oldest first."""
        org = self.system.org_id
        acted_on = select(Action.audit_concern_id).where(
            Action.org_id == org, Action.audit_concern_id.is_not(None)
        )
        return list(
            db.session.scalars(
                select(AuditConcern.id)
                .where(
                    AuditConcern.org_id == org,
                    AuditConcern.service_id == self.services[service],
                    AuditConcern.theme == theme,
                    AuditConcern.status == "open",
                    AuditConcern.severity != "green",
                    AuditConcern.id.not_in(acted_on),
                )
                .order_by(AuditConcern.raised_on)
            )
        )

    def risk(self, service: str, domain: str) -> UUID:
        return db.session.scalar(
            select(Risk.id).where(
                Risk.org_id == self.system.org_id,
                Risk.service_id == self.services[service],
                Risk.domain == domain,
            )
        )


def _action(
    story: _Story, person: str, owner: str, service: str, domain: str, title: str, due: date
) -> UUID:
    return actions.create_action(
        actor=story.person(person),
        service_id=story.services[service],
        title=title,
        domain=domain,
        owner_id=story.member(owner),
        due_on=due,
        outcome_measure="No gap in four consecutive weekly samples",
        baseline="6 gaps in the last weekly sample",
        evidence_required="Weekly sample sheets and one observed round",
        risk_id=story.risk(service, domain),
    )


def _oakfield(story: _Story, ratings: Ratings) -> None:
    _actions(story)
    seed_outcomes(story)
    seed_claims(story)
    ratings.latest_sitting()
    rating_story.decide_watch(story)
    rating_story.challenge(story)
    seed_forums(story)
    seed_recovery(story)
    seed_framework(story)
    ratings.since()
    rating_story.since(story)
    seed_monitoring(story)
    seed_sharing(story)
    seed_updates(story)
    seed_oakfields_packs(story)


def _actions(story: _Story) -> None:
    _late_and_done(story)
    _returned_and_waiting(story)
    _new(story)


def _late_and_done(story: _Story) -> None:
    """One action far overdue, one done and verified."""
    with story.days_ago(75) as day:
        late = _action(
            story, "martin", "amara", "Alder House", "medicines",
            "Second checker for every controlled drug round", day + timedelta(days=28),
        )  # fmt: skip
        done = _action(
            story, "martin", "amara", "Rowan Court", "records",
            "Rewrite the ten oldest risk assessments", day + timedelta(days=45),
        )  # fmt: skip
    with story.days_ago(40):
        lifecycle.note_progress(
            actor=story.person("amara"),
            action_id=late,
            note="Night shift still short of a trained checker.",
        )
    _complete(
        story, 40, "amara", done, "All ten rewritten with families; sampled by the deputy.",
        "care_records", "Care planning system, report RA-10",
    )  # fmt: skip
    with story.days_ago(38):
        lifecycle.verify(actor=story.person("vic"), action_id=done, note="Five of five match.")


def _returned_and_waiting(story: _Story) -> None:
    """Two completed last week: one was sent back, one waits for somebody to verify it."""
    with story.days_ago(30) as day:
        returned = _action(
            story, "martin", "amara", "Alder House", "safeguarding",
            "Second observer in the upstairs lounge, evenings", day + timedelta(days=34),
        )  # fmt: skip
        waiting = _action(
            story, "sunita", "tom", "Birch Homecare, North", "staffing",
            "Re-plan the evening rounds with travel time", day + timedelta(days=21),
        )  # fmt: skip
    _complete(
        story, 6, "amara", returned, "Rota changed; evenings covered.",
        "staff_practice", "Rota week 46",
    )  # fmt: skip
    _complete(
        story, 6, "tom", waiting,
        "Rounds re-planned; 12 of 14 calls now start within the window.",
        "care_records", "Rostering system, punctuality report week 46",
    )  # fmt: skip
    with story.days_ago(4):
        lifecycle.send_back(
            actor=story.person("vic"),
            action_id=returned,
            reason="The rota shows no second observer on Saturday or Sunday.",
        )


def _new(story: _Story) -> None:
    """This week's: one due in a week, one straight from an audit concern."""
    with story.days_ago(2):
        _action(
            story, "martin", "amara", "Alder House", "medicines",
            "Observed round for each senior", story.today + timedelta(days=7),
        )  # fmt: skip
        for concern in story.open_concerns("Alder House", "medicines")[:1]:
            actions.open_from_concern(
                actor=story.person("grace"),
                audit_concern_id=concern,
                owner_id=story.member("martin"),
                due_on=story.today + timedelta(days=21),
                outcome_measure="Audit score back to 90 % or more",
                baseline="Last audit score",
                evidence_required="Next audit",
            )


def _complete(
    story: _Story, days: int, owner: str, action_id: UUID, detail: str, kind: str, link: str
) -> None:
    with story.days_ago(days):
        lifecycle.complete(
            actor=story.person(owner),
            action_id=action_id,
            detail=detail,
            kind=kind,
            source_link=link,
        )


def _daily(story: _Story) -> None:
    """What the worker would have done: figures kept, and the last working day's digests posted."""
    for days in (16, 0):
        with story.days_ago(days) as day:
            figures.take_readings(actor=story.system, on=day)
    days = next(back for back in range(10) if mail_leaves(story.today - timedelta(days=back)))
    with story.days_ago(days) as day:
        sweep_reminders(actor=story.system, on=day)
