"""A draft of a day tells what was known by that day, however late it is made."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import render_template
from sqlalchemy import text, update

from careboard import clock
from careboard.audit_log.heads import Head
from careboard.db import db
from careboard.packs import paper
from careboard.packs.content import to_json
from careboard.recovery.plan_models import RecoveryPlan
from careboard.risks.models import RatingReview, Risk
from careboard.tenancy import acting_for
from careboard.updates.schedules import Made
from careboard.updates.sections import AS_AT
from tests.counting import statements
from tests.packs.contents import example
from tests.reminders.duty_making import add
from tests.updates.drafts import (
    ANCHOR,
    FORTNIGHT,
    action,
    at_nine,
    claim,
    drafted,
    evidence,
    indicator,
    plan,
    risk,
    said,
    scheduled,
    section,
)

LATER = ANCHOR + timedelta(days=3)


def rated(risk_id, rating_from, rating_to, day: date) -> None:
    """A review of that day, which its risk repeats."""
    first = rating_from is None
    review_id = add(
        RatingReview, risk_id=risk_id, rating_from=rating_from, rating_to=rating_to,
        decision="set" if first else "raise", urgent=not first, rationale="x", decided_on=day,
        decided_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
    )  # fmt: skip
    change(risk_id, rating=rating_to, rated_on=day, rating_review_id=review_id)


def change(risk_id, **values) -> None:
    with acting_for("alder"):
        db.session.execute(update(Risk).where(Risk.id == risk_id).values(**values))
        db.session.commit()


def lines(world, code: str) -> list[str]:
    tables = section(said(world), code).tables
    return [" | ".join(map(str, row)) for table in tables for row in table.rows]


def test_ratings_as_they_stood(world):
    since = risk(world, reference="RSK-1")
    rated(since, None, "moderate", date(2026, 11, 10))
    rated(since, "moderate", "very_high", LATER)
    closed = risk(world, reference="RSK-2", domain="safety")
    change(closed, status="closed", closed_on=LATER)
    gone = risk(world, reference="RSK-3", domain="medicines")
    change(gone, status="closed", closed_on=ANCHOR)
    risk(world, reference="RSK-4", domain="records", opened_on=LATER, rated_on=LATER)
    scheduled(world)
    drafted()
    shown = lines(world, "remaining_risk")
    assert [line.split(" | ")[0] for line in shown] == ["RSK-2", "RSK-1"]
    assert "RSK-1 | Staffing | Moderate" in shown[1] and "10 Nov 2026" in shown[1]


def test_claims_and_actions_as_they_stood(world, monkeypatch):
    claim(world, evidence(world), reference="CLM-9", validated_on=LATER)
    evidence(world, reference="EV-8", decided_on=LATER)
    action(world, reference="ACT-1", status="verified", verified_on=LATER, completed_on=ANCHOR)
    at_nine(monkeypatch, LATER)
    action(world, reference="ACT-2")
    evidence(world, reference="EV-9", status="submitted")
    scheduled(world)
    drafted()
    waiting = " ".join(lines(world, "not_validated"))
    assert "CLM-9" in waiting and "EV-8" in waiting and "EV-9" not in waiting
    assert "CLM-9" not in " ".join(lines(world, "validated"))
    coming = " ".join(lines(world, "next"))
    assert "ACT-1" in coming and "ACT-2" not in coming


def test_what_was_cancelled_reopened_or_withdrawn_later_stood(world, monkeypatch):
    proof = evidence(world, reference="EV-1")
    claim(world, proof, reference="CLM-1")
    evidence(world, reference="EV-2", status="submitted")
    action(world, reference="ACT-1")
    action(world, reference="ACT-2", status="completed", completed_on=ANCHOR)
    risk(world, reference="RSK-1")
    scheduled(world)
    at_nine(monkeypatch, LATER)
    with world.acting("alice"):
        for statement in (
            "UPDATE action SET status = 'cancelled', cancel_reason = 'x' WHERE reference = 'ACT-1'",
            "UPDATE action SET status = 'in_progress', completed_on = NULL, "
            "due_on = due_on + 30 WHERE reference = 'ACT-2'",
            "UPDATE evidence SET status = 'withdrawn', decided_on = '2026-11-23'",
        ):
            db.session.execute(text(statement))
        db.session.commit()
    assert drafted().drafted == 1
    assert [line.split(" | ")[0] for line in lines(world, "validated")] == ["CLM-1"]
    assert [line.reference for line in said(world).evidence] == ["EV-1"]
    assert "EV-2 | Care records | Submitted" in lines(world, "not_validated")
    one, two = lines(world, "next")
    assert one.startswith("ACT-1") and one.endswith("In progress")
    assert two.endswith("1 Dec 2026 | Completed")
    (update_row,) = world.sql("SELECT status, content_sha256 FROM recovery_update")
    assert update_row.status == "draft" and len(update_row.content_sha256) == 64


def test_schedules_of_one_past_day_share_its_views(world, monkeypatch):
    at_nine(monkeypatch, LATER)
    scheduled(world)
    with statements() as one:
        assert drafted() == Made(drafted=1)
    for _ in range(5):
        scheduled(world)
    with statements() as five:
        assert drafted() == Made(drafted=5)
    views = [sql for sql in five if "CREATE TEMPORARY VIEW" in sql]
    assert len(set(views)) == len(views) > 20
    assert len(five) <= len(one) + 4 * 12


def test_an_unfinished_fortnight_is_missed_whatever_day_is_drafted(world, monkeypatch):
    scheduled(world)
    drafted()
    at_nine(monkeypatch, ANCHOR + FORTNIGHT + timedelta(days=3))
    assert drafted(ANCHOR + FORTNIGHT) == Made(drafted=1, missed=1)
    rows = world.sql("SELECT status FROM recovery_update ORDER BY number")
    assert [row.status for row in rows] == ["missed", "draft"]


def test_a_baseline_of_a_later_day_was_not_known(world):
    indicator(world, (date(2026, 11, 8), 170, 200), baseline_on=LATER)
    claim(world, evidence(world))
    scheduled(world)
    drafted()
    (figure,) = [one for one in section(said(world), "progress").figures if "Visits" in one.label]
    assert figure.value == "85%" and "Baseline" not in figure.definition


def measured(world) -> list[str]:
    """The indicators of which the only draft shows progress, by name."""
    return sorted(one.label.split(" (")[0] for one in section(said(world), "progress").figures[:-1])


@pytest.fixture
def two(world):
    """Two indicators whose readings were validated, in a schedule; returns the first."""
    week = (date(2026, 11, 8), 170, 200)
    first = indicator(world, week, name="In the plan")
    indicator(world, week, name="Beside it")
    claim(world, evidence(world))
    scheduled(world)
    return first


def test_a_plan_that_was_closed_later_was_open(world, two, monkeypatch):
    closed = plan(world, two)
    at_nine(monkeypatch, LATER)
    close(closed, LATER)
    drafted()
    assert measured(world) == ["In the plan"]


def test_a_plan_that_was_closed_by_then_says_nothing(world, two):
    close(plan(world, two), ANCHOR)
    drafted()
    assert measured(world) == ["Beside it", "In the plan"]


def test_a_plan_that_was_opened_later_was_not_there(world, two, monkeypatch):
    at_nine(monkeypatch, LATER)
    plan(world, two)
    drafted()
    assert measured(world) == ["Beside it", "In the plan"]


def close(plan_id, day: date) -> None:
    with acting_for("alder"):
        db.session.execute(
            update(RecoveryPlan)
            .where(RecoveryPlan.id == plan_id)
            .values(status="closed", closed_on=day, close_reason="Eight weeks on time")
        )
        db.session.commit()


def test_a_worker_that_was_down_says_as_at_which_day_on_page_and_paper(world, monkeypatch):
    scheduled(world)
    at_nine(monkeypatch, LATER)
    drafted(LATER)
    content = said(world)
    assert content.period_to == LATER < ANCHOR + FORTNIGHT
    update_id = world.sql("SELECT id FROM recovery_update")[0].id
    page = world.client("cora").get(f"/o/alder/updates/{update_id}").text
    assert "to 23 Nov 2026</dd>" in page and page.count(AS_AT) == 1
    head = Head("", 1, "", "2026-11-23T09:00:00+00:00", "", "")
    facts = paper.Facts("PCK-0001", LATER, clock.now(), "", head, ())
    asked = paper.data(content, facts)["sections"][0]
    assert AS_AT in asked["words"] and to_json(content).count(AS_AT) == 1


def test_what_was_frozen_before_the_rule_does_not_say_that_it_kept_to_it(app):
    with app.test_request_context("/"):
        page = render_template("packs/_content.html", content=example())
    assert "Progress" in page and "as they were known" not in page
