"""The measure of an action on its pages: seen before it is saved, with and without script."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal as D

import pytest

from tests.actions.measured import add_audit, add_measured, add_records, close, read
from tests.actions.samples import FULL, add_action, add_imported
from tests.actions.test_pages import BASE, HX, count_statements, soup
from tests.browsing import WIDTHS, check, needs_browser

SEP, OCT = date(2026, 9, 14), date(2026, 10, 14)


def form(world, **values) -> dict:
    return {
        "title": "Check MAR charts", "service_id": str(world.service_id("Alder House")),
        "owner_id": str(world.member_id("rita")), "due_on": "2026-12-18", "intent": "open",
        "measure": "audit_score", "measure_theme": "medicines", "target_value": "95", **FULL,
        **values,
    }  # fmt: skip


def test_the_baseline_is_seen_before_it_is_saved(world):
    add_audit(world, date(2026, 11, 3), 84, source_key="AUD-7")
    client = world.client("alice")
    answer = client.post(f"{BASE}/new", data=form(world))
    page = soup(answer)
    assert answer.status_code == 422
    assert page.find(id="baseline_value")["value"] == "84.00"
    assert "Latest audit (AUD-7), 3 Nov 2026: 84%." in page.find(id="baseline_value-error").text
    assert page.find(id="target_value")["value"] == "95"
    assert world.sql("SELECT FROM action") == []
    assert client.post(f"{BASE}/new", data=form(world, baseline_value="84")).status_code == 303
    row = world.sql("SELECT * FROM action")[0]
    assert (row.measure, row.baseline_value, row.target_value, row.lag_days) == (
        "audit_score", D(84), D(95), 14
    )  # fmt: skip
    shown = soup(client.get(f"{BASE}/{row.id}")).find(attrs={"aria-labelledby": "outcome-title"})
    assert "Audit score of medicines" in shown.text
    assert "Watched once the work is verified." in shown.text


def test_without_script_the_baseline_is_asked_for(world):
    add_audit(world, date(2026, 11, 3), 84)
    answer = world.client("alice").post(f"{BASE}/new", data=form(world, intent="measure", title=""))
    page = soup(answer)
    assert answer.status_code == 200
    assert page.find(id="error-summary") is None
    assert page.find(id="baseline_value")["value"] == "84.00"
    assert "readonly" in page.find(id="baseline_value").attrs


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"measure": "nonsense"}, "measure"),
        ({"measure_theme": ""}, "measure_theme"),
        ({"measure_theme": "food"}, "baseline_value"),
        ({"measure_theme": "food", "baseline_value": "NaN"}, "baseline_value"),
        ({"measure": "manual", "baseline_value": "7", "target_value": ""}, "target_value"),
        ({"measure": "manual", "baseline_value": "7", "target_value": "1e9"}, "target_value"),
        ({"measure": "manual", "baseline_value": "7", "target_value": "3", "lag_days": "5"},
         "lag_days"),
    ],
)  # fmt: skip
def test_wrong_input_is_told_at_its_field_and_kept(world, values, field):
    answer = world.client("alice").post(f"{BASE}/new", data=form(world, **values))
    page = soup(answer)
    assert answer.status_code == 422
    assert page.find(id=f"{field}-error") is not None, page.find(id="error-summary")
    assert page.find(id="title").text.strip() == "Check MAR charts"


def test_a_draft_keeps_its_measure_and_opens_with_todays_baseline(world):
    client = world.client("alice")
    answer = client.post(f"{BASE}/new", data=form(world, intent="draft"))
    assert answer.status_code == 303
    address = answer.location + "/draft"
    add_audit(world, date(2026, 11, 3), 84)
    page = soup(client.get(address))
    assert page.find(id="baseline_value")["value"] == "84.00"
    opening = form(world, baseline_value="84.00")
    opening["lock_version"] = page.find(id="lock_version")["value"]
    answer = client.post(address, data=opening, headers=HX)
    assert answer.status_code == 200, answer.text
    assert world.sql("SELECT status, baseline_value AS b FROM action")[0] == ("open", D(84))


def test_an_old_action_gets_its_measure(world):
    action_id = add_imported(world)
    client = world.client("alice")
    page = soup(client.get(f"{BASE}/{action_id}"))
    assert "No measure is named" in page.find(id="action").text
    named = {"measure": "manual", "baseline_value": "7", "target_value": "2", "lag_days": "28"}
    assert client.post(f"{BASE}/{action_id}/measure", data=named).status_code == 303
    page = soup(client.get(f"{BASE}/{action_id}"))
    assert page.find(id="step-measure") is None
    assert client.post(f"{BASE}/{action_id}/measure", data=named).status_code == 422


def test_values_by_hand(world):
    action_id = add_measured(world)
    client = world.client("rita")
    address = f"{BASE}/{action_id}/readings"
    assert soup(client.get(address)).find(id="on_date")["value"] == "2026-11-20"
    wrong = client.post(address, data={"on_date": "2026-11-21", "value": "82"})
    assert wrong.status_code == 422
    assert soup(wrong).find(id="value")["value"] == "82"
    assert soup(client.post(address, data={"on_date": "2026-11-20"})).find(id="value-error")
    done = {"on_date": "2026-11-20", "value": "82.5%", "note": "Count of the week"}
    assert client.post(address, data=done).status_code == 303
    assert client.post(address, data={**done, "value": "83"}).status_code == 303
    words = soup(client.get(f"{BASE}/{action_id}")).find(id="action").get_text(" ", strip=True)
    assert "82.5% replaced" in words
    assert "83%" in words and "Count of the week" in words


@pytest.mark.parametrize("path", ["measure", "readings"])
def test_who_may_not(world, path):
    action_id = add_measured(world, owner="bob") if path == "readings" else add_action(world)
    assert world.client("rita").post(f"{BASE}/{action_id}/{path}").status_code in (403, 422)
    assert world.client("ben").post(f"{BASE}/{action_id}/{path}").status_code == 403
    assert world.client("charlie").get(f"{BASE}/{action_id}/{path}").status_code == 404
    assert world.client("alice").get(f"{BASE}/{uuid.uuid4()}/{path}").status_code == 404
    assert world.client("alice").delete(f"{BASE}/{action_id}/{path}").status_code == 405


def test_the_baseline_of_services_beyond_reach_is_not_told(world):
    lodge = world.service_id("Alder Lodge")
    add_audit(world, date(2026, 11, 3), 84, service="Alder Lodge")
    asked = f"{BASE}/baseline?measure=audit_score&measure_theme=medicines&service"
    assert "Latest audit" in world.client("alice").get(f"{asked}={lodge}", headers=HX).text
    assert world.client("bob").get(f"{asked}={lodge}", headers=HX).status_code == 403
    assert "Latest audit" not in world.client("bob").get(f"{asked}_id={lodge}", headers=HX).text
    assert world.client("rita").get(f"{asked}={lodge}").status_code == 403
    foreign = world.service_id("Birch House", "birch")
    assert world.client("alice").get(f"{asked}={foreign}", headers=HX).status_code == 404
    assert world.client("alice").get(f"{asked}_id={foreign}", headers=HX).status_code == 200


def test_the_list_shows_and_filters_outcomes(world):
    worse, waiting = add_measured(world, title="A"), add_measured(world, title="B")
    add_action(world, title="C")
    close(world, worse)
    close(world, waiting, date(2026, 11, 10))
    read(world, worse, SEP, 80)
    read(world, worse, OCT, 81)
    client = world.client("alice")

    def listed(query="") -> dict[str, str]:
        rows = soup(client.get(f"{BASE}/?{query}")).select("tbody tr")
        return {
            row.find("th").text.strip(): row.find(attrs={"data-label": "Outcome"}).text.strip()
            for row in rows
        }

    assert listed() == {
        "ACT-0001": "No measurable improvement", "ACT-0002": "Waiting",
        "ACT-0003": "No measure named",
    }  # fmt: skip
    assert list(listed("outcome=no_measurable_improvement")) == ["ACT-0001"]
    assert list(listed("outcome=waiting")) == ["ACT-0002"]
    assert list(listed("outcome=not_named")) == ["ACT-0003"]
    assert listed("outcome=improved") == {}
    assert len(listed("outcome=nonsense")) == 3
    assert "No measurable improvement" in client.get(f"{BASE}/export.csv").text
    page = client.get(f"{BASE}/{worse}").text
    assert "80.5% on average in Sep 2026 and Oct 2026, from 80%" in page
    assert "Waiting until 1 Jan 2027" not in page
    assert "Waiting until 1 Feb 2027" in client.get(f"{BASE}/{waiting}").text


def test_fragments_stay_small(world):
    add_audit(world, date(2026, 11, 3), 84)
    house = world.service_id("Alder House")
    drafted, named = add_action(world, draft=True), add_measured(world)
    read(world, named, OCT, 81)
    client = world.client("alice")
    paths = (
        f"baseline?service={house}&measure=audit_score&measure_theme=medicines",
        f"baseline?service_id={house}&measure=incidents",
        f"{drafted}/draft", f"{add_imported(world)}/measure", f"{named}/readings", f"{named}",
    )  # fmt: skip
    for path in paths:
        address, found = f"{BASE}/{path}", {}
        count = count_statements(lambda a=address, f=found: f.update(x=client.get(a, headers=HX)))
        assert found["x"].status_code == 200
        assert count <= 5, path
        assert len(found["x"].data) < 15_000
        assert len(soup(found["x"]).find_all(recursive=False)) == 1


class TestInABrowser:
    pytestmark = needs_browser

    def test_the_baseline_comes_with_the_choice(self, world, site):
        from playwright.sync_api import expect

        add_audit(world, date(2026, 11, 3), 84)
        page = site.page("alice", width=390)
        page.goto(f"{BASE}/new")
        page.locator("#service_id").select_option(label="Alder House")
        page.locator("#measure").select_option("audit_score")
        page.locator("#measure_theme").fill("medicines")
        page.locator("#measure_theme").blur()
        expect(page.locator("#baseline_value")).to_have_value("84.00")
        expect(page.locator(".htmx-settling")).to_have_count(0)
        page.locator("#service_id").select_option(label="Alder Lodge")
        expect(page.locator("#baseline_value")).to_have_value("")
        expect(page.locator(".htmx-settling")).to_have_count(0)
        page.locator("#service_id").select_option(label="Alder House")
        expect(page.locator("#baseline_value")).to_have_value("84.00")
        assert check(page) == []
        page.locator("#title").fill("Check MAR charts")
        page.locator("#target_value").fill("95")
        page.locator("#owner_id").select_option(label="Rita")
        page.locator("#due_on").fill("2026-12-18")
        for name, words in FULL.items():
            page.locator(f"#{name}").fill(words)
        page.get_by_role("button", name="Open action").click()
        expect(page.locator("#outcome-title")).to_be_visible()
        assert world.sql("SELECT baseline_value AS b FROM action")[0].b == 84

    def test_without_script(self, world, site):
        add_records(world, "incident", date(2026, 11, 3), date(2026, 11, 9), theme="falls")
        page = site.page("alice", java_script_enabled=False, width=390)
        page.goto(f"{BASE}/new?service={world.service_id('Alder House')}")
        page.locator("#title").fill("Walk the stairs")
        page.locator("#measure").select_option("incidents")
        page.get_by_role("button", name="Go on with this measure").click()
        assert page.locator("#baseline_value").input_value() == "1"
        assert page.locator("#title").input_value() == "Walk the stairs"
        page.locator("#target_value").fill("0")
        page.locator("#owner_id").select_option(label="Rita")
        for name, words in FULL.items():
            page.locator(f"#{name}").fill(words)
        page.get_by_role("button", name="Open action").click()
        assert "Incidents a month" in page.locator("#action").inner_text()

    @pytest.mark.parametrize("width", WIDTHS)
    def test_pages_are_accessible_and_fit(self, world, site, width):
        worse = add_measured(world, title="word " * 70 + "x" * 120)
        close(world, worse)
        for day, value in ((SEP, 80), (OCT, 99), (OCT, 81)):
            read(world, worse, day, value)
        plain, drafted = add_action(world), add_measured(world, draft=True)
        page = site.page("alice", width=width)
        for path in (
            f"{worse}", f"{worse}/readings", f"{plain}/measure", f"{drafted}/draft", "new",
            f"baseline?service={world.service_id('Alder House')}&measure=manual",
            "?outcome=improved",
        ):  # fmt: skip
            page.goto(f"{BASE}/{path}")
            assert check(page) == []
        page.goto("/o/alder/figures/actions_without_improvement")
        assert check(page) == []
