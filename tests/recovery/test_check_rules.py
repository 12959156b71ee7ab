"""The triggers that rest on checks: each fires, just does not, or has too little to say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.recovery import check_rules as rules
from careboard.recovery.check_forms import shift_at
from careboard.recovery.check_kinds import (
    KINDS,
    Deployment,
    SampledAction,
    falls_short,
    told,
    verdict_of_actions,
)
from careboard.recovery.check_models import CHECK_KINDS, SHIFTS, VERDICTS
from careboard.recovery.check_rules import Check, Finding
from careboard.recovery.plan_content import Content, Template, built_in
from careboard.recovery.plan_forms import watched

ON = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(days: int = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


def found(round_: str = "morning", *, kind="discrepancy", at=NOW, reviewed=None) -> Finding:
    return Finding(uuid4(), kind, "No entry", at, round_, reviewed)


def made(kind: str, days: int = 0, *findings: Finding, verdict="ok", who="a", **result) -> Check:
    day = ON - timedelta(days=days)
    return Check(uuid4(), kind, day, verdict, who, result, findings)


def shift(days: int = 0, *findings: Finding, who: str = "a") -> Check:
    return made("medicines_shift", days, *findings, who=who)


def says(rule: str, *checks: Check) -> rules.Trigger:
    return rules.RULES[rule][1](checks, ON, NOW)


def state(rule: str, *checks: Check) -> str:
    return says(rule, *checks).state


def test_repeated_discrepancies():
    rule = "repeated_discrepancies"
    one, other = shift(0, found("morning")), shift(13, found("morning"))
    fires = says(rule, one, other)
    assert (fires.state, set(fires.rows)) == ("fires", {one.id, other.id})
    assert fires.sentence == "2 in the morning round over 14 days."
    assert state(rule, one, shift(14, found("morning"))) == "clear"
    assert state(rule, one, shift(1, found("night"))) == "clear"
    assert state(rule, shift()) == "clear"
    assert state(rule) == state(rule, shift(14, found())) == "not_enough_data"


def test_delayed_review():
    rule = "delayed_review"
    at = ago(hours=72)
    assert state(rule, shift(3, found(at=ago(hours=72.01)))) == "fires"
    assert state(rule, shift(3, found(at=at))) == "clear"
    reviewed = found(at=ago(days=5), reviewed=ago(days=5) + timedelta(hours=72))
    assert state(rule, shift(5, reviewed)) == "clear"
    late = found(at=ago(days=9), reviewed=ago(days=5))
    assert state(rule, shift(9, late)) == "fires"
    # Reviewed late, long ago: over. Never reviewed, however long ago: not over.
    assert state(rule, shift(30, found(at=ago(days=30), reviewed=ago(days=20)))) != "fires"
    assert "1 still waiting" in says(rule, shift(30, found(at=ago(days=30)))).sentence
    assert state(rule) == "not_enough_data"


def observed(days: int, verdict: str) -> Check:
    return made("practice_observation", days, verdict=verdict)


def test_practice_not_matching():
    rule = "practice_not_matching"
    agreed = [observed(days, "as_agreed") for days in (1, 2, 3)]
    wrong = observed(4, "not_as_agreed")
    assert state(rule, *agreed, wrong, observed(0, "not_as_agreed")) == "fires"
    assert state(rule, *agreed, wrong) == "clear"
    # The sixth from the end does not count.
    four = [*agreed, observed(0, "as_agreed"), wrong]
    assert state(rule, *four, observed(5, "not_as_agreed")) == "clear"
    assert state(rule, *agreed, observed(0, "unsafe")) == "fires"
    assert state(rule, observed(0, "unsafe")) == "fires"
    assert state(rule) == state(rule, wrong) == "not_enough_data"


def test_one_senior():
    rule = "one_senior"
    three = [shift(days, who="S1") for days in (0, 1, 2)]
    two = [shift(days, who=who) for days, who in ((3, "S2"), (13, "S3"))]
    fires = says(rule, *three, *two)
    assert (fires.state, set(fires.rows)) == ("fires", {check.id for check in three})
    assert fires.sentence == "3 of 5 checks (60%) by one person over 14 days."
    assert state(rule, *three, *two, shift(5, who="S2")) == "clear"
    assert state(rule, *three, two[0]) == "not_enough_data"
    assert state(rule, *three, two[0], shift(14, who="S1")) == "not_enough_data"


def sampled(days: int, number: int, vague: int = 0) -> Check:
    return made(
        "review_actions", days, *(found("", kind="vague_action") for _ in range(vague)),
        sampled=number,
    )  # fmt: skip


def test_vague_actions():
    rule = "vague_actions"
    assert state(rule, sampled(27, 3, 1)) == "fires"
    assert says(rule, sampled(0, 3, 1), sampled(1, 2)).sentence.startswith("1 of 5 sampled")
    assert state(rule, sampled(0, 3)) == "clear"
    assert state(rule) == state(rule, sampled(28, 3, 1)) == "not_enough_data"


def deployed(days: int, actual: float, required: float | None = 100, *findings) -> Check:
    return made("deployment", days, *findings, actual=actual, required=required)


def test_deployment_does_not_match_dependency():
    rule = "deployment_mismatch"
    assert state(rule, *(deployed(days, 89.9) for days in (0, 3, 6))) == "fires"
    assert state(rule, *(deployed(days, 90) for days in (0, 3, 6))) == "clear"
    assert state(rule, deployed(0, 50), deployed(1, 50), deployed(2, 95)) == "clear"
    assert state(rule, deployed(0, 50), deployed(1, 50)) == "not_enough_data"
    assert state(rule, *(deployed(days, 50) for days in (0, 3, 7))) == "not_enough_data"
    assert state(rule, *(deployed(days, 50, None) for days in (0, 1, 2))) == "not_enough_data"


def test_unmet_need():
    rule = "unmet_need"
    assert state(rule, deployed(27, 100, 100, found("", kind="unmet_need"))) == "fires"
    assert state(rule, deployed(0, 10, 100, found("", kind="delay"))) == "clear"
    assert state(rule) == "not_enough_data"
    assert state(rule, deployed(28, 1, 1, found("", kind="unmet_need"))) == "not_enough_data"


def test_only_what_is_watched_is_told_in_its_order():
    told_ = rules.evaluate(["unmet_need", "nothing", "one_senior"], [], ON, NOW)
    assert [trigger.code for trigger in told_] == ["unmet_need", "one_senior"]


@pytest.mark.parametrize("rule", rules.RULES)
def test_silence_is_never_good_news(rule):
    assert state(rule) == "not_enough_data"


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 13)), max_size=20))
def test_one_senior_is_exactly_three_fifths(made_by):
    found_ = says("one_senior", *(shift(days, who=who) for who, days in made_by))
    if len(made_by) < 5:
        assert found_.state == "not_enough_data"
    else:
        most = max([who for who, _ in made_by].count(who) for who, _ in made_by)
        assert (found_.state == "fires") == (5 * most >= 3 * len(made_by))


@given(st.floats(0, 1_000), st.floats(0, 1_000))
def test_short_by_more_than_a_tenth(actual, required):
    if abs(actual - 0.9 * required) > 1e-6:
        assert falls_short(actual, required) == (actual < 0.9 * required)


def test_a_deployment_matches_what_people_need_else_what_was_planned():
    assert Deployment(40, 36, 40).verdict == "as_agreed"
    assert Deployment(40, 35.9, 40).verdict == "not_as_agreed"
    assert Deployment(40, 36).verdict == "as_agreed"
    assert Deployment(30, 36, 50).short
    assert Deployment(40, 40, 40, unmet_need="Supper late").verdict == "not_as_agreed"
    assert Deployment(40, 40).short is None


def test_a_sampled_action_says_what_it_lacks():
    assert SampledAction("AR-2", True, False, False).said == "AR-2: not owned, not dated"
    assert verdict_of_actions([SampledAction("AR-1", True, True)]) == "ok"


def test_figures_read_as_words():
    assert told("medicines_shift", {"charts": 1}) == "1 record looked at"
    deployment = {"planned": 40, "actual": 34.5, "required": None, "delays": 1}
    said = told("deployment", deployment)
    assert said == "40 hours planned, 34.5 worked, need not assessed; 1 delay"


def test_kinds_and_their_verdicts_are_those_of_the_database():
    assert tuple(KINDS) == CHECK_KINDS
    assert {word for kind in KINDS.values() for word in kind.words} <= set(VERDICTS)


@pytest.mark.parametrize(
    ("hour", "shift_"), [(11, "early"), (17, "early"), (18, "late"), (23, "late"), (0, "night"),
                         (8, "night")]
)  # fmt: skip
def test_the_shift_is_guessed_from_the_hour(hour, shift_):
    assert shift_at(hour) == shift_ and shift_ in SHIFTS


def test_the_built_in_templates_are_data_that_hold_together():
    assert list(built_in()) == ["medicines", "care_reviews", "staffing"]
    for template in built_in().values():
        assert any(spec.goal and spec.target for spec in template.indicators)
        assert {check.kind for check in template.content.checks} <= set(KINDS)
        assert set(template.content.watch) <= set(rules.RULES)
        kinds = {check.kind for check in template.content.checks}
        assert set(template.content.watch) <= set(watched(kinds))
        assert {review.cadence for review in template.content.reviews} == {"week", "month"}
        again = Template.read(template.stored(), code=template.code, name=template.name)
        assert again == template
        assert Content.read(template.content.stored()) == template.content
        for spec in template.indicators:
            assert spec.key and spec.title and spec.shown_unit and spec.better in ("up", "down")


def test_ids_of_rows_are_ids():
    fired = says("unmet_need", deployed(0, 100, 100, found("", kind="unmet_need")))
    assert all(isinstance(row, UUID) for row in fired.rows)
