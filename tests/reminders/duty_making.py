"""Rows that somebody must be reminded of, at Alder House unless said otherwise."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from uuid import UUID

from careboard import clock
from careboard.assurance.models import Claim
from careboard.db import db, new_id
from careboard.evidence.models import Evidence, EvidenceRevision
from careboard.experience.models import ExperienceSummary
from careboard.monitoring.models import DecisionTrigger, EpisodeCriterion, MonitoringDecision
from careboard.monitoring.models import MonitoringEpisode as Episode
from careboard.monitoring.return_models import MonitoringReturn
from careboard.recovery.models import Indicator
from careboard.recovery.response_models import Response
from careboard.reviews.models import ForumMember, Review, ReviewEntry
from careboard.risks.models import RatingDispute, RatingReview, RatingWatch, Risk
from careboard.rules.models import Trigger
from careboard.tenancy import acting_for
from tests.sharing import making as sharing
from tests.updates.making import drafted
from tests.worlds import World

DAY = timedelta(days=1)
_numbers = itertools.count(1)


def add(model, slug: str = "alder", **values) -> UUID:
    """Store one row; returns its id."""
    with acting_for(slug) as actor:
        row = model(org_id=actor.org_id, id=new_id(), **values)
        db.session.add(row)
        db.session.commit()
        return row.id


def evidence(world: World, valid_until: date, by: str = "rita", **values) -> UUID:
    facts = {
        "reference": f"EV-{next(_numbers):04d}", "title": "MAR sheets", "kind": "care_records",
        "service_id": world.service_id("Alder House"), "valid_until": valid_until,
        "status": "submitted", "submitted_by_id": world.member_id(by), **values,
    }  # fmt: skip
    evidence_id = add(Evidence, **facts)
    link = "https://care.example/mar/1"
    add(EvidenceRevision, evidence_id=evidence_id, number=1, source_link=link, sha256="0" * 64)
    return evidence_id


def claim(world: World, submitted_on: date | None, by: str = "bob", **values) -> UUID:
    facts = {
        "reference": f"CLM-{next(_numbers):04d}", "kind": "claim",
        "service_id": world.service_id("Alder House"), "statement": "Recording has improved",
        "period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31), "status": "submitted",
        "submitted_by_id": world.member_id(by), "submitted_on": submitted_on, **values,
    }  # fmt: skip
    return add(Claim, **facts)


def risk(
    world: World,
    rated_on: date,
    by: str = "alice",
    service: str = "Alder House",
    rating: str = "high",
) -> UUID:
    """A medicines risk, rated that day."""
    risk_id = add(
        Risk, reference=f"RSK-{next(_numbers):04d}", service_id=world.service_id(service),
        domain="medicines", original_cause="Gaps in MAR charts", rating=rating, rated_on=rated_on,
        opened_on=rated_on,
    )  # fmt: skip
    add(
        RatingReview, risk_id=risk_id, rating_to=rating, decision="set", rationale="Counted",
        decided_by_id=world.member_id(by), decided_on=rated_on, decided_at=clock.now(),
    )  # fmt: skip
    return risk_id


def _review_of(world: World, risk_id: UUID) -> UUID:
    return world.sql("SELECT id FROM rating_review WHERE risk_id = :id", id=risk_id)[0].id


def dispute(world: World, risk_id: UUID, due_on: date, by: str = "bob") -> UUID:
    return add(
        RatingDispute, reference=f"DSP-{next(_numbers):04d}", risk_id=risk_id,
        rating_review_id=_review_of(world, risk_id), reason="The audit says otherwise",
        filed_by_id=world.member_id(by), filed_on=due_on - 14 * DAY, due_on=due_on,
    )  # fmt: skip


def watch(world: World, risk_id: UUID, until: date) -> UUID:
    return add(
        RatingWatch, risk_id=risk_id, rating_review_id=_review_of(world, risk_id),
        started_on=until - 92 * DAY, until=until,
    )  # fmt: skip


def summary(world: World, month: date, service: str = "Alder House") -> UUID:
    return add(
        ExperienceSummary, service_id=world.service_id(service), month=month, number=1,
        sample_size=8, source="entered", submitted_by_id=world.member_id("rita"),
        submitted_on=month + 33 * DAY,
    )  # fmt: skip


def sitting(world: World, period_from: date, period_to: date, **values) -> UUID:
    """A signed monthly governance review of that period."""
    facts = {
        "reference": f"REV-{next(_numbers):04d}", "forum": "monthly_governance",
        "period_from": period_from, "period_to": period_to, "status": "signed",
        "signed_at": clock.now(), "sha256": "0" * 64, **values,
    }  # fmt: skip
    return add(Review, **facts)


def chair(world: World, person: str, forum: str = "monthly_governance") -> UUID:
    return add(
        ForumMember, forum=forum, membership_id=world.member_id(person), part="chair",
        from_on=date(2026, 1, 1),
    )  # fmt: skip


def challenge(world: World, by: str = "ben", service: str | None = "Alder House") -> UUID:
    """A challenge made on the calendar's day in an open weekly (else monthly) sitting."""
    service_id = world.service_id(service) if service else None
    review_id = sitting(
        world, date(2026, 11, 16), date(2026, 11, 22), service_id=service_id, status="open",
        forum="weekly_manager" if service else "monthly_governance", signed_at=None, sha256=None,
    )  # fmt: skip
    return add(
        ReviewEntry, review_id=review_id, kind="challenge", text="Why is it so late?",
        by_id=world.member_id(by), entered_at=clock.now(),
    )  # fmt: skip


def decline(world: World, on: date = date(2026, 11, 20), asked: str = "bob") -> UUID:
    """A decline of an indicator that nobody has answered."""
    house = world.service_id("Alder House")
    indicator_id = add(
        Indicator, service_id=house, reference=f"IND-T{next(_numbers)}", measure="falls",
        name="Falls at night", domain="safety", unit="count", good="down", cadence="week",
    )  # fmt: skip
    return add(
        Response, service_id=house, indicator_id=indicator_id, domain="safety",
        reference=f"RSP-{next(_numbers):04d}", fired_on=on, rule="falling_compliance",
        rule_version=1, rows=[], sentence="Red since 15 Nov 2026.",
        asked_id=world.member_id(asked),
    )  # fmt: skip


def trigger(world: World, decide_by: date | None, **values) -> UUID:
    """A rule that fired and suggests enhanced monitoring, unless `decide_by` is None."""
    facts = {
        "reference": f"TRG-{next(_numbers):04d}", "rule_code": "multi_theme_decline",
        "rule_version": 1, "parameters": {}, "service_id": world.service_id("Alder House"),
        "key": "", "fired_on": date(2026, 11, 20), "rows": [], "suggests": decide_by is not None,
        "sentence": "Two themes fell.", "decide_by": decide_by, **values,
    }  # fmt: skip
    return add(Trigger, **facts)


def decided(world: World, trigger_id: UUID) -> None:
    """A decision not to start on that trigger."""
    decision_id = add(
        MonitoringDecision, reference=f"EMD-{next(_numbers):04d}", decision="do_not_start",
        service_id=world.service_id("Alder House"), reason="Explained by the new form",
        decided_by_id=world.member_id("alice"), decided_on=date(2026, 11, 20),
        decided_at=clock.now(),
    )  # fmt: skip
    add(
        DecisionTrigger, decision_id=decision_id, trigger_id=trigger_id, rows=[],
        sentence="Two themes fell.",
    )  # fmt: skip


def episode(world: World, started_on: date, **values) -> UUID:
    """An episode that alice leads and bob manages, reviewed weekly."""
    facts = {
        "reference": f"EM-{next(_numbers):04d}", "service_id": world.service_id("Alder House"),
        "title": "Repeated falls", "kind": "other", "started_on": started_on,
        "planned_review_on": started_on + 56 * DAY, "requires": "A senior each evening",
        "governance_lead_id": world.member_id("alice"), "manager_id": world.member_id("bob"),
        **values,
    }  # fmt: skip
    with acting_for("alder") as actor:
        row = Episode(org_id=actor.org_id, id=new_id(), **facts)
        db.session.add(row)
        db.session.flush()
        db.session.add(
            EpisodeCriterion(
                org_id=actor.org_id, episode_id=row.id, number=1, words="Evenings are calmer",
                added_on=started_on, added_by_id=facts["governance_lead_id"],
            )
        )  # fmt: skip
        db.session.commit()
        return row.id


def stepped_down(world: World, follow_up_on: date) -> UUID:
    return episode(
        world, follow_up_on - 100 * DAY, status="stepped_down", ended_on=follow_up_on - 28 * DAY,
        follow_up_on=follow_up_on, re_escalation="Two falls in a month", kind="audit",
    )  # fmt: skip


def weekly_return(world: World, episode_id: UUID, submitted_on: date, week: int = 1) -> UUID:
    """A return of bob that nobody has verified; returns its id."""
    claim_id = claim(world, submitted_on, kind="monitoring_return")
    return add(
        MonitoringReturn, reference=f"RET-{next(_numbers):04d}", episode_id=episode_id, week=week,
        due_on=submitted_on, submitted_on=submitted_on, submitted_by_id=world.member_id("bob"),
        claim_id=claim_id, prefilled=[], actions=[], narrative="As agreed",
    )  # fmt: skip


def monitored(world: World, on: date) -> None:
    """Something of each kind that enhanced monitoring asks for on that day."""
    trigger(world, on)
    weekly_return(world, episode(world, on - 16 * DAY), on - 4 * DAY)
    stepped_down(world, on)


def update(world) -> None:
    """A recovery update drafted today, that waits for its evidence set."""
    drafted(world)


def shared(world: World) -> UUID:
    """A decision to tell others by today, of something whose controls began four weeks ago."""
    about, today = sharing.concern(world), clock.today()
    told = {"tell_by": today, "control_on": today - 28 * DAY}
    return sharing.decided(world, about, kind="concern", **told)
