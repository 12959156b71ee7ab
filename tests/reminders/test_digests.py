"""What the subject of a day's mail says."""

from __future__ import annotations

from uuid import uuid4

import pytest

from careboard.reminders import digests
from careboard.reminders.duties import RULES, Duty
from careboard.reminders.recipients import Due, Person
from careboard.reminders.schedule import Occurrence
from tests.reminders.making import TODAY

BOB = Person("bob@alder.example", "Bob")


def duties(code: str, count: int) -> list[Due]:
    rule = RULES[code]
    return [
        Due(
            BOB,
            Duty(rule, uuid4(), f"X-{number}", "Title", None, "Alder House", None, TODAY, TODAY),
            Occurrence(code, TODAY),
            code,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (4, "2 reviews overdue, 2 {1}, 2 {2}, 2 {3}"),
        (5, "2 reviews overdue, 2 {1}, 2 {2}, and 4 more"),
        (9, "2 reviews overdue, 2 {1}, 2 {2}, and 12 more"),
    ],
)
def test_a_subject_counts_few_kinds_and_sums_up_the_rest(kinds, told):
    codes = list(RULES)[:kinds]
    found = [due for code in codes for due in duties(code, 2)]
    assert digests.subject(found, TODAY) == told.format(*(RULES[c].counted[1] for c in codes))
