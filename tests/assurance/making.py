"""Claims that tests start from: handed in by bob, validated by vera, about Alder House."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update

from careboard.assurance import service
from careboard.assurance.models import Sample, SampleItem, Validation
from careboard.db import db
from careboard.errors import Invalid
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.risks.service import NewEvidence
from tests.dashboards.rows import add_action, add_audits, add_concern, add_records, add_risk
from tests.worlds import World

TODAY = date(2026, 11, 20)
OCTOBER = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}
STATEMENT = "Medicines recording has improved at Alder House"
ANSWERS = {
    "relevant": "yes",
    "is_current": "yes",
    "sufficient": "yes",
    "findings": "Five MAR sheets read against the rounds of October.",
    "outcome": "proves",
}


def sheets(**changes) -> NewEvidence:
    values = {
        "title": "October MAR sheets",
        "kind": "care_records",
        "period_to": date(2026, 10, 31),
        "source_link": "https://care.example/mar/10",
    }
    return NewEvidence(**values | changes)


def make_claim(world: World, person: str = "bob", service_name: str = "Alder House", **changes):
    """A claim on medicines in October with one item of evidence; returns its id."""
    values = {
        "service_id": world.service_id(service_name),
        "domain": "medicines",
        "statement": STATEMENT,
        "new": sheets(),
        **OCTOBER,
        **changes,
    }
    with world.acting(person) as actor:
        claim_id = service.submit_claim(actor=actor, **values)
        db.session.commit()
    return claim_id


def make_return(world: World, person: str = "bob", **changes) -> tuple[UUID, UUID]:
    """A service assurance return about a new high risk; returns its id and the risk's."""
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        risk_id = add_risk(alice, house)
        db.session.commit()
    claim_id = make_claim(
        world, person, service_id=None, domain=None, kind="assurance_return", risk_id=risk_id,
        **changes,
    )  # fmt: skip
    return claim_id, risk_id


def add_rows(world: World) -> None:
    """Records of October for samples: three audits of medicines (one of October), two concerns,
    one action, and records of other domains, services and months that no claim on it speaks of."""
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    with world.acting("alice") as alice:
        add_audits(alice, house, 80, 90, 97)
        add_concern(alice, house, raised_on=date(2026, 10, 12))
        add_concern(alice, house, raised_on=date(2026, 9, 12), closed_on=date(2026, 10, 1))
        add_concern(alice, house, raised_on=date(2026, 9, 30))
        add_concern(alice, house, raised_on=date(2026, 10, 12), domain="safety")
        add_concern(alice, lodge, raised_on=date(2026, 10, 12))
        add_action(alice, house, due_on=date(2026, 10, 31))
        add_action(alice, house, due_on=date(2026, 10, 31), status="draft")
        add_records(alice, house, "incident", 10, 3)
        db.session.commit()


def start(world: World, claim_id: UUID, person: str = "vera", **changes) -> None:
    with world.acting(person) as actor:
        service.start_validation(actor=actor, claim_id=claim_id, **changes)
        db.session.commit()


def draw(world: World, claim_id: UUID, person: str = "vera", **changes) -> UUID:
    with world.acting(person) as actor:
        sample_id = service.draw_sample(actor=actor, claim_id=claim_id, **{"size": 5, **changes})
        db.session.commit()
    return sample_id


def record(world: World, claim_id: UUID, *results: str, person: str = "vera", critical: int = 0):
    """Record these results for the rows of the latest draw in order, `matches` for the rest; the
    first `critical` that do not match are critical."""
    with world.acting(person) as actor:
        rows = list(
            db.session.execute(
                select(SampleItem.id, Sample.number)
                .join(Sample, Sample.id == SampleItem.sample_id)
                .join(Validation, Validation.id == Sample.validation_id)
                .where(Validation.claim_id == claim_id)
                .order_by(Sample.number.desc(), SampleItem.position)
            )
        )
        latest = [row.id for row in rows if row.number == rows[0].number]
        for index, item_id in enumerate(latest):
            result = results[index] if index < len(results) else "matches"
            wrong = result != "matches"
            service.record_item(
                actor=actor, claim_id=claim_id, item_id=item_id, result=result,
                description="The chart shows two gaps" if wrong else "",
                critical=wrong and critical > 0,
            )  # fmt: skip
            critical -= wrong
        db.session.commit()


def complete(world: World, claim_id: UUID, person: str = "vera", **changes) -> None:
    with world.acting(person) as actor:
        service.complete_validation(actor=actor, claim_id=claim_id, **ANSWERS | changes)
        db.session.commit()


def validate(world: World, claim_id: UUID, *results: str, critical: int = 0, **changes) -> None:
    """The whole validation by vera: taken, drawn, compared, completed."""
    start(world, claim_id)
    draw(world, claim_id)
    record(world, claim_id, *results, critical=critical)
    complete(world, claim_id, **changes)


def set_evidence(world: World, claim_id: UUID, **values) -> None:
    """Change columns of the claim's evidence, whatever the services would say."""
    with world.acting("alice"):
        linked = select(EvidenceLink.evidence_id).where(EvidenceLink.claim_id == claim_id)
        db.session.execute(update(Evidence).where(Evidence.id.in_(linked)).values(**values))
        db.session.commit()


def state(world: World, claim_id: UUID):
    """The claim's row as the database holds it."""
    return world.sql("SELECT * FROM claim WHERE id = :id", id=claim_id)[0]


def refused(world: World, person: str, call, error=Invalid, field=None, **values) -> None:
    """The service refuses this person, at that field."""
    with world.acting(person) as actor, pytest.raises(error) as caught:
        call(actor=actor, **values)
    assert getattr(caught.value, "field", None) == field, caught.value
