"""Evidence: submitting, revising, attaching, and what is refused."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from careboard import uploads
from careboard.actions import lifecycle
from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.evidence import queries, service
from careboard.evidence.targets import one_target
from tests.actions.samples import add_action, add_evidence, add_finding, complete, events
from tests.evidence.files import PDF, PNG

TODAY = date(2026, 11, 20)


def add(world, person="rita", service_name="Alder House", **values):
    values = {"title": "MAR sheets", "kind": "care_records", "source_link": "REC-12"} | values
    service_id = service_name and world.service_id(service_name)
    with world.acting(person) as actor:
        evidence_id = service.submit(actor=actor, service_id=service_id, **values)
        db.session.commit()
    return evidence_id


def row(world, evidence_id):
    return world.sql("SELECT * FROM evidence WHERE id = :id", id=evidence_id)[0]


def run(world, person, call, **values):
    with world.acting(person) as actor:
        result = call(actor=actor, **values)
        db.session.commit()
        return result


def test_evidence_is_valid_92_days_after_its_period(world):
    whole = add(world, period_from=date(2026, 10, 1), period_to=date(2026, 10, 31))
    assert row(world, whole).valid_until == date(2027, 1, 31)
    assert row(world, add(world)).valid_until == date(2027, 2, 20)
    assert row(world, add(world, valid_until=date(2026, 12, 1))).valid_until == date(2026, 12, 1)
    assert row(world, whole).status == "submitted"
    assert row(world, add(world, draft=True)).status == "draft"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"kind": "rumour"}, "kind"),
        ({"period_from": date(2026, 11, 2), "period_to": date(2026, 11, 1)}, "period_to"),
        ({"period_from": date(2026, 12, 2)}, "period_from"),
        ({"period_to": date(2026, 11, 1), "valid_until": date(2026, 10, 1)}, "valid_until"),
        ({"source_link": ""}, "file"),
        ({"source_link": "ftp://x/y"}, "source_link"),
        ({"source_link": "javascript://%0aalert(1)"}, "source_link"),
        ({"source_link": "http://[bad"}, "source_link"),
        ({"source_link": "x" * 2_001}, "source_link"),
        ({"upload": uploads.Upload("a.pdf", "application/pdf", PDF)}, "source_link"),
    ],
)
def test_wrong_values_are_refused_at_their_field(world, wrong, field):
    with pytest.raises(Invalid) as caught:
        add(world, **wrong)
    assert caught.value.field == field


def test_scope_and_rights(world):
    for person in ("vera", "ben", "adam"):
        with pytest.raises(Forbidden):
            add(world, person)
    with pytest.raises(Forbidden):
        add(world, "rita", "Alder Lodge")
    with pytest.raises(Invalid):
        add(world, "rita", None)
    assert row(world, add(world, "alice", None)).service_id is None
    foreign = world.service_id("Birch House", "birch")
    with world.acting("alice") as actor, pytest.raises(NotFound):
        service.submit(
            actor=actor, title="x", kind="audits", service_id=foreign, source_link="REC-1"
        )


def test_a_replacement_is_a_further_revision_and_the_first_stays(world):
    evidence_id = add(world, source_link="", upload=uploads.check("a.pdf", PDF))
    number = run(
        world, "rita", service.revise, evidence_id=evidence_id,
        upload=uploads.check("b.png", PNG), note="Scan was upside down",
    )  # fmt: skip
    assert number == 2
    with world.acting("rita") as actor:
        newest, first = queries.revisions(actor=actor, evidence_id=evidence_id)
    assert (newest.number, newest.file_name, newest.note) == (2, "b.png", "Scan was upside down")
    assert (first.number, first.file_name) == (1, "a.pdf")
    assert first.sha256 != newest.sha256 and len(first.sha256) == 64
    with pytest.raises(Invalid) as caught:
        run(world, "rita", service.revise, evidence_id=evidence_id, source_link="REC-2")
    assert caught.value.field == "note"


def test_a_revision_cannot_be_changed_even_by_sql(world):
    add(world)
    with pytest.raises(DBAPIError):
        world.sql("UPDATE evidence_revision SET sha256 = 'x' RETURNING 1")
    with pytest.raises(DBAPIError):
        world.sql("DELETE FROM evidence_revision RETURNING 1")


def test_attaching_submits_a_draft_and_twice_is_once(world):
    action_id, evidence_id = add_action(world), add(world, draft=True)
    for _ in range(2):
        run(world, "rita", service.attach, evidence_id=evidence_id, action_id=action_id)
    assert row(world, evidence_id).status == "submitted"
    assert len(world.sql("SELECT 1 FROM evidence_link")) == 1
    assert events(world, evidence_id) == [
        "evidence:drafted", "evidence:submitted", "evidence:attached",
    ]  # fmt: skip


def test_evidence_of_another_service_or_withdrawn_attaches_to_nothing(world):
    action_id = add_action(world)
    with pytest.raises(Invalid):
        run(
            world, "alice", service.attach,
            evidence_id=add(world, "alice", "Alder Lodge"), action_id=action_id,
        )  # fmt: skip
    gone = add(world)
    run(world, "rita", service.withdraw, evidence_id=gone, reason="Names a resident")
    with pytest.raises(Invalid):
        run(world, "rita", service.attach, evidence_id=gone, action_id=action_id)
    with pytest.raises(Invalid):
        run(world, "rita", service.revise, evidence_id=gone, source_link="x", note="x")


def test_detaching_is_not_deleting_and_ends_with_verification(world):
    action_id = add_action(world)
    first, second = add_evidence(world, action_id), add_evidence(world, action_id)
    links = {r.evidence_id: r.id for r in world.sql("SELECT id, evidence_id FROM evidence_link")}
    with pytest.raises(NotFound):
        run(world, "rita", service.detach, evidence_id=first, link_id=links[second])
    run(world, "rita", service.detach, evidence_id=first, link_id=links[first])
    assert row(world, first).status == "submitted"
    complete(world, action_id)
    run(world, "vera", lifecycle.verify, action_id=action_id)
    with pytest.raises(Invalid, match="was verified on this evidence"):
        run(world, "rita", service.detach, evidence_id=second, link_id=links[second])
    with pytest.raises(Invalid, match="was verified"):
        run(world, "rita", service.withdraw, evidence_id=second, reason="x")


def test_evidence_for_many_targets_in_one_statement(world):
    first, second, finding = add_action(world), add_action(world), add_finding(world)
    add_evidence(world, first)
    evidence_id = add(world, kind="audits", valid_until=date(2026, 11, 1))
    run(world, "rita", service.attach, evidence_id=evidence_id, audit_concern_id=finding)
    with world.acting("alice") as actor:
        found = queries.for_targets(
            actor=actor, action_ids=[first, second], audit_concern_ids=[finding]
        )
        assert (len(found[first]), len(found[second]), len(found[finding])) == (1, 0, 1)
        held = queries.coverage(found[first] + found[finding], on=TODAY)
        assert held.covered == ("care_records",)
        assert held.missing == ("audits", "feedback", "staff_practice")
        assert found[finding][0].state(TODAY) == "expired"
        assert queries.for_targets(actor=actor) == {}


def test_exactly_one_target():
    with pytest.raises(AssertionError):
        one_target(action_id=uuid.uuid4(), risk_id=uuid.uuid4())
