"""Sharing in the demo: a threshold of a contract, decisions to share, to seek advice and not to
share, what was told on them, and a risk that a manager has raised.

Some high risks are left undecided, so that the board has something to ask for.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.clock import add_working_days
from careboard.db import db
from careboard.risks import raising
from careboard.rules.models import Trigger
from careboard.sharing import (
    advice,
    communications,
    control_check,
    decisions,
    pattern_review,
    thresholds,
)
from careboard.sharing.communications import Links
from careboard.sharing.control_check import Figures
from careboard.sharing.control_check_rule import Sides
from careboard.sharing.decisions import Answer, Choice
from careboard.sharing.models import FACTORS
from careboard.sharing.thresholds import Facts

BIRCH, SOUTH, ALDER = "Birch Homecare, North", "Birch Homecare, South", "Alder House"
COUNCIL = "Northshire Council, contracts team"
SAFEGUARDING = "Northshire Council, adult safeguarding team"
CHECKED = 14  # days ago, the pattern in the lounge


def seed_sharing(story: Any) -> None:
    """Play it on its days; `story` is the demo's calendar and look-ups."""
    threshold_id = _threshold(story)
    _late_calls(story, threshold_id)
    _lounge(story, threshold_id)
    _raised(story)


def _threshold(story: Any) -> UUID:
    with story.days_ago(40) as day:
        grace = story.person("grace")
        codes = {name: code for code, name in thresholds.measures(actor=grace).items()}
        return thresholds.set_threshold(
            actor=grace,
            facts=Facts(
                words="Staffing hours filled in a week",
                reason="Agreed with the council when the contract was renewed.",
                in_use_from=day,
                commissioner=COUNCIL,
                measure=codes["Staffing hours filled"],
                way="at_most",
                number=Decimal(93),
                unit="%",
            ),
        )


def _late_calls(story: Any, threshold_id: UUID) -> None:
    """Shared with the commissioner on the day after it was rated high, and answered; what
    complaints say of the same is not shared once more."""
    with story.days_ago(14) as day:
        decision_id = decisions.decide(
            actor=story.person("grace"),
            kind="risk",
            subject_id=story.risk(BIRCH, "staffing"),
            choice=Choice(
                decision="share",
                rationale="Evening calls start late, and the council has asked twice. It can "
                "move calls between providers while the rounds are re-planned.",
                what="How many evening calls start late, why, what is done about it and by when "
                "the rounds have travel time.",
                recipients=["commissioner"],
                to_whom=COUNCIL,
                action_under_way="Evening rounds are re-planned with travel time; a floating "
                "carer covers evenings and weekends.",
                control_on=day - timedelta(days=16),
                tell_by=add_working_days(day, 1),
                factors=_factors(
                    continuity="Six of fourteen sampled calls started late.",
                    contract_delivery="The contract allows thirty minutes either side.",
                ),
                own={threshold_id: Answer("yes")},
            ),
        )
    _told(story, decision_id)
    with story.days_ago(1):
        control_check.record(
            actor=story.person("grace"),
            decision_id=decision_id,
            figures=Figures(source="Visit log", typed=Sides(58, 280, 34, 276)),
            findings="Evening calls are late less often since the rounds have travel time. "
            "Weekends still are; the floating carer stays until they are not.",
        )
    with story.days_ago(12):
        decisions.decide(
            actor=story.person("grace"),
            kind="risk",
            subject_id=story.risk(BIRCH, "complaints"),
            choice=Choice(
                decision="do_not_share",
                rationale="The complaints are about the late calls that the council was told of "
                "yesterday. Each family has its answer; nothing further affects the contract.",
                action_under_way="Answers to the three families; the re-planned rounds.",
                factors=_factors(),
                own={threshold_id: Answer("no")},
            ),
        )


def _told(story: Any, decision_id: UUID) -> None:
    with story.days_ago(13) as day:
        told = communications.record(
            actor=story.person("cora"),
            service_id=story.services[BIRCH],
            direction="out",
            on=day,
            channel="phone",
            partner_kind="commissioner",
            partner=COUNCIL,
            person_role="Contracts officer",
            said="Six of fourteen sampled evening calls started late. Rounds are re-planned with "
            "travel time, and a floating carer covers until then.",
            about=Links(decision_id=decision_id),
            answer_due_on=day + timedelta(days=7),
        )
    with story.days_ago(10) as day:
        communications.answer(
            actor=story.person("cora"),
            communication_id=told,
            on=day,
            answered="They thank for the early word and ask for the sample of each fortnight.",
        )


def _lounge(story: Any, threshold_id: UUID) -> None:
    """The pattern in the upstairs lounge: checked by the manager, then advice was sought."""
    trigger_id = db.session.scalar(
        select(Trigger.id)
        .where(
            Trigger.org_id == story.system.org_id,
            Trigger.service_id == story.services[ALDER],
            Trigger.rule_code.in_(("safeguarding_repeated", "safeguarding_shared")),
            Trigger.fired_on <= story.today - timedelta(days=CHECKED),
            Trigger.closed_on.is_(None),
        )
        .order_by(Trigger.rule_code, Trigger.fired_on, Trigger.reference)
        .limit(1)
    )
    if trigger_id is None:
        return
    with story.days_ago(CHECKED) as day:
        pattern_review.record(
            actor=story.person("martin"),
            service_id=story.services[ALDER],
            on=day,
            trigger_id=trigger_id,
            care_records="Daily notes and body maps of those evenings, and of four quiet ones.",
            staff_notes="Handover sheets of the late shift; three of the five staff were asked.",
            escalating="uncertain",
            findings="All between five and eight, with one member of staff in the lounge.",
        )
    _ask(story, trigger_id, threshold_id)


def _ask(story: Any, trigger_id: UUID, threshold_id: UUID) -> None:
    """Advice of the local authority, sought on the pattern and received."""
    with story.days_ago(13) as day:
        decision_id = decisions.decide(
            actor=story.person("grace"),
            kind="trigger",
            subject_id=trigger_id,
            choice=Choice(
                decision="seek_advice",
                rationale="None of them met the threshold by itself. Together they may be "
                "neglect by the way that evenings are staffed; the local authority should say.",
                what="Low-level concerns in one place and time of day, what they share, and "
                "what was changed.",
                recipients=["safeguarding_partner"],
                to_whom=SAFEGUARDING,
                action_under_way="Two staff in the lounge from four to eight, every evening.",
                control_on=day - timedelta(days=20),
                tell_by=day,
                factors=_factors("uncertain", safeguarding="Whether it is neglect is uncertain."),
                own={threshold_id: Answer("no")},
            ),
        )
        asked = communications.record(
            actor=story.person("grace"),
            service_id=story.services[ALDER],
            direction="out",
            on=day,
            channel="phone",
            partner_kind="safeguarding_partner",
            partner=SAFEGUARDING,
            person_role="Duty social worker",
            said="Low-level concerns in one lounge in the evening; we ask for advice.",
            about=Links(decision_id=decision_id),
        )
    with story.days_ago(11) as day:
        advice.record(
            actor=story.person("grace"),
            communication_id=asked,
            kind="advice",
            authority=SAFEGUARDING,
            authority_reference="ASC-24417",
            received_on=day,
            guidance="No enquiry for now. Keep the second observer, and refer the next concern "
            "in the same place whatever its level.",
            outcome="advice_only",
            what_follows="The next concern in the lounge is referred on the same day.",
        )


def _raised(story: Any) -> None:
    """Sunita sees another branch become late; nobody has rated it yet."""
    where = story.services[SOUTH]
    with story.days_ago(2):
        sunita = story.person("sunita")
        keys = [one.key for one in raising.grounds(actor=sunita, service_id=where)]
        if keys:
            raising.raise_risk(
                actor=sunita,
                service_id=where,
                domain="staffing",
                original_cause="Two carers left; evening calls are covered from North, late.",
                controls="Calls of people at high risk are planned first.",
                keys=keys[:3],
            )


def _factors(affected: str = "yes", **why: str) -> dict[str, Answer]:
    """Those with a reason are affected; the others are not."""
    return {code: Answer(affected, why[code]) if code in why else Answer("no") for code in FACTORS}
