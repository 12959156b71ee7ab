"""What holds of every rule, whatever the facts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from careboard.rules.facts import NAMES, Facts
from careboard.rules.registry import all_rules
from careboard.rules.rule import Finding, Rule
from tests.rules.inventing import both, of_house, reversed_rows
from tests.rules.looking import HOUSE, LODGE, ON
from tests.rules.looking import NAMES as HOUSES

# A house has too many rows to be made smaller in good time; what is found is shown as it is.
OFTEN = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def findings(rule: Rule, rows: dict, on=ON) -> list[Finding]:
    facts = Facts.of(services=HOUSES, **rows)
    return sorted(rule.find(facts, rule.defaults, on), key=lambda one: (one.service_id, one.key))


def fired(found: list[Finding], service=None) -> dict:
    """What fires, by state of affairs: with which rows."""
    return {
        (one.service_id, one.key): one.rows
        for one in found
        if one.outcome == "fires" and service in (None, one.service_id)
    }


@OFTEN
@given(own=of_house(HOUSE))
def test_the_order_of_rows_changes_nothing(own):
    turned = reversed_rows(own)
    for rule in all_rules():
        assert findings(rule, own) == findings(rule, turned), rule.code


@OFTEN
@given(own=of_house(HOUSE), other=of_house(LODGE))
def test_another_house_changes_nothing_that_fires(own, other):
    together = both(own, other)
    for rule in all_rules():
        alone = fired(findings(rule, own), HOUSE)
        assert alone == fired(findings(rule, together), HOUSE), rule.code


@OFTEN
@given(own=of_house(HOUSE), ahead=st.integers(1, 120))
def test_time_changes_nothing_before_the_day_that_a_rule_names(own, ahead):
    later = ON + timedelta(days=ahead)
    for rule in all_rules():
        now = findings(rule, own)
        turns = min((one.next_on for one in now if one.next_on), default=None)
        assert turns is None or turns > ON, rule.code
        if turns is None or later < turns:
            assert fired(findings(rule, own, later)) == fired(now), rule.code


@OFTEN
@given(own=of_house(HOUSE))
def test_one_answer_for_one_state_of_affairs_in_a_plain_sentence(own):
    for rule in all_rules():
        found = findings(rule, own)
        keys = [(one.service_id, one.key) for one in found]
        assert len(set(keys)) == len(keys), rule.code
        for one in found:
            assert one.service_id in HOUSES
            assert one.sentence.endswith("."), one.sentence
            assert "None " not in one.sentence.replace("None of", ""), one.sentence
            assert "9f2c" not in one.sentence
            assert one.outcome != "fires" or one.rows, rule.code
            assert len(set(one.rows)) == len(one.rows), rule.code


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_a_rule_reads_what_it_says_and_its_defaults_are_within_bounds(rule):
    asked = set()

    def read(name):
        asked.add(name)
        return HOUSES if name == "services" else getattr(Facts.of(), name)

    list(rule.find(Facts(read), rule.defaults, ON))
    assert asked <= rule.reads <= NAMES
    assert rule.code == rule.code.lower() and rule.words and rule.source
    for parameter in rule.parameters:
        if not isinstance(parameter.value, tuple):
            assert parameter.least <= parameter.value <= parameter.most
