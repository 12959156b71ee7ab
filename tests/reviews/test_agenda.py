"""The prepared agenda holds exactly what asks for a look (steps S0-1.3, S0-1.5)."""

from __future__ import annotations

from careboard.db import db
from careboard.reviews import reading, service
from tests.reviews.sample import (
    answer,
    fill,
    open_monthly,
    open_weekly,
    record,
    sign,
)

# The others are those of other features.
OWN = ("overdue", "unlinked", "returned", "changed", "challenges", "added")


def _agenda(world, person, review_id):
    with world.acting(person) as actor:
        found = reading.minutes(actor=actor, review_id=review_id)
        return {
            section: [line.title.split()[0] for line in lines]
            for section, lines in found.sections.items()
            if section in OWN
        }, found


def test_the_weekly_agenda_is_exact(world):
    fill(world)
    titles, found = _agenda(world, "bob", open_weekly(world))
    assert titles == {
        "overdue": ["ACT-0001", "ACT-0002"],
        "unlinked": ["AC-2", "AC-1"],
        "returned": ["ACT-0004"],
        "changed": ["RSK-0001", "AC-2", "ACT-0005", "ACT-0007"],
        "challenges": [],
        "added": [],
    }
    first = found.sections["overdue"][0]
    assert first.owner == "Rita"
    assert first.facts["days_overdue"] == 9
    assert found.sections["unlinked"][1].facts["reasons"] == ["no_action"]
    assert found.sections["returned"][0].facts["reason"] == "No audit"
    assert [line.facts["what"] for line in found.sections["changed"]] == [
        "rating", "concern", "verified", "extended",
    ]  # fmt: skip


def test_the_monthly_agenda_looks_at_every_service(world):
    fill(world)
    titles, _ = _agenda(world, "alice", open_monthly(world))
    assert titles["overdue"] == ["ACT-0003", "ACT-0001", "ACT-0002"]
    assert titles["unlinked"] == ["AC-2", "AC-5", "AC-1"]
    # Since 1 November, as there was no sitting before; nobody decided whether to share the risk.
    assert titles["changed"] == ["RSK-0001", "AC-2", "ACT-0005", "ACT-0007", "RSK-0001"]


def test_an_empty_agenda_is_an_agenda(world):
    titles, _ = _agenda(world, "bob", open_weekly(world))
    assert not any(titles.values())


def test_the_agenda_is_frozen_when_it_is_made(world):
    made = fill(world)
    review_id = open_weekly(world)
    world.sql("UPDATE action SET title = 'Renamed' WHERE id = :id RETURNING 1", id=made.overdue)
    titles, _ = _agenda(world, "bob", review_id)
    assert titles["overdue"][0] == "ACT-0001"


def test_what_changed_starts_at_the_last_sitting(world):
    fill(world)
    first = open_weekly(world)
    sign(world, "bob", first)
    titles, _ = _agenda(world, "bob", open_weekly(world, period_from=None, period_to=None))
    # Ratings and extensions are known to the second, a day's verifications only to the day.
    assert titles["changed"] == []


def test_a_challenge_is_carried_over_until_someone_answers(world):
    fill(world)
    first = open_monthly(world)
    with world.acting("alice") as alice:
        sections = reading.minutes(actor=alice, review_id=first).sections
    about_house = next(line for line in sections["overdue"] if "ACT-0001" in line.title)
    about_lodge = next(line for line in sections["overdue"] if "ACT-0003" in line.title)
    entry = record(world, "ben", first, "challenge", "Why nine days?", about_house.id)
    record(world, "ben", first, "challenge", "Why thirty days?", about_lodge.id)
    sign(world, "alice", first)

    titles, found = _agenda(world, "bob", weekly := open_weekly(world))
    assert [line.title for line in found.sections["challenges"]] == ["Why nine days?"]
    assert found.sections["challenges"][0].carried.may_answer
    answer(world, "bob", entry)
    sign(world, "bob", weekly)

    _, following = _agenda(world, "alice", open_monthly(world, period_from=None, period_to=None))
    assert [line.title for line in following.sections["challenges"]] == ["Why thirty days?"]


def test_a_matter_can_be_added_and_comes_last(world):
    fill(world)
    review_id = open_weekly(world)
    with world.acting("bob") as bob:
        service.add_matter(actor=bob, review_id=review_id, title="Agency staff")
        db.session.commit()
    titles, _ = _agenda(world, "bob", review_id)
    assert titles["added"] == ["Agency"]
