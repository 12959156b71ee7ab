"""Who may do what in a sitting, and what signing makes final."""

from __future__ import annotations

import threading

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from careboard import audit, tenancy
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.reviews import duties, queries, reading, service
from careboard.reviews.rights import MOST_TEXT
from tests.reviews.sample import (
    MONTH,
    TODAY,
    WEEK,
    answer,
    fill,
    open_monthly,
    open_weekly,
    record,
    sign,
)


def _open(world, person, forum, service_id, **period):
    with world.acting(person) as actor:
        return service.open_sitting(actor=actor, forum=forum, service_id=service_id, **period)


@pytest.mark.parametrize("person", ["rita", "vera", "cora", "ben", "adam"])
def test_only_those_who_run_reviews_open_them(world, person):
    house = world.service_id("Alder House")
    with pytest.raises(Forbidden):
        _open(world, person, "weekly_manager", house, **WEEK)
    with pytest.raises(Forbidden):
        _open(world, person, "monthly_governance", None, **MONTH)


def test_a_manager_opens_reviews_of_own_services_alone(world):
    with pytest.raises(Forbidden):
        _open(world, "bob", "weekly_manager", world.service_id("Alder Lodge"), **WEEK)
    with pytest.raises(Forbidden):
        _open(world, "bob", "monthly_governance", None, **MONTH)
    assert _open(world, "bob", "weekly_manager", world.service_id("Alder House"), **WEEK)
    assert _open(world, "alice", "weekly_manager", world.service_id("Alder Lodge"), **WEEK)


def test_forum_service_and_period_must_fit(world):
    house = world.service_id("Alder House")
    wrong = [
        ("weekly_manager", None, WEEK, "service"),
        ("monthly_governance", house, MONTH, "service"),
        ("tea_party", None, MONTH, "forum"),
        ("monthly_governance", None, {**MONTH, "period_to": TODAY.replace(year=2025)}, "period_to"),
        ("monthly_governance", None, {**MONTH, "period_from": TODAY.replace(year=2025)},
         "period_from"),
        ("monthly_governance", None,
         {key: day.replace(year=2027) for key, day in MONTH.items()}, "period_from"),
    ]  # fmt: skip
    for forum, service_id, period, field in wrong:
        with pytest.raises(Invalid) as caught:
            _open(world, "alice", forum, service_id, **period)
        assert caught.value.field == field, (forum, period)
    with pytest.raises(NotFound):
        _open(world, "alice", "weekly_manager", world.service_id("Birch House", "birch"), **WEEK)


def test_starting_again_leads_to_the_open_sitting(world):
    fill(world)
    first = open_weekly(world)
    assert open_weekly(world) == first == open_weekly(world, person="alice")
    [(lines,)] = world.sql("SELECT count(*) FROM review_item WHERE section = 'overdue'")
    assert lines == 2


def test_two_people_opening_at_once_get_one_sitting(world):
    fill(world)
    people, found, barrier = ("alice", "bob"), {}, threading.Barrier(2)
    house = world.service_id("Alder House")
    actors = {person: world.actor(person) for person in people}

    def run(person):
        with world.app.app_context():
            actor = actors[person]
            with tenancy.tenant_context(actor.org_id, membership_id=actor.membership_id):
                barrier.wait()
                found[person] = service.open_sitting(
                    actor=actor, forum="weekly_manager", service_id=house, **WEEK
                )
                db.session.commit()

    threads = [threading.Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found["alice"] == found["bob"]
    assert world.sql("SELECT count(*) FROM review")[0][0] == 1


def test_the_board_challenges_but_decides_nothing(world):
    monthly, weekly = open_monthly(world), open_weekly(world)
    record(world, "ben", monthly, "challenge", "Is this enough?")
    for kind in ("decision", "note"):
        with pytest.raises(Forbidden):
            record(world, "ben", monthly, kind, "So be it")
    with pytest.raises(Forbidden):
        record(world, "ben", weekly, "challenge", "Is this enough?")
    with world.acting("ben") as ben, pytest.raises(Forbidden):
        service.sign(actor=ben, review_id=monthly, seen="")


@pytest.mark.parametrize("person", ["rita", "vera", "cora", "adam"])
def test_others_record_nothing(world, person):
    for review_id in (open_monthly(world), open_weekly(world)):
        with pytest.raises(Forbidden):
            record(world, person, review_id, "challenge", "Is this enough?")
        with world.acting(person) as actor, pytest.raises(Forbidden):
            service.save_minutes(
                actor=actor, review_id=review_id, attendance="", summary="x", assurance=None,
                seen="",
            )  # fmt: skip
        with world.acting(person) as actor, pytest.raises(Forbidden):
            service.add_matter(actor=actor, review_id=review_id, title="x")


def test_entries_need_words_and_a_kind_and_a_line_of_this_sitting(world):
    fill(world)
    weekly, monthly = open_weekly(world), open_monthly(world)
    for kind, words in (("decision", "  "), ("verdict", "x"), ("note", "x" * (MOST_TEXT + 1))):
        with pytest.raises(Invalid):
            record(world, "bob", weekly, kind, words)
    with world.acting("alice") as alice:
        foreign = reading.minutes(actor=alice, review_id=monthly).sections["overdue"][0].id
    with pytest.raises(NotFound):
        record(world, "bob", weekly, "note", "x", foreign)


def test_a_stranger_finds_nothing(world):
    review_id = open_weekly(world)
    for call in (reading.minutes,):
        with world.acting("charlie") as charlie, pytest.raises(NotFound):
            call(actor=charlie, review_id=review_id)
    with pytest.raises(NotFound):
        record(world, "charlie", review_id, "note", "x")


def test_someone_else_answers_a_challenge_and_only_once(world):
    monthly = open_monthly(world)
    own = record(world, "alice", monthly, "challenge", "Why?")
    with pytest.raises(Forbidden) as caught:
        answer(world, "alice", own)
    assert "Someone else" in caught.value.message
    for person in ("ben", "rita", "vera"):
        with pytest.raises(Forbidden):
            answer(world, person, own)
    with pytest.raises(Invalid):
        answer(world, "bob", own, " ")
    answer(world, "bob", own)
    with pytest.raises(Conflict):
        answer(world, "bob", own)
    with pytest.raises(NotFound):
        answer(world, "charlie", own)


def test_a_manager_neither_sees_nor_answers_challenges_about_others(world):
    fill(world)
    monthly = open_monthly(world)
    with world.acting("alice") as alice:
        line = reading.minutes(actor=alice, review_id=monthly).sections["overdue"][0]
    assert "ACT-0003" in line.title
    entry = record(world, "ben", monthly, "challenge", "Why?", line.id)
    with world.acting("bob") as bob:
        assert queries.open_challenges(actor=bob) == []
        with pytest.raises(Forbidden):
            queries.challenge(actor=bob, entry_id=entry)
        found = reading.minutes(actor=bob, review_id=monthly)
    assert found.hidden == 2
    assert not any("ACT-0003" in x.title for lines in found.sections.values() for x in lines)
    with pytest.raises(Forbidden):
        answer(world, "bob", entry)


def test_signing_needs_a_summary_and_a_statement_of_assurance(world):
    review_id = open_weekly(world)
    with world.acting("bob") as bob, pytest.raises(Invalid) as caught:
        service.sign(actor=bob, review_id=review_id, seen="")
    assert caught.value.field == "summary"
    with world.acting("bob") as bob:
        version = reading.minutes(actor=bob, review_id=review_id).version
        values = {"actor": bob, "review_id": review_id, "attendance": "", "summary": "All seen"}
        with pytest.raises(Invalid):
            service.save_minutes(**values, assurance="perhaps", seen=version)
        service.save_minutes(**values, assurance=None, seen=version)
        with pytest.raises(Invalid) as caught:
            service.sign(actor=bob, review_id=review_id, seen="")
    assert caught.value.field == "assurance"


def test_nobody_signs_what_they_have_not_seen(world):
    review_id = open_monthly(world)
    with world.acting("alice") as alice:
        found = reading.minutes(actor=alice, review_id=review_id)
        service.save_minutes(
            actor=alice, review_id=review_id, attendance="", summary="All well",
            assurance="given", seen=found.version,
        )  # fmt: skip
        seen = reading.minutes(actor=alice, review_id=review_id).draft_seal
        db.session.commit()
    record(world, "ben", review_id, "challenge", "Is it?")
    with world.acting("alice") as alice, pytest.raises(Invalid) as caught:
        service.sign(actor=alice, review_id=review_id, seen=seen)
    assert "changed since" in caught.value.message


def test_a_save_does_not_silently_replace_anothers(world):
    review_id = open_weekly(world)
    with world.acting("bob") as bob:
        seen = reading.minutes(actor=bob, review_id=review_id).version
    values = {"review_id": review_id, "attendance": "", "assurance": None, "seen": seen}
    with world.acting("alice") as alice:
        service.save_minutes(actor=alice, summary="Hers", **values)
        db.session.commit()
    with world.acting("bob") as bob, pytest.raises(Invalid):
        service.save_minutes(actor=bob, summary="His", **values)


def test_signed_minutes_keep_the_figures_of_the_moment(world):
    fill(world)
    review_id = open_weekly(world)
    sha256 = sign(world, "bob", review_id)
    world.sql("UPDATE action SET due_on = due_on - 60 WHERE status = 'open' RETURNING 1")
    with world.acting("bob") as bob:
        found = reading.minutes(actor=bob, review_id=review_id)
    kept = {figure.code: figure for figure in found.figures}
    linked, overdue = kept["audit_risks_linked"], kept["overdue_actions"]
    assert (linked.value, linked.numerator, linked.denominator) == ("33.33%", 1, 3)
    assert (overdue.value, overdue.denominator, overdue.version) == ("2", 6, 1)
    assert (found.sha256, found.unchanged) == (sha256, True)
    assert len(sha256) == 64
    [(payload,)] = world.sql("SELECT payload FROM audit_event WHERE tag = 'review:signed'")
    assert sha256 in payload
    with world.acting("bob") as bob:
        assert audit.verify(bob.org_id).intact


def test_signed_minutes_refuse_every_service(world):
    fill(world)
    review_id = open_weekly(world)
    note = record(world, "bob", review_id, "note", "x")
    sign(world, "bob", review_id)
    with world.acting("bob") as bob:
        for call in (
            lambda: service.add_matter(actor=bob, review_id=review_id, title="x"),
            lambda: service.record_entry(
                actor=bob, review_id=review_id, item_id=None, kind="note", text="x"
            ),
            lambda: service.save_minutes(
                actor=bob, review_id=review_id, attendance="", summary="", assurance=None, seen=""
            ),
            lambda: service.sign(actor=bob, review_id=review_id, seen=""),
        ):
            with pytest.raises(Conflict) as caught:
                call()
            assert "signed" in caught.value.message
    with pytest.raises(NotFound):  # a note is no challenge
        answer(world, "alice", note)


CHANGES = (
    "UPDATE review SET summary = 'x'",
    "UPDATE review SET status = 'open', signed_at = NULL, sha256 = NULL",
    "DELETE FROM review",
    "UPDATE review_item SET title = 'x'",
    "DELETE FROM review_item",
    "INSERT INTO review_item (org_id, id, review_id, position, section, title) "
    "SELECT org_id, gen_random_uuid(), id, 99, 'added', 'x' FROM review",
    "UPDATE review_entry SET text = 'x'",
    "DELETE FROM review_entry",
    "INSERT INTO review_entry (org_id, id, review_id, kind, text, entered_at) "
    "SELECT org_id, gen_random_uuid(), id, 'note', 'x', now() FROM review",
    "UPDATE challenge_answer SET text = 'x'",
    "DELETE FROM challenge_answer",
)


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_changes_to_signed_minutes(world, statement):
    fill(world)
    review_id = open_weekly(world)
    answer(world, "alice", record(world, "bob", review_id, "challenge", "Why?"))
    sign(world, "bob", review_id)
    refusals = "signed minutes cannot be changed|kept as it was made|permission denied"
    with pytest.raises(DBAPIError, match=refusals):
        world.sql(statement + " RETURNING 1")


# By someone who can switch the guards off, and what they might do.
FORGERIES = (
    "UPDATE review SET summary = 'All was well.'",
    "UPDATE review_item SET title = 'x' WHERE position = 1",
    "DELETE FROM review_item WHERE position = 1",
    "UPDATE review_entry SET text = 'x'",
    "DELETE FROM challenge_answer",
    "UPDATE challenge_answer SET text = 'x'",
    "UPDATE review SET sha256 = repeat('0', 64)",
    "UPDATE review SET figures = jsonb_set(figures, '{overdue_actions,value}', '0')",
)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_seal_shows_what_a_database_administrator_changed(world, databases, database, forgery):
    fill(world)
    review_id = open_weekly(world)
    answer(world, "alice", record(world, "bob", review_id, "challenge", "Why?"))
    sign(world, "bob", review_id)
    with psycopg.connect(databases.admin, dbname=database) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(forgery).rowcount
    with world.acting("bob") as bob:
        assert reading.minutes(actor=bob, review_id=review_id).unchanged is False


def test_an_answer_after_signing_leaves_the_seal_whole(world):
    fill(world)
    review_id = open_weekly(world)
    challenge = record(world, "bob", review_id, "challenge", "Why?")
    sign(world, "bob", review_id)
    answer(world, "alice", challenge)
    with world.acting("bob") as bob:
        found = reading.minutes(actor=bob, review_id=review_id)
        assert found.unchanged
        assert found.entries[0].challenge.answer == "Done since."
        assert queries.open_challenges(actor=bob) == []


def test_what_is_due_and_what_was_last_signed(world):
    with world.acting("bob") as bob:
        [governance, board, weekly] = duties.duties(actor=bob).rows
    assert (governance.may_run, board.may_run, weekly.may_run) == (False, False, True)
    assert weekly.service == "Alder House"
    assert weekly.standing.state == "not_held"
    review_id = open_weekly(world)
    with world.acting("bob") as bob:
        assert duties.duties(actor=bob).rows[2].open_id == review_id
    sign(world, "bob", review_id)
    house = world.service_id("Alder House")
    with world.acting("bob") as bob:
        last = queries.last_signed(actor=bob, forum="weekly_manager", service_id=house)
        assert (last.id, last.on_time, last.assurance) == (review_id, True, "partial")
        due = queries.next_due(actor=bob, forum="weekly_manager", service_id=house)
        assert due.period_end.isoformat() == "2026-11-29"
        assert queries.last_signed(actor=bob, forum="monthly_governance") is None


def test_lists_keep_to_the_persons_services(world):
    lodge = world.service_id("Alder Lodge")
    _open_committed = open_monthly(world)
    with world.acting("alice") as alice:
        service.open_sitting(actor=alice, forum="weekly_manager", service_id=lodge, **WEEK)
        db.session.commit()
    with world.acting("bob") as bob:
        assert [s.id for s in queries.sittings(actor=bob).rows] == [_open_committed]
        assert [s.id for s in queries.recent(actor=bob)] == [_open_committed]
    with world.acting("alice") as alice:
        assert queries.sittings(actor=alice, service_id=lodge, status="open").total == 1
        assert queries.sittings(actor=alice, forum="quarterly_board").total == 0
