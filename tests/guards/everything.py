"""One of nearly everything at Alder House, for the guards that open every address."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard.db import db
from careboard.framework import service as framework
from careboard.recovery import readings
from careboard.recovery import service as indicators
from careboard.recovery.entries import Amounts
from careboard.retention import service as retention
from careboard.reviews import forums
from careboard.risks import disputes
from careboard.risks import service as risks
from careboard.risks.basis import Basis
from careboard.sharing.communications import Links
from tests.acceptance.walking import on
from tests.actions import samples
from tests.assurance import making as claims
from tests.board_packs import packs
from tests.imports_db import making
from tests.monitoring import making as monitored
from tests.monitoring import weekly
from tests.recovery import making as recovery
from tests.recovery import planning
from tests.reviews import sample as reviews
from tests.risks import making as ratings
from tests.risks.test_raising import raised
from tests.sharing import making as sharing
from tests.sharing import saying
from tests.updates import making as updates
from tests.worlds import World

# The name that addresses have for a row's id, and its table.
TABLES = {
    "action_id": "action",
    "evidence_id": "evidence",
    "revision_id": "evidence_revision",
    "link_id": "evidence_link",
    "service_id": "service",
    "batch_id": "import_batch",
    "held_id": "held_text",
    "row_id": "quarantined_row",
    "audit_id": "audit",
    "concern_id": "audit_concern",
    "mail_id": "outbox",
    "review_id": "review",
    "item_id": "review_item",
    "entry_id": "review_entry",
    "member_id": "forum_member",
    "risk_id": "risk",
    "raised_id": "raised_risk",
    "subject_id": "risk",
    "tag_id": "framework_tag",
    "dispute_id": "rating_dispute",
    "watch_id": "rating_watch",
    "claim_id": "claim",
    "drawn_id": "sample_item",
    "membership_id": "membership",
    "board_pack_id": "board_pack",
    "pack_id": "pack",
    "grant_id": "pack_grant",
    "confirmed_id": "commissioner_link",
    "tracked_id": "tracked_concern",
    "update_id": "recovery_update",
    "feedback_id": "update_feedback",
    "decision_id": "sharing_decision",
    "communication_id": "communication",
    "advice_id": "partner_advice",
    "plan_id": "recovery_plan",
    "check_id": "practice_check",
    "finding_id": "check_finding",
    "indicator_id": "indicator",
    "rebase_id": "rebase",
    "response_id": "response",
    "trigger_id": "trigger",
    "episode_id": "monitoring_episode",
    "change_id": "episode_change",
    "criterion_id": "episode_criterion",
    "return_id": "monitoring_return",
    "report_id": "monitoring_report",
    "hold_id": "legal_hold",
}
WORDS = {
    "domain": ["medicines"],
    "kind": ["complaints", "incident", "medicines_shift", "update", "pdf"],
    "section": ["progress"],
    "code": ["overdue_actions", "audit_risks_linked", "medicines", "safeguarding_repeated"],
    "record_class": ["mail"],
    "week": ["1"],
    "forum": ["monthly_governance", "weekly_manager"],
    "framework": ["saf-2023"],
    "slug": ["safeguarding"],
    "subject": ["risk"],
    "number": ["1"],
    "end": ["2026-11-15"],
}


def rows(world: World) -> dict[str, list]:
    """Ids and words by the name that addresses have for them, after making what they need."""
    _actions_and_imports(world)
    packs.ask(world)
    reviews.open_weekly(world)
    reviews.record(world, "alice", reviews.open_monthly(world), "challenge", "Why so late?")
    claim_id, risk_id = claims.make_return(world)
    claims.start(world, claim_id)
    claims.draw(world, claim_id)
    _governance(world, risk_id)
    _readings(world)
    planning.begin(world)
    planning.one_of_each(world)
    _monitoring(world)
    _sharing(world)
    return {
        name: [row.id for row in world.sql(f"SELECT id FROM {table} LIMIT 6")]
        for name, table in TABLES.items()
    } | WORDS


def _actions_and_imports(world: World) -> None:
    samples.add_finding(world)
    samples.add_imported(world)
    done = samples.add_action(world)
    samples.complete(world, done)
    samples.add_action(world, draft=True, owner_id=None, due_on=None)
    making.bring(
        world,
        "complaints",
        making.complaints(
            "C-1,Alder House,01/11/2026,Food,Cold lunch",
            "C-2,Nowhere,01/11/2026,Food,Cold lunch",
            "C-3,Alder House,02/11/2026,Food,Mr John Smith NHS 943 476 5919 told us",
        ),
    )
    making.receive(world, "complaints", "foo,bar\n1,2\n", name="unmapped.csv")


def _readings(world: World) -> None:
    """An indicator with a reading, a target and a change of process, before the plan's own."""
    falls = recovery.opened(world, recovery.FALLS)
    with world.acting("bob") as actor:
        readings.record_reading(
            actor=actor, indicator_id=falls, on=recovery.SUNDAY, amounts=Amounts(3)
        )
        indicators.set_target(actor=actor, indicator_id=falls, value=1)
        indicators.rebase(actor=actor, indicator_id=falls, on=recovery.SUNDAY, reason="Sensor mats")
        db.session.commit()


def _governance(world: World, risk_id: UUID) -> None:
    """A member of a forum, a lowered rating under watch and with a tag, another in dispute."""
    ben, house = world.member_id("ben"), world.service_id("Alder House")
    with world.acting("alice") as actor:
        forums.appoint(
            actor=actor, forum="monthly_governance", service_id=None, membership_id=ben,
            part="member", from_on=actor.today,
        )  # fmt: skip
        ratings.lower(actor, risk_id)
        framework.tag(
            actor=actor, kind="risk", row_id=risk_id, framework="saf-2023", slug="safeguarding"
        )
        disputed = risks.open_risk(
            actor=actor, service_id=house, domain="staffing", original_cause="Late visits",
            rating="high", rationale="Counted", basis=Basis(none_yet=True),
        )  # fmt: skip
        db.session.commit()
    with world.acting("bob") as actor:
        disputes.file(
            actor=actor, risk_id=disputed, reason="Counted twice", basis=Basis(none_yet=True)
        )
        db.session.commit()


def _monitoring(world: World) -> None:
    """An episode with its first week's return and report, and e-mails under a legal hold."""
    with on(date(2026, 11, 10)):
        episode_id = monitored.started(world, triggers=[monitored.fired(world)])
    weekly.hand_in(world, episode_id)
    weekly.report(world, episode_id)
    with world.acting("adam") as actor:
        retention.place_hold(actor=actor, code="mail", reason="Public inquiry")
        db.session.commit()


def _sharing(world: World) -> None:
    """A decision to share that was told, with advice on it; an update that was published to
    Northshire and answered, and the next one's draft."""
    risk_id = sharing.risk(world, domain="complaints")
    decision_id = sharing.decided(world, risk_id, control_on=date(2026, 11, 20))
    said = saying.told(world, about=Links(decision_id=decision_id))
    saying.advised(world, said)
    saying.checked(world, saying.pattern(world))
    raised(world, domain="experience")
    updates.told(world, updates.published(world))
