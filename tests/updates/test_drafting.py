"""What the worker drafts: figures and references, what is validated, and nobody's name."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest

from careboard.packs.content import Count, Share, from_json, suppressed, to_json
from careboard.packs.privacy import findings
from careboard.updates.plain import LEFT_OUT, Plain, matching
from tests.updates.drafts import (
    ANCHOR,
    action,
    claim,
    drafted,
    evidence,
    indicator,
    plan,
    risk,
    said,
    scheduled,
    section,
    updates,
)

WEEKS = [
    (date(2026, 10, 25), 150, 200),
    (date(2026, 11, 1), 160, 200),
    (date(2026, 11, 8), 170, 200),
    (date(2026, 11, 15), 180, 200),
]


def cells(content, code: str) -> str:
    """All that the tables of a section say."""
    tables = section(content, code).tables
    return " | ".join(str(cell) for table in tables for row in table.rows for cell in row)


def test_it_has_all_six_sections_even_of_a_service_without_records(world):
    scheduled(world)
    drafted()
    content = said(world)
    assert [one.code for one in content.sections] == [
        *("asked", "progress", "validated", "not_validated", "remaining_risk", "next")
    ]
    assert content.kind == "update"
    assert (content.provider, content.service) == ("Alder Care", "Alder House")
    assert (content.period_from, content.period_to) == (date(2026, 11, 3), ANCHOR)
    assert "no" in section(content, "progress").words.lower()


def test_it_says_what_was_asked_and_not_what_was_told(world):
    scheduled(world)
    drafted()
    words = section(said(world), "asked").words
    assert "Visits start within thirty minutes of their time." in words
    assert "Late visits" in words
    assert "3 Nov 2026" in words
    assert "Marlow" not in to_json(said(world))


def test_the_kept_text_is_what_its_hash_is_of(world):
    scheduled(world)
    drafted()
    (row,) = updates(world)
    assert row.content_sha256 == sha256(row.content.encode()).hexdigest()
    assert to_json(from_json(row.content)) == row.content


# ---- Progress: validated readings, and no others


def test_readings_of_no_claim_are_no_progress(world):
    indicator(world, *WEEKS)
    scheduled(world)
    drafted()
    content = said(world)
    progress, waiting = section(content, "progress"), section(content, "not_validated")
    assert [one.label for one in progress.figures] == ["Actions verified"]
    assert not progress.charts
    assert [one.value for one in waiting.figures] == ["85%", "90%"]
    assert not any(one.validated for one in waiting.figures)
    assert all(one.validated for one in progress.figures)


def test_readings_within_a_proven_claim_are_progress(world):
    indicator(world, *WEEKS)
    claim(world)
    scheduled(world)
    drafted()
    content = said(world)
    figure = section(content, "progress").figures[0]
    assert (figure.value, figure.numerator, figure.denominator) == ("90%", Count(180), Count(200))
    assert figure.as_at == date(2026, 11, 15)
    assert "Baseline 71% on 4 Oct 2026" in figure.definition
    assert "Target 95%" in figure.definition
    assert not section(content, "not_validated").figures


def test_a_chart_has_only_what_was_validated(world):
    indicator(world, *WEEKS)
    claim(world)
    scheduled(world)
    drafted()
    (chart,) = section(said(world), "progress").charts
    shown = [(label, value) for label, value in chart.points if value is not None]
    assert shown == [("8 Nov 2026", Share(170, 200)), ("15 Nov 2026", Share(180, 200))]
    assert chart.target == 95
    assert "Not enough data" in chart.sentence


def test_a_longer_claim_makes_a_trend(world):
    indicator(world, *WEEKS)
    claim(world, period_from=date(2026, 10, 1))
    scheduled(world)
    drafted()
    (chart,) = section(said(world), "progress").charts
    assert chart.sentence.startswith("Improving: 90% in the latest week")


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "partly"},
        {"outcome": "does_not_prove"},
        {"unsupported": True},
        {"domain": "medicines"},
        {"domain": None},
        {"status": "submitted"},
        {"period_to": date(2026, 11, 7)},
    ],
)
def test_other_claims_speak_for_no_reading(world, values):
    indicator(world, *WEEKS)
    claim(world, **values)
    scheduled(world)
    drafted()
    assert [one.label for one in section(said(world), "progress").figures] == ["Actions verified"]


def test_nor_does_one_whose_evidence_was_rejected_since(world):
    indicator(world, *WEEKS)
    claim(world, evidence(world, status="rejected"), evidence(world, status="withdrawn"))
    scheduled(world)
    drafted()
    content = said(world)
    assert [one.label for one in section(content, "progress").figures] == ["Actions verified"]
    assert "Its evidence stands no more" in cells(content, "not_validated")
    assert cells(content, "validated") == ""


def test_one_that_keeps_some_of_its_evidence_speaks_for_it_still(world):
    indicator(world, *WEEKS)
    claim(world, evidence(world, status="rejected"), evidence(world))
    scheduled(world)
    drafted()
    assert section(said(world), "progress").charts


@pytest.mark.parametrize("kind", ["recovery_update", "monitoring_return"])
def test_a_claim_about_the_whole_service_speaks_for_every_domain(world, kind):
    indicator(world, *WEEKS)
    claim(world, kind=kind, domain=None)
    scheduled(world)
    drafted()
    assert section(said(world), "progress").figures[0].value == "90%"


def test_what_was_read_after_the_claim_waits(world):
    indicator(world, *WEEKS)
    claim(world, period_to=date(2026, 11, 8))
    scheduled(world)
    drafted()
    content = said(world)
    assert section(content, "progress").figures[0].value == "85%"
    assert [one.value for one in section(content, "not_validated").figures] == ["90%"]


def test_small_numbers_are_counts_that_suppression_hides(world):
    indicator(
        world, (date(2026, 11, 8), 3, 0), (date(2026, 11, 15), 2, 0),
        unit="count", good="down", name="Missed visits", baseline_value=4,
    )  # fmt: skip
    claim(world)
    scheduled(world)
    drafted()
    content = said(world)
    figure = section(content, "progress").figures[0]
    assert figure.value == Count(2)
    assert "Baseline 1 to 4" in figure.definition
    hidden = section(suppressed(content), "progress")
    assert hidden.figures[0].value == "1 to 4"
    assert {value for _, value in hidden.charts[0].points if value is not None} == {"1 to 4"}
    assert " 2 " not in hidden.charts[0].sentence
    assert "2.5" not in hidden.charts[0].sentence


def test_actions_verified_since_are_counted_and_named_by_reference(world):
    verified = {
        "status": "verified",
        "completed_on": date(2026, 11, 12),
        "completed_by_id": world.member_id("bob"),
        "verified_by_id": world.member_id("vera"),
    }
    action(world, reference="ACT-1", **verified, verified_on=date(2026, 11, 12))
    action(world, reference="ACT-0", **verified, verified_on=date(2026, 11, 2))
    scheduled(world)
    drafted()
    content = said(world)
    assert section(content, "progress").figures[-1].value == "1"
    assert "ACT-1" in cells(content, "progress")
    assert "ACT-0" not in to_json(content)


# ---- Validated, not validated, at risk, next


def test_claims_stand_where_their_outcome_puts_them(world):
    claim(world, reference="CLM-P")
    claim(world, reference="CLM-H", outcome="partly")
    claim(world, reference="CLM-N", outcome="does_not_prove")
    claim(world, reference="CLM-U", unsupported=True)
    claim(world, reference="CLM-S", status="submitted")
    claim(world, reference="CLM-D", status="draft", submitted_on=None)
    claim(world, reference="CLM-O", validated_on=date(2026, 11, 2))
    scheduled(world)
    drafted()
    content = said(world)
    assert {"CLM-P", "CLM-H"} == {
        word for word in cells(content, "validated").split() if word.startswith("CLM")
    }
    assert {"CLM-N", "CLM-U", "CLM-S"} == {
        word for word in cells(content, "not_validated").split() if word.startswith("CLM")
    }
    assert "CLM-D" not in to_json(content)
    assert "Verifier" in cells(content, "validated")
    # What somebody wrote of their own claim may say more than was proven.
    assert "on time again" not in to_json(content)


def test_evidence_goes_with_its_hash_and_its_validators_role(world):
    looked_at = {"status": "submitted", "decided_by_id": None}
    claim(world, evidence(world, reference="EV-A"), evidence(world, reference="EV-S", **looked_at))
    claim(world, evidence(world, reference="EV-N", **looked_at), outcome="does_not_prove")
    evidence(world, reference="EV-C", status="change_requested")
    scheduled(world)
    drafted()
    content = said(world)
    accepted, with_claim = content.evidence
    assert (accepted.reference, accepted.kind, accepted.sha256) == (
        "EV-A",
        "care_records",
        "a" * 64,
    )
    assert (accepted.validated_by_role, accepted.validated_on) == ("verifier", date(2026, 11, 17))
    # Nobody judged it by itself: it was looked at with the claim.
    assert (with_claim.reference, with_claim.validated_on) == ("EV-S", date(2026, 11, 18))
    waiting = cells(content, "not_validated")
    assert "EV-N" in waiting and "EV-C" in waiting
    assert "EV-S" not in waiting and "EV-A" not in waiting


def test_what_remains_at_risk(world):
    risk(world, reference="RSK-1")
    action(world, due_on=date(2026, 11, 19))
    action(world, due_on=date(2026, 11, 10))
    action(world)
    scheduled(world)
    drafted()
    content = said(world)
    remaining = section(content, "remaining_risk")
    assert remaining.words == "2 of 3 open actions are overdue, 1 by more than 7 days."
    assert not remaining.figures  # a count of what is late was validated by nobody
    assert "RSK-1 | Staffing | High | Unsupported | 10 Nov 2026" in cells(content, "remaining_risk")
    assert "Finch" not in to_json(content)


def test_what_is_next_names_roles_and_days(world):
    action(world, reference="ACT-7")
    scheduled(world)
    drafted()
    assert (
        "ACT-7 | A second rota for the mornings | Registered manager | 1 Dec 2026 | In progress"
        in cells(said(world), "next")
    )


# ---- Nobody's name


@pytest.mark.parametrize(
    "title", ["Ring Mrs Edith Marlow's daughter", "Ask Vera for the rota", "Call 07700 900123"]
)
def test_titles_that_may_name_somebody_are_left_out_and_it_says_so(world, title):
    action(world, title=title)
    scheduled(world)
    drafted()
    content = said(world)
    assert title not in to_json(content)
    assert LEFT_OUT in cells(content, "next")
    assert "1 name, title or theme" in section(content, "next").words


def test_a_canary_in_every_text_that_a_draft_reads_is_nowhere_in_it(world):
    canary = "Mrs Zelda Quillfeather"
    care_plan = evidence(world, title=f"Care plan of {canary}")
    claim(world, care_plan, statement=f"{canary} is content")
    risk(world, original_cause=canary)
    action(world, title=f"Visit {canary}")
    indicator(world, *WEEKS, name=f"Visits to {canary}", numerator_name=f"to {canary}")
    scheduled(world, theme=f"Visits to {canary}", required_assurance=f"{canary} is seen on time")
    drafted()
    content = said(world)
    assert "Quillfeather" not in to_json(content)
    assert not findings(content)


def test_names_are_matched_as_words():
    plain = Plain(matching(["Rita", "Ben Oakes", " "]))
    assert plain.said("Criteria and benefits") == "Criteria and benefits"
    assert plain.said("As BEN OAKES said") == LEFT_OUT
    assert plain.said("Rita's rota") == LEFT_OUT
    assert plain.left_out == 2
    assert Plain(matching([])).said("Anything") == "Anything"


# ---- Which indicators


def test_a_plan_says_which_indicators_and_where_they_began(world):
    wanted = indicator(world, *WEEKS, name="In the plan", baseline_value=None, baseline_on=None)
    indicator(world, *WEEKS, name="Beside it")
    plan(world, wanted)
    claim(world)
    scheduled(world)
    drafted()
    figure, _ = section(said(world), "progress").figures
    assert figure.label.startswith("In the plan")
    assert "Baseline 68% on 4 Oct 2026" in figure.definition
