"""Repeated audit weakness (rules 3.3, trigger of S0-1): fires, just not, too little data."""

from __future__ import annotations

import pytest

from careboard import figures
from careboard.db import db
from careboard.risks.weakness import repeated_weakness
from tests.dashboards.rows import TODAY, add_action, add_concern, days_ago
from tests.risks.making import add_audit

CASES = [
    ((), None),
    (("red",), None),
    (("amber", "red"), True),
    (("green", "amber", "red"), True),
    (("amber", "green", "red"), True),
    (("green", "green", "red"), False),
    (("red", "red", "green", "green"), False),  # the first is not one of the last three
    (("green", "amber"), False),
]


@pytest.mark.parametrize(("bands", "repeated"), CASES)
def test_two_weak_audits_of_the_last_three(bands, repeated):
    assert repeated_weakness(bands) is repeated


@pytest.mark.parametrize(("bands", "repeated"), CASES)
def test_the_figure_counts_by_the_same_rule(world, bands, repeated):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        concern = add_concern(actor, house, status="closed")
        add_action(
            actor, house, audit_concern_id=concern.id, status="verified", verified_on=days_ago(100)
        )
        # Before the action was closed, and of another theme: neither speaks.
        add_audit(actor, house, "medicines", "red", days_ago(100))
        add_audit(actor, house, "records", "red", days_ago(1))
        for age, band in zip(range(50, 0, -5), bands, strict=False):
            add_audit(actor, house, "medicines", band, days_ago(age))
        db.session.flush()
        figure = figures.compute(actor=actor, code="audit_weakness_repeated", on=TODAY)
    if repeated is None:
        assert figure.count.denominator == 0
    else:
        assert (figure.count.numerator, figure.count.denominator) == (int(repeated), 1)
        (row,) = figure.rows
        assert (row.title, row.status, row.counted) == ("medicines", bands[-1], repeated)


def test_a_theme_nobody_worked_on_does_not_repeat(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        for age in (1, 2, 3):
            add_audit(actor, house, "medicines", "red", days_ago(age))
        figure = figures.compute(actor=actor, code="audit_weakness_repeated", on=TODAY)
        assert figure.count.denominator == 0
