"""The pages of experience by each person: works, 403, 404, wrong input, flat statements."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from careboard.db import db
from tests.dashboards.rows import add_service
from tests.experience.sample import OCTOBER, ago, complain, say, submit
from tests.guards.test_bad_input import NASTY

BASE = "/o/alder/experience"


@pytest.fixture
def house(world):
    """Alder House, with feedback, complaints and September's summary."""
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        say(alice, house, ago(25), ago(26), ago(27), ago(28))
        say(alice, house, ago(29), theme="food", score=5)
        complain(alice, house, ago(40))
        submit(alice, house, date(2026, 9, 1), ("rushed care", 2, 1, "Evenings"))
        db.session.commit()
    return house


def addresses(house):
    theme = f"{BASE}/services/{house}/themes"
    return {
        "index": f"{BASE}/",
        "log": f"{BASE}/log",
        "trends": f"{BASE}/trends",
        "service": f"{BASE}/services/{house}",
        "theme": f"{theme}?theme=rushed+care",
        "plan": f"{theme}/plan?theme=rushed+care",
    }


SUMMARY = {
    "sample_size": "5", "invited": "20", "people": "", "seen": "0", "note": "",
    "themes-0-theme": "Rushed care", "themes-0-positive": "0", "themes-0-negative": "4",
    "themes-0-comment": "Evenings", "themes-1-theme": "", "intent": "submit",
}  # fmt: skip


def test_every_page_works_for_who_may(world, house):
    for person in ("alice", "bob", "ben", "adam"):
        client = world.client(person)
        for name, address in addresses(house).items():
            expected = 403 if name == "plan" and person in ("ben", "adam") else 200
            assert client.get(address).status_code == expected, (person, name)


def test_a_stranger_finds_nothing(world, house):
    client = world.client("charlie")
    for address in addresses(house).values():
        assert client.get(address).status_code == 404
        assert client.get(address.replace("/o/alder", "/o/birch")).status_code == (
            404 if "services" in address else 200
        )


def test_another_service_is_forbidden_and_an_absent_one_not_found(world, house):
    lodge = world.service_id("Alder Lodge")
    for person, service_id, status in (("bob", lodge, 403), ("alice", uuid4(), 404)):
        client = world.client(person)
        for name in ("service", "theme", "plan"):
            assert client.get(addresses(service_id)[name]).status_code == status, (person, name)


@pytest.mark.parametrize("theme", ["", "unheard", "%00", "RUSHED%20%20CARE", "food"])
def test_a_theme_is_found_when_somebody_spoke_of_it(world, house, theme):
    status = world.client("alice").get(f"{BASE}/services/{house}/themes?theme={theme}").status_code
    assert status == (200 if theme in ("RUSHED%20%20CARE", "food") else 404)


def test_the_overview_says_who_is_missing(world, house):
    client = world.client("alice")
    page = BeautifulSoup(client.get(f"{BASE}/").text, "html.parser")
    (row,) = [row for row in page.select("tbody tr") if "Alder House" in row.th.get_text()]
    states = [cell.select_one(".chip").get_text() for cell in row.select("td")]
    assert states == ["Missing"] * 4 + ["Late", "Missing"]
    assert "1 negative, 2 positive" in row.get_text()
    assert client.get(f"{BASE}/?show=missing").text.count("<tr>") == 4
    assert "Nothing matches" in client.get(f"{BASE}/?q=zzz").text
    assert client.get(f"{BASE}/?q=lodge&show=wrong&page=x").text.count('scope="row"') == 1


def test_a_person_sees_their_own_services_alone(world, house):
    text = world.client("bob").get(f"{BASE}/").text
    assert "Alder House" in text and "Alder Lodge" not in text
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as alice:
        say(alice, lodge, ago(25), ago(26), ago(27), theme="damp")
        db.session.commit()
    for name in ("log", "trends"):
        assert "Damp" not in world.client("bob").get(addresses(house)[name]).text
        assert "Damp" in world.client("alice").get(addresses(house)[name]).text


def test_s0_2_1_a_summary_begins_with_the_imports_and_is_submitted(world, house):
    client = world.client("rita")
    form = BeautifulSoup(client.get(f"{BASE}/services/{house}").text, "html.parser")
    values = {field["name"]: field.get("value", "") for field in form.select("#summary-form input")}
    assert values["sample_size"] == "5" and values["themes-0-theme"] == "rushed care"
    assert (values["themes-0-negative"], values["themes-1-positive"]) == ("4", "1")
    answer = client.post(f"{BASE}/services/{house}?month=2026-10", data=SUMMARY)
    assert answer.status_code == 303 and "month=2026-10" in answer.location
    page = client.get(answer.location).text
    assert "5 answers of 20 invited, 25%." in page and "Evenings" in page
    corrected = SUMMARY | {"seen": "1", "themes-0-negative": "5"}
    answer = client.post(f"{BASE}/services/{house}?month=2026-10", data=corrected)
    assert answer.status_code == 422 and "Say why the summary is corrected." in answer.text
    corrected["correction_reason"] = "One was filed twice"
    assert client.post(f"{BASE}/services/{house}", data=corrected).status_code == 303
    assert "One was filed twice" in client.get(f"{BASE}/services/{house}").text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample_size": ""}, "Enter how many were heard."),
        ({"sample_size": "many"}, "Enter a whole number"),
        ({"invited": "4"}, "More were heard than invited."),
        ({"themes-0-comment": "Mrs Edith Marsh rang"}, "looks like a person"),
        ({"themes-0-negative": "6"}, "Enter a number from 0 to 5"),
        ({"themes-0-theme": ""}, "Name the theme."),
        ({"note": "Call 01632 960963"}, "may be personal data"),
        ({"themes-1-theme": "rushed care"}, "stands twice"),
        ({"themes-0-positive": "9" * 25}, "Enter a whole number"),
    ],
)
def test_what_was_typed_is_kept_when_it_is_refused(world, house, changes, message):
    answer = world.client("rita").post(f"{BASE}/services/{house}", data=SUMMARY | changes)
    assert answer.status_code == 422 and message in answer.text
    page = BeautifulSoup(answer.text, "html.parser")
    for name, value in (SUMMARY | changes).items():
        if value and name not in ("intent", "note"):
            assert page.select_one(f"[name='{name}']").get("value") == value, name
    assert page.select_one("#error-summary a[href]")
    assert world.sql("SELECT count(*) FROM experience_summary")[0][0] == 1


def test_more_lines_are_given_without_losing_any(world, house):
    typed = SUMMARY | {"intent": "more", "themes-1-theme": "noise", "themes-2-theme": "post"}
    answer = world.client("rita").post(f"{BASE}/services/{house}", data=typed)
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 200
    assert [field.get("value", "") for field in page.select("[name$='-theme']")] == [
        "Rushed care", "noise", "post", "", "", ""
    ]  # fmt: skip


def test_one_who_was_overtaken_is_told(world, house):
    client = world.client("rita")
    assert client.post(f"{BASE}/services/{house}", data=SUMMARY).status_code == 303
    answer = client.post(f"{BASE}/services/{house}", data=SUMMARY | {"sample_size": "6"})
    assert answer.status_code == 409 and "while you were writing" in answer.text


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("ben", "", 403), ("vera", "", 403), ("charlie", "", 404),
        ("ben", "/themes/notes?theme=rushed+care", 403),
        ("rita", "/themes/ratings?theme=rushed+care", 403),
        ("bob", "/themes/ratings?theme=rushed+care", 403),
        ("rita", "/themes/plan?theme=rushed+care", 403),
        ("charlie", "/themes/plan?theme=rushed+care", 404),
        ("bob", "/themes/notes?theme=unheard", 404),
        ("alice", "/themes/plan?theme=unheard", 404),
    ],
)  # fmt: skip
def test_who_may_not_write(world, house, person, path, status):
    answer = world.client(person).post(f"{BASE}/services/{house}{path}", data={})
    assert answer.status_code == status


def test_the_wrong_method_is_refused(world, house):
    client = world.client("alice")
    for path in ("notes", "ratings"):
        assert client.get(f"{BASE}/services/{house}/themes/{path}").status_code == 405
    assert client.post(f"{BASE}/log").status_code == 405


def test_s0_2_2_the_log_shows_the_overlap_and_takes_the_finding(world, house):
    client = world.client("bob")
    page = client.get(f"{BASE}/log").text
    assert "4 negative comments in October 2026, and 1 formal complaint" in page
    assert "None yet" in page
    notes = f"{BASE}/services/{house}/themes/notes?theme=rushed+care&month=2026-10"
    kept = {"note-text": "Both name <evenings>"}
    answer = client.post(notes, data=kept)
    assert answer.status_code == 422 and "Both name &lt;evenings&gt;" in answer.text
    answer = client.post(notes, data=kept | {"note-overlap": "matches"})
    assert answer.status_code == 303
    assert "Both name &lt;evenings&gt;" in client.get(answer.location).text
    assert "Both name &lt;evenings&gt;" in client.get(f"{BASE}/log?month=2026-10").text
    assert '<span class="count">0</span>' in client.get(f"{BASE}/log?show=unnoted").text


def test_s0_2_3_a_rated_theme_stands_on_the_board_and_the_service_page(world, house):
    client = world.client("alice")
    ratings = f"{BASE}/services/{house}/themes/ratings?theme=rushed+care"
    assert client.post(ratings, data={"board-rating": "high"}).status_code == 422
    answer = client.post(
        ratings, data={"board-rating": "high", "board-rationale": "Said at every visit"}
    )
    assert answer.status_code == 303
    for address in (
        f"/o/alder/cells/{house}/experience", f"/o/alder/services/{house}", f"{BASE}/log",
        answer.location,
    ):  # fmt: skip
        page = client.get(address).text
        assert "Said at every visit" in page and "Rushed care" in page, address
    assert "Said at every visit" not in client.get(f"/o/alder/cells/{house}/safety").text


def test_s0_2_4_one_form_opens_the_action_with_its_baseline(world, house):
    client = world.client("bob")
    address = f"{BASE}/services/{house}/themes/plan?theme=rushed+care"
    page = BeautifulSoup(client.get(address).text, "html.parser")
    values = {
        field["name"]: field.get("value") or field.get_text().strip()
        for field in page.select("form[action*='/plan'] [name]") if field.name != "select"
    }  # fmt: skip
    assert values["baseline"].startswith("5 negative comments and 1 complaint in the 61 days")
    assert values["target_value"] == "1"
    answer = client.post(address, data=values)
    assert answer.status_code == 422 and "Choose an owner." in answer.text
    answer = client.post(address, data=values | {"owner_id": str(world.member_id("rita"))})
    assert answer.status_code == 303
    (action,) = world.sql(
        "SELECT a.*, c.source_key AS answers FROM action a JOIN concern c ON c.id = a.concern_id"
    )
    assert (action.measure, action.measure_theme) == ("negative_feedback", "rushed care")
    assert (action.baseline_value, action.target_value, action.domain) == (2, 1, "experience")
    newest = world.sql("SELECT source_key FROM concern WHERE occurred_on = :day", day=ago(25))
    assert action.answers == newest[0].source_key
    theme = client.get(f"{BASE}/services/{house}/themes?theme=rushed+care").text
    assert action.reference in theme and "Answered on 20 Nov 2026" in theme


def test_s0_2_5_the_board_reads_trends_and_goes_to_its_sitting(world, house):
    ben = world.client("ben")
    page = ben.get(f"{BASE}/trends").text
    assert "No sitting of the quarterly board is open" in page and "Rushed care" in page
    alice = world.client("alice")
    assert "forum=quarterly_board" in alice.get(f"{BASE}/trends").text
    form = {
        "forum": "quarterly_board",
        "service": "",
        "period_from": "2026-07-01",
        "period_to": "2026-09-30",
    }
    sitting = alice.post("/o/alder/reviews/", data=form)
    assert sitting.status_code == 303
    page = ben.get(f"{BASE}/trends").text
    assert sitting.location in page and "Challenge in" in page


def test_the_figures_open_to_their_rows(world, house):
    client = world.client("alice")
    monthly = client.get("/o/alder/figures/experience_monthly").text
    assert f"{BASE}/services/{house}" in monthly and "missing" in monthly
    themes = client.get("/o/alder/figures/experience_unanswered?rows=all").text
    assert "theme=rushed+care" in themes or "theme=rushed%20care" in themes


def test_empty_pages_say_what_is_missing(world):
    client = world.client("alice")
    house = world.service_id("Alder House")
    assert "Not enough data" in client.get(f"{BASE}/log").text
    assert "Not enough data" in client.get(f"{BASE}/trends").text
    assert (
        "No feedback of the month has been imported" in client.get(f"{BASE}/services/{house}").text
    )
    assert "has not ended" in client.get(f"{BASE}/services/{house}?month=2026-11").text


def _statements(world, client, address) -> int:
    seen = []

    def note(connection, cursor, statement, *rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            seen.append(statement)

    engine = db.engines[None]
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_statements_do_not_grow_with_the_services(world, house):
    client = world.client("alice")
    names = ("index", "log", "trends")
    few = {name: _statements(world, client, addresses(house)[name]) for name in names}
    with world.acting("alice") as alice:
        for number in range(300):
            row = add_service(alice, f"Service {number:03d}")
            say(alice, row.id, ago(25), ago(26), ago(27))
            if number % 3:
                submit(alice, row.id, OCTOBER, ("rushed care", 0, 3))
        db.session.commit()
    many = {name: _statements(world, client, addresses(house)[name]) for name in names}
    assert many == few
    assert max(few.values()) <= 9, few
    assert _statements(world, client, addresses(house)["theme"]) <= 12


def test_the_cell_and_the_service_page_keep_their_statements(world, house):
    client = world.client("alice")
    cell = f"/o/alder/cells/{house}/"
    assert _statements(world, client, f"{cell}experience") == _statements(
        world, client, f"{cell}safety"
    ) <= 5  # fmt: skip


@pytest.mark.parametrize("value", NASTY)
def test_no_value_is_a_fault(world, house, value):
    client = world.client("alice")
    asked = ("theme", "month", "service", "show", "q", "page")
    for address in addresses(house).values():
        for query in ({name: value[:2_000] for name in asked}, {"month": value[:2_000]}):
            query = {"theme": "rushed care"} | query
            answer = client.get(address.split("?")[0], query_string=query)
            assert answer.status_code < 500, (address, query)
    fields = (*SUMMARY, "correction_reason", "themes-9-theme", f"themes-{'9' * 30}-theme")
    theme = f"{BASE}/services/{house}/themes"
    for address, names in (
        (f"{BASE}/services/{house}", fields),
        (f"{theme}/notes", ("note-overlap", "note-text", "note-acknowledged")),
        (f"{theme}/ratings", ("board-rating", "board-rationale")),
        (f"{theme}/plan", ("title", "owner_id", "due_on", "baseline", "target_value")),
    ):
        for body in (dict.fromkeys(names, value), *(SUMMARY | {name: value} for name in names)):
            answer = client.post(f"{address}?theme=rushed+care", data=body)
            assert answer.status_code < 500, (address, body)
