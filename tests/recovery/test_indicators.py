"""The pages of an indicator: its chart with every point open to its rows, its target, its changes
of process, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from careboard.db import db
from careboard.recovery import readings, service
from careboard.recovery.entries import Amounts
from careboard.recovery.indicator_service import change_indicator, shape_now
from careboard.recovery.models import Indicator
from careboard.recovery.service import Shape, shape_of
from tests.actions import samples
from tests.counting import statements
from tests.imports_db.making import bring
from tests.recovery import planning
from tests.recovery.making import (
    FALLS,
    HOUSE,
    ON,
    READINGS,
    SUNDAY,
    ago,
    bring_doses,
    opened,
    text,
)  # fmt: skip
from tests.recovery.test_pages import BASE, filled, problems, soup

FILL = Shape("Shifts filled", "staffing", "percent", "up", numerator_name="hours filled",
             denominator_name="hours required", baseline_value=88, baseline_on=ago(200),
             source="Rota system")  # fmt: skip


@pytest.fixture
def fill(world) -> UUID:
    """A typed proportion with 20 weeks, the last of them on small numbers."""
    indicator_id = opened(world, FILL)
    with world.acting("bob") as actor:
        for week in range(20, 0, -1):
            amounts = Amounts(numerator=90 + week % 3, denominator=100)
            if week == 1:
                amounts = Amounts(numerator=5, denominator=7)
            readings.record_reading(
                actor=actor, indicator_id=indicator_id, on=ago(7 * (week - 1)), amounts=amounts
            )
        service.set_target(
            actor=actor, indicator_id=indicator_id, value=95, effective_from=ago(100),
            due_on=ON + timedelta(days=30),
        )  # fmt: skip
        service.rebase(actor=actor, indicator_id=indicator_id, on=ago(60), reason="New rota")
        db.session.commit()
    return indicator_id


def page_of(world, indicator_id, person="bob") -> str:
    answer = world.client(person).get(f"{BASE}/indicators/{indicator_id}")
    assert answer.status_code == 200
    return soup(answer).get_text(" ", strip=True)


def pages(indicator_id) -> list[str]:
    return [
        f"{BASE}/indicators/{indicator_id}",
        f"{BASE}/indicators/{indicator_id}/points/{SUNDAY}",
    ]


def posts(indicator_id, house) -> list[str]:
    return [
        f"{BASE}/indicators/{indicator_id}/edit",
        f"{BASE}/indicators/{indicator_id}/targets",
        f"{BASE}/indicators/{indicator_id}/rebases",
        f"{BASE}/indicators/{indicator_id}/rebases/{uuid4()}/withdrawal",
        f"{BASE}/indicators/new?service={house}&measure=own",
        f"{BASE}/indicators/{indicator_id}/points/{SUNDAY}",
        f"{BASE}/services/{house}/readings",
    ]


@pytest.fixture
def house(world) -> UUID:
    return world.service_id(HOUSE)


@pytest.mark.parametrize("person", ["alice", "bob", "rita", "vera", "ben", "cora", "adam"])
def test_everyone_reads(world, fill, person):
    for page in pages(fill):
        assert world.client(person).get(page).status_code == 200, page


def test_a_stranger_finds_nothing(world, fill, house):
    client = world.client("charlie")
    for page in pages(fill):
        for own in (page, page.replace("/alder/", "/birch/")):
            assert client.get(own).status_code == 404, own
    for page in posts(fill, house):
        assert client.post(page).status_code == 404, page
        assert client.post(page.replace("/alder/", "/birch/")).status_code in (404, 422), page


def test_without_the_right_nothing_is_written(world, fill, house):
    for person in ("ben", "vera", "adam", "cora"):
        for page in posts(fill, house):
            assert world.client(person).post(page).status_code == 403, (person, page)
    rita = world.client("rita")
    for page in posts(fill, house)[:4]:
        assert rita.post(page).status_code == 403, page
    assert rita.get(f"{BASE}/indicators/{fill}/edit").status_code == 403
    assert rita.get(f"{BASE}/indicators/new?measure=own").status_code == 200


def test_beyond_ones_services(world):
    lodge = world.service_id("Alder Lodge")
    own = opened(world, FALLS, person="alice", where="Alder Lodge")
    bob = world.client("bob")
    for page in (*pages(own), f"{BASE}/indicators/{own}/edit", f"{BASE}/services/{lodge}/readings",
                 f"{BASE}/indicators/new?service={lodge}&measure=own"):  # fmt: skip
        assert bob.get(page).status_code == 403, page
    for page in posts(own, lodge):
        assert bob.post(page, data={"reason": "x"}).status_code in (403, 404), page


def test_the_wrong_method_and_what_is_absent(world, fill):
    bob = world.client("bob")
    for page in (f"{fill}/targets", f"{fill}/rebases", f"{fill}/rebases/{uuid4()}/withdrawal"):
        assert bob.get(f"{BASE}/indicators/{page}").status_code == 405, page
    assert bob.post(f"{BASE}/indicators/{fill}").status_code == 405
    for page in (str(uuid4()), f"{fill}/points/{ON}", f"{fill}/points/soon",
                 f"{fill}/points/2026-11-29", f"{uuid4()}/points/{SUNDAY}",
                 "new?measure=naps"):  # fmt: skip
        assert bob.get(f"{BASE}/indicators/{page}").status_code == 404, page
    assert bob.post(f"{BASE}/indicators/{fill}/points/{ago(350)}").status_code == 404


def test_the_page_tells_what_an_indicator_is(world, fill):
    page = page_of(world, fill)
    for words in ("Shifts filled", "88%", "95%", "20 Dec 2026", "per cent", "more is better",
                  "Rota system", "Hours filled, of hours required", "Nobody named", "weekly",
                  "New rota", "limits start afresh", "5 of 7 (small numbers)",
                  "92% (92 of 100)"):  # fmt: skip
        assert words.lower() in page.lower(), words
    assert "rests on small numbers: 5 of 7" in page


def test_every_point_opens_in_two_clicks_to_what_is_behind_it(world, fill):
    bob = world.client("bob")
    links = [a["href"] for a in soup(bob.get(f"{BASE}/indicators/{fill}")).select(".chart-table a")]
    assert len(links) == 20
    for link in links[:2]:
        behind = bob.get(link)
        assert behind.status_code == 200 and "Entered by Bob" in behind.text


def test_an_imported_point_tells_its_import_and_row(world):
    line = f"{SUNDAY:%d/%m/%Y},{HOUSE},Medicines compliance,19,20,95,%"
    bring(world, "indicator_readings", text(READINGS, [line]))
    (row,) = world.sql("SELECT id FROM indicator")
    here = f"{BASE}/indicators/{row.id}/points/{SUNDAY}"
    told = world.client("alice").get(here).text.split("Where from")[1]
    assert "Import IMP-0001" in told and "row 2" in told and "/imports/" in told
    told = world.client("rita").get(here).text.split("Where from")[1]
    assert "Import IMP-0001" in told and "/imports/" not in told


def test_a_computed_point_opens_to_the_records_counted(world):
    bring_doses(world, *[(SUNDAY, "G")] * 11, (SUNDAY, ""))
    computed = opened(world, shape_of("medicines_compliance", computed=True))
    page = page_of(world, computed)
    assert "of 12" in page and "computed from your records" in page
    answer = world.client("bob").get(f"{BASE}/indicators/{computed}/points/{SUNDAY}")
    assert len(soup(answer).select("tbody tr")) == 12
    assert "Enter readings" not in page


def test_a_rolling_point_opens_by_the_end_of_its_week(world):
    indicator_id = opened(world, shape_of("timely_support", computed=True))
    answer = world.client("bob").get(f"{BASE}/indicators/{indicator_id}/points/{SUNDAY}")
    assert answer.status_code == 200 and "nothing to count" in answer.text


def test_unsupported_without_current_reading_or_evidence(world, fill):
    assert "Unsupported: no evidence for this service and domain" in page_of(world, fill)
    old = opened(world, shape_of("staffing_fill"))
    with world.acting("bob") as actor:
        readings.record_reading(actor=actor, indicator_id=old, on=ago(40), amounts=Amounts(90))
        db.session.commit()
    assert "no reading for the last 2 weeks" in page_of(world, old)


def test_statements_stay_few(world, fill):
    planning.begin(world, template="staffing")
    samples.add_action(world)
    alice = world.client("alice")
    for indicator_id in (fill, opened(world, shape_of("complaints", computed=True))):
        for page in pages(indicator_id):
            with statements() as sent:
                assert alice.get(page).status_code == 200
            assert len(sent) <= 8, (page, sent)


def test_a_target_is_set_and_changed_with_a_reason(world, fill):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/indicators/{fill}"), "/targets")
    answer = bob.post(action, data=values | {"target-value": "97"})
    assert answer.status_code == 422 and "why the target changes" in problems(answer)
    assert soup(answer).select_one("#target-value")["value"] == "97"
    answer = bob.post(action, data=values | {"target-value": "ninety", "target-reason": "Held"})
    assert answer.status_code == 422 and "Write a number" in problems(answer)
    assert soup(answer).select_one("#target-value")["value"] == "ninety"
    done = bob.post(action, data=values | {"target-value": "97", "target-reason": "Held at 95"})
    assert done.status_code == 303
    page = page_of(world, fill)
    assert "97%" in page and "95%" in page and "Held at 95" in page


def test_limits_start_afresh_and_again_when_taken_back(world, fill):
    bob = world.client("bob")
    action = f"{BASE}/indicators/{fill}/rebases"
    tomorrow = str(ON + timedelta(days=1))
    answer = bob.post(action, data={"change-on": tomorrow, "change-reason": "Later"})
    assert answer.status_code == 422 and "happened already" in problems(answer)
    assert "Later" in answer.text
    answer = bob.post(action, data={"change-on": str(ago(30)), "change-reason": "Tablets"})
    assert answer.status_code == 303
    change = next(r for r in world.sql("SELECT id, reason FROM rebase") if r.reason == "Tablets")
    away = f"{BASE}/indicators/{fill}/rebases/{change.id}/withdrawal"
    answer = bob.post(away, data={"reason": " "})
    assert answer.status_code == 422 and "why it is taken back" in answer.text
    assert bob.post(away, data={"reason": "Never came"}).status_code == 303
    page = soup(bob.get(f"{BASE}/indicators/{fill}"))
    assert "Never came" in page.get_text()
    marks = page.select_one(".chart-marks").get_text()
    assert "New rota" in marks and "Tablets" not in marks
    assert bob.post(away, data={"reason": "Again"}).status_code == 409


def test_completed_actions_of_its_domain_are_marks(world, fill):
    action_id = samples.add_action(world, domain="staffing")
    samples.complete(world, action_id)
    marks = soup(world.client("bob").get(f"{BASE}/indicators/{fill}")).select_one(".chart-marks")
    assert "completed" in marks.get_text() and marks.select_one(f"a[href$='{action_id}']")


def test_a_reading_is_corrected_with_a_reason(world, fill):
    bob, end = world.client("bob"), ago(7)
    here = f"{BASE}/indicators/{fill}/points/{end}"
    action, values = filled(bob.get(here), "/points/")
    assert values["numerator"] == "92" and values["denominator"] == "100"
    answer = bob.post(action, data=values | {"numerator": "80", "value": ""})
    assert answer.status_code == 422 and "why the reading is corrected" in problems(answer)
    assert soup(answer).select_one("#numerator")["value"] == "80"
    wrong = bob.post(action, data=values | {"numerator": "many", "reason": "Recount"})
    assert wrong.status_code == 422 and "Write a number" in problems(wrong)
    more = bob.post(action, data=values | {"numerator": "180", "value": "", "reason": "Recount"})
    assert more.status_code == 422 and "cannot be more" in problems(more)
    again = values | {"numerator": "80", "value": "", "reason": "Counted twice"}
    assert bob.post(action, data=again).status_code == 303
    page = bob.get(here).text
    assert "Counted twice" in page and "80 of 100" in page and "92 of 100" in page
    assert bob.post(action, data=again | {"numerator": "70"}).status_code == 409
    assert bob.post(action, data=again | {"seen": "yesterday"}).status_code == 422


def test_an_indicator_of_the_catalogue_is_opened_with_its_target(world, house):
    bob = world.client("bob")
    assert "Medicines compliance" in bob.get(f"{BASE}/indicators/new").text
    page = bob.get(f"{BASE}/indicators/new?measure=medicines_compliance")
    action, values = filled(page, "/indicators/new")
    assert values["target"] == "98" and "domain" not in values
    values["computed"] = "yes"
    answer = bob.post(action, data=values | {"baseline_value": "91"})
    assert answer.status_code == 422 and "Give both" in problems(answer)
    values |= {"baseline_value": "91", "baseline_on": str(ago(0)), "target_due_on": "2027-01-24"}
    answer = bob.post(action, data=values)
    assert answer.status_code == 303, problems(answer)
    (row,) = world.sql("SELECT * FROM indicator")
    assert (row.computed_by, row.domain, row.unit) == ("medicines_compliance", "medicines",
                                                       "percent")  # fmt: skip
    assert "24 Jan 2027" in bob.get(answer.location).text
    again = bob.post(action, data=values | {"once": "filled in anew"})
    assert again.status_code == 422 and "of this already" in problems(again)


def test_one_of_ones_own_and_a_service_to_choose(world, house):
    alice = world.client("alice")
    assert "for which service?" in alice.get(f"{BASE}/indicators/new?measure=own").text
    page = alice.get(f"{BASE}/indicators/new?measure=own&service={house}")
    action, values = filled(page, "/indicators/new")
    answer = alice.post(action, data=values | {"name": "", "source": "The diary"})
    assert answer.status_code == 422 and "The diary" in answer.text
    answer = alice.post(action, data=values | {"name": "Falls at night", "unit": "count"})
    assert answer.status_code == 303, problems(answer)
    assert world.sql("SELECT unit FROM indicator")[0].unit == "count"
    rita = world.client("rita")
    action, values = filled(rita.get(f"{BASE}/indicators/new?measure=own"), "/indicators/new")
    assert "target" not in values
    assert rita.post(action, data=values | {"name": "Bruises"}).status_code == 303


def test_a_wrong_first_target_opens_nothing(world):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/indicators/new?measure=complaints"), "/indicators/new")
    answer = bob.post(action, data=values | {"computed": "no", "target": "1.5"})
    assert answer.status_code == 422 and "whole number" in problems(answer)
    answer = bob.post(action, data=values | {"computed": "no", "target": "",
                                             "target_due_on": "2027-01-01"})  # fmt: skip
    assert answer.status_code == 422
    assert world.sql("SELECT id FROM indicator") == []


def test_an_indicator_is_changed_and_closed(world, fill):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/indicators/{fill}/edit"), "/edit")
    answer = bob.post(action, data=values | {"unit": "count"})
    assert answer.status_code == 422 and "readings in this unit" in problems(answer)
    owner = str(world.member_id("rita"))
    changed = values | {"name": "Hours filled", "review_owner_id": owner}
    assert bob.post(action, data=changed).status_code == 303
    assert "Rita" in page_of(world, fill)
    assert bob.post(action, data=changed | {"name": "Other"}).status_code == 409
    action, values = filled(bob.get(f"{BASE}/indicators/{fill}/edit"), "/edit")
    del values["active"]
    assert bob.post(action, data=values).status_code == 303
    assert "This indicator is closed" in page_of(world, fill)
    tags = [e.tag for e in world.sql("SELECT tag FROM audit_event WHERE tag LIKE 'indicator:c%'")]
    assert sorted(tags) == ["indicator:changed", "indicator:closed"]


def test_a_computed_one_may_change_how_often_it_is_read(world):
    computed = opened(world, shape_of("complaints", computed=True))
    with world.acting("bob") as actor:
        held = db.session.get(Indicator, (actor.org_id, computed))
        monthly = replace(shape_now(held), cadence="month")
        change_indicator(actor=actor, indicator_id=computed, shape=monthly)
        db.session.commit()
    assert world.sql("SELECT cadence FROM indicator")[0].cadence == "month"
    end = date(2026, 10, 31)
    assert world.client("bob").get(f"{BASE}/indicators/{computed}/points/{end}").status_code == 200


def test_medicines_codes_tell_what_they_stand_for_by_source(world):
    page = f"{BASE}/medicines-codes"
    bring_doses(world, (SUNDAY, "G"), (SUNDAY, "D1"))
    answer = world.client("rita").get(page)
    own = soup(answer).select_one("main section").get_text(" ", strip=True)
    assert "data map version 1" in own and "Omitted D1 Gap" in own and "Given G Valid" in own
    assert "Any source" in answer.text and "Log My Care" in answer.text
    assert "Import medicine rounds" not in answer.text
    assert world.client("charlie").get(page).status_code == 404
    assert world.client("alice").post(page).status_code == 405
    with statements() as sent:
        assert world.client("adam").get(page).status_code == 200
    assert len(sent) <= 5
    doses = opened(world, shape_of("medicines_compliance", computed=True))
    assert "What each code stands for" in page_of(world, doses)
