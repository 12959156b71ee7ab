"""Summaries, their corrections, notes and ratings: what is kept, what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.experience import queries, service
from careboard.experience.models import ExperienceSummary, ExperienceTheme
from careboard.experience.service import SummaryFacts, ThemeCount
from tests.experience.sample import OCTOBER, SEPTEMBER, TODAY, ago, say, submit


@pytest.fixture
def house(world):
    return world.service_id("Alder House")


@pytest.fixture
def rita(world, house):
    with world.acting("rita") as actor:
        yield actor


def test_a_summary_keeps_what_was_said(rita, house):
    submit(rita, house, OCTOBER, (" Rushed  Care ", 1, 4, "Evenings"), invited=60, people=34)
    row = db.session.scalars(select(ExperienceSummary)).one()
    assert (row.number, row.sample_size, row.invited, row.people) == (1, 20, 60, 34)
    assert (row.source, row.submitted_on, row.submitted_by_id) == (
        "entered", TODAY, rita.membership_id
    )  # fmt: skip
    theme = db.session.scalars(select(ExperienceTheme)).one()
    assert (theme.theme, theme.positive, theme.negative, theme.comment) == (
        "rushed care", 1, 4, "Evenings"
    )  # fmt: skip


def test_the_imported_counts_unchanged_are_marked_as_imported(rita, house):
    say(rita, house, ago(30), ago(31), theme="Food")
    say(rita, house, ago(32), theme="food", score=5)
    say(rita, house, ago(33), theme="", score=3)
    say(rita, house, ago(33), level="staff")
    submit(rita, house, OCTOBER, ("food", 1, 2), sample_size=4)
    assert db.session.scalars(select(ExperienceSummary.source)).one() == "imported"
    submit(
        rita, house, OCTOBER, ("food", 1, 3), sample_size=4, seen=1, correction_reason="One more"
    )
    assert set(db.session.scalars(select(ExperienceSummary.source))) == {"imported", "entered"}


def test_a_correction_supersedes_and_overwrites_nothing(rita, house):
    first = submit(rita, house, OCTOBER, ("food", 5, 1))
    second = submit(rita, house, OCTOBER, ("food", 4, 2), seen=1, correction_reason="Miscounted")
    kept = queries.versions(actor=rita, service_id=house, month=OCTOBER)
    assert [(row.id, row.number, bool(row.superseded_at)) for row in kept] == [
        (second, 2, False), (first, 1, True)
    ]  # fmt: skip
    assert kept[1].themes == [{"theme": "food", "positive": 5, "negative": 1, "comment": ""}]


@pytest.mark.parametrize("seen", [0, 2])
def test_one_who_saw_another_summary_is_told(rita, house, seen):
    submit(rita, house)
    with pytest.raises(Conflict):
        submit(rita, house, seen=seen, correction_reason="Miscounted")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sample_size": -1}, "sample_size"),
        ({"sample_size": 9, "invited": 8}, "invited"),
        ({"people": 0}, "people"),
        ({"themes": [ThemeCount("", 1, 0)]}, "themes-0-theme"),
        ({"themes": [ThemeCount("food", 1, 0), ThemeCount("Food", 0, 1)]}, "themes-1-theme"),
        ({"themes": [ThemeCount("food", 21, 0)]}, "themes-0-positive"),
        ({"themes": [ThemeCount("food", 0, -1)]}, "themes-0-negative"),
        ({"themes": [ThemeCount("food", 0, 1, "Ask Doris Tate")]}, "themes-0-comment"),
        ({"themes": [ThemeCount("Mr Brown", 0, 1)]}, "themes-0-theme"),
        ({"themes": [ThemeCount(f"t{n}", 0, 0) for n in range(61)]}, None),
    ],
)
def test_what_a_summary_refuses(rita, house, changes, field):
    with pytest.raises(Invalid) as refused:
        service.submit_summary(
            actor=rita,
            service_id=house,
            month=OCTOBER,
            facts=SummaryFacts(**{"sample_size": 20} | changes),
        )
    assert refused.value.field == field
    assert db.session.scalars(select(ExperienceSummary)).all() == []


def test_a_correction_needs_its_reason(rita, house):
    submit(rita, house)
    with pytest.raises(Invalid) as refused:
        submit(rita, house, seen=1, correction_reason="")
    assert refused.value.field == "correction_reason"
    assert db.session.scalars(select(ExperienceSummary.superseded_at)).all() == [None]


@pytest.mark.parametrize("month", [TODAY.replace(day=1), TODAY, SEPTEMBER.replace(year=2027)])
def test_a_month_is_submitted_once_it_is_over(rita, house, month):
    with pytest.raises(Invalid):
        submit(rita, house, month)


@pytest.mark.parametrize(
    ("person", "name"), [("rita", "Alder Lodge"), ("ben", "Alder House"), ("vera", "Alder House")]
)
def test_who_may_not_submit(world, person, name):
    elsewhere = world.service_id(name)
    with world.acting(person) as actor, pytest.raises(Forbidden):
        submit(actor, elsewhere)


def test_another_organisations_service_is_not_found(world):
    foreign = world.service_id("Birch House", "birch")
    with world.acting("alice") as actor, pytest.raises(NotFound):
        submit(actor, foreign)


def test_the_database_keeps_a_summary_as_it_was(world, house):
    with world.acting("rita") as rita:
        submit(rita, house, OCTOBER, ("food", 1, 2))
        db.session.commit()
    for statement in (
        "UPDATE experience_summary SET sample_size = 99",
        "UPDATE experience_theme SET negative = 0",
        "DELETE FROM experience_summary",
        "UPDATE theme_rating SET rating = 'low'",
        "DELETE FROM intelligence_note",
        "UPDATE theme_action SET theme = 'x'",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            world.sql(statement)


def test_the_database_refuses_a_second_present_summary(world, house):
    with world.acting("rita") as rita:
        submit(rita, house)
        db.session.commit()
    with pytest.raises(DBAPIError, match="uq_experience_summary_present"):
        world.sql(
            "INSERT INTO experience_summary (org_id, id, service_id, month, number, sample_size, "
            "source, submitted_on, correction_reason) SELECT org_id, gen_random_uuid(), "
            "service_id, month, 2, 1, 'entered', submitted_on, 'x' FROM experience_summary"
        )


def test_a_theme_is_put_on_the_board_with_reasons(world, house):
    with world.acting("alice") as alice:
        say(alice, house, ago(30))
        about = {
            "actor": alice, "service_id": house, "theme": "rushed care", "month": OCTOBER
        }  # fmt: skip
        for rating, rationale in (("high", "Said thrice"), (None, "Quiet since")):
            service.rate_theme(**about, rating=rating, rationale=rationale)
        found = queries.noted(actor=alice, service_id=house, theme="rushed care")
        assert [(row.kind, row.rating, row.text) for row in found] == [
            ("rating", None, "Quiet since"), ("rating", "high", "Said thrice")
        ]  # fmt: skip
        for wrong, field in (
            ({"rating": "green", "rationale": "x"}, "rating"),
            ({"rating": "low", "rationale": ""}, "rationale"),
        ):
            with pytest.raises(Invalid) as refused:
                service.rate_theme(**about, **wrong)
            assert refused.value.field == field
        with pytest.raises(NotFound):
            service.rate_theme(**about | {"theme": "unheard"}, rating="low", rationale="x")


def test_only_who_rates_risks_rates_themes(world, house):
    with world.acting("bob") as bob:
        say(bob, house, ago(30))
        with pytest.raises(Forbidden):
            service.rate_theme(
                actor=bob, service_id=house, theme="rushed care", month=OCTOBER, rating="low",
                rationale="x",
            )  # fmt: skip


def test_a_finding_keeps_what_the_rules_said(rita, house):
    say(rita, house, ago(25), ago(26), ago(27))
    about = {"actor": rita, "service_id": house, "theme": "rushed care", "month": OCTOBER}
    service.add_note(**about, overlap="none", text="No complaint names it", acknowledged=True)
    (row,) = queries.noted(actor=rita, service_id=house, theme="rushed care")
    assert row.acknowledged and row.overlap == "none" and row.who == "Rita"
    assert row.finding.startswith("3 negative comments in 61 days, 3 or more is a repetition")
    for wrong, field in (
        ({"overlap": "perhaps", "text": "x"}, "overlap"),
        ({"overlap": "none", "text": ""}, "text"),
    ):
        with pytest.raises(Invalid) as refused:
            service.add_note(**about, **wrong)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        service.add_note(**about | {"theme": ""}, overlap="none", text="x")


def test_every_write_leaves_an_event_without_words(world, house):
    with world.acting("alice") as alice:
        say(alice, house, ago(30))
        submit(alice, house, OCTOBER, ("rushed care", 0, 1, "In a hurry"))
        submit(alice, house, OCTOBER, ("rushed care", 0, 2), seen=1, correction_reason="Missed")
        about = {"actor": alice, "service_id": house, "theme": "rushed care", "month": OCTOBER}
        service.rate_theme(**about, rating="high", rationale="Said often")
        service.add_note(**about, overlap="none", text="Nothing alike")
        db.session.commit()
    events = world.sql(
        "SELECT tag, payload FROM audit_event WHERE tag LIKE 'experience%' OR tag LIKE 'theme%' "
        "ORDER BY seq"
    )
    assert [event.tag for event in events] == [
        "experience:submitted", "experience:corrected", "theme:rated", "theme:noted"
    ]  # fmt: skip
    for word in ("hurry", "Missed", "often", "alike", "rushed"):
        assert all(word not in event.payload for event in events)
