"""Thresholds of contracts that replace one another: which holds on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from careboard import clock
from careboard.db import db
from careboard.errors import Invalid
from careboard.sharing import thresholds
from careboard.sharing.thresholds import Facts

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def calendar():
    held = clock.frozen_day()
    yield
    clock.freeze(held)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def put(world, words: str, days: int, replaces=None, **more):
    """A threshold from so many days after today on."""
    facts = replace(Facts(words, "Agreed", on(days)), **more)
    with world.acting("alice") as alice:
        made = thresholds.set_threshold(actor=alice, facts=facts, replaces_id=replaces)
        db.session.commit()
        return made


def holding(world, days: int) -> list[str]:
    clock.freeze(on(days))
    with world.acting("alice") as alice:
        found = [row.words for row in thresholds.in_force(actor=alice)]
    clock.freeze(TODAY)
    return found


def standing(world) -> dict[str, tuple[str, str | None]]:
    with world.acting("alice") as alice:
        rows = thresholds.all_thresholds(actor=alice)
        return {row.words: (row.standing, row.replaces) for row in rows}


def test_what_is_set_now_leaves_what_was_planned_its_turn(world):
    first = put(world, "Ten", -30)
    put(world, "Twelve from December", 11, first)
    put(world, "Another contract's", -5)
    put(world, "Eleven at once", 0, first)
    assert [holding(world, day) for day in (-30, -1, 0, 10, 11, 99)] == [
        ["Ten"],
        ["Ten", "Another contract's"],
        *[["Another contract's", "Eleven at once"]] * 2,
        *[["Twelve from December", "Another contract's"]] * 2,
    ]
    assert standing(world) == {
        "Ten": ("replaced", None),
        "Twelve from December": ("later", "CTH-0004"),
        "Another contract's": ("holds", None),
        "Eleven at once": ("holds", "CTH-0001"),
    }


def test_what_is_planned_is_changed_by_another_from_its_day(world):
    first = put(world, "Ten", -30)
    planned = put(world, "Twelve", 11, first)
    put(world, "Ends then", 11, planned, in_use=False)
    assert standing(world)["Twelve"][0] == "replaced"
    assert [holding(world, day) for day in (10, 11)] == [["Ten"], []]
    alice = world.client("alice")
    shown = alice.get("/o/alder/sharing/thresholds").text
    assert "Ends later" in shown and shown.count("Change or end") == 2
    address = f"/o/alder/sharing/thresholds/new?replaces={planned}"
    assert "keeps its turn" in alice.get(address).text
    with pytest.raises(Invalid, match="replaced this threshold already"):
        put(world, "Too late", 12, planned)


def test_one_that_would_never_hold_is_refused(world):
    first = put(world, "Ten", -3)
    with pytest.raises(Invalid, match="CTH-0001 holds from 17 Nov 2026") as refused:
        put(world, "Before it", -4, first)
    assert refused.value.field == "in_use_from"


def test_of_one_day_the_one_set_last_holds(world):
    first = put(world, "Ten", -3)
    put(world, "Eleven", 0, first)
    with pytest.raises(Invalid, match="replaced this threshold already"):
        put(world, "Twelve", 0, first)
    (second,) = world.sql("SELECT id FROM contract_threshold WHERE words = 'Eleven'")
    put(world, "Twelve", 0, second.id)
    assert holding(world, 0) == ["Twelve"]
