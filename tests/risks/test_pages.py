"""The risk profile's pages: who opens them, and what a form keeps."""

from __future__ import annotations

import io
from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard.db import db
from careboard.evidence.models import Evidence
from tests.dashboards.rows import add_evidence, add_risk
from tests.risks.making import add_return, member, sitting
from tests.sharing.making import closed


@pytest.fixture
def risk_id(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        db.session.commit()
    return risk_id


@pytest.fixture
def lodge_risk_id(world):
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, lodge, "staffing", original_cause="Rota gaps at weekends")
        db.session.commit()
    return risk_id


def form(world, **values):
    return {
        "service_id": str(world.service_id("Alder House")),
        "domain": "safety",
        "original_cause": "Worn carpets on the stairs",
        "rating": "moderate",
        "rationale": "Two falls in October",
        "none_yet": "y",
    } | values


def test_the_profile_lists_what_the_person_reaches(world, risk_id, lodge_risk_id):
    assert "Rota gaps" in world.client("alice").get("/o/alder/risks/").text
    own = world.client("bob").get("/o/alder/risks/").text
    assert "Two seniors left" in own and "Rota gaps" not in own


@pytest.mark.parametrize(
    ("query", "shown"),
    [("rating=high", True), ("rating=low", False), ("domain=medicines", True),
     ("state=unsupported", True), ("state=assured", False), ("q=seniors", True),
     ("q=100%25", False), ("rating=%00&page=x&order=latest", True)],
)  # fmt: skip
def test_filters(world, risk_id, query, shown):
    page = world.client("alice").get(f"/o/alder/risks/?{query}")
    assert page.status_code == 200
    assert ("Two seniors left" in page.text) is shown


def test_an_empty_profile_leads_to_the_first_rating(world):
    page = world.client("alice").get("/o/alder/risks/").text
    assert "No risk is rated yet" in page and "/o/alder/risks/new" in page


def test_one_risk(world, risk_id, lodge_risk_id):
    page = world.client("alice").get(f"/o/alder/risks/{risk_id}")
    assert page.status_code == 200
    assert "Two seniors left in June" in page.text and "Three audits below 80%" in page.text
    assert world.client("bob").get(f"/o/alder/risks/{risk_id}").status_code == 200
    assert world.client("bob").get(f"/o/alder/risks/{lodge_risk_id}").status_code == 403
    assert world.client("charlie").get(f"/o/alder/risks/{risk_id}").status_code == 404
    assert world.client("charlie").get(f"/o/birch/risks/{risk_id}").status_code == 404
    assert world.client("alice").get(f"/o/alder/risks/{uuid4()}").status_code == 404
    assert world.client("alice").post(f"/o/alder/risks/{risk_id}").status_code == 405


@pytest.mark.parametrize(
    ("person", "beside", "more"),
    [("alice", ["Add action", "Decide whether to share", "Decide on rating"],
      ["Submit return", "Add evidence", "Decisions on sharing"]),
     ("bob", ["Add evidence", "Add action", "Submit return"],
      ["Dispute rating", "Decisions on sharing"]),
     ("ben", ["Decisions on sharing"], [])],
)  # fmt: skip
def test_what_is_likeliest_next_stands_out_and_the_rest_is_behind_a_button(
    world, risk_id, person, beside, more
):
    page = world.client(person).get(f"/o/alder/risks/{risk_id}").text
    found = BeautifulSoup(page, "html.parser").select_one(".page-actions")
    assert [link.text for link in found.select("a.btn")] == beside
    assert [link.text for link in found.select("a.btn-primary")] == beside[1:][-1:]
    assert [link.text for link in found.select("details li a")] == more


def test_a_closed_risk_says_since_when_and_asks_for_nothing(world, risk_id):
    closed(world, risk_id, date(2026, 11, 21))
    page = world.client("alice").get(f"/o/alder/risks/{risk_id}").text
    assert "closed 21 Nov 2026" in page and "Last rating" in page
    for asked in (
        "Decide on rating",
        "Add evidence",
        "Add action",
        "not assured",
        "Not stated yet",
    ):
        assert asked not in page


def test_the_database_wants_the_day_of_a_closed_risk(world, risk_id):
    for wrong in (
        "closed_on = opened_on",
        "status = 'closed'",
        "status = 'closed', closed_on = opened_on - 1",
    ):
        with pytest.raises(IntegrityError, match="ck_risk_closed"):
            world.sql(f"UPDATE risk SET {wrong} WHERE id = :id", id=risk_id)


@pytest.mark.parametrize("person", ["ben", "bob", "vera", "adam"])
def test_rating_is_for_those_who_may(world, risk_id, person):
    client = world.client(person)
    assert client.get("/o/alder/risks/new").status_code == 403
    assert client.post("/o/alder/risks/new", data=form(world)).status_code == 403
    assert client.get(f"/o/alder/risks/{risk_id}/rate").status_code == 403
    assert client.post(f"/o/alder/risks/{risk_id}/rate", data={}).status_code == 403


def test_a_stranger_rates_nothing(world, risk_id):
    client = world.client("charlie")
    assert client.post(f"/o/alder/risks/{risk_id}/rate", data={}).status_code == 404
    assert client.post(f"/o/birch/risks/{risk_id}/rate", data={}).status_code == 404
    assert client.post("/o/birch/risks/new", data=form(world)).status_code == 422


def test_a_risk_is_entered(world):
    answer = world.client("alice").post("/o/alder/risks/new", data=form(world))
    assert answer.status_code == 303
    assert world.sql("SELECT rating FROM risk")[0].rating == "moderate"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rationale": " "}, "Give the reasons for this rating."),
        ({"original_cause": ""}, "Say what the original cause is."),
        ({"rating": ""}, "Choose a rating."),
        ({"none_yet": ""}, "A rating needs evidence."),
        ({"service_id": "x"}, "Invalid Choice"),
        ({"none_yet": "", "new_title": "Audit", "new_kind": "audits"}, "Choose a file, or give a"),
        ({"none_yet": "", "new_link": "Q-12"}, "Give the evidence a title."),
        ({"none_yet": "", "new_title": "A", "new_link": "Q-12"}, "Choose the kind of evidence."),
    ],
)
def test_a_refused_form_says_what_and_keeps_the_rest(world, values, message):
    answer = world.client("alice").post("/o/alder/risks/new", data=form(world, **values))
    assert answer.status_code == 422
    assert message in answer.text
    kept = "Two falls in October" if "rationale" not in values else "Worn carpets on the stairs"
    assert kept in answer.text
    assert world.sql("SELECT 1 FROM risk") == [] == world.sql("SELECT 1 FROM evidence")


def test_a_file_that_is_not_taken_is_refused_at_its_field(world):
    data = form(world, none_yet="", new_title="Audit", new_kind="audits")
    data["new_file"] = (io.BytesIO(b"MZ..."), "audit.exe")
    answer = world.client("alice").post("/o/alder/risks/new", data=data)
    assert answer.status_code == 422 and "not of a kind that is taken" in answer.text


def test_a_rating_is_decided_in_a_sitting_on_a_return(world, risk_id):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        item = add_evidence(actor, house, submitted_by_id=member(actor, "bob"))
        values = {"sitting": sitting(actor), "claim": add_return(actor, risk_id)}
        db.session.commit()
        values |= {"evidence": [str(item.id)]}
    client = world.client("alice")
    page = client.get(f"/o/alder/risks/{risk_id}/rate?review={values['sitting']}").text
    assert "October medicines audit" in page and "Monthly governance review, REV-" in page
    assert "Dashboard review log" in page and "Five charts read" in page
    data = {"rating": "moderate", "rationale": "Re-audit at 93%"} | values
    answer = client.post(f"/o/alder/risks/{risk_id}/rate", data=data)
    assert answer.status_code == 303 and str(values["sitting"]) in answer.location
    page = client.get(f"/o/alder/risks/{risk_id}").text
    assert "changed once in 2 reviews" in page and "submitted by Bob, checked by Vera" in page
    assert "Lowered from high to moderate" in page and "watched" in page


@pytest.mark.parametrize(("maker", "asked"), [("alice", True), ("bob", False)])
@pytest.mark.parametrize("until", [date(2026, 11, 1), date(2026, 12, 1)])
def test_who_made_evidence_is_asked_why_they_decide(world, risk_id, maker, asked, until):
    with world.acting("alice") as actor:
        add_return(actor, risk_id)
        # Past its date it can be cited with the return alone.
        for item in db.session.scalars(select(Evidence)):
            item.submitted_by_id, item.valid_until = member(actor, maker), until
        db.session.commit()
    page = world.client("alice").get(f"/o/alder/risks/{risk_id}/rate").text
    assert ("same_person_reason" in page) is asked


def test_a_decision_without_its_grounds_is_refused_at_its_field(world, risk_id):
    client = world.client("alice")
    data = {"rating": "moderate", "rationale": "Re-audit at 93%", "none_yet": "y"}
    answer = client.post(f"/o/alder/risks/{risk_id}/rate", data=data)
    assert answer.status_code == 422 and "choose its sitting" in answer.text
    assert "Re-audit at 93%" in answer.text and "No sitting of the governance group" in answer.text


def test_a_stale_form_is_told(world, risk_id):
    data = {"rating": "low", "rationale": "Better", "none_yet": "y", "seen": str(uuid4())}
    answer = world.client("alice").post(f"/o/alder/risks/{risk_id}/rate", data=data)
    assert answer.status_code == 409 and "before you" in answer.text
