"""Improvement not sustained (rules 3.3), from rows alone: fires, just not, too little data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.risks.sustained import (
    RedAudit,
    Watch,
    finding,
    months_back,
    recovered,
    watched_months,
)

AUDITS = Watch(
    None, date(2026, 8, 10), date(2026, 11, 10), "audit", Decimal(80), Decimal(91),
)  # fmt: skip
CONCERNS = replace(AUDITS, signal="safeguarding", before=Decimal(4), lowered_at=Decimal(1))


def months(*values):
    return tuple(None if value is None else Decimal(str(value)) for value in values)


@pytest.mark.parametrize(
    ("watch", "values", "fires", "enough"),
    [
        (AUDITS, (80, 79, 92), True, True),  # back at it, and beyond
        (AUDITS, (80, 80.1, 92), False, True),  # back in one month alone
        (AUDITS, (80.1, 80.1, 80.1), False, True),
        (AUDITS, (79, None, None), False, False),  # one month says nothing yet
        (AUDITS, (None, 79, 79), True, True),
        (AUDITS, (None, None, None), False, False),
        (CONCERNS, (4, 5, 0), True, True),
        (CONCERNS, (4, 3, 3), False, True),
        (CONCERNS, (0, 0, None), False, True),
        # Nothing had improved, so nothing could be lost: not enough data.
        (replace(AUDITS, lowered_at=Decimal(80)), (70, 70, 70), False, False),
        (replace(AUDITS, before=None), (70, 70, 70), False, False),
        (replace(AUDITS, signal=""), (70, 70, 70), False, False),
    ],
)
def test_the_signal_goes_back_in_two_of_the_next_three_months(watch, values, fires, enough):
    found = finding(replace(watch, months=months(*values)))
    assert (found.fires, found.enough) == (fires, enough)
    assert found.sentence.startswith("Not enough data") is not enough


def test_a_red_audit_fires_without_any_signal():
    red = RedAudit(None, "A-7", date(2026, 9, 3))
    found = finding(replace(AUDITS, signal="", red_audit=red))
    assert (
        found.fires and found.sentence == "Lowered on 10 Aug 2026, then a red audit on 3 Sep 2026."
    )


def test_what_a_person_decided_stands_over_what_is_computed():
    back = replace(AUDITS, months=months(70, 70, 70))
    assert finding(back).fires
    assert not finding(replace(back, outcome="sustained", decided_on=date(2026, 11, 1))).fires
    lost = replace(AUDITS, outcome="not_sustained", decided_on=date(2026, 11, 1), stands=True)
    assert finding(lost).fires
    assert "not sustained on 1 Nov 2026" in finding(lost).sentence
    assert not finding(replace(lost, stands=False)).fires


@pytest.mark.parametrize(
    ("lowered", "first"),
    [(date(2026, 8, 1), date(2026, 9, 1)), (date(2026, 11, 30), date(2026, 12, 1)),
     (date(2026, 12, 31), date(2027, 1, 1))],
)  # fmt: skip
def test_the_three_full_months_after(lowered, first):
    found = watched_months(lowered)
    assert found[0] == first and len(found) == 3 and all(day.day == 1 for day in found)


VALUES = st.none() | st.decimals(0, 100, places=1)


@given(
    st.sampled_from(["audit", "feedback", "incident", "complaint", ""]),
    VALUES, VALUES, st.lists(VALUES, min_size=3, max_size=3),
)  # fmt: skip
def test_it_never_fires_without_a_recovery_and_two_months(signal, before, lowered_at, values):
    watch = replace(AUDITS, signal=signal, before=before, lowered_at=lowered_at, months=values)
    found = finding(watch)
    assert found == finding(watch)
    if found.fires:
        assert recovered(watch) and months_back(watch) >= 2 and found.enough
    if sum(value is not None for value in values) < 2:
        assert not found.fires and not found.enough
