"""Long lists are paged, or say how many rows there are and where the rest is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from careboard.assurance import agenda
from careboard.db import db
from careboard.framework import catalogue, queries
from careboard.records.models import Audit
from careboard.services.lists import fetch_rows
from tests.dashboards.rows import (
    TODAY,
    add,
    add_action,
    add_audits,
    add_claim,
    add_concern,
    add_risk,
    days_ago,
)
from tests.framework.test_framework import MEDICINES, tag

_DISPOSALS = """
INSERT INTO disposal (org_id, id, reference, record_class, days, before_on, oldest_on, newest_on,
  number, ids_sha256, reason, disposed_by_id, disposed_on)
SELECT m.org_id, gen_random_uuid(), 'DSL-' || lpad(n::text, 4, '0'), 'mail', 400, '2026-01-01',
  '2025-01-01', '2025-01-01', 1, '', 'x', m.id, '2026-01-01'
FROM membership m, generate_series(1, 26) n WHERE m.id = :id"""


@pytest.fixture
def house(world):
    return world.service_id("Alder House")


def first_cells(page: str, caption: str) -> list[str]:
    """The first cell of every row of the table with that caption."""
    found = BeautifulSoup(page, "html.parser").find("caption", string=caption).parent
    return [row.th.get_text() for row in found.select("tbody tr")]


def test_rows_of_sql_come_by_pages_and_beyond_the_last_the_first(world):
    with world.acting("alice"):
        numbers = "SELECT * FROM generate_series(1, :most) AS n"
        for asked, rows, number in ((1, [5, 4], 1), (3, [1], 3), (9, [5, 4], 1)):
            page = fetch_rows(numbers, {"most": 5}, order="x.n DESC", page=asked, size=2)
            assert [row.n for row in page.rows] == rows
            assert (page.number, page.pages, page.total) == (number, 3, 5)


def test_every_record_behind_a_trend_is_reached(world, house):
    with world.acting("alice") as actor:
        add_audits(actor, house, 84, 84, 84, 91)
        for number in range(200):
            add(
                actor, Audit, service_id=house, theme="medicines", domain="medicines",
                cycle=f"round {number}", completed_on=date(2026, 10, 20), score=8000,
                max_score=10000, rag="green",
            )  # fmt: skip
        db.session.commit()
    address = f"/o/alder/cells/{house}/medicines/rows"
    assert "204 records, page 1 of 9" in world.client("alice").get(address).text
    last = world.client("alice").get(f"{address}?page=9").text
    assert last.count("12 Jul 2026") == 1 and 'rel="prev"' in last


def test_the_disposal_log_goes_on(world):
    with world.acting("adam") as actor:
        db.session.execute(text(_DISPOSALS), {"id": actor.membership_id})
        db.session.commit()
    adam = world.client("adam")
    assert "DSL-0001" not in adam.get("/o/alder/retention/").text
    last = adam.get("/o/alder/retention/?page=2").text
    assert "DSL-0001" in last and "DSL-0026" not in last
    refused = adam.post("/o/alder/retention/holds", data={})
    assert refused.status_code == 422 and "/o/alder/retention/?page=2" in refused.text


def test_many_actions_at_a_topic_do_not_crowd_out_its_ratings(world, house, monkeypatch):
    monkeypatch.setattr(queries, "MOST_ROWS", 2)
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        ids = [add_action(actor, house).id for _ in range(9)] + [add_action(actor, lodge).id]
        risk_id = add_risk(actor, house)
        db.session.commit()
    for action_id in ids:
        tag(world, "action", action_id)
    tag(world, "risk", risk_id)
    version = catalogue.FRAMEWORKS[MEDICINES["framework"]]
    asked = {"framework": version, "slug": MEDICINES["slug"]}
    with world.acting("alice") as actor:
        found = queries.of_topic(actor=actor, **asked)
        assert len(found["risk"]) == 1
        assert (len(found["action"]), found["action"][0].total) == (2, 10)
        found = queries.of_topic(actor=actor, **asked, service_id=lodge)
        assert [row.id for row in found["action"]] == ids[-1:]
    address = "/o/alder/framework/topics/{framework}/{slug}".format(**MEDICINES)
    assert "The first 2 of 10 are shown" in world.client("alice").get(address).text
    one = world.client("alice").get(f"{address}?service={lodge}").text
    assert len(first_cells(one, "Live actions")) == 1 and "are shown" not in one


def test_an_agenda_is_given_every_line_so_that_it_counts_what_it_leaves_out(world, house):
    with world.acting("alice") as actor:
        for _ in range(51):
            add_claim(actor, house, validated=2)
        since = TODAY - timedelta(days=7)
        found = list(agenda.lines(actor=actor, service_id=None, on=TODAY, since=since))
    assert len(found) == 51


def test_a_risk_says_how_many_concerns_there_are_and_leads_to_them(world, house):
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        for day in range(16):
            add_concern(actor, house, raised_on=days_ago(day), source_key=f"MED-{day}")
        add_concern(actor, house, domain="safety", theme="falls", source_key="FALL-1")
        db.session.commit()
    alice = world.client("alice")
    page = BeautifulSoup(alice.get(f"/o/alder/risks/{risk_id}").text, "html.parser")
    told = page.find(string=lambda words: "The latest 15 of 16 are shown" in words)
    listed = alice.get(told.parent.a["href"]).text
    assert "16 audit concerns" in listed and "MED-15" in listed and "FALL-1" not in listed
    unreadable = alice.get("/o/alder/records/audit-concerns?domain=weather").text
    assert "“weather” is not one of the choices" in unreadable
