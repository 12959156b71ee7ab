"""The pages of assurance: who sees what, forms without script, fragments, what was typed."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from careboard.db import db
from tests.actions.samples import add_action, leave
from tests.actions.samples import add_evidence as add_evidence_of_action
from tests.actions.test_pages import count_statements
from tests.assurance.making import (
    ANSWERS,
    STATEMENT,
    TODAY,
    add_rows,
    draw,
    make_claim,
    make_return,
    record,
    start,
    state,
    validate,
)

BASE = "/o/alder/assurance"
HX = {"HX-Request": "true"}
FORM = {
    "statement": STATEMENT,
    "domain": "medicines",
    "period_from": "2026-10-01",
    "period_to": "2026-10-31",
    "new_title": "October MAR sheets",
    "new_kind": "care_records",
    "new_link": "https://care.example/mar/10",
}


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def new_address(world, name="Alder House") -> str:
    return f"{BASE}/new?service={world.service_id(name)}"


def test_a_claim_is_made_by_the_form(world):
    bob = world.client("bob")
    assert "Which service" in bob.get(f"{BASE}/new").text
    answer = bob.post(new_address(world), data=FORM)
    assert answer.status_code == 303, answer.text
    page = soup(bob.get(answer.location))
    words = page.get_text(" ", strip=True)
    for part in (STATEMENT, "CLM-0001", "Awaiting validation", "EV-0001", "Medicines",
                 "1 Oct 2026 to 31 Oct 2026"):  # fmt: skip
        assert part in words, part
    covered = [li.get_text(strip=True) for li in page.select("#claim .kinds .is-covered")]
    missing = [li.get_text(strip=True) for li in page.select("#claim .kinds .is-missing")]
    assert covered == ["Care records: covered"]
    assert missing == ["Audits: missing", "Feedback: missing", "Staff practice: missing"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"statement": ""}, "statement"),
        ({"period_to": "2026-02-30"}, "period_to"),
        ({"period_to": "2026-12-01"}, "period_to"),
        ({"new_title": "", "new_kind": "", "new_link": ""}, "evidence"),
        ({"new_title": ""}, "new_title"),
        ({"new_kind": ""}, "new_kind"),
        ({"new_link": ""}, "new_file"),
        ({"new_link": "ftp://x"}, "new_link"),
        ({"evidence": str(uuid.uuid4())}, "evidence"),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(world, change, field):
    if field == "evidence":
        make_claim(world)
    answer = world.client("bob").post(new_address(world), data=FORM | change)
    page = soup(answer)
    assert answer.status_code == 422
    assert page.select_one(f"#error-summary a[href^='#{field}']"), page.select("#error-summary")
    assert page.select_one("#period_from")["value"] == "2026-10-01"
    typed = (FORM | change)["statement"]
    assert page.select_one("#statement").get_text().strip() == typed


def test_a_return_shows_the_original_cause(world):
    _, risk_id = make_return(world)
    bob = world.client("bob")
    page = soup(bob.get(f"{BASE}/new?risk={risk_id}"))
    assert page.h1.get_text(strip=True) == "Service assurance return"
    assert "Two seniors left in June" in page.get_text() and not page.select("#domain")
    answer = bob.post(f"{BASE}/new?risk={risk_id}", data=FORM)
    made = world.sql("SELECT * FROM claim ORDER BY id DESC LIMIT 1")[0]
    assert (made.kind, made.risk_id, made.domain) == ("assurance_return", risk_id, "medicines")
    assert "Service assurance return" in bob.get(answer.location).text
    # Whoever is not the manager makes a claim about the risk; so may the manager.
    for client, query in ((world.client("rita"), ""), (bob, "&kind=claim")):
        address = f"{BASE}/new?risk={risk_id}{query}"
        assert soup(client.get(address)).h1.get_text(strip=True) == "Make a claim"


def test_a_claim_may_start_from_an_action_with_its_evidence(world):
    action_id = add_action(world)
    add_evidence_of_action(world, action_id)
    page = soup(world.client("bob").get(f"{BASE}/new?action={action_id}"))
    assert page.select_one("#evidence input[checked], input[name=evidence][checked]")
    assert page.select_one("#domain option[selected]")["value"] == "medicines"


def test_a_draft_is_edited_submitted_and_seen_by_its_author_alone(world):
    bob = world.client("bob")
    answer = bob.post(new_address(world), data={**FORM, "intent": "draft"})
    address = answer.location
    claim_id = world.sql("SELECT id FROM claim")[0].id
    assert world.client("alice").get(address).status_code == 404
    assert "CLM-0001" not in world.client("alice").get(f"{BASE}/claims").text
    evidence_id = world.sql("SELECT id FROM evidence")[0].id
    for person, seen in (("alice", False), ("bob", True)):
        answer = world.client(person).get(f"/o/alder/evidence/{evidence_id}")
        assert ("CLM-0001" in answer.text) is seen
    page = soup(bob.get(f"{BASE}/{claim_id}/draft"))
    assert "Attached already" in page.get_text()
    changed = {"statement": "Gaps fell from 7 to 1", "period_from": "2026-10-01",
               "period_to": "2026-10-31", "intent": "draft"}  # fmt: skip
    assert bob.post(f"{BASE}/{claim_id}/draft", data=changed | {"statement": ""}).status_code == 422
    assert bob.post(f"{BASE}/{claim_id}/draft", data=changed).status_code == 303
    assert state(world, claim_id).statement == "Gaps fell from 7 to 1"
    answer = bob.post(f"{BASE}/{claim_id}/submission", headers=HX)
    assert "Awaiting validation" in answer.text and soup(answer).find()["id"] == "claim"
    assert world.client("alice").get(address).status_code == 200
    assert world.client("rita").get(f"{BASE}/{claim_id}/draft").status_code == 403
    assert bob.get(f"{BASE}/{claim_id}/draft").status_code == 409


def test_withdrawal_needs_a_reason(world):
    claim_id = make_claim(world)
    bob = world.client("bob")
    assert bob.post(f"{BASE}/{claim_id}/withdrawal", data={}).status_code == 422
    answer = bob.post(f"{BASE}/{claim_id}/withdrawal", data={"reason": "Wrong month"}, headers=HX)
    assert "Wrong month" in answer.text
    assert world.client("rita").post(
        f"{BASE}/{make_claim(world)}/withdrawal", data={"reason": "x"}
    ).status_code == 403  # fmt: skip


def test_validated_by_forms_alone(world):
    add_rows(world)
    claim_id, _ = make_return(world)
    vera = world.client("vera")
    answer = vera.post(f"{BASE}/{claim_id}/validation")
    assert answer.status_code == 303
    page = soup(vera.get(answer.location))
    words = page.get_text(" ", strip=True)
    assert "Audits completed in the period (1)" in words and "Dashboard review log" in words
    kinds = [box["value"] for box in page.select("input[name=kinds][checked]")]
    assert kinds == ["audit", "audit_concern", "action", "evidence"]
    sent = {"size": "3", "kinds": kinds}
    assert vera.post(f"{BASE}/{claim_id}/samples", data=sent).status_code == 303
    for results in range(3):
        page = soup(vera.get(f"{BASE}/{claim_id}/validation"))
        form = page.select_one("form[aria-labelledby=row-title]")
        assert f"Row {results + 1} of 3" in form.get_text()
        if results == 0:
            answer = vera.post(form["action"], data={"result": "mismatch", "critical": "y"})
            assert answer.status_code == 422
            again = soup(answer)
            assert again.select_one("#description-error")
            assert again.select_one("#critical").has_attr("checked")
        assert vera.post(form["action"], data={"result": "matches"}).status_code == 303
    answer = vera.post(f"{BASE}/{claim_id}/validation/completion", data=ANSWERS | {"findings": ""})
    page = soup(answer)
    assert answer.status_code == 422 and page.select_one("#findings-error")
    assert page.select_one("input[name=outcome][checked]")["value"] == "proves"
    answer = vera.post(f"{BASE}/{claim_id}/validation/completion", data=ANSWERS)
    assert answer.status_code == 303
    words = soup(vera.get(answer.location)).get_text(" ", strip=True)
    assert "3 of 3 match their source (100%)" in words and "It proves the claim" in words
    assert not soup(vera.get(answer.location)).select("#claim-completion")


def test_a_row_can_be_looked_at_again_until_completion(world):
    add_rows(world)
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    record(world, claim_id)
    vera = world.client("vera")
    page = soup(vera.get(f"{BASE}/{claim_id}/validation?row=2"))
    form = page.select_one("form[aria-labelledby=row-title]")
    assert "Row 2 of 5" in form.get_text()
    wrong = {"result": "mismatch", "description": "Two gaps", "critical": "y"}
    answer = vera.post(form["action"], data=wrong, headers=HX)
    assert soup(answer).find()["id"] == "claim-sample"
    assert "4 of 5 match" in answer.text and "Unsupported assurance." in answer.text


def test_every_draw_stays_and_can_be_drawn_again_by_anyone(world):
    add_rows(world)
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id, size=2)
    vera = world.client("vera")
    answer = vera.post(f"{BASE}/{claim_id}/samples", data={"size": "3", "kinds": ["audit"]})
    assert answer.status_code == 422 and "Say why it is drawn again" in answer.text
    sent = {"size": "3", "kinds": ["audit", "evidence"], "redraw_reason": "Too few"}
    assert vera.post(f"{BASE}/{claim_id}/samples", data=sent).status_code == 303
    page = soup(world.client("ben").get(f"{BASE}/{claim_id}"))
    draws = [one.get_text(strip=True) for one in page.select("#claim-sample > .fold > summary")]
    assert [words[:15] for words in draws] == ["Draw 2: 2 of 2 ", "Draw 1: 2 of 5 "]
    assert "Too few" in page.get_text()
    for number, size in ((1, 5), (2, 2)):
        found = world.client("ben").get(f"{BASE}/{claim_id}/samples/{number}/population")
        assert found.status_code == 200 and len(found.text.splitlines()) == size
        assert hashlib.sha256(found.data).hexdigest() in page.get_text()
        assert f"CLM-0001-population-{number}.txt" in found.headers["Content-Disposition"]
    for number in (3, 10**30):
        path = f"{BASE}/{claim_id}/samples/{number}/population"
        assert world.client("ben").get(path).status_code == 404


def test_ones_own_claim_names_who_can_validate_it(world):
    claim_id = make_claim(world, "alice")
    alice = world.client("alice")
    page = soup(alice.get(f"{BASE}/{claim_id}/validation"))
    assert "Vera can validate it" in page.get_text()
    assert not page.select("#claim-taking form")
    assert alice.post(f"{BASE}/{claim_id}/validation").status_code == 422
    leave(world, "vera")
    page = soup(alice.get(f"{BASE}/{claim_id}/validation"))
    assert page.select_one("#same_person_reason")
    data = {"same_person_reason": "Vera has left"}
    assert alice.post(f"{BASE}/{claim_id}/validation", data=data).status_code == 303
    assert "Validated by the same person" in alice.get(f"{BASE}/{claim_id}").text
    assert "Vera has left" in alice.get(f"{BASE}/exceptions").text


def test_evidence_shows_the_claims_it_is_used_in(world):
    claim_id = make_claim(world)
    evidence_id = world.sql("SELECT id FROM evidence")[0].id
    bob = world.client("bob")
    page = soup(bob.get(f"/o/alder/evidence/{evidence_id}"))
    assert page.select_one(f"a[href='{BASE}/{claim_id}']").get_text(strip=True) == "CLM-0001"
    answer = bob.post(
        f"/o/alder/evidence/new?claim={claim_id}",
        data={"title": "Family survey", "kind": "feedback", "source_link": "F-12"},
    )
    assert answer.status_code == 303 and answer.location.endswith(f"{BASE}/{claim_id}")
    make_claim(world)
    answer = bob.post(f"/o/alder/evidence/{evidence_id}/links", data={"reference": "CLM-0002"})
    assert answer.status_code == 303
    validate(world, claim_id)
    assert "decided on it, stays attached" in bob.get(f"/o/alder/evidence/{evidence_id}").text


PATHS = ["", "/validation", "/draft", "/samples/1/population"]


def test_strangers_people_without_the_right_and_wrong_methods(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    drawn = world.sql("SELECT id FROM sample_item")[0].id
    posts = ["/validation", "/samples", f"/samples/rows/{drawn}", "/validation/completion",
             "/submission", "/withdrawal", "/draft"]  # fmt: skip
    for path in PATHS:
        for person in ("charlie", "carol"):
            assert world.client(person).get(f"{BASE}/{claim_id}{path}").status_code == 404
    for path in posts:
        assert world.client("charlie").post(f"{BASE}/{claim_id}{path}").status_code == 404
        assert world.client("ben").post(f"{BASE}/{claim_id}{path}").status_code == 403
    for path in posts[:4]:
        assert world.client("bob").post(f"{BASE}/{claim_id}{path}").status_code == 403
    for path in posts[4:]:
        assert world.client("vera").post(f"{BASE}/{claim_id}{path}").status_code == 403
    assert world.client("ben").get(f"{BASE}/new").status_code == 403
    assert world.client("ben").get(f"{BASE}/{claim_id}").status_code == 200
    elsewhere = make_claim(world, "alice", "Alder Lodge")
    assert world.client("bob").get(f"{BASE}/{elsewhere}").status_code == 403
    lodge = world.service_id("Alder Lodge")
    assert world.client("bob").get(f"{BASE}/new?service={lodge}").status_code == 403
    alice = world.client("alice")
    assert alice.get(f"{BASE}/{uuid.uuid4()}").status_code == 404
    assert alice.get(f"{BASE}/{claim_id}/samples").status_code == 405
    assert alice.post(f"{BASE}/").status_code == 405
    assert alice.post(f"{BASE}/exceptions").status_code == 405


def test_the_list_narrows_and_ignores_nonsense(world):
    waiting, weak = make_claim(world), make_claim(world, statement="Doors 100% checked")
    validate(world, weak, "mismatch", critical=1)
    client = world.client("alice")

    def listed(query):
        return [one.text.strip() for one in soup(client.get(f"{BASE}/claims?{query}")).select(
            "tbody th")]  # fmt: skip

    assert listed("") == ["CLM-0002", "CLM-0001"]
    assert listed("state=unsupported") == ["CLM-0002"]
    assert listed("state=submitted") == ["CLM-0001"]
    assert listed("state=proves") == listed("kind=assurance_return") == []
    assert listed("text=100%25") == ["CLM-0002"]
    assert listed(f"service={world.service_id('Alder Lodge')}") == []
    assert len(listed("state=x&kind=y&service=z&page=-3&text=%00")) == 2
    assert len(listed("_scheme=javascript&_external=1&endpoint=x&org=y&self=z&page=99")) == 2
    assert str(waiting) in client.get(f"{BASE}/").text


def test_three_hundred_claims_wait(world):
    claim_id = make_claim(world)
    with world.acting("alice"):
        db.session.execute(
            text(
                "INSERT INTO claim (org_id, id, reference, kind, service_id, domain, statement,"
                " period_from, period_to, status, submitted_by_id, submitted_on)"
                " SELECT org_id, gen_random_uuid(), reference || '-' || n, kind, service_id,"
                " domain, statement, period_from, period_to, status, submitted_by_id,"
                " submitted_on - n FROM claim, generate_series(1, 299) n"
            )
        )
        db.session.execute(
            text(
                "INSERT INTO evidence_link (org_id, id, evidence_id, claim_id)"
                " SELECT c.org_id, gen_random_uuid(), e.id, c.id FROM claim c, evidence e"
                " WHERE c.id <> :id"
            ),
            {"id": claim_id},
        )
        db.session.commit()
    client = world.client("vera")
    answers = []
    assert count_statements(lambda: answers.append(client.get(f"{BASE}/", headers=HX))) <= 5
    page = soup(answers[0])
    rows = page.select("tbody tr")
    assert len(rows) == 50 and "300 claims, page 1 of 6" in page.get_text(" ", strip=True)
    ages = [int(row.select_one("[data-label=Waiting]").get_text().split()[0]) for row in rows]
    assert ages == sorted(ages, reverse=True) and ages[0] > 200
    assert count_statements(lambda: client.get(f"{BASE}/claims")) <= 7
    last = soup(client.get(f"{BASE}/?page=6"))
    assert str(TODAY.day) in last.get_text() and len(last.select("tbody tr")) == 50


def test_fragments_are_small(world):
    add_rows(world)
    claim_id = make_claim(world, domain=None)
    vera = world.client("vera")
    address = f"{BASE}/{claim_id}/validation"
    for step in (None, start, draw, record):
        if step is not None:
            step(world, claim_id)
        assert count_statements(lambda: vera.get(address, headers=HX)) <= 5
        answer = vera.get(address, headers=HX)
        assert len(answer.data) <= 15_000
        assert soup(answer).find()["id"] == "claim"
