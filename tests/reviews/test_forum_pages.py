"""Pages of forums, attendance and quorum: works, 404 for strangers, 403 without the right, 405."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, text

from careboard.db import db
from careboard.reviews import reading
from tests.reviews.sample import fill, open_monthly, record
from tests.reviews.test_forums import appoint, open_board, save, set_rule, sign_it

BASE = "/o/alder/reviews"
FORUM = f"{BASE}/forums/monthly_governance"


def soup(client, address):
    return BeautifulSoup(client.get(address).text, "html.parser")


def test_everyone_reads_and_the_lead_manages(world):
    term = appoint(world, "vera")
    for person in ("alice", "bob", "rita", "ben", "adam"):
        client = world.client(person)
        for code in ("monthly_governance", "weekly_manager", "quarterly_board"):
            page = client.get(f"{BASE}/forums/{code}")
            assert page.status_code == 200
            assert ("Add to the forum" in page.text) == (person == "alice")
        assert client.get(f"{BASE}/forums").status_code == 200
    posts = (f"{FORUM}/rule", f"{FORUM}/members", f"{FORUM}/members/{term}/end")
    for address in posts:
        for person in ("bob", "rita", "vera", "ben", "adam"):
            assert world.client(person).post(address, data={}).status_code == 403, address
        assert world.client("charlie").post(address, data={}).status_code == 404
        assert world.client("alice").get(address).status_code == 405
    alice = world.client("alice")
    for path in ("forums/tea-party", "forums/tea-party/rule"):
        send = alice.post if path.endswith("rule") else alice.get
        assert send(f"{BASE}/{path}", data={"quorum": "2"}).status_code == 404
    assert alice.post(f"{FORUM}/members/{uuid4()}/end").status_code == 404
    assert world.client("charlie").get(FORUM).status_code == 404


def test_a_lead_sets_up_a_forum(world):
    client = world.client("alice")
    vera = str(world.member_id("vera"))
    assert client.post(f"{FORUM}/rule", data={"quorum": "2"}).status_code == 303
    assert client.post(f"{FORUM}/members", data={"membership": vera}).status_code == 303
    page = soup(client, FORUM)
    assert "2 members" in page.text and "Vera" in page.select_one("tbody").text
    end = page.select_one(".confirm form")
    assert client.post(end["action"], data={"until_on": "2026-11-20"}).status_code == 303
    assert "20 Nov 2026" in soup(client, FORUM).select_one("tbody").text
    assert client.post(end["action"], data={}).status_code == 409


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("rule", {"quorum": "99", "in_use_from": "2026-11-02"}, "1 to 50"),
        ("rule", {"quorum": "two"}, "integer"),
        ("rule", {"in_use_from": "soon"}, "date"),
        ("members", {"membership": "", "from_on": "2026-11-02"}, "Choose a person"),
        ("members", {"membership": "x"}, "choice"),
        ("members", {"membership": "vera", "part": "chair", "from_on": "2026-11-02"},
         "does not have the right to run"),
    ],
)  # fmt: skip
def test_wrong_input_comes_back_with_what_was_typed(world, path, typed, said):
    if typed.get("membership") == "vera":
        typed = {**typed, "membership": str(world.member_id("vera"))}
    answer = world.client("alice").post(f"{FORUM}/{path}", data=typed)
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    for value in typed.values():
        if value.startswith("2026"):
            assert f'value="{value}"' in answer.text


def test_attendance_quorum_and_signature_by_the_pages(world):
    appoint(world, "alice", "chair")
    appoint(world, "vera")
    set_rule(world, "monthly_governance", quorum=2)
    review_id = open_monthly(world)
    address, client = f"{BASE}/{review_id}", world.client("alice")
    page = soup(client, address)
    ticks = {c.parent.text.strip(): c["value"] for c in page.select('[name="present"]')}
    assert list(ticks) == ["Alice, chair", "Vera"]
    typed = {
        "present": [ticks["Alice, chair"]],
        "guest": str(world.member_id("rita")),
        "attendance": "Mr Hale, the builder",
        "summary": "All seen",
        "assurance": "partial",
        "seen": page.select_one("#close #seen")["value"],
    }
    both = {**typed, "apologies": [ticks["Alice, chair"]]}
    wrong = client.post(address, data=both)
    assert wrong.status_code == 422 and "Untick one" in wrong.text and "Mr Hale" in wrong.text
    assert client.post(address, data={**typed, "present": ["x"]}).status_code == 422
    assert client.post(address, data=typed).status_code == 303
    page = soup(client, address)
    assert "Not quorate" in page.select_one("#close").text
    checked = [c["value"] for c in page.select('[name="present"][checked]')]
    assert set(checked) == {ticks["Alice, chair"], typed["guest"]}
    signature = client.get(f"{address}/signature").text
    assert "cannot be signed yet" in signature and "1 of the 2 members" in signature
    typed |= {
        "present": checked,
        "guest": "",
        "inquorate_reason": "Vera was called away",
        "seen": page.select_one("#close #seen")["value"],
    }
    assert client.post(address, data=typed).status_code == 303
    token = soup(client, f"{address}/signature").select_one("#seen")["value"]
    posted = client.post(f"{address}/signature", data={"seen": token, "read": "y"})
    assert posted.status_code == 303
    signed = client.get(address).text
    for words in ("Alice (chair), Rita (guest)", "Mr Hale", "Not quorate", "Vera was called away",
                  "Signed by Alice, chair", "unchanged since signing"):  # fmt: skip
        assert words in signed, words
    assert client.post(address, data=typed).status_code == 409


def test_the_board_member_in_the_chair_has_every_page_of_the_board(world):
    ben = world.client("ben")
    assert ben.get(f"{BASE}/new").status_code == 403
    review_id = open_board(world)
    assert ben.get(f"{BASE}/{review_id}/signature").status_code == 403
    kinds = [o["value"] for o in soup(ben, f"{BASE}/{review_id}").select("#kind-sitting option")]
    assert kinds == ["challenge", "withheld"]
    appoint(world, "ben", "chair", "quarterly_board")
    offered = [o["value"] for o in soup(ben, f"{BASE}/new").select("#forum option")]
    assert offered == ["quarterly_board"]
    assert ben.get(f"{BASE}/{review_id}/signature").status_code == 200
    posted = ben.post(f"{BASE}/{review_id}/items", data={"title": "The lease"})
    assert posted.status_code == 303
    assert "The lease" in ben.get(f"{BASE}/{review_id}").text


def test_rating_decisions_are_read_in_the_minutes_by_those_who_reach_the_service(world):
    fill(world)
    review_id = open_monthly(world)
    record(world, "ben", review_id, "challenge", "Enough?")
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as alice:
        db.session.execute(
            text(
                "INSERT INTO risk (org_id, id, reference, service_id, domain, original_cause, "
                "rating, rated_on, opened_on) VALUES (:org, gen_random_uuid(), 'RSK-0002', :lodge, "
                "'safety', 'Doors', 'high', '2026-11-01', '2026-11-01')"
            ),
            {"org": alice.org_id, "lodge": lodge},
        )
        db.session.execute(
            text(
                "INSERT INTO rating_review (org_id, id, risk_id, rating_from, rating_to, decision, "
                "rationale, decided_by_id, decided_on, decided_at, sitting_id) SELECT k.org_id, "
                "gen_random_uuid(), k.id, k.rating, k.rating, 'hold', 'Because ' || k.domain, :by, "
                "'2026-11-20', now(), :sitting FROM risk k"
            ),
            {"by": alice.membership_id, "sitting": review_id},
        )
        db.session.commit()
    page = world.client("alice").get(f"{BASE}/{review_id}").text
    assert "Because medicines" in page and "Because safety" in page
    save(world, "alice", review_id, ["alice"])
    sign_it(world, "alice", review_id)
    page = world.client("bob").get(f"{BASE}/{review_id}").text
    assert "Because medicines" in page and "Because safety" not in page
    with world.acting("bob") as bob:
        assert reading.minutes(actor=bob, review_id=review_id).unchanged


def test_an_overdue_review_stands_on_the_board(world):
    set_rule(world, "fortnightly_recovery", in_use_from=date(2026, 10, 26))
    page = soup(world.client("alice"), "/o/alder/")
    shown = page.select_one("#sittings")
    assert "Fortnightly recovery review" in shown.text and "11 days overdue" in shown.text
    figure = world.client("alice").get("/o/alder/figures/sittings_overdue").text
    assert "11 days overdue" in figure and "Fortnightly recovery review" in figure
    everything = world.client("alice").get("/o/alder/figures/sittings_overdue?rows=all")
    assert everything.status_code == 200 and "Not held yet" in everything.text
    assert soup(world.client("bob"), "/o/alder/").select_one("#sittings") is None


def test_the_same_few_statements_for_300_services(app, world):
    with app.app_context():
        engine = db.engines[None]
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    client = world.client("alice")
    numbers = {}
    for services in (3, 300):
        if services == 300:
            world_of_300(world)
        for path in ("reviews/", "figures/sittings_overdue", "reviews/forums",
                     "reviews/forums/weekly_manager"):  # fmt: skip
            asked.clear()
            assert client.get(f"/o/alder/{path}").status_code == 200
            numbers.setdefault(path, []).append(len(asked))
    assert all(few == many for few, many in numbers.values()), numbers
    assert numbers["reviews/"][0] <= 12
    page = soup(client, f"{BASE}/?page=2")
    assert "page 2 of 7" in page.select_one(".pager").text
    assert len(page.select("section[aria-labelledby=due-title] tbody tr")) == 50
    assert client.get(f"{BASE}/?page=x").status_code == 200


def world_of_300(world) -> None:
    """Services enough, each reviewed in every week of a year, but for the last month."""
    with world.acting("alice") as alice:
        db.session.execute(
            text(
                "INSERT INTO service (org_id, id, source_key, name) SELECT :org, "
                "gen_random_uuid(), 'S' || n, 'Service ' || n FROM generate_series(1, 297) n"
            ),
            {"org": alice.org_id},
        )
        db.session.execute(
            text(
                "INSERT INTO review (org_id, id, reference, forum, service_id, period_from, "
                "period_to, status, signed_at, sha256) SELECT :org, gen_random_uuid(), "
                "s.id || '/' || w, 'weekly_manager', s.id, DATE '2026-10-12' - 7 * w, "
                "DATE '2026-10-18' - 7 * w, 'signed', now(), 'x' "
                "FROM service s, generate_series(0, 51) w WHERE s.org_id = :org"
            ),
            {"org": alice.org_id},
        )
        db.session.commit()
