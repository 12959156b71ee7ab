"""The rule that says whether assurance has improved: each thing that it asks for, by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from careboard.updates.improvement import Told, improved, reasons

ON = date(2026, 11, 20)
FIRST = Told("RUP-0001", date(2026, 11, 6), "published", "proves")
SECOND = Told("RUP-0002", ON, "published", "proves")


def _days_ago(*days: int) -> list[date]:
    return [ON - timedelta(days=one) for one in days]


def _found(**changes):
    given = {"updates": [FIRST, SECOND], "content": "yes", "queries": _days_ago(3), "on": ON}
    return reasons(**given | changes)


def test_two_proofs_a_content_commissioner_and_no_repeated_query_are_improvement():
    found = _found()
    assert improved(found)
    assert [reason.words for reason in found] == [
        "The evidence behind RUP-0001 and RUP-0002 proves what it claims.",
        "The commissioner is content, by its last feedback.",
        "No repeated commissioner query in 30 days.",
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "missed", "outcome": None}, "RUP-0002 was missed"),
        ({"outcome": None, "status": "draft"}, "the evidence of RUP-0002 is not validated"),
        ({"outcome": "partly"}, "the evidence of RUP-0002 proves only in part"),
        ({"outcome": "does_not_prove"}, "the evidence of RUP-0002 proves nothing"),
        ({"unsupported": True}, "the evidence of RUP-0002 is unsupported"),
        ({"status": "approved"}, "RUP-0002 is not published"),
    ],
)
def test_an_update_that_does_not_rest_on_proof_is_none(changes, words):
    found = _found(updates=[FIRST, replace(SECOND, **changes)])
    assert [reason.holds for reason in found] == [False, True, True]
    assert found[0].words == f"2 updates running must rest on proof: {words}."


def test_an_older_failure_is_over_once_two_updates_prove():
    old = Told("RUP-0000", date(2026, 10, 23), "missed")
    assert improved(_found(updates=[old, FIRST, SECOND]))


def test_one_update_is_too_few():
    found = _found(updates=[FIRST])
    assert not improved(found) and "1 of 2 updates have fallen due" in found[0].words


@pytest.mark.parametrize("content", [None, "partly", "no"])
def test_the_commissioner_has_to_be_content(content):
    assert [reason.holds for reason in _found(content=content)] == [True, False, True]


def test_two_queries_in_thirty_days_are_repeated_and_one_older_is_not():
    assert not improved(_found(queries=_days_ago(3, 29)))
    assert improved(_found(queries=_days_ago(3, 30)))
    assert improved(_found(queries=[*_days_ago(3), ON + timedelta(days=1)]))
