"""Pages of recovery plans, templates and checks: who may see and do what, and wrong input kept."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from careboard.recovery.check_kinds import KINDS
from careboard.recovery.check_records import CHECK_RECORDS
from careboard.recovery.plan_content import built_in
from tests.counting import statements
from tests.recovery import planning
from tests.recovery.making import HOUSE, ON

BASE = "/o/alder/recovery"


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def filled(answer, action: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of the form that goes there, as a browser would send them."""
    form = next(f for f in soup(answer).find_all("form", method="post") if action in f["action"])
    values = {}
    for field in form.find_all(["input", "textarea", "select"]):
        ticked = field.has_attr("checked") or field.get("type") not in ("checkbox", "radio")
        if not field.get("name") or not ticked:
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            values[field["name"]] = chosen["value"]
        else:
            values[field["name"]] = (
                field.text
                if field.name == "textarea"
                else (field.get("value") or ("y" if field.get("type") == "checkbox" else ""))
            )
    return form["action"], values


def problems(answer) -> str:
    found = soup(answer).select_one("#error-summary")
    return found.get_text(" ", strip=True) if found else ""


@pytest.fixture
def plan_id(world):
    return planning.begin(world)


@pytest.fixture
def house(world):
    return world.service_id(HOUSE)


def pages(plan_id, house) -> list[str]:
    return [
        f"{BASE}/plans",
        f"{BASE}/plans/{plan_id}",
        f"{BASE}/templates",
        f"{BASE}/checks",
        f"{BASE}/services/{house}/checks",
        *(f"{BASE}/services/{house}/checks/{kind}" for kind in KINDS),
    ]


@pytest.mark.parametrize("person", ["alice", "bob", "rita", "vera", "ben", "cora", "adam"])
def test_everyone_reads(world, plan_id, house, person):
    planning.one_of_each(world, plan_id=plan_id)
    client = world.client(person)
    for page in pages(plan_id, house):
        assert client.get(page).status_code == 200, page


def test_a_stranger_finds_nothing(world, plan_id, house):
    check_id = planning.discrepancies(world, "morning")
    (finding,) = world.sql("SELECT id FROM check_finding")
    client = world.client("charlie")
    for page in pages(plan_id, house):
        assert client.get(page).status_code == 404, page
    own = [page.replace("/alder/", "/birch/") for page in pages(plan_id, house)]
    for page in own:
        if str(plan_id) in page or str(house) in page:
            assert client.get(page).status_code == 404, page
    for page in posts(plan_id, house, check_id, finding.id):
        assert client.post(page).status_code == 404, page
        assert client.post(page.replace("/alder/", "/birch/")).status_code in (404, 422), page


def posts(plan_id, house, check_id, finding_id) -> list[str]:
    return [
        f"{BASE}/plans/new?template=medicines&service={house}",
        f"{BASE}/plans/{plan_id}/edit",
        f"{BASE}/plans/{plan_id}/close",
        f"{BASE}/plans/{plan_id}/template",
        f"{BASE}/templates/medicines/edit",
        f"{BASE}/templates/medicines/retire",
        f"{BASE}/services/{house}/checks/medicines_shift",
        f"{BASE}/findings/{finding_id}/review",
        f"{BASE}/checks/{check_id}/withdraw",
    ]


def test_without_the_right_nothing_is_written(world, plan_id, house):
    check_id = planning.discrepancies(world, "morning", person="bob")
    (finding,) = world.sql("SELECT id FROM check_finding")
    every = posts(plan_id, house, check_id, finding.id)
    for person in ("ben", "vera", "adam", "cora"):
        client = world.client(person)
        for page in every:
            assert client.post(page).status_code == 403, (person, page)
    rita = world.client("rita")
    for page in every[:6]:
        assert rita.post(page).status_code == 403, page
    assert rita.post(every[8], data={"reason": "Twice"}).status_code == 403
    for page in ("plans/new", f"plans/{plan_id}/edit", "templates/medicines/edit"):
        assert rita.get(f"{BASE}/{page}").status_code == 403, page


def test_beyond_ones_services(world):
    lodge = world.service_id("Alder Lodge")
    plan_id = planning.begin(
        world, person="alice", service="Alder Lodge", lead_id=world.member_id("alice")
    )
    bob = world.client("bob")
    for page in (
        f"plans/{plan_id}",
        f"plans/{plan_id}/edit",
        f"services/{lodge}/checks",
        f"services/{lodge}/checks/deployment",
        f"plans/new?template=medicines&service={lodge}",
    ):
        assert bob.get(f"{BASE}/{page}").status_code == 403, page
    assert bob.post(f"{BASE}/services/{lodge}/checks/deployment").status_code == 403
    assert bob.post(f"{BASE}/plans/{plan_id}/close", data={"reason": "x"}).status_code == 403
    assert str(plan_id) not in bob.get(f"{BASE}/plans").text


def test_the_wrong_method_is_refused(world, plan_id, house):
    client = world.client("alice")
    for page in (f"plans/{plan_id}/close", f"plans/{plan_id}/template",
                 f"checks/{uuid4()}/withdraw", f"findings/{uuid4()}/review"):  # fmt: skip
        assert client.get(f"{BASE}/{page}").status_code == 405, page
    for page in pages(plan_id, house)[:5]:
        assert client.post(page).status_code == 405, page


def test_what_is_absent_is_absent(world, house):
    client = world.client("alice")
    for page in (f"plans/{uuid4()}", f"services/{uuid4()}/checks", f"services/{house}/checks/naps",
                 "templates/nothing/edit", "plans/new?template=nothing"):  # fmt: skip
        assert client.get(f"{BASE}/{page}").status_code == 404, page


@pytest.mark.parametrize("code", built_in())
def test_a_plan_begins_in_one_click(world, code):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/plans/new?template={code}"), "plans/new")
    answer = bob.post(action, data=values)
    assert answer.status_code == 303, problems(answer)
    page = bob.get(answer.location)
    assert page.status_code == 200
    for spec in built_in()[code].indicators:
        assert spec.title in page.text
    for check in built_in()[code].content.checks:
        assert KINDS[check.kind].name in page.text
    for source in built_in()[code].content.sources:
        assert source.what in page.text


def test_someone_with_many_services_says_which(world, house):
    alice = world.client("alice")
    first = alice.get(f"{BASE}/plans/new?template=medicines")
    assert "for which service?" in first.text
    answer = alice.get(f"{BASE}/plans/new?template=medicines&service={house}")
    action, values = filled(answer, "plans/new")
    assert alice.post(action, data=values).status_code == 303


def test_a_wrong_plan_keeps_what_was_typed(world):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/plans/new?template=medicines"), "plans/new")
    values |= {"title": "Our plan", "horizon_weeks": "many", "lines-1-target": "ten"}
    answer = bob.post(action, data=values)
    assert answer.status_code == 422 and "There is a problem" in problems(answer)
    assert soup(answer).select_one("#title")["value"] == "Our plan"
    assert "Write a number" in answer.text
    values |= {"horizon_weeks": "10", "lines-1-target": "72"}
    del values["lines-0-goal"]
    answer = bob.post(action, data=values)
    assert answer.status_code == 422 and "at least one indicator" in answer.text
    assert world.sql("SELECT id FROM recovery_plan") == []


def test_an_indicator_is_added_before_the_plan_begins(world):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/plans/new"), "plans/new")
    answer = bob.post(action, data=values | {"intent": "more", "more": "complaints"})
    assert answer.status_code == 200 and "Complaints" in answer.text
    action, values = filled(answer, "plans/new")
    values |= {"title": "Fewer", "baseline_issue": "Many", "improvement": "Few by May",
               "horizon_weeks": "6", "lines-0-target": "1", "lines-0-goal": "y"}  # fmt: skip
    answer = bob.post(action, data=values)
    assert answer.status_code == 303, problems(answer)
    assert "Complaints" in bob.get(answer.location).text


def test_a_plan_is_changed_and_closed(world, plan_id):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/plans/{plan_id}/edit"), "/edit")
    seen_twice = dict(values)
    values |= {"title": "Safer rounds"}
    del values["lines-3-use"]
    assert bob.post(action, data=values).status_code == 303
    page = bob.get(f"{BASE}/plans/{plan_id}").text
    assert "Safer rounds" in page and "Medicines out of stock" not in page
    assert bob.post(action, data=seen_twice).status_code == 409
    action, values = filled(bob.get(f"{BASE}/plans/{plan_id}"), "/close")
    answer = bob.post(action, data=values | {"reason": " "})
    assert answer.status_code == 422 and "what shows it" in answer.text
    answer = bob.post(action, data=values | {"reason": "Mrs Jane Doe said so"})
    assert answer.status_code == 422 and "Mrs Jane Doe said so" in answer.text
    assert bob.post(action, data=values | {"reason": "Held for a month"}).status_code == 303
    page = bob.get(f"{BASE}/plans/{plan_id}").text
    assert "Held for a month" in page and "/close" not in page
    assert bob.get(f"{BASE}/plans/{plan_id}/edit").status_code == 409
    assert bob.post(action, data=values | {"reason": "Again"}).status_code == 409
    assert "Safer rounds" in bob.get(f"{BASE}/plans?show=closed").text


def test_a_template_is_made_of_a_plan_changed_and_offered_no_longer(world, plan_id):
    bob = world.client("bob")
    make = f"{BASE}/plans/{plan_id}/template"
    refused = bob.post(make, data={"name": "Medicines"})
    assert refused.status_code == 422 and "There is a template of this name" in refused.text
    assert bob.post(make, data={"name": "Our rounds"}).status_code == 303
    action, values = filled(bob.get(f"{BASE}/templates/our-rounds/edit"), "our-rounds/edit")
    assert bob.post(action, data=values | {"horizon_weeks": "0"}).status_code == 422
    values |= {"horizon_weeks": "7", "sources": "Rotas, Deputy manager", "checks-3-use": "y"}
    answer = bob.post(action, data=values)
    assert answer.status_code == 303, problems(answer)
    assert "your own, version 2" in bob.get(f"{BASE}/templates").text
    started = bob.get(f"{BASE}/plans/new?template=our-rounds")
    action, values = filled(started, "plans/new")
    page = bob.get(bob.post(action, data=values).location).text
    assert "Rotas" in page and KINDS["deployment"].name in page and "Unmet need" in page
    assert bob.post(f"{BASE}/templates/our-rounds/retire").status_code == 303
    assert bob.get(f"{BASE}/templates/our-rounds/edit").status_code == 404


def test_a_copy_of_a_built_in_template_is_ones_own(world):
    bob = world.client("bob")
    action, values = filled(bob.get(f"{BASE}/templates/staffing/edit"), "staffing/edit")
    more = bob.post(action, data=values | {"intent": "more", "more": "staffing_fill"})
    assert more.status_code == 200 and "Staffing hours filled" in more.text
    action, values = filled(more, "staffing/edit")
    assert bob.post(action, data=values).status_code == 303
    rows = world.sql("SELECT code, version FROM plan_template")
    assert [tuple(row) for row in rows] == [("our-staffing-and-response-times", 1)]
    assert bob.post(f"{BASE}/templates/staffing/retire").status_code == 422


MADE = {
    "medicines_shift": {},
    "practice_observation": {"what": "Morning round", "verdict": "as_agreed"},
    "competency": {"staff": "S14", "verdict": "as_agreed"},
    "deployment": {"planned": "40", "actual": "36.5"},
    "review_actions": {"actions-0-reference": "AR-1"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_is_made_with_few_answers(world, plan_id, house, kind):
    rita = world.client("rita")
    page = rita.get(f"{BASE}/services/{house}/checks/{kind}")
    action, values = filled(page, f"checks/{kind}")
    answer = rita.post(action, data=values | MADE[kind])
    assert answer.status_code == 303, problems(answer)
    (row,) = world.sql("SELECT kind, plan_id, on_date, checked_by_id FROM practice_check")
    asked = kind in {check.kind for check in built_in()["medicines"].content.checks}
    assert (row.kind, row.plan_id) == (kind, plan_id if asked else None)
    assert (row.on_date, row.checked_by_id) == (ON, world.member_id("rita"))
    assert KINDS[kind].short in rita.get(answer.location).text


WRONG = {
    "medicines_shift": {"staff": "Jane Doe", "charts": "-2", "note": "All well"},
    "practice_observation": {"what": "Round", "verdict": "unsafe", "note": "All well"},
    "competency": {"verdict": "as_agreed", "note": "All well"},
    "deployment": {"planned": "lots", "unmet_need": "Supper", "note": "All well"},
    "review_actions": {"note": "All well"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_check_keeps_what_was_typed(world, house, kind):
    rita = world.client("rita")
    page = rita.get(f"{BASE}/services/{house}/checks/{kind}")
    action, values = filled(page, f"checks/{kind}")
    answer = rita.post(action, data=values | WRONG[kind])
    assert answer.status_code == 422 and problems(answer)
    assert soup(answer).select_one("#note").text.strip() == "All well"
    assert world.sql("SELECT id FROM practice_check") == []


def test_discrepancies_are_recorded_and_reviewed(world, house):
    rita = world.client("rita")
    page = rita.get(f"{BASE}/services/{house}/checks/medicines_shift")
    action, values = filled(page, "medicines_shift")
    line = {"found-0-what": "Count does not match", "found-0-round": "night",
            "found-0-detail": "two more", "found-0-critical": "y"}  # fmt: skip
    assert rita.post(action, data=values | line).status_code == 303
    listing = rita.get(f"{BASE}/services/{house}/checks?record=discrepancy-log")
    assert "Count does not match: two more" in listing.text and "Not reviewed" in listing.text
    review, values = filled(listing, "/review")
    assert rita.post(review, data=values | {"outcome": ""}).status_code == 422
    answer = rita.post(review, data=values | {"outcome": "Counted again, signed"})
    assert answer.status_code == 303 and "record=discrepancy-log" in answer.location
    assert "Counted again, signed" in rita.get(answer.location).text
    assert rita.post(review, data=values | {"outcome": "Again"}).status_code == 409
    withdraw, values = filled(rita.get(answer.location), "/withdraw")
    refused = rita.post(withdraw, data=values | {"reason": ""})
    assert refused.status_code == 422 and "Say why it is withdrawn" in refused.text
    assert rita.post(withdraw, data=values | {"reason": "Entered twice"}).status_code == 303


@pytest.mark.parametrize("record", CHECK_RECORDS)
def test_each_record_stands_under_its_own_name(world, record):
    planning.one_of_each(world)
    page = soup(world.client("alice").get(f"{BASE}/checks?record={record}"))
    name = CHECK_RECORDS[record].name.capitalize()
    assert page.h1.get_text(strip=True) == name
    assert page.find("caption").get_text(strip=True) == name
    assert page.select("tbody tr")


@pytest.mark.parametrize(
    ("domain", "name"),
    [("medicines", "Medicines recovery dashboard"), ("records", "Care planning tracker"),
     ("staffing", "Staffing recovery file")],
)  # fmt: skip
def test_plans_of_a_domain_are_the_record_of_that_name(world, domain, name):
    page = soup(world.client("alice").get(f"{BASE}/plans?domain={domain}"))
    assert page.h1.get_text(strip=True) == name


def test_a_staff_code_finds_that_persons_checks_and_a_name_nothing(world):
    planning.one_of_each(world)
    client = world.client("alice")
    found = client.get(f"{BASE}/checks?record=workforce-assurance-file&staff=s14").text
    assert "CHK-0002" in found and "CHK-0003" not in found
    assert "not a name" in client.get(f"{BASE}/checks?staff=Jane+Doe").text


def test_a_trigger_opens_to_its_checks(world, plan_id):
    planning.discrepancies(world, "night")
    planning.discrepancies(world, "night")
    planning.check(world, "medicines_check")
    client = world.client("bob")
    page = soup(client.get(f"{BASE}/plans/{plan_id}"))
    link = next(a for a in page.find_all("a") if "behind Repeated discrepancies" in a.text)
    assert len(soup(client.get(link["href"])).select("tbody tr")) == 2


def test_pages_cost_few_statements(world, plan_id, house):
    for days in range(6):
        planning.one_of_each(world, plan_id=plan_id, on=ON - timedelta(days=days))
    client = world.client("bob")
    for page, most in (
        (f"{BASE}/plans", 9),
        (f"{BASE}/plans/{plan_id}", 20),
        (f"{BASE}/services/{house}/checks", 8),
        (f"{BASE}/services/{house}/checks/deployment", 6),
    ):
        client.get(page)
        with statements() as sent:
            assert client.get(page).status_code == 200
        assert len(sent) <= most, (page, len(sent), sent)


def test_a_colleague_stands_under_a_mark_that_the_list_explains(world, house):
    rita = world.client("rita")
    for kind, staff in (("practice_observation", "S14"), ("medicines_shift", "")):
        page = rita.get(f"{BASE}/services/{house}/checks/{kind}")
        action, values = filled(page, f"checks/{kind}")
        more = {"staff": staff, "what": "Evening round", "verdict": "as_agreed"}
        assert rita.post(action, data=values | more).status_code == 303
        explained = "The same mark means the same person" in rita.get(f"{BASE}/checks").text
        assert explained
    (ref,) = world.sql("SELECT staff_ref FROM practice_check WHERE staff_ref <> ''")
    rows = soup(rita.get(f"{BASE}/checks")).select("tr td[data-label='Recorded by']")
    cells = [" ".join(cell.get_text(" ").split()) for cell in rows]
    assert cells == ["Rita", f"Rita observed: colleague {ref.staff_ref[:8]}"]
    own = rita.get(f"{BASE}/checks?kind=medicines_shift").text
    assert "The same mark" not in own
