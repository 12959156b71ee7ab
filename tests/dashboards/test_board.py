"""The board: who sees what, flat statements, and never a colour out of nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from careboard.dashboards.kept import Kept
from careboard.db import db
from careboard.risks import service as risks
from careboard.risks.service import Basis
from tests.dashboards.rows import (
    add_action,
    add_audits,
    add_concern,
    add_evidence,
    add_records,
    add_risk,
    add_service,
    days_ago,
)


@contextmanager
def statements(app):
    """Gathers what the database is asked."""
    asked = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def board(world, person="alice", query=""):
    answer = world.client(person).get(f"/o/alder/{query}")
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def names(soup):
    return [link.text for link in soup.select(".board tbody th a")]


def words(node):
    return " ".join(node.get_text(" ").split())


def cell(soup, service, domain):
    row = next(th for th in soup.select(".board tbody th") if th.a.text == service).parent
    return words(row.find("td", attrs={"data-label": domain.capitalize()}))


def fill(world, count):
    with world.acting("alice") as actor:
        for number in range(count):
            service = add_service(actor, f"Service {number:03d}")
            item = add_evidence(actor, service.id)
            add_risk(actor, service.id, evidence=[item])
            add_action(actor, service.id, due_on=days_ago(number % 40))
            add_concern(actor, service.id)
            add_audits(actor, service.id, 90, 90, 90, 80)
        db.session.commit()


def test_the_same_few_statements_for_12_and_300_services(world):
    numbers = []
    for more in (9, 288):
        fill(world, more)
        client = world.client("alice")
        with statements(world.app) as asked:
            page = client.get("/o/alder/")
        assert page.status_code == 200
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 12
    assert "300 services, page 1 of 12" in page.text


def test_without_services_it_leads_to_imports(world):
    with world.acting("alice") as actor:
        db.session.execute(db.text("UPDATE service SET active = false"))
        db.session.commit()
        assert actor.org_slug == "alder"
    page = world.client("alice").get("/o/alder/").text
    assert "No services yet" in page and "/o/alder/imports/new" in page
    assert "/o/alder/imports/new" not in world.client("ben").get("/o/alder/").text


def test_without_ratings_every_cell_says_not_enough_data(world):
    soup = board(world)
    cells = soup.select(".board td[data-label]")
    assert len(cells) == 3 * 8
    assert {words(td) for td in cells} == {"Not enough data"}
    assert not soup.select(".rating-low")


def test_a_cell_tells_rating_assurance_trend_and_a_missing_response(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        add_risk(actor, house, rating="high")
        add_audits(actor, house, 90, 90, 90, 80)
        db.session.commit()
    shown = cell(board(world), "Alder House", "medicines")
    assert shown == "High , not assured unsupported worsening no live action"
    with world.acting("alice") as actor:
        add_action(actor, house)
        db.session.commit()
    assert "no live action" not in cell(board(world), "Alder House", "medicines")
    with world.acting("alice") as actor:
        add_action(actor, house, due_on=days_ago(1))
        db.session.commit()
    assert cell(board(world), "Alder House", "medicines").endswith("1 overdue")


def test_gravest_first_or_by_name(world):
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        add_risk(actor, lodge, rating="very_high")
        add_action(actor, world_service(actor, "Alder House"), due_on=days_ago(4))
        db.session.commit()
    assert names(board(world)) == ["Alder Lodge", "Alder House", "Alder Homecare"]
    by_name = board(world, query="?order=name")
    assert names(by_name) == ["Alder Homecare", "Alder House", "Alder Lodge"]


def world_service(actor, name):
    statement = db.text("SELECT id FROM service WHERE name = :name")
    return db.session.scalar(statement, {"name": name})


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?q=lodge", ["Alder Lodge"]),
        ("?q=%25", []),
        ("?kind=homecare", ["Alder Homecare"]),
        ("?kind=castle&order=name", ["Alder Homecare", "Alder House", "Alder Lodge"]),
        ("?region=North+East", ["Far House"]),
        ("?q=%00lodge&page=0", ["Alder Lodge"]),
        ("?page=99", []),
    ],
)
def test_filters(world, query, shown):
    with world.acting("alice") as actor:
        if "North" in query:
            add_service(actor, "Far House", region="North East")
        db.session.commit()
    assert names(board(world, query=query)) == shown


def test_one_domain_alone(world):
    soup = board(world, query="?domain=staffing")
    heads = [words(th) for th in soup.select(".board thead th")]
    assert heads == ["Service", "Staffing", "Assurance", "Signal", "Actions"]
    assert "Not rated yet." in words(soup.select_one(".board tbody"))


def test_a_manager_lands_on_their_own_services(world):
    assert names(board(world, "bob")) == ["Alder House"]
    member = world.member_id("bob")
    with world.acting("alice") as actor:
        db.session.execute(
            db.text("UPDATE membership SET all_services = true WHERE id = :id"), {"id": member}
        )
        db.session.commit()
        assert actor.org_slug == "alder"
    assert names(board(world, "bob")) == ["Alder House"]
    assert len(names(board(world, "bob", "?manager="))) == 3
    assert names(board(world, "alice", f"?manager={member}")) == ["Alder House"]


def test_what_changed_since_the_last_review(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house, rating="high")
        risks.rate(
            actor=actor, risk_id=risk_id, rating="very_high", rationale="Worse",
            basis=Basis(none_yet=True),
        )  # fmt: skip
        add_action(actor, house, due_on=days_ago(5))
        add_concern(actor, house, severity="red", raised_on=days_ago(31))
        add_concern(actor, house, severity="red", raised_on=days_ago(30))
        add_evidence(actor, house, valid_until=days_ago(2))
        db.session.commit()
    changes = words(board(world).find(id="changes"))
    assert "Changed since 20 Oct 2026" in changes
    for part in (
        "1 newly overdue",
        "1 new action",
        "1 red or amber audit concern",
        "1 evidence item expired",
        "Alder House, medicines : high → very high",
    ):
        assert part in changes, changes
    assert "Alder House" in words(board(world, "bob").find(id="changes"))


def test_a_day_without_changes_says_so(world):
    assert "No rating, action, audit concern or evidence changed." in words(
        board(world).find(id="changes")
    )


def test_a_cell_opens_in_place_and_as_a_page(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        item = add_evidence(actor, house)
        add_risk(actor, house, evidence=[item], outcome_position="0 gaps in 9 days")
        add_action(actor, house, due_on=days_ago(2))
        add_audits(actor, house, 84, 84, 84, 91)
        db.session.commit()
    client, address = world.client("alice"), f"/o/alder/cells/{house}/medicines"
    with statements(world.app) as asked:
        fragment = client.get(address, headers={"HX-Request": "true"})
    assert len(asked) <= 5 and len(fragment.data) < 15_000
    assert fragment.text.lstrip().startswith(f'<div class="cell-detail" id="cell-{house}"')
    for part in ("Two seniors left in June", "Three audits below 80%", "October medicines audit",
                 "0 gaps in 9 days", "Re-train and re-audit", "Alice", "18 Nov 2026", "Overdue",
                 "Mean audit score, medicines 84% → 91%", "Care records", ": missing"):  # fmt: skip
        assert part in fragment.text, part
    page = client.get(address)
    assert "<html" in page.text and "Two seniors left in June" in page.text
    rows = client.get(address + "/rows").text
    assert rows.count("12 Oct 2026") == 1 and "4 records" in rows


def test_an_unrated_cell_offers_to_rate_it_to_those_who_may(world):
    house = world.service_id("Alder House")
    address = f"/o/alder/cells/{house}/experience"
    page = world.client("alice").get(address).text
    assert "No rating is not a low rating" in page and "Rate this" in page
    assert "Rate this" not in world.client("ben").get(address).text


@pytest.mark.parametrize("suffix", ["", "/rows"])
def test_who_may_open_a_cell(world, suffix):
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    own = f"/o/alder/cells/{house}/safety{suffix}"
    assert world.client("bob").get(own).status_code == 200
    assert world.client("ben").get(own).status_code == 200
    assert world.client("bob").get(own.replace(str(house), str(lodge))).status_code == 403
    assert world.client("charlie").get(own).status_code == 404
    assert world.client("charlie").get(own.replace("alder", "birch")).status_code == 404
    assert world.client("alice").get(own.replace(str(house), str(uuid4()))).status_code == 404
    assert world.client("alice").get(own.replace("safety", "weather")).status_code == 404
    assert world.client("alice").post(own).status_code == 405


def test_experience_counts_people_not_staff(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        for month in (7, 8, 9, 10):
            add_records(
                actor, house, "feedback", month, 10, score=500, max_score=500, level="person"
            )
            add_records(
                actor, house, "feedback", month, 10, score=100, max_score=500, level="staff"
            )
        db.session.commit()
    page = world.client("alice").get(f"/o/alder/cells/{house}/experience").text
    assert "Answers scored 4 or 5 of 5 100% → 100%" in page


def test_a_figure_opens_to_its_rows_for_the_persons_services(world):
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        add_concern(actor, house, source_key="AC-HOUSE")
        add_concern(actor, lodge, source_key="AC-LODGE")
        db.session.commit()
    page = world.client("alice").get("/o/alder/figures/audit_risks_linked").text
    assert "AC-HOUSE" in page and "AC-LODGE" in page and "Definition, version 1" in page
    own = world.client("bob").get("/o/alder/figures/audit_risks_linked").text
    assert "AC-HOUSE" in own and "AC-LODGE" not in own
    assert world.client("charlie").get("/o/alder/figures/overdue_actions").status_code == 404
    assert world.client("alice").get("/o/alder/figures/happiness").status_code == 404
    assert world.client("alice").post("/o/alder/figures/overdue_actions").status_code == 405


def test_kept_values_live_briefly_and_are_few():
    made = []

    def make():
        made.append(1)
        return len(made)

    kept = Kept(seconds=60, most=2)
    assert [kept.get("a", make), kept.get("a", make)] == [1, 1]
    kept.get("b", make), kept.get("c", make)
    assert kept.get("a", make) == 4
    never = Kept(seconds=0)
    assert never.get("a", make) != never.get("a", make)


def test_a_kept_board_gives_way_to_any_event(world, monkeypatch):
    settings = replace(world.app.config["SETTINGS"], env="development")
    monkeypatch.setitem(world.app.config, "SETTINGS", settings)
    house = world.service_id("Alder House")
    client = world.client("alice")
    client.get("/o/alder/")
    with statements(world.app) as asked:
        client.get("/o/alder/")
    assert len(asked) == 1
    with world.acting("alice") as actor:
        add_risk(actor, house, rating="very_high")
        db.session.commit()
    assert "Very high" in client.get("/o/alder/").text
    assert "Alder Lodge" not in world.client("bob").get("/o/alder/").text
