"""Structured checks: recording, refusing, reviewing and withdrawing; what is kept of people.

Source: steps S1-1.3, S1-1.4, S1-2.2, S1-2.4 and S1-3.3.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.recovery import check_queries, check_rules, check_service
from careboard.recovery.check_kinds import Deployment, SampledAction
from careboard.recovery.check_queries import CheckFilter
from careboard.recovery.check_records import CHECK_RECORDS
from careboard.recovery.check_service import Found
from tests.counting import statements
from tests.recovery import planning
from tests.recovery.making import HOUSE, ON
from tests.recovery.planning import check, discrepancies, header, one_of_each

LODGE = "Alder Lodge"
TEXTS = ("Mr John Smith was missed", "NHS number 943 476 5919", "Call 07700 900123")


def kept(world, columns: str = "*", table: str = "practice_check") -> list:
    return world.sql(f"SELECT {columns} FROM {table} ORDER BY id")


def test_each_kind_is_kept_with_its_verdict_and_findings(world):
    one_of_each(world, shift="late")
    rows = kept(world, "kind, verdict, shift, result")
    assert [(row.kind, row.verdict) for row in rows] == [
        ("medicines_shift", "discrepancies"),
        ("practice_observation", "not_as_agreed"),
        ("competency", "as_agreed"),
        ("deployment", "not_as_agreed"),
        ("review_actions", "not_as_agreed"),
    ]
    assert rows[3].result == {"planned": 40, "actual": 30, "required": 38, "delays": 2}
    assert rows[4].result["actions"][1] == {"reference": "AR-2", "gaps": ["owned"]}
    findings = kept(world, "kind, what, round", "check_finding")
    assert [(row.kind, row.what) for row in findings] == [
        ("discrepancy", "No entry on the record"),
        ("practice", "The record was not looked at first"),
        ("unmet_need", "Two people waited for supper"),
        ("delay", "Bells after eight"),
        ("vague_action", "AR-2: not owned"),
    ]


def test_a_check_without_anything_wrong_says_so(world):
    check(world, "medicines_check", charts=12)
    check(world, "review_actions", actions=[SampledAction("AR-1", True, True)])
    check(world, "deployment", hours=Deployment(40, 40))
    assert [row.verdict for row in kept(world, "verdict")] == ["ok", "ok", "as_agreed"]
    assert kept(world, table="check_finding") == []


def test_staff_are_hashes_of_codes_never_names(world):
    check(world, "medicines_check", staff="S14")
    check(world, "medicines_check", staff=" s14 ")
    check(world, "medicines_check", staff="S15")
    one, same, other = (row.staff_ref for row in kept(world, "staff_ref"))
    assert one == same != other and len(one) == 24
    for name in ("Jane Doe", "Jane", "J. Smith", "Smith 14 Jane", "x" * 40):
        with pytest.raises(Invalid) as refused:
            check(world, "medicines_check", staff=name)
        assert refused.value.field == "staff"


def test_the_database_itself_refuses_a_name(world):
    discrepancies(world, "morning")
    copy = "INSERT INTO practice_check (org_id, id, reference, kind, service_id, on_date, verdict,"
    copy += " staff_ref) SELECT org_id, gen_random_uuid(), 'CHK-9', kind, service_id, on_date,"
    with pytest.raises(IntegrityError, match="staff_ref"):
        world.sql(f"{copy} verdict, 'Jane Doe' FROM practice_check RETURNING id")


def test_a_check_is_never_rewritten(world):
    discrepancies(world, "morning")
    for change in (
        "UPDATE practice_check SET verdict = 'ok' RETURNING id",
        "UPDATE check_finding SET what = 'Nothing' RETURNING id",
        "DELETE FROM check_finding RETURNING id",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            world.sql(change)


@pytest.mark.parametrize("words", TEXTS)
def test_free_text_names_nobody(world, words):
    for how, given in (
        ("medicines_check", {"note": words}),
        ("medicines_check", {"found": [Found("discrepancy", words)]}),
        ("observation", {"what": words, "verdict": "as_agreed"}),
        ("deployment", {"hours": Deployment(1, 1, unmet_need=words)}),
        ("deployment", {"hours": Deployment(1, 1), "delays": words}),
        ("review_actions", {"actions": [SampledAction(words, True, True)]}),
    ):
        with pytest.raises(Invalid):
            check(world, how, **given)
    assert kept(world) == []


@pytest.mark.parametrize(
    ("how", "given", "field"),
    [
        ("medicines_check", {"on": ON + timedelta(days=1)}, "on"),
        ("medicines_check", {"on": ON - timedelta(days=32)}, "on"),
        ("medicines_check", {"shift": "brunch"}, "shift"),
        ("medicines_check", {"charts": -1}, "charts"),
        ("medicines_check", {"found": [Found("discrepancy", "x", "brunch")]}, "found-0"),
        ("medicines_check", {"found": [Found("discrepancy", " ")]}, "found-0"),
        ("medicines_check", {"note": "a" * 501}, "note"),
        ("observation", {"what": "", "verdict": "as_agreed"}, "what"),
        ("observation", {"what": "Round", "verdict": "ok"}, "verdict"),
        ("observation", {"what": "Round", "verdict": "unsafe"}, "found-0"),
        ("competency", {"what": "x", "verdict": "as_agreed"}, "staff"),
        ("competency", {"what": "x", "verdict": "as_agreed", "staff": "S1"}, "valid_until"),
        ("competency", {"what": "x", "verdict": "as_agreed", "staff": "S1", "valid_until": ON},
         "valid_until"),
        ("deployment", {"hours": Deployment(-1, 1)}, "planned"),
        ("deployment", {"hours": Deployment(1, 1_001)}, "actual"),
        ("deployment", {"hours": Deployment(1, 1, float("nan"))}, "required"),
        ("deployment", {"hours": Deployment(1, 1, delays=-1)}, "delays"),
        ("review_actions", {"actions": []}, "actions"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(world, how, given, field):
    with pytest.raises(Invalid) as refused:
        check(world, how, **given)
    assert refused.value.field == field
    assert kept(world) == []


def test_only_within_ones_services_and_rights(world):
    with pytest.raises(Forbidden):
        check(world, "medicines_check", person="rita", service=LODGE)
    for person in ("ben", "vera", "adam", "cora"):
        with pytest.raises(Forbidden):
            check(world, "medicines_check", person=person)
    begun = header(world)
    with world.acting("charlie") as charlie, pytest.raises(NotFound):
        check_service.medicines_check(actor=charlie, header=begun)


def test_a_plan_of_another_service_is_refused(world):
    plan = planning.begin(world, person="alice", service=LODGE, lead_id=world.member_id("alice"))
    with pytest.raises(Invalid) as refused:
        check(world, "medicines_check", plan_id=plan)
    assert refused.value.field == "plan_id"


def review(world, outcome="Found and signed", *, person="bob", finding=None) -> None:
    finding = finding or kept(world, "id", "check_finding")[0].id
    with world.acting(person) as actor:
        check_service.review_finding(actor=actor, finding_id=finding, outcome=outcome)
        db.session.commit()


def test_a_discrepancy_is_reviewed_once_with_its_outcome(world):
    discrepancies(world, "morning")
    with pytest.raises(Invalid):
        review(world, " ")
    with pytest.raises(Invalid):
        review(world, "Mr John Smith told us")
    with pytest.raises(Forbidden):
        review(world, person="ben")
    with pytest.raises(NotFound):
        review(world, finding=uuid4())
    review(world)
    row = kept(world, "*", "check_finding")[0]
    assert (row.outcome, row.reviewed_by_id) == ("Found and signed", world.member_id("bob"))
    assert row.reviewed_at >= row.detected_at
    with pytest.raises(Conflict):
        review(world)


def test_only_discrepancies_are_reviewed(world):
    check(world, "deployment", hours=Deployment(1, 1, unmet_need="Supper late"))
    with pytest.raises(Invalid):
        review(world)


def withdraw(world, check_id, reason="Entered twice", *, person="rita") -> None:
    with world.acting(person) as actor:
        check_service.withdraw(actor=actor, check_id=check_id, reason=reason)
        db.session.commit()


def test_a_check_made_in_error_is_withdrawn_stays_and_no_longer_counts(world):
    check_id = discrepancies(world, "morning", "morning")
    with pytest.raises(Invalid):
        withdraw(world, check_id, "")
    withdraw(world, check_id)
    with pytest.raises(Conflict):
        withdraw(world, check_id)
    assert [row.withdrawn_reason for row in kept(world, "withdrawn_reason")] == ["Entered twice"]
    assert counted(world) == []
    with pytest.raises(Invalid):
        review(world)


def test_somebody_elses_check_takes_who_manages_recovery(world):
    mine = discrepancies(world, "morning", person="bob")
    with pytest.raises(Forbidden):
        withdraw(world, mine, person="rita")
    withdraw(world, mine, person="alice")


def counted(world, on: date = ON) -> list[check_rules.Check]:
    where = world.service_id(HOUSE)
    with world.acting("alice") as alice:
        return check_queries.for_rules(actor=alice, service_ids=[where], on=on)[where]


def test_the_rules_see_what_they_need_in_one_statement(world):
    for days in (0, 27):
        discrepancies(world, "morning", on=ON - timedelta(days=days), staff="S14")
    waiting = discrepancies(world, "night", on=ON - timedelta(days=30))
    check(world, "medicines_check", on=ON - timedelta(days=30))
    for days in (31, 30, 29, 28, 25, 24):
        check(world, "observation", what="Round", verdict="as_agreed", on=ON - timedelta(days=days))
    where = world.service_id(HOUSE)
    with world.acting("alice") as alice, statements() as sent:
        found = check_queries.for_rules(actor=alice, service_ids=[where], on=ON)[where]
    assert len([text for text in sent if "set_config" not in text]) == 1
    own = [one for one in found if one.kind == "medicines_shift"]
    assert [one.on for one in own] == [ON - timedelta(days=days) for days in (30, 27, 0)]
    assert own[0].id == waiting and own[0].findings[0].reviewed_at is None
    assert own[1].who == own[2].who != own[0].who == str(world.member_id("rita"))
    assert len([one for one in found if one.kind == "practice_observation"]) == 5


def test_a_discrepancy_of_an_earlier_day_counts_from_the_end_of_it(world):
    discrepancies(world, "night", on=ON - timedelta(days=4))
    (found,) = counted(world)
    assert found.findings[0].detected_at.isoformat() == "2026-11-17T00:00:00+00:00"
    (row,) = check_rules.evaluate(["delayed_review"], [found], ON, found.findings[0].detected_at)
    assert row.state == "clear"


def listed(world, person: str = "alice", **wanted) -> list[str]:
    with world.acting(person) as actor:
        page = check_queries.list_checks(actor=actor, wanted=CheckFilter(**wanted), page=1)
        return [row["PracticeCheck"].kind for row in page.rows]


def test_every_record_is_a_view_of_the_checks(world):
    one_of_each(world)
    check(world, "medicines_check")
    check(world, "deployment", hours=Deployment(40, 40))
    seen = {code: listed(world, record=one) for code, one in CHECK_RECORDS.items()}
    assert len(seen["dashboard-evidence-sheet"]) == 7
    assert seen["discrepancy-log"] == ["medicines_shift"]
    assert seen["workforce-assurance-file"] == ["competency", "practice_observation"]
    assert seen["observation-log"] == ["practice_observation"]
    assert seen["care-planning-evidence-file"] == ["review_actions"]
    assert seen["daily-management-log"] == ["deployment", "deployment"]
    assert seen["dependency-reviews"] == ["deployment"]
    assert listed(world, unreviewed=True) == ["medicines_shift"]


def test_a_list_keeps_to_ones_services(world):
    discrepancies(world, "morning", person="alice", service=LODGE)
    assert listed(world, "bob") == []
    assert listed(world, "alice") == ["medicines_shift"]
    lodge = world.service_id(LODGE)
    with world.acting("bob") as bob:
        assert check_queries.for_rules(actor=bob, service_ids=[lodge], on=ON) == {}


def test_each_write_leaves_one_event(world):
    check_id = discrepancies(world, "morning")
    review(world)
    withdraw(world, check_id)
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq DESC LIMIT 3")]
    assert tags == ["check:withdrawn", "check_finding:reviewed", "check:recorded"]
    payloads = world.sql("SELECT payload FROM audit_event ORDER BY seq DESC LIMIT 3")
    assert not any("Entered twice" in str(row.payload) for row in payloads)
