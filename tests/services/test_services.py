"""The list of services, one service's page, and its facts."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.services import profile, queries, service
from careboard.services.filters import Filters
from careboard.services.service import ServiceFacts
from tests.services.making import history, many_services


@pytest.fixture
def house(world):
    return world.service_id("Alder House")


@pytest.fixture
def made(world, house):
    return history(world, house)


def statements(client, address: str, **options) -> int:
    """How many statements a request sends."""
    sent = []

    def note(connection, cursor, statement, *rest):
        sent.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address, **options).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def test_the_list_counts_what_stands_open(world, house, made):
    text = world.client("alice").get("/o/alder/services/").text
    assert "Alder House" in text and "Alder Homecare" in text
    with world.acting("alice") as actor:
        page = queries.list_services(actor=actor, wanted=queries.ServiceFilter(), page=1)
    row = next(row for row in page.rows if row["id"] == house)
    assert (row["audit_concerns"], row["concerns"], row["overdue"]) == (2, 1, 1)
    assert (row["worst"], row["assurance"]) == ("high", "assured")
    assert row["manager"] == "Bob"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?kind=homecare", ["Alder Homecare"]),
        ("?q=lodge", ["Alder Lodge"]),
        ("?q=100%25", []),
        ("?local_authority=Northshire&q=house", ["Alder House"]),
        ("?kind=nonsense", ["Alder Homecare", "Alder House", "Alder Lodge"]),
        ("?page=99999999999999999999", ["Alder Homecare", "Alder House", "Alder Lodge"]),
        ("?page=77", ["Alder Homecare", "Alder House", "Alder Lodge"]),
        ("?q=%00&endpoint=x&_external=1&org=birch", ["Alder Homecare", "Alder House"]),
    ],
)
def test_the_list_is_filtered_and_stands_wrong_input(world, query, names):
    answer = world.client("alice").get("/o/alder/services/" + query)
    assert answer.status_code == 200
    assert all(f">{name}</a>" in answer.text for name in names)
    assert names or "No service matches" in answer.text


def test_a_manager_sees_their_own_services(world):
    client = world.client("bob")
    text = client.get("/o/alder/services/").text
    assert "Alder House" in text and "Alder Lodge" not in text
    lodge = world.service_id("Alder Lodge")
    assert client.get(f"/o/alder/services/{lodge}").status_code == 403
    assert client.get(f"/o/alder/services/{lodge}/timeline").status_code == 403


def test_the_page_of_a_service(world, house, made):
    answer = world.client("bob").get(f"/o/alder/services/{house}")
    assert answer.status_code == 200
    for words in (
        "1-1000000100",
        "Bob",
        "Evening round without a second pair of eyes",
        "ACT-0001",
        "Two gaps on the evening round",
        "91% <span",
        "84%",
        "EV-0001",
        "REV-0001",
        "Give it an owner and a date",
        "Not enough data",
    ):
        assert words in answer.text, words


def test_a_page_without_any_data(world):
    lodge = world.service_id("Alder Lodge")
    answer = world.client("alice").get(f"/o/alder/services/{lodge}")
    assert answer.status_code == 200
    assert "No audits yet" in answer.text and "Nothing yet" in answer.text


@pytest.mark.parametrize("path", ["", "/timeline", "/edit"])
def test_strangers_and_absent_services_are_the_same_404(world, house, path):
    foreign = world.service_id("Birch House", "birch")
    assert world.client("charlie").get(f"/o/alder/services/{house}{path}").status_code == 404
    assert world.client("adam").get(f"/o/alder/services/{foreign}{path}").status_code == 404
    absent = f"/o/alder/services/00000000-0000-0000-0000-000000000000{path}"
    assert world.client("adam").get(absent).status_code == 404


def test_wrong_methods_and_missing_rights(world, house):
    client = world.client("alice")
    assert client.post("/o/alder/services/").status_code == 405
    assert client.post(f"/o/alder/services/{house}").status_code == 405
    for address in ("/o/alder/services/new", f"/o/alder/services/{house}/edit"):
        assert client.get(address).status_code == 403
        assert client.post(address, data={"name": "X"}).status_code == 403


def test_an_administrator_adds_a_service(world):
    client = world.client("adam")
    form = {
        "name": "  Alder  Mews ",
        "kind": "living",
        "cqc_location_id": "1-555",
        "local_authority": "Eastmoor",
        "region": "",
        "manager_id": str(world.member_id("bob")),
        "active": "y",
    }
    answer = client.post("/o/alder/services/new", data=form)
    assert answer.status_code == 303, answer.text
    page = world.client("bob").get(answer.location)
    assert page.status_code == 200 and "Alder Mews" in page.text
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq DESC LIMIT 2")]
    assert set(tags) == {"service:added", "member:scope_added"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Enter the name of the service."),
        ({"name": "alder house"}, "There is a service called"),
        ({"kind": ""}, "Choose what kind of service it is."),
        ({"cqc_location_id": "1-1000000100"}, "Another service has this CQC location ID."),
        ({"cqc_location_id": "not an id!"}, "Enter the ID as CQC writes it"),
        ({"manager_id": "nobody"}, "Invalid Choice"),
        ({"name": "x" * 300}, "Say it in at most 200 characters."),
    ],
)
def test_wrong_facts_are_told_at_their_field_and_kept(world, changed, words):
    form = {"name": "Alder Mews", "kind": "home", "region": "Far West", "manager_id": "", **changed}
    answer = world.client("adam").post("/o/alder/services/new", data=form)
    assert answer.status_code == 422
    assert words in answer.text and "Far West" in answer.text
    assert len(world.sql("SELECT 1 FROM service")) == 3


def test_facts_are_changed(world, house):
    client = world.client("adam")
    assert "1-1000000100" in client.get(f"/o/alder/services/{house}/edit").text
    form = {
        "name": "Alder House",
        "kind": "home",
        "cqc_location_id": "1-1000000100",
        "region": "North",
        "manager_id": str(world.member_id("bob")),
        "active": "y",
    }
    assert client.post(f"/o/alder/services/{house}/edit", data=form).status_code == 303
    rows = world.sql("SELECT region FROM service WHERE name = 'Alder House'")
    assert rows[0].region == "North"


def test_the_service_functions_refuse(world, house):
    facts = ServiceFacts(name="New", kind="home")
    with world.acting("alice") as actor, pytest.raises(Forbidden):
        service.add_service(actor=actor, facts=facts)
    with world.acting("adam") as actor:
        with pytest.raises(NotFound):
            service.change_service(actor=actor, service_id=actor.org_id, facts=facts)
        with pytest.raises(Invalid) as refusal:
            service.add_service(
                actor=actor,
                facts=ServiceFacts("New", "home", manager_id=actor.membership_id),
            )
        assert refusal.value.field == "manager_id"


def test_a_rating_says_how_far_it_may_be_relied_upon(world, house, made):
    with world.acting("alice") as actor:
        line = profile.risks(actor=actor, service_id=house)["medicines"]
    assert (line.row.rating, line.assurance.state, line.row.actions) == ("high", "assured", 0)


def test_statements_do_not_grow_with_the_services(world, house, made):
    client = world.client("alice")
    few = statements(client, "/o/alder/services/")
    page = statements(client, f"/o/alder/services/{house}")
    many_services(world, 300)
    assert statements(client, "/o/alder/services/") == few <= 6
    assert statements(client, f"/o/alder/services/{house}") == page <= 14
    fragment = statements(
        client, f"/o/alder/services/{house}/timeline", headers={"HX-Request": "true"}
    )
    assert fragment <= 5


def test_filters_say_what_they_could_not_read():
    filters = Filters({"since": "31/12/2026", "service": "x", "show": "y", "q": " a\x00b "})
    assert (filters.day("since"), filters.identity("service")) == (None, None)
    assert filters.choice("show", {"open": "Open"}) == ""
    assert (filters.text("q"), len(filters.problems), filters.page) == ("a b", 3, 1)
