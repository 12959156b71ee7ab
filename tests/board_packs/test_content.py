"""What stands in a pack: the board's own words and figures, at one moment."""

from __future__ import annotations

import csv
import io
from datetime import date
from uuid import UUID

from careboard import figures
from careboard.board_packs.lists import GRAVEST_FIRST
from careboard.db import db
from careboard.vocabulary import ASSURANCE_STATES
from tests.board_packs.packs import made, pdf_of, text_of, zip_of
from tests.reviews import sample as reviews


def open_risk(world, rating: str, domain: str = "medicines", service: str = "Alder House") -> UUID:
    form = {
        "service_id": str(world.service_id(service)), "domain": domain, "rating": rating,
        "original_cause": "Handover skipped", "rationale": f"Because of {domain}", "none_yet": "y",
    }  # fmt: skip
    assert world.client("alice").post("/o/alder/risks/new", data=form).status_code == 303
    return world.sql("SELECT id FROM risk ORDER BY created_at DESC")[0].id


def table(world, pack_id, name: str) -> list[dict[str, str]]:
    text = zip_of(world, pack_id).read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_state_but_assured_has_its_place():
    assert set(GRAVEST_FIRST) == set(ASSURANCE_STATES) - {"assured"}


def test_ratings_with_their_decisions_and_what_they_lack(world):
    open_risk(world, "very_high")
    open_risk(world, "low", "staffing")
    pack_id = made(world)
    (cell,) = [r for r in table(world, pack_id, "risk-board") if r["Rating"] == "very high"]
    assert (cell["Service"], cell["Domain"], cell["Assurance"]) == (
        *("Alder House", "medicines", "unsupported"),
    )
    decided = table(world, pack_id, "rating-decisions")
    assert {row["To"] for row in decided} == {"very high", "low"}
    assert decided[0]["Decision"] == "first set" and decided[0]["Decided by"] == "Alice"
    assert "Because of" in decided[0]["Why"] and decided[0]["On what evidence"] == "none cited"
    doubts = table(world, pack_id, "ratings-not-assured")
    assert [row["Rating"] for row in doubts] == ["very high", "low"]
    assert doubts[0]["Why"] == "No evidence stands behind this rating."
    text = text_of(pdf_of(world, pack_id))
    for words in ("2 are rated: 1 very high, 1 low.", "very high rating: Alder House.",
                  "0 of 2 ratings can be relied upon as assured; of the others 2 unsupported.",
                  "Rating decisions in the period: 2 first set."):  # fmt: skip
        assert words in text, words


def test_figures_are_those_of_the_board_with_what_they_were(world):
    with world.acting("alice") as alice:
        figures.take_readings(actor=alice, on=date(2026, 9, 28))
        db.session.commit()
    house, rita = world.service_id("Alder House"), world.member_id("rita")
    with world.acting("alice") as alice:
        reviews.add_action(alice, house, rita, "ACT-0001", due_on=date(2026, 11, 1))
        db.session.commit()
        counted = figures.counts(actor=alice, on=alice.today)
    pack_id = made(world)
    rows = {row["Figure"]: row for row in table(world, pack_id, "figures")}
    assert set(rows) == {definition.title for definition in figures.FIGURES.values()}
    for code, count in counted.items():
        row = rows[figures.FIGURES[code].title]
        assert int(row["Counted"]) == count.numerator and int(row["Of"]) == count.denominator
    overdue = rows["Actions overdue"]
    assert (overdue["Value"], overdue["Before"], overdue["Read on"]) == ("1", "0", "2026-09-28")
    assert overdue["Definition version"] == "1" and overdue["Definition"]
    (late,) = table(world, pack_id, "overdue-actions")
    assert (late["Action"], late["Owner"], late["Days late"]) == ("ACT-0001", "Rita", "19")


def test_open_challenges_stand_in_it_until_they_are_answered(world):
    review_id = reviews.open_monthly(world)
    entry_id = reviews.record(world, "ben", review_id, "challenge", "Why so late?")
    (row,) = table(world, made(world), "open-challenges")
    assert (row["Challenge"], row["By"], row["Days open"]) == ("Why so late?", "Ben", "0")
    assert row["In"] == "Monthly governance review REV-0001"
    reviews.answer(world, "alice", entry_id)
    assert table(world, made(world, period_from=date(2026, 10, 2)), "open-challenges") == []


def test_only_the_own_organisation_stands_in_it(world):
    text = text_of(pdf_of(world, made(world)))
    assert "Alder House" in text and "Birch" not in text


def test_a_decision_outside_the_period_is_left_out(world):
    open_risk(world, "high")
    pack_id = made(world, period_to=date(2026, 11, 19))
    assert table(world, pack_id, "rating-decisions") == []
    assert [row for row in table(world, pack_id, "risk-board") if row["Rating"] == "high"]
