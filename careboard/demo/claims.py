"""The demo's claims: returns and claims that were validated, one unsupported, some waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.assurance import service
from careboard.assurance.models import SampleItem
from careboard.assurance.origin import evidence_to_choose
from careboard.db import db
from careboard.risks.service import NewEvidence


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim. `days` ago it was handed in (None: a draft); `checked` days ago Vic validated it
    (None: it waits). `wrong` says what the sources say instead, of items of evidence first."""

    author: str
    service: str
    domain: str
    statement: str
    kind: str
    evidence: str
    link: str
    days: int | None
    about_risk: bool = False
    checked: int | None = None
    outcome: str = "proves"
    sufficient: str = "yes"
    findings: str = ""
    wrong: tuple[str, ...] = ()
    critical: bool = False


CLAIMS = (
    Claimed(
        "martin", "Rowan Court", "records",
        "All risk assessments older than a year have been rewritten with families; the audit "
        "score rose from 88 % to 97 %.",
        "care_records", "Risk assessments rewritten, list with dates",
        "Care planning system, report RA-10", 26, about_risk=True, checked=22,
        findings="Ten of ten assessments opened; each is dated, signed and agrees with the care "
        "plan. The audit of the month says the same.",
    ),
    Claimed(
        "sunita", "Birch Homecare, North", "staffing",
        "Evening calls now start within the agreed window: 12 of 14 in the last week.",
        "care_records", "Punctuality report, week 45",
        "Rostering system, punctuality report week 45", 12, checked=5, sufficient="partly",
        outcome="partly",
        findings="The report counts planned times as actual times where no check-in was made.",
        wrong=("No check-in: the start was entered by the office next day.",), critical=True,
    ),
    Claimed(
        "sunita", "Willow Supported Living", "safety",
        "Kitchen checks are done every evening and no near miss was recorded for six weeks.",
        "staff_practice", "Evening check sheets", "Folder K-2, six weeks", 33, checked=27,
        outcome="partly", sufficient="partly",
        findings="Sheets are complete; feedback of the people who live there is not in it yet.",
    ),
    Claimed(
        "amara", "Alder House", "safeguarding",
        "A second observer has been in the upstairs lounge every evening of the last two weeks.",
        "staff_practice", "Rota and observer log", "Rota weeks 45 and 46", 15,
    ),
    Claimed(
        "martin", "Alder House", "medicines",
        "Gaps in the night record fell from 6 to 1 a week since the second checker started.",
        "audits", "Weekly MAR samples", "eMAR export, weeks 44 to 46", 4, about_risk=True,
    ),
    Claimed(
        "martin", "Alder House", "staffing",
        "Four of five night seniors are re-assessed for medicines.",
        "staff_practice", "Competency records", "Workforce file, section 3", None,
    ),
)  # fmt: skip


def seed_claims(story: Any) -> None:
    """Play the claims of Oakfield; `story` is the demo's calendar and look-ups."""
    for claimed in CLAIMS:
        with story.days_ago(claimed.days or 2) as day:
            claim_id = _submit(story, claimed, day)
        if claimed.checked is not None:
            with story.days_ago(claimed.checked):
                _validate(story, claimed, claim_id)


def _submit(story: Any, claimed: Claimed, day: date) -> UUID:
    author = story.person(claimed.author)
    service_id = story.services[claimed.service]
    place: dict[str, Any] = {"service_id": service_id, "domain": claimed.domain}
    if claimed.about_risk:
        risk_id = story.risk(claimed.service, claimed.domain)
        place = {"kind": "assurance_return", "risk_id": risk_id}
    held = evidence_to_choose(actor=author, service_id=service_id)[:1]
    return service.submit_claim(
        actor=author,
        statement=claimed.statement,
        period_from=day - timedelta(days=42),
        period_to=day - timedelta(days=1),
        evidence_ids=[item.id for item in held],
        new=NewEvidence(
            title=claimed.evidence,
            kind=claimed.kind,
            period_to=day - timedelta(days=1),
            source_link=claimed.link,
        ),
        draft=claimed.days is None,
        **place,
    )


def _validate(story: Any, claimed: Claimed, claim_id: UUID) -> None:
    vic = story.person("vic")
    service.start_validation(actor=vic, claim_id=claim_id)
    sample_id = service.draw_sample(actor=vic, claim_id=claim_id, size=8)
    drawn = db.session.scalars(
        select(SampleItem.id)
        .where(SampleItem.org_id == vic.org_id, SampleItem.sample_id == sample_id)
        .order_by(SampleItem.record_kind != "evidence", SampleItem.position)
    )
    for position, item_id in enumerate(list(drawn)):
        wrong = claimed.wrong[position] if position < len(claimed.wrong) else ""
        service.record_item(
            actor=vic,
            claim_id=claim_id,
            item_id=item_id,
            result="mismatch" if wrong else "matches",
            description=wrong,
            critical=bool(wrong) and claimed.critical,
        )
    service.complete_validation(
        actor=vic,
        claim_id=claim_id,
        relevant="yes",
        is_current="yes",
        sufficient=claimed.sufficient,
        sufficient_note="" if claimed.sufficient == "yes" else "Not enough to rest on alone.",
        findings=claimed.findings,
        outcome=claimed.outcome,
    )
