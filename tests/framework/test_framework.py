"""Tags, the view of a topic, changing the framework, and the crosswalk."""

from __future__ import annotations

from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.framework import catalogue, queries, service
from careboard.risks import service as risks
from careboard.risks.service import Basis, NewEvidence
from tests.actions.samples import add_action
from tests.counting import statements

BASE = "/o/alder/framework"
MEDICINES = {"framework": "saf-2023", "slug": "medicines-optimisation"}


def add_risk(world, service_name="Alder House", domain="medicines", evidence=True):
    new = NewEvidence("MAR audit", "audits", source_link="https://care.example/1")
    service_id = world.service_id(service_name)
    with world.acting("alice") as actor:
        risk_id = risks.open_risk(
            actor=actor,
            service_id=service_id,
            domain=domain,
            original_cause="Gaps in MAR charts",
            rating="high",
            rationale="Seven gaps in October",
            basis=Basis(new=new) if evidence else Basis(none_yet=True),
        )
        db.session.commit()
    return risk_id


def tag(world, kind, row_id, person="alice", framework="saf-2023", slug="medicines-optimisation"):
    with world.acting(person) as actor:
        tag_id = service.tag(actor=actor, kind=kind, row_id=row_id, framework=framework, slug=slug)
        db.session.commit()
    return tag_id


def alter(world, statement):
    with world.acting("alice"):
        db.session.execute(text(statement))
        db.session.commit()


def standing(world, framework="saf-2023", slug="medicines-optimisation", person="alice"):
    with world.acting(person) as actor:
        version = catalogue.FRAMEWORKS[framework]
        return queries.overview(actor=actor, framework=version)[slug]


def test_a_topic_tells_what_is_claimed_what_it_rests_on_and_what_is_missing(world):
    assert standing(world).missing == ["Nothing is tagged to it"]
    action_id = add_action(world)
    tag(world, "action", action_id)
    alter(world, "UPDATE action SET due_on = '2026-11-10'")
    assert standing(world).missing == [
        "No rating or indicator makes a claim",
        "No evidence in date",
        "1 action overdue",
    ]
    tag(world, "risk", add_risk(world))
    now = standing(world)
    assert (now.counts["risk"], now.counts["evidence"], now.kinds) == (1, 1, ("audits",))
    assert now.missing == ["No care records, feedback, staff practice", "1 action overdue"]


def test_evidence_out_of_date_supports_no_topic(world):
    risk_id = add_risk(world)
    tag(world, "risk", risk_id)
    alter(world, "UPDATE evidence SET valid_until = '2026-11-19'")
    assert standing(world).missing == ["No evidence in date", "1 rating not supported"]


def test_tagging_twice_is_once_and_taking_off_keeps_the_row(world):
    risk_id = add_risk(world)
    first, second = tag(world, "risk", risk_id), tag(world, "risk", risk_id)
    assert first == second
    with world.acting("bob") as actor:
        assert service.untag(actor=actor, tag_id=first) == ("risk", risk_id)
        service.untag(actor=actor, tag_id=first)
        db.session.commit()
    rows = world.sql("SELECT removed_at IS NOT NULL AS off FROM framework_tag")
    assert [row.off for row in rows] == [True]
    assert tag(world, "risk", risk_id) != first
    assert standing(world).counts["risk"] == 1


def test_switching_the_framework_loses_no_tag(world):
    tag(world, "risk", add_risk(world))
    with world.acting("adam") as actor:
        service.use(actor=actor, framework="asc-draft-v9", reason="The regulator moves")
        db.session.commit()
        assert queries.in_use(actor=actor).code == "asc-draft-v9"
    carried = standing(world, "asc-draft-v9", "safe-medicines-and-treatments")
    assert (carried.counts["risk"], carried.confirmed) == (1, False)
    tag(world, "action", add_action(world), framework="asc-draft-v9",
        slug="safe-medicines-and-treatments")  # fmt: skip
    with world.acting("adam") as actor:
        service.use(actor=actor, framework="saf-2023", reason="Back: implementation is delayed")
        db.session.commit()
    back = standing(world)
    assert (back.counts["risk"], back.counts["action"]) == (1, 1)
    assert len(world.sql("SELECT 1 FROM framework_use")) == 2


def test_a_person_confirms_or_refuses_a_pair(world):
    tag(world, "risk", add_risk(world))
    number = next(
        i for i, pair in enumerate(catalogue.PAIRS) if pair.one.slug == "medicines-optimisation"
    )
    for same, expected in ((True, (1, True)), (False, (0, True))):
        with world.acting("alice") as actor:
            service.judge_pair(actor=actor, number=number, same=same)
            db.session.commit()
        now = standing(world, "asc-draft-v9", "safe-medicines-and-treatments")
        assert (now.counts["risk"], now.confirmed) == expected
    assert len(world.sql("SELECT 1 FROM crosswalk_decision")) == 2


def test_tag_by_domain_leaves_alone_what_is_tagged(world):
    tag(world, "risk", add_risk(world, domain="medicines"), slug="safe-environments")
    add_risk(world, domain="staffing")
    add_action(world)
    for expected in (2, 0):
        with world.acting("alice") as actor:
            assert service.tag_by_domain(actor=actor) == expected
            db.session.commit()
    assert standing(world, slug="safe-and-effective-staffing").counts["risk"] == 1
    assert standing(world).counts == {"action": 1}


def test_a_person_sees_and_tags_within_their_services(world):
    elsewhere = add_risk(world, "Alder Lodge")
    tag(world, "risk", elsewhere)
    assert standing(world, person="bob").counts["risk"] == 0
    with world.acting("bob") as actor, pytest.raises(Forbidden):
        service.tag(actor=actor, kind="risk", row_id=elsewhere, **MEDICINES)
    own = add_risk(world)
    tag(world, "risk", own, person="rita")
    with world.acting("vera") as actor, pytest.raises(Forbidden):
        service.tag(actor=actor, kind="risk", row_id=own, **MEDICINES)
    with world.acting("charlie") as actor, pytest.raises(NotFound):
        service.tag(actor=actor, kind="risk", row_id=own, **MEDICINES)


def test_refusals(world):
    risk_id = add_risk(world)
    with world.acting("alice") as actor:
        with pytest.raises(Invalid) as wrong:
            service.tag(
                actor=actor, kind="risk", row_id=risk_id, framework="saf-2023", slug="nonsense"
            )
        assert wrong.value.field == "topic"
        for framework, reason, field in (
            ("nonsense", "x", "framework"),
            ("saf-2023", "x", "framework"),
            ("asc-draft-v9", " ", "reason"),
            ("asc-draft-v9", "x" * 2_001, "reason"),
        ):
            with pytest.raises(Invalid) as wrong:
                service.use(actor=actor, framework=framework, reason=reason)
            assert wrong.value.field == field
        with pytest.raises(NotFound):
            service.judge_pair(actor=actor, number=999, same=True)
        with pytest.raises(NotFound):
            service.tag(actor=actor, kind="membership", row_id=risk_id, **MEDICINES)
    with world.acting("bob") as actor, pytest.raises(Forbidden):
        service.use(actor=actor, framework="asc-draft-v9", reason="x")


def test_the_pages_work_through_forms_alone(world):
    client, risk_id = world.client("alice"), add_risk(world)
    page = f"{BASE}/tags/risk/{risk_id}"
    chosen = BeautifulSoup(client.get(page).text, "html.parser").select_one("option[selected]")
    assert chosen["value"] == "medicines-optimisation", "the domain suggests the topic"
    assert client.post(page, data={"topic": "nonsense"}).status_code == 422
    answer = client.post(page, data={"topic": "medicines-optimisation"})
    assert answer.status_code == 303
    topic = client.get(f"{BASE}/topics/saf-2023/medicines-optimisation").text
    assert "RSK-" in topic and "MAR audit" in topic and "No care records" in topic
    fragment = client.post(page, data={"topic": "safeguarding"}, headers={"HX-Request": "true"})
    assert fragment.text.lstrip().startswith("<section") and "Safeguarding" in fragment.text
    form = BeautifulSoup(fragment.text, "html.parser").select_one("form.tag-remove")
    assert client.post(form["action"]).status_code == 303
    answer = client.post(f"{BASE}/settings", data={"framework": "asc-draft-v9", "reason": ""})
    assert answer.status_code == 422 and "Say why" in answer.text
    answer = client.post(
        f"{BASE}/settings", data={"framework": "asc-draft-v9", "reason": "It is in force"}
    )
    assert answer.status_code == 303
    assert "key lines of enquiry" in client.get(f"{BASE}/").text
    assert client.post(f"{BASE}/crosswalk/0", data={"same": "yes"}).status_code == 303
    assert client.post(f"{BASE}/crosswalk/0", data={"same": "perhaps"}).status_code == 422
    assert client.post(f"{BASE}/tag-by-domain").status_code == 303


def test_strangers_and_those_without_the_right(world):
    risk_id = add_risk(world)
    tag_id = tag(world, "risk", risk_id)
    foreign = world.client("charlie")
    assert foreign.get(f"/o/birch/framework/tags/risk/{risk_id}").status_code == 404
    assert foreign.post(f"/o/birch/framework/tags/{tag_id}/remove").status_code == 404
    reader = world.client("ben")
    assert reader.get(f"{BASE}/tags/risk/{risk_id}").status_code == 200
    assert reader.post(f"{BASE}/tags/risk/{risk_id}", data={"topic": "x"}).status_code == 403
    assert reader.post(f"{BASE}/settings").status_code == 403
    assert reader.post(f"{BASE}/crosswalk/0", data={"same": "yes"}).status_code == 403
    assert reader.get(f"{BASE}/tags/risk/{uuid4()}").status_code == 404
    assert reader.get(f"{BASE}/tags/nonsense/{risk_id}").status_code == 404
    assert reader.get(f"{BASE}/topics/saf-2023/nonsense").status_code == 404


def test_the_pages_have_a_handful_of_statements(world):
    for domain in ("medicines", "staffing", "safety"):
        tag(world, "risk", add_risk(world, domain=domain))
    with world.acting("alice") as actor, statements() as sent:
        queries.overview(actor=actor, framework=catalogue.FRAMEWORKS["saf-2023"])
    assert len([one for one in sent if "org_id" in one]) == 2
