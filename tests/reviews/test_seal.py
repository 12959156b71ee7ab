"""What signing freezes in the database, and what the seal covers, in its first form and its second
(steps S0-1.5 and S0-3.3)."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard.db import db
from careboard.reviews import reading
from careboard.reviews.minutes import load_parts, seal
from careboard.reviews.models import Review
from tests.reviews.sample import fill, open_monthly, open_weekly, sign
from tests.reviews.test_forums import save, sign_it

FROZEN = (
    "UPDATE review_attendee SET status = 'apologies'",
    "DELETE FROM review_attendee",
    "INSERT INTO review_attendee (org_id, id, review_id, membership_id, part, status) SELECT "
    "r.org_id, gen_random_uuid(), r.id, m.id, 'guest', 'present' FROM review r, membership m "
    "WHERE m.name = 'Vera'",
    "UPDATE review SET inquorate_reason = 'x'",
    "UPDATE review SET signed_as = 'acting_chair'",
    "INSERT INTO rating_review (org_id, id, risk_id, rating_from, rating_to, decision, rationale, "
    "decided_on, decided_at, sitting_id) SELECT k.org_id, gen_random_uuid(), k.id, k.rating, "
    "k.rating, 'hold', 'x', '2026-11-20', now(), r.id FROM review r, risk k",
)


@pytest.mark.parametrize("statement", FROZEN)
def test_attendance_and_rating_decisions_are_frozen_with_the_minutes(world, statement):
    fill(world)
    review_id = open_monthly(world)
    save(world, "alice", review_id, ["alice"])
    sign_it(world, "alice", review_id)
    with pytest.raises(DBAPIError, match="signed minutes cannot be changed"):
        world.sql(statement + " RETURNING 1")


def test_a_decision_on_a_rating_stands_in_the_minutes_and_their_seal(world, databases, database):
    fill(world)
    review_id = open_monthly(world)
    with world.acting("alice") as alice:
        before = reading.minutes(actor=alice, review_id=review_id).draft_seal
        db.session.execute(text(FROZEN[-1]))
        db.session.commit()
        found = reading.minutes(actor=alice, review_id=review_id)
    assert found.draft_seal != before
    assert [(d.what, d.about, d.service) for d in found.decisions] == [
        ("hold", "medicines", "Alder House")
    ]
    save(world, "alice", review_id, ["alice"])
    assert sign_it(world, "alice", review_id).unchanged
    with psycopg.connect(databases.admin, dbname=database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE rating_review SET rationale = 'y' WHERE sitting_id IS NOT NULL")
    with world.acting("alice") as alice:
        assert reading.minutes(actor=alice, review_id=review_id).unchanged is False


@pytest.mark.parametrize("forgery", [
    "UPDATE review_attendee SET status = 'apologies'",
    "DELETE FROM review_attendee",
    "UPDATE review SET quorum = 1, members_present = 1",
    "UPDATE review SET signed_as = 'chair'",
    "UPDATE review SET form = 'minutes/1'",
])  # fmt: skip
def test_the_seal_covers_attendance_quorum_and_part(world, databases, database, forgery):
    review_id = open_monthly(world)
    save(world, "alice", review_id, ["alice"])
    sign_it(world, "alice", review_id)
    with psycopg.connect(databases.admin, dbname=database) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(forgery).rowcount
    with world.acting("alice") as alice:
        assert reading.minutes(actor=alice, review_id=review_id).unchanged is False


def test_minutes_of_the_first_form_still_verify(world, databases, database):
    """As they were sealed before attendance by name: the very text of then, and its hash."""
    fill(world)
    review_id = open_weekly(world)
    sign(world, "bob", review_id)
    with psycopg.connect(databases.admin, dbname=database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE review SET form = 'minutes/1', signed_as = NULL")
    with world.acting("bob") as bob:
        review = db.session.get(Review, (bob.org_id, review_id))
        first = seal(review, load_parts(review))
    with psycopg.connect(databases.admin, dbname=database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE review SET sha256 = %s", (first,))
        connection.execute(
            "UPDATE audit_event SET payload = regexp_replace(payload, "
            "'\"sha256\": \"[0-9a-f]{64}\"', %s) WHERE tag = 'review:signed'",
            (f'"sha256": "{first}"',),
        )
    with world.acting("bob") as bob:
        found = reading.minutes(actor=bob, review_id=review_id)
    assert found.unchanged
    assert "ratings" not in found.sections and "overdue" in found.sections
