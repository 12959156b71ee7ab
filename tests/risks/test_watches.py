"""A lowered rating is watched for 92 days, noted on by the service, decided on in a sitting."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from careboard import clock
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.risks import history, queries, watching
from careboard.risks.models import RatingWatch, WatchNote
from tests.dashboards.rows import TODAY, add_records, add_risk, days_ago
from tests.risks.making import add_audit, add_return, decide, lower, sitting


@pytest.fixture
def lowered(world):
    """Medicines of Alder House: high in August at 70, lowered in November at 90."""
    house = world.service_id("Alder House")
    clock.freeze(date(2026, 8, 20))
    with world.acting("alice") as actor:
        add_audit(actor, house, "medicines", "red", date(2026, 7, 12), 70)
        risk_id = add_risk(actor, house)
        db.session.commit()
    clock.freeze(TODAY)
    with world.acting("alice") as actor:
        add_audit(actor, house, "medicines", "green", date(2026, 10, 12), 90)
        watch = lower(actor, risk_id)
        db.session.commit()
        watch_id = watch.id
    return house, risk_id, watch_id


def after(world, house, *scores, on=date(2027, 3, 1), band="amber", domain="medicines"):
    """Audits of December, January and February, and the calendar set to a day after them."""
    clock.freeze(on)
    with world.acting("alice") as actor:
        for number, score in enumerate(scores):
            month = date(2026 + (number > 0), (12 + number - 1) % 12 + 1, 14)
            add_audit(actor, house, domain, band, month, score)
        db.session.commit()


@pytest.fixture(autouse=True)
def calendar():
    yield
    clock.freeze(TODAY)


def state(world, risk_id, on):
    with world.acting("alice") as actor:
        return queries.risk(actor=actor, risk_id=risk_id, on=on).assurance


def test_the_watch_keeps_where_the_signal_stood(world, lowered):
    _, _, watch_id = lowered
    with world.acting("alice") as actor:
        watch = db.session.get(RatingWatch, (actor.org_id, watch_id))
        assert (watch.started_on, watch.until) == (TODAY, TODAY + timedelta(days=92))
        assert (watch.signal, watch.before, watch.lowered_at) == ("audit", Decimal(70), Decimal(90))


@pytest.mark.parametrize(
    ("scores", "on", "fires"),
    [
        ((70, 69, 90), date(2027, 3, 1), True),
        ((70, 69), date(2027, 2, 1), True),
        ((70, 69), date(2027, 1, 31), False),  # January is not over
        ((70, 71, 71), date(2027, 3, 1), False),
        ((69,), date(2027, 3, 1), False),  # two months without an audit
    ],
)
def test_the_signal_back_where_it_stood_is_not_sustained(world, lowered, scores, on, fires):
    house, risk_id, _ = lowered
    after(world, house, *scores, on=on)
    found = state(world, risk_id, on)
    assert (found.state == "not_sustained") is fires
    if fires:
        assert "mean audit score went back to 70 or worse in 2 of 3 months" in found.reason


@pytest.mark.parametrize(
    ("day", "domain", "fires"),
    [(1, "medicines", True), (92, "medicines", True), (93, "medicines", False),
     (0, "medicines", False), (1, "records", False)],
)  # fmt: skip
def test_a_red_audit_of_the_domain_within_92_days(world, lowered, day, domain, fires):
    house, risk_id, _ = lowered
    on = TODAY + timedelta(days=100)
    clock.freeze(on)
    with world.acting("alice") as actor:
        add_audit(actor, house, domain, "red", TODAY + timedelta(days=day), 80)
        db.session.commit()
    assert (state(world, risk_id, on).state == "not_sustained") is fires


def test_a_count_watches_by_its_number_and_silence_is_a_nought(world):
    house = world.service_id("Alder House")
    clock.freeze(date(2026, 6, 20))
    with world.acting("alice") as actor:
        add_records(actor, house, "safeguarding", 5, 4)
        risk_id = add_risk(actor, house, "safeguarding")
        db.session.commit()
    clock.freeze(date(2026, 8, 3))
    with world.acting("alice") as actor:
        add_records(actor, house, "safeguarding", 7, 1)
        watch = lower(actor, risk_id)
        assert (watch.signal, watch.before, watch.lowered_at) == ("safeguarding", 4, 1)
        add_records(actor, house, "safeguarding", 9, 4)
        add_records(actor, house, "safeguarding", 10, 5)
        db.session.commit()
    assert state(world, risk_id, date(2026, 11, 1)).state == "not_sustained"
    assert state(world, risk_id, date(2026, 10, 31)).state != "not_sustained"


def test_a_person_decides_in_a_sitting(world, lowered):
    house, risk_id, watch_id = lowered
    after(world, house, 60, 60, 60)
    today = date(2027, 3, 1)
    with world.acting("alice") as actor:
        for sitting_id, field in ((None, "sitting"), (sitting(actor), "reason")):
            with pytest.raises(Invalid) as refusal:
                watching.decide(
                    actor=actor, watch_id=watch_id, outcome="sustained",
                    reason="" if field == "reason" else "Fine", sitting_id=sitting_id,
                )  # fmt: skip
            assert refusal.value.field == field
        watching.decide(
            actor=actor, watch_id=watch_id, outcome="sustained",
            reason="The audits were of another unit", sitting_id=sitting(actor),
        )  # fmt: skip
        db.session.commit()
    assert state(world, risk_id, today).state != "not_sustained"
    with world.acting("alice") as actor, pytest.raises(Conflict):
        watching.decide(
            actor=actor, watch_id=watch_id, outcome="not_sustained", reason="No",
            sitting_id=sitting(actor),
        )  # fmt: skip


def test_found_not_sustained_stands_until_the_next_decision(world, lowered):
    _, risk_id, watch_id = lowered
    with world.acting("alice") as actor:
        sitting_id = sitting(actor)
        watching.decide(
            actor=actor, watch_id=watch_id, outcome="not_sustained", reason="Two errors",
            sitting_id=sitting_id,
        )  # fmt: skip
        db.session.commit()
    assert state(world, risk_id, TODAY).state == "not_sustained"
    with world.acting("alice") as actor:
        decide(actor, risk_id, "high", sitting_id=sitting_id)
        db.session.commit()
    assert state(world, risk_id, TODAY).state != "not_sustained"


def test_a_rating_that_is_raised_again_ends_its_watch(world, lowered):
    _, risk_id, watch_id = lowered
    with world.acting("alice") as actor:
        decide(actor, risk_id, "high", rationale="Three errors in a week")
        watch = db.session.get(RatingWatch, (actor.org_id, watch_id))
        assert watch.outcome == "not_sustained"
        assert watch.reason == "Raised again to high: Three errors in a week"
        found = history.changes(actor=actor, since=days_ago(30), until=TODAY, on=TODAY)
        line = [(one.row.rating_to, one.watch and one.watch.outcome) for one in found.lines]
        assert line == [("high", None), ("moderate", "not_sustained")]


def test_a_change_stays_listed_until_it_is_decided_whether_it_was_sustained(world, lowered):
    """The watch of 92 days outlasts the quarter that the board looks at."""
    _, _, watch_id = lowered

    def listed(since: int, until: int) -> int:
        days = {"since": TODAY + timedelta(days=since), "until": TODAY + timedelta(days=until)}
        return len(history.changes(actor=actor, on=days["until"], **days).lines)

    with world.acting("alice") as actor:
        assert (listed(1, 95), listed(200, 300), listed(-9, -1)) == (1, 1, 0)
        watching.decide(
            actor=actor, watch_id=watch_id, outcome="sustained", reason="It held",
            sitting_id=sitting(actor),
        )  # fmt: skip
        assert (listed(1, 95), listed(-9, 0), listed(-9, -1)) == (0, 1, 0)


def test_a_held_rating_begins_no_watch(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        decide(
            actor, risk_id, "high", sitting_id=sitting(actor), claim_id=add_return(actor, risk_id)
        )
        assert db.session.scalar(select(RatingWatch.id)) is None


def test_the_service_notes_what_it_sees(world, lowered):
    house, risk_id, watch_id = lowered
    with world.acting("alice") as actor:
        add_records(actor, house, "incident", 11, 1)
        key = db.session.scalar(db.text("SELECT source_key FROM concern"))
        db.session.commit()
    with world.acting("rita") as actor:
        with pytest.raises(Invalid) as refusal:
            watching.note(actor=actor, watch_id=watch_id, text="Seen", concern_reference="INC-X")
        assert refusal.value.field == "concern"
        watching.note(actor=actor, watch_id=watch_id, text="One gap", concern_reference=key)
        db.session.commit()
        detail = history.watch(actor=actor, watch_id=watch_id, on=TODAY)
        assert [(note.note, note.by, note.concern) for note in detail.notes] == [
            ("One gap", "Rita", key)
        ]
        assert db.session.scalar(select(WatchNote.concern_id)) is not None
    with world.acting("ben") as actor, pytest.raises(Forbidden):
        watching.note(actor=actor, watch_id=watch_id, text="Seen")


def test_pages_of_a_watch(world, lowered):
    _, risk_id, watch_id = lowered
    path = f"/o/alder/risks/watches/{watch_id}"
    page = world.client("alice").get(path).text
    assert "Risk profile tracker" in page and "When rated high" in page and "70%" in page
    assert "not over yet" in page
    bob = world.client("bob")
    assert "Record the outcome" not in bob.get(path).text
    assert bob.post(path, data={}).status_code == 403
    assert world.client("charlie").get(path).status_code == 404
    assert world.client("charlie").post(f"{path}/notes", data={}).status_code == 404
    assert world.client("ben").post(f"{path}/notes", data={}).status_code == 403
    kept = bob.post(f"{path}/notes", data={"note": "One gap", "concern": "INC-X"})
    assert kept.status_code == 422 and "One gap" in kept.text and "INC-X" in kept.text
    assert bob.post(f"{path}/notes", data={"note": "One gap"}).status_code == 303
    alice = world.client("alice")
    kept = alice.post(path, data={"outcome": "sustained", "reason": "It held"})
    assert kept.status_code == 422 and "It held" in kept.text and "choose its sitting" in kept.text
    with world.acting("alice") as actor:
        sitting_id = sitting(actor)
        db.session.commit()
    data = {"outcome": "sustained", "reason": "It held", "sitting": sitting_id}
    assert alice.post(path, data=data).status_code == 303
    assert "It held" in alice.get(path).text


def test_the_line_and_the_changes_are_read(world, lowered):
    _, risk_id, _ = lowered
    page = world.client("ben").get(f"/o/alder/risks/{risk_id}/history").text
    for words in ("When, from, to, why, by whom, on what evidence", "submitted by Bob", "Re-audit"):
        assert words in page
    changes = world.client("ben").get("/o/alder/risks/changes").text
    assert "High → moderate" in changes and "not enough data" in changes
    assert (
        "No rating changed"
        in world.client("ben").get("/o/alder/risks/changes?since=2026-01-01&until=2026-02-01").text
    )
    assert world.client("ben").get("/o/alder/risks/changes?since=x&page=y").status_code == 200
    assert world.client("charlie").get(f"/o/alder/risks/{risk_id}/history").status_code == 404
    assert world.client("charlie").get("/o/birch/risks/changes").status_code == 200
