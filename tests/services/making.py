"""A service with a history: one of each thing that its page and timeline tell of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from careboard.actions.models import Action, ActionUpdate
from careboard.db import db, new_id
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.imports.models import ImportBatch, StoredFile, SupersededRow
from careboard.monitoring.models import DecisionTrigger, MonitoringDecision
from careboard.packs.models import Pack
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.reviews.models import Review
from careboard.risks.models import RatingReview, Risk
from careboard.rules.models import Trigger
from careboard.services.models import Service
from careboard.sharing.communication_models import Communication
from careboard.sharing.models import FACTORS, SharingConsideration, SharingDecision

TODAY = date(2026, 11, 20)


def day(before: int) -> date:
    return TODAY - timedelta(days=before)


def moment(before: int) -> datetime:
    return datetime(2026, 11, 20, 9, 30, tzinfo=UTC) - timedelta(days=before)


def add(model, org_id: UUID, **values) -> UUID:
    """Store a row; returns its id."""
    row = model(org_id=org_id, id=new_id(), **values)
    db.session.add(row)
    db.session.flush()
    return row.id


def batch(org_id: UUID, reference: str = "IMP-0001", feed: str = "audits") -> UUID:
    """A loaded import with its file."""
    file_id = add(
        StoredFile,
        org_id,
        sha256="0" * 64,
        size=10,
        media_type="text/csv",
        file_name=f"{feed}.csv",
    )
    return add(
        ImportBatch,
        org_id,
        reference=reference,
        feed=feed,
        source="Quality workbook",
        file_id=file_id,
        sha256="0" * 64,
        status="loaded",
    )


def history(world, service_id: UUID, slug: str = "alder") -> dict[str, UUID]:
    """One of each, oldest first in time: see the numbers of days before today."""
    person = "alice" if slug == "alder" else "charlie"
    with world.acting(person) as actor:
        made = _records(actor, service_id)
        made |= _governance(actor, service_id, made)
        db.session.commit()
    return made


def _records(actor, service_id: UUID) -> dict[str, UUID]:
    org = actor.org_id
    came = batch(org)
    audit = {"service_id": service_id, "theme": "Medicines", "domain": "medicines"}
    earlier = add(
        Audit, org, **audit, source_key="AUD-1", cycle="Sep 2026", completed_on=day(60),
        score=9100, max_score=10000, rag="green", evidence_source="Audit form 11",
    )  # fmt: skip
    latest = add(
        Audit, org, **audit, source_key="AUD-2", cycle="Oct 2026", completed_on=day(30),
        score=8400, max_score=10000, rag="amber", evidence_source="Audit form 12",
        batch_id=came, row_no=7,
    )  # fmt: skip
    found = {"service_id": service_id, "theme": "Medicines", "domain": "medicines",
             "audit_id": latest, "raised_on": day(29), "status": "open"}  # fmt: skip
    answered = add(
        AuditConcern, org, **found, source_key="AC-1", text="Two gaps on the evening round",
        severity="red", batch_id=came, row_no=8,
    )  # fmt: skip
    bare = add(
        AuditConcern, org, **found, source_key="AC-2", text="Fridge temperature 100% unrecorded",
        severity="amber",
    )  # fmt: skip
    add(
        SupersededRow, org, table_name="audit_concern", record_id=answered, batch_id=came,
        replaced_by_batch_id=came, recorded_at=moment(29), superseded_at=moment(20),
        version={"service_id": str(service_id), "text": "A gap on the evening round",
                 "severity": "amber", "row_no": 3},
    )  # fmt: skip
    incident = add(
        Concern, org, kind="incident", service_id=service_id, domain="safety", source_key="INC-1",
        occurred_on=day(12), occurred_at=moment(12), theme="falls", level="low", place="lounge",
        status="open", text="Slipped on a wet floor", batch_id=came, row_no=2,
        details={"riddor_flag": False, "type": "fall", "service.la": "Northshire"},
    )  # fmt: skip
    add(
        Concern, org, kind="feedback", service_id=service_id, domain="experience",
        source_key="F-1", occurred_on=day(11), theme="timely support", level="person",
        status="open", score=400, max_score=500, details={"question": "timely_support"},
    )  # fmt: skip
    return {"batch": came, "earlier": earlier, "audit": latest, "answered": answered,
            "bare": bare, "incident": incident}  # fmt: skip


def _governance(actor, service_id: UUID, made: dict[str, UUID]) -> dict[str, UUID]:
    org, me = actor.org_id, actor.membership_id
    action = add(
        Action, org, reference="ACT-0001", service_id=service_id, domain="medicines",
        audit_concern_id=made["answered"], title="Second evening observer",
        outcome_measure="No gaps in 28 days", baseline="2 gaps", evidence_required="MAR audit",
        owner_id=me, due_on=day(2), original_due_on=day(2), status="open", updated_on=day(10),
    )  # fmt: skip
    add(
        ActionUpdate, org, action_id=action, kind="opened", note="Agreed at handover", by_id=me,
        happened_at=moment(10),
    )  # fmt: skip
    risk = add(
        Risk, org, reference="RSK-0001", service_id=service_id, domain="medicines",
        original_cause="Evening round without a second pair of eyes", rating="high",
        rated_on=day(5), opened_on=day(5),
    )  # fmt: skip
    rated = add(
        RatingReview, org, risk_id=risk, rating_to="high", decision="set",
        rationale="Two gaps in one week", decided_by_id=me, decided_on=day(5),
        decided_at=moment(5),
    )  # fmt: skip
    evidence = add(
        Evidence, org, reference="EV-0001", title="MAR sample October", kind="care_records",
        service_id=service_id, valid_until=day(-60), status="accepted", submitted_by_id=me,
        decided_on=day(3), created_at=moment(4),
    )  # fmt: skip
    for target in ({"risk_id": risk}, {"audit_concern_id": made["answered"]}):
        add(EvidenceLink, org, evidence_id=evidence, **target)
    trigger = add(
        Trigger, org, reference="TRG-0001", rule_code="repeated_amber", rule_version=1,
        parameters={}, service_id=service_id, key="Medicines", fired_on=day(9),
        sentence="Medicines amber in two cycles", rows=[], suggests=False, created_at=moment(9),
    )  # fmt: skip
    decision = add(
        MonitoringDecision, org, reference="EMD-0001", service_id=service_id,
        decision="do_not_start", reason="One cause, put right since", decided_by_id=me,
        decided_on=day(7), decided_at=moment(7),
    )  # fmt: skip
    add(DecisionTrigger, org, decision_id=decision, trigger_id=trigger, sentence="x", rows=[])
    shared = add(
        SharingDecision, org, reference="SHD-0001", service_id=service_id, risk_id=risk,
        first_identified_on=day(6), decision="do_not_share", rationale="Put right within a day",
        decided_by_id=me, decided_on=day(6), decided_at=moment(6),
    )  # fmt: skip
    for factor in FACTORS:
        add(SharingConsideration, org, decision_id=shared, factor=factor, affected="no")
    _told(actor, service_id)
    review = add(
        Review, org, reference="REV-0001", forum="weekly_manager", service_id=service_id,
        period_from=day(8), period_to=day(1), summary="Looked at medicines", opened_by_id=me,
        created_at=moment(1),
    )  # fmt: skip
    return {"action": action, "risk": risk, "rated": rated, "evidence": evidence, "review": review}


def _told(actor, service_id: UUID) -> None:
    """What was said outside, what was asked there, and a pack that was taken back."""
    org, me = actor.org_id, actor.membership_id
    for reference, direction, before in (("COM-0001", "out", 5), ("COM-0002", "in", 4)):
        add(
            Communication, org, reference=reference, service_id=service_id, direction=direction,
            on_date=day(before), channel="phone", partner_kind="commissioner", partner="Northshire",
            person_role="contracts officer", said="A second observer each evening", by_id=me,
        )  # fmt: skip
    file = {"media_type": "application/pdf", "file_name": "pack.pdf", "size": 1, "sha256": "1" * 64}
    empty = sha256(b"{}").hexdigest()
    add(
        Pack, org, reference="PCK-0001", kind="board", subject_id=service_id,
        service_id=service_id, provider_name="Alder", title="Extract of the board",
        period_from=day(30), period_to=day(4), content="{}", content_sha256=empty, manifest="{}",
        manifest_sha256=empty, key="k", signature="s", events="",
        pdf_file_id=add(StoredFile, org, **file), pdf_sha256="1" * 64, published_by_id=me,
        published_at=moment(4), published_on=day(4), withdrawn_on=day(2), withdrawn_by_id=me,
        withdraw_reason="It was more than was asked for",
    )  # fmt: skip


def many_services(world, count: int) -> None:
    """Alder's services made up to `count`, each with an open concern and an overdue action."""
    with world.acting("alice") as actor:
        org = actor.org_id
        for number in range(count - 3):
            service = add(
                Service, org, name=f"Branch {number:03}", kind="homecare", source_key=f"S{number}",
                local_authority="Eastmoor", region="East",
            )  # fmt: skip
            add(
                AuditConcern, org, service_id=service, theme="Records", domain="records",
                raised_on=day(9), text="Late entries", severity="red", status="open",
                source_key=f"X{number}",
            )  # fmt: skip
        db.session.commit()
