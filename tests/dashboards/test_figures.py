"""Figures: each value is that of its rows. Rules N1 and 3.3."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careboard import figures
from careboard.db import db
from careboard.errors import NotFound
from careboard.risks.models import Risk
from tests.dashboards.rows import (
    TODAY,
    add_action,
    add_audits,
    add_claim,
    add_concern,
    add_decline,
    add_evidence,
    add_missed_update,
    add_records,
    add_risk,
    add_trigger,
    attach,
    days_ago,
)


@pytest.fixture
def alder(world):
    """(actor, house, lodge) within Alder, as alice."""
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        yield actor, house, lodge


def linked(actor, on=TODAY):
    return figures.audit_risks_linked(actor=actor, on=on)


def count(actor, code, **scope):
    return figures.counts(actor=actor, on=TODAY, codes=(code,), **scope)[code]


def test_nothing_to_count_is_no_percentage(alder):
    assert linked(alder[0]) == {
        "linked": 0, "total": 0, "percent": None, "target": 95, "unlinked": {}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({}, []),
        ({"updated_on": days_ago(31)}, []),
        ({"updated_on": days_ago(32)}, ["stale_update"]),
        ({"updated_on": None}, ["stale_update"]),
        ({"status": "verified", "updated_on": days_ago(200), "batch": True}, []),
        ({"owner_id": None, "owner_name": "Nadia Sorrel", "batch": True}, []),
        ({"owner_id": None, "batch": True}, ["no_owner"]),
        ({"due_on": None, "batch": True}, ["no_due"]),
        ({"status": "draft"}, ["not_live"]),
        ({"status": "draft", "updated_on": days_ago(40)}, ["not_live", "stale_update"]),
        ({"status": "draft", "owner_id": None}, ["no_owner", "not_live"]),
    ],
)
def test_what_links_an_audit_risk(alder, values, faults):
    actor, house, _ = alder
    concern = add_concern(actor, house, source_key="AC-1")
    facts = dict(values)
    if facts.pop("batch", False):
        facts["batch_id"] = _batch(actor)
    add_action(actor, house, audit_concern_id=concern.id, **facts)
    found = linked(actor)
    assert found["unlinked"] == ({"AC-1": faults} if faults else {})
    assert (found["linked"], found["total"]) == (0 if faults else 1, 1)


def _batch(actor):
    """An import that the action came with: those may lack what ours must have."""
    from careboard.imports.models import ImportBatch, StoredFile
    from tests.dashboards.rows import add

    file = add(actor, StoredFile, sha256="0" * 64, size=1, media_type="text/csv", file_name="a.csv")
    return add(
        actor, ImportBatch, reference="IMP-1", feed="actions", source="tracker",
        file_id=file.id, sha256="0" * 64, status="loaded",
    ).id  # fmt: skip


def test_the_best_action_speaks_and_green_or_closed_concerns_do_not_count(alder):
    actor, house, _ = alder
    concern = add_concern(actor, house, source_key="AC-1")
    add_action(actor, house, audit_concern_id=concern.id, status="draft")
    add_action(actor, house, audit_concern_id=concern.id)
    add_concern(actor, house, severity="green")
    add_concern(actor, house, status="closed")
    add_concern(actor, house, severity="red", source_key="AC-2")
    assert linked(actor) == {
        "linked": 1, "total": 2, "percent": 50.0, "target": 95, "unlinked": {"AC-2": ["no_action"]}
    }  # fmt: skip


def test_overdue_actions_by_age(alder):
    actor, house, _ = alder
    for days in (0, 1, 7, 8, 28, 29):
        add_action(actor, house, due_on=days_ago(days))
    add_action(actor, house, due_on=days_ago(9), status="completed")
    add_action(actor, house, due_on=days_ago(9), status="verified", verified_on=days_ago(1))
    add_action(actor, house, due_on=days_ago(9), status="cancelled", cancel_reason="Twice")
    assert figures.overdue_actions(actor=actor, on=TODAY) == {
        "count": 6, "actions": 9, "days_1_to_7": 2, "days_8_to_28": 3, "days_over_28": 1
    }  # fmt: skip


def test_evidence_missing_counts_ratings_and_recently_completed_actions(alder):
    actor, house, _ = alder
    add_risk(actor, house, "safety")
    add_risk(actor, house, "records", evidence=[add_evidence(actor, house)])
    add_action(actor, house, status="completed", completed_on=days_ago(92))
    add_action(actor, house, status="completed", completed_on=days_ago(93))
    proven = add_action(actor, house, status="completed", completed_on=days_ago(2))
    attach(actor, add_evidence(actor, house), action_id=proven.id)
    expired = add_action(actor, house, status="completed", completed_on=days_ago(2))
    attach(actor, add_evidence(actor, house, valid_until=days_ago(1)), action_id=expired.id)
    found = count(actor, "evidence_missing")
    assert (found.numerator, found.denominator) == (3, 5)


def test_stale_and_untested_ratings_and_domains_not_rated(alder):
    actor, house, _ = alder
    old = add_risk(actor, house, "safety", evidence=[add_evidence(actor, house)])
    db.session.get(Risk, (actor.org_id, old)).rated_on = days_ago(36)
    add_risk(actor, house, "records", rating="low", evidence=[add_evidence(actor, house)])
    checked = add_evidence(actor, house, status="accepted", decided_on=days_ago(92))
    add_risk(actor, house, "audits", rating="low", evidence=[checked])
    db.session.flush()
    assert (count(actor, "ratings_stale").numerator, count(actor, "ratings_stale").denominator) == (
        1, 3
    )  # fmt: skip
    untested = count(actor, "greens_untested")
    assert (untested.numerator, untested.denominator) == (1, 2)
    unrated = count(actor, "domains_unrated")
    assert (unrated.numerator, unrated.denominator) == (21, 24)


@pytest.mark.parametrize("code", figures.FIGURES)
def test_every_figure_is_the_count_of_its_rows(alder, code):
    actor, house, lodge = alder
    for service_id in (house, lodge):
        add_concern(actor, service_id)
        add_action(actor, service_id, due_on=days_ago(3))
        add_action(actor, service_id, status="completed", completed_on=days_ago(3))
        add_action(
            actor, service_id, status="verified", completed_on=days_ago(100),
            measure="negative_feedback", baseline_value=5, target_value=0,
        )  # fmt: skip
        concern = add_concern(actor, service_id, status="closed")
        add_action(
            actor, service_id, status="verified", verified_on=days_ago(100),
            audit_concern_id=concern.id,
        )  # fmt: skip
        add_audits(actor, service_id, 90, 80)
        risk = add_risk(actor, service_id, rating="low", evidence=[add_evidence(actor, service_id)])
        db.session.get(Risk, (actor.org_id, risk)).opened_on = days_ago(40)
        add_claim(actor, service_id, validated=3)
        add_decline(actor, service_id)
        add_trigger(actor, service_id)
        add_missed_update(actor, service_id)
        add_records(actor, service_id, "feedback", 11, 3, theme="food", score=100, max_score=500)
        add_records(actor, service_id, "feedback", 9, 1, theme="food", score=500, max_score=500)
        add_records(actor, service_id, "feedback", 10, 1, theme="food", score=500, max_score=500)
    for scope in (None, [house]):
        figure = figures.compute(actor=actor, code=code, on=TODAY, service_ids=scope)
        assert len(figure.rows) == figure.rows_total == figure.count.denominator > 0
        assert sum(row.counted for row in figure.rows) == figure.count.numerator
        work = figures.compute(
            actor=actor, code=code, on=TODAY, service_ids=scope, everything=False
        )
        wanted = figure.definition.attention == "counted"
        assert len(work.rows) == work.rows_total
        assert all(row.counted is wanted for row in work.rows)


def test_rows_come_in_pages(alder):
    actor, house, _ = alder
    for _ in range(5):
        add_concern(actor, house)
    pages = [
        figures.compute(
            actor=actor, code="audit_risks_linked", on=TODAY, page=page, page_rows=2
        ).rows
        for page in (1, 2, 3, 4)
    ]
    assert [len(rows) for rows in pages] == [2, 2, 1, 0]
    assert len({row.id for rows in pages for row in rows}) == 5


def test_claims_waiting_and_unsupported(alder):
    actor, house, _ = alder
    add_claim(actor, house)
    add_claim(actor, house, validated=92)
    add_claim(actor, house, validated=93)
    add_claim(actor, house, status="draft", submitted_on=None)
    waiting, unsupported = count(actor, "claims_waiting"), count(actor, "claims_unsupported")
    assert (waiting.numerator, waiting.denominator) == (1, 2)
    assert (unsupported.numerator, unsupported.denominator) == (1, 1)
    (row, _) = figures.compute(actor=actor, code="claims_waiting", on=TODAY).rows
    assert (row.days, row.status) == (12, "submitted")


def test_declines_that_nobody_has_answered(alder):
    actor, house, _ = alder
    add_decline(actor, house, fired_on=days_ago(9))
    add_decline(actor, house, status="closed", closed_on=TODAY)
    found = count(actor, "responses_unanswered")
    assert (found.numerator, found.denominator) == (1, 1)
    (row,) = figures.compute(actor=actor, code="responses_unanswered", on=TODAY).rows
    assert (row.title, row.days, row.status) == ("Falls at night", 9, "open")


def test_an_unknown_figure_is_not_found(alder):
    with pytest.raises(NotFound):
        figures.compute(actor=alder[0], code="happiness", on=TODAY)


def test_readings_are_kept_once_a_day_and_compared(alder):
    actor, house, _ = alder
    add_concern(actor, house)
    for _ in range(2):
        assert figures.take_readings(actor=actor, on=days_ago(40)) == len(figures.FIGURES)
    add_concern(actor, house)
    found = figures.counts(actor=actor, on=TODAY, since=days_ago(31))["audit_risks_linked"]
    assert (found.denominator, found.before) == (2, (0, 1, days_ago(40)))


def test_a_person_with_some_services_gets_no_reading_of_all(world):
    with world.acting("alice") as actor:
        figures.take_readings(actor=actor, on=days_ago(40))
        db.session.commit()
    with world.acting("bob") as actor:
        found = figures.counts(actor=actor, on=TODAY, since=TODAY)
        assert all(count.before is None for count in found.values())
        assert found["domains_unrated"].denominator == 8


def test_the_future_due_date_is_not_overdue(alder):
    actor, house, _ = alder
    add_action(actor, house, due_on=TODAY + timedelta(days=1))
    assert count(actor, "overdue_actions").numerator == 0
