"""How a claim stands is a function of its row, its evidence and the day. Rules 3.3."""

from __future__ import annotations

from collections import namedtuple
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard import clock
from careboard.assurance.standing import Tally, standing, tally
from careboard.evidence.queries import NO_SUPPORT, Item, coverage
from careboard.vocabulary import EVIDENCE_KINDS

DAY = date(2026, 11, 20)
STATUSES = (
    "draft", "submitted", "in_review", "accepted", "rejected", "change_requested", "withdrawn",
)  # fmt: skip
Row = namedtuple("Row", "result critical")


def item(status="submitted", valid_until=DAY, kind="audits") -> Item:
    return Item(
        id=uuid4(), reference="EV-1", title="Audit", kind=kind, service_id=None, service_name=None,
        period_from=None, period_to=None, valid_until=valid_until, status=status,
        submitted_by_id=None, submitted_by=None, decided_by=None, decided_on=None,
        decision_note="", created_at=datetime(2026, 11, 1, tzinfo=UTC), revision_id=uuid4(),
        revision_number=1, source_link="x", sha256="0" * 64, file_name=None, size=None,
    )  # fmt: skip


ITEMS = st.lists(
    st.builds(
        item,
        status=st.sampled_from(STATUSES),
        valid_until=st.integers(-40, 40).map(lambda days: DAY + timedelta(days=days)),
        kind=st.sampled_from(EVIDENCE_KINDS),
    ),
    max_size=5,
)


def stands(items, on=DAY, outcome="proves", status="validated", unsupported=False):
    return standing(status=status, outcome=outcome, unsupported=unsupported, items=items, on=on)


@given(items=ITEMS, outcome=st.sampled_from(["proves", "partly", "does_not_prove"]),
       status=st.sampled_from(["draft", "submitted", "validated", "withdrawn"]),
       unsupported=st.booleans(), later=st.integers(0, 60))  # fmt: skip
def test_expired_or_refused_evidence_never_supports(items, outcome, status, unsupported, later):
    on = DAY + timedelta(days=later)
    found = stands(items, on, outcome, status, unsupported)
    good = [one for one in items if one.status not in NO_SUPPORT and one.valid_until >= on]
    if found.supports:
        assert good and status == "validated" and not unsupported
        assert outcome in ("proves", "partly")
    # The rest counts as if it were not there.
    assert stands(good, on, outcome, status, unsupported) == found
    assert coverage(items, on=on) == coverage(good, on=on)
    # Once nothing supports it, time alone never brings it back.
    if not found.supports:
        later_still = on + timedelta(days=1)
        assert not stands(items, later_still, outcome, status, unsupported).supports


def test_it_stops_counting_the_day_after_its_last():
    last = item(valid_until=DAY)
    assert stands([last], DAY).state == "proves"
    assert stands([last], DAY + timedelta(days=1)).state == "expired"


@pytest.mark.parametrize("status", NO_SUPPORT)
def test_what_was_refused_sent_back_or_taken_back_supports_nothing(status):
    assert stands([item(status)]).state == "expired"
    assert coverage([item(status)], on=DAY).covered == ()


@pytest.mark.parametrize(
    ("status", "outcome", "unsupported", "state"),
    [
        ("draft", None, False, "draft"),
        ("submitted", None, False, "submitted"),
        ("withdrawn", None, False, "withdrawn"),
        ("validated", "proves", False, "proves"),
        ("validated", "partly", False, "partly"),
        ("validated", "does_not_prove", False, "does_not_prove"),
        ("validated", "proves", True, "unsupported"),
    ],
)
def test_states(status, outcome, unsupported, state):
    found = stands([item()], DAY, outcome, status, unsupported)
    assert (found.state, found.supports) == (state, state in ("proves", "partly"))
    assert found.words and found.sentence.endswith(".")


@pytest.mark.parametrize(
    ("sampled", "matched", "critical", "unsupported"),
    [
        (10, 9, 0, False),  # 90 % just holds
        (10, 8, 0, True),
        (11, 10, 0, False),
        (9, 8, 0, True),  # 88.9 %
        (20, 18, 0, False),
        (10, 9, 1, True),  # one critical mismatch is enough
        (1, 1, 0, False),
        (0, 0, 0, False),  # too little to say
    ],
)
def test_unsupported_assurance_fires_and_just_does_not(sampled, matched, critical, unsupported):
    assert Tally(sampled, matched, critical).unsupported is unsupported


def test_nothing_compared_is_no_rate():
    assert Tally().percent is None
    assert Tally().sentence == "Nothing was compared with its source yet."
    assert Tally(10, 9, 1).sentence == "9 of 10 match their source (90%), critical mismatches: 1."


def test_only_checked_rows_are_counted():
    rows = [Row("matches", False), Row("mismatch", True), Row("not_found", False), Row(None, False)]
    assert tally(rows) == Tally(3, 1, 1)


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), 0),
        (date(2026, 11, 20), date(2026, 11, 22), 0),  # a weekend
        (date(2026, 11, 20), date(2026, 11, 23), 1),
        (date(2026, 12, 24), date(2026, 12, 29), 1),  # Christmas, its substitute, a weekend
        (date(2026, 11, 23), date(2026, 11, 20), 0),
    ],
)
def test_ages_are_working_days(since, until, days):
    assert clock.working_days_between(since, until) == days
