"""Where an indicator stands: fires, just not, too little data."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard.recovery.standing import Reads, Support, concerns, state, support

ON = date(2026, 11, 20)  # a Friday; the last two full weeks begin on 2 and 9 Nov
OLD = date(2026, 1, 5)
IN_DATE = ON + timedelta(days=30)
SUPPORTED = Support("supported", "")
UNSUPPORTED = Support("unsupported", "")
TOO_LITTLE = Support("not_enough_data", "")


def supported(last_end, *, until=IN_DATE, cadence="week", opened=OLD):
    return support(Reads(opened, cadence, last_end), evidence_until=until, on=ON)


@pytest.mark.parametrize(
    ("cadence", "just_not", "fires"),
    [
        ("week", date(2026, 11, 8), date(2026, 11, 1)),
        ("month", date(2026, 9, 30), date(2026, 8, 31)),
        ("day", date(2026, 11, 19), date(2026, 11, 18)),
    ],
)
def test_without_a_reading_for_two_periods_it_is_unsupported(cadence, just_not, fires):
    assert supported(just_not, cadence=cadence).state == "supported"
    found = supported(fires, cadence=cadence)
    assert found.state == "unsupported"
    assert f"no reading for the last 2 {cadence}s" in found.sentence


def test_evidence_holds_to_its_last_day():
    read = date(2026, 11, 15)
    assert supported(read, until=ON).state == "supported"
    found = supported(read, until=ON - timedelta(days=1))
    assert found.state == "unsupported"
    assert found.sentence == "Unsupported: the evidence was valid until 19 Nov 2026."


def test_without_any_evidence_it_is_unsupported():
    found = supported(date(2026, 11, 15), until=None)
    assert (found.state, found.sentence) == (
        "unsupported",
        "Unsupported: no evidence for this service and domain.",
    )


def test_both_reasons_are_told():
    found = supported(date(2026, 10, 4), until=None)
    assert "the latest is of 4 Oct 2026; no evidence" in found.sentence


def test_too_little_to_say_while_the_first_reading_is_not_due():
    young = supported(None, opened=date(2026, 11, 3), until=None)
    assert (young.state, young.sentence) == (
        "not_enough_data",
        "Opened on 3 Nov 2026 and not read yet.",
    )
    old = supported(None, opened=date(2026, 11, 2))
    assert (old.state, old.sentence) == ("unsupported", "Unsupported: it was never read.")


def test_a_young_one_that_was_read_needs_evidence():
    read = date(2026, 11, 15)
    assert supported(read, opened=date(2026, 11, 10), until=None).state == "unsupported"


@pytest.mark.parametrize("direction", ["improving", "stable", "worsening", "changed"])
def test_what_is_supported_stands_as_it_moves(direction):
    assert state(direction, SUPPORTED) == direction
    assert state(direction, UNSUPPORTED) == "unsupported"


def test_without_a_direction_there_is_not_enough_data():
    assert state(None, SUPPORTED) == "not_enough_data"
    assert state(None, TOO_LITTLE) == "not_enough_data"
    assert state(None, UNSUPPORTED) == "unsupported"


@pytest.mark.parametrize(
    ("direction", "band", "rests", "expected"),
    [
        ("worsening", "green", SUPPORTED, ["worsening"]),
        ("worsening", "red", UNSUPPORTED, ["worsening", "unsupported"]),
        ("stable", "red", SUPPORTED, ["static"]),
        ("stable", "amber", SUPPORTED, ["static"]),
        ("stable", "grey", SUPPORTED, ["static"]),
        ("stable", "green", SUPPORTED, []),
        ("improving", "red", SUPPORTED, []),
        ("improving", "green", UNSUPPORTED, ["unsupported"]),
        (None, "grey", SUPPORTED, []),
    ],
)
def test_lists(direction, band, rests, expected):
    assert list(concerns(direction, band, rests)) == expected
