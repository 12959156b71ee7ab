"""Managers raise risks, on what their service shows; leads answer. Step S3-1.1."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard import clock
from careboard.db import db, new_id
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.risks import raising
from careboard.sharing import subjects
from tests.monitoring.making import fired
from tests.sharing.making import concern, risk

CAUSE = "Evening calls without a carer since two people left"


def raised(
    world, *, person="bob", service="Alder House", domain="staffing", keys=None, cause=CAUSE
):
    where = world.service_id(service)
    with world.acting(person) as actor:
        if keys is None:
            keys = [one.key for one in raising.grounds(actor=actor, service_id=where)]
        made = raising.raise_risk(
            actor=actor, service_id=where, domain=domain, original_cause=cause, keys=keys
        )
        db.session.commit()
        return made


def test_a_manager_raises_a_risk_and_a_rating_answers_it(world):
    trigger = fired(world, rule="repeated_delays", suggests=False)
    concern(world, kind="complaint")
    made = raised(world)
    with world.acting("bob") as bob:
        row = raising.one_raised(actor=bob, raised_id=made)
        assert {one["kind"] for one in row.grounds} == {"trigger", "concern"}
        assert row.answered_by is None and row.reference == "RAI-0001"
    clock_day = clock.today()
    clock.freeze(clock_day + timedelta(days=3))
    try:
        about = risk(world)
    finally:
        clock.freeze(clock_day)
    with world.acting("alice") as alice:
        row = raising.one_raised(actor=alice, raised_id=made)
        assert (row.risk_id, row.answered_by) == (about, "Alice")
        assert [one.id for one in raising.answered_by(actor=alice, risk_id=about)] == [made]
    with world.acting("alice") as alice:
        known = subjects.subject(actor=alice, kind="risk", subject_id=about)
        assert known.identified_on == clock_day
        words = " ".join(words for _, words in known.signals)
        assert "raised by the manager as RAI-0001" in words and "rated high" in words
        (reference,) = db.session.execute(
            text("SELECT reference FROM trigger WHERE id = :id"), {"id": trigger}
        ).one()
        assert f"trigger {reference} fired" in words


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"domain": "sports"}, "domain"),
        ({"cause": " "}, "original_cause"),
        ({"keys": []}, "grounds"),
    ],
)
def test_what_raising_asks_for(world, change, field):
    fired(world)
    with pytest.raises(Invalid) as refused:
        raised(world, **change)
    assert refused.value.field == field


def test_grounds_are_of_the_service(world):
    with pytest.raises(Invalid):
        raised(world, keys=[f"trigger:{fired(world, service_id=world.service_id('Alder Lodge'))}"])


def test_who_raises(world):
    fired(world)
    for person in ("rita", "cora", "ben", "vera"):
        with pytest.raises(Forbidden):
            raised(world, person=person)
    with pytest.raises(Forbidden):
        raised(world, service="Alder Lodge")
    with pytest.raises(NotFound):
        raised(world, person="charlie")


def test_reasons_why_it_needs_no_rating(world):
    fired(world)
    made = raised(world)
    with world.acting("alice") as alice:
        with pytest.raises(Invalid):
            raising.answer(actor=alice, raised_id=made, reasons=" ")
        raising.answer(actor=alice, raised_id=made, reasons="Covered since Monday.")
        db.session.commit()
        with pytest.raises(Conflict):
            raising.answer(actor=alice, raised_id=made, reasons="Again.")
    for change in ("answer = 'x'", "answered_by_id = NULL, answered_on = NULL"):
        with world.acting("bob"), pytest.raises(DatabaseError, match="kept as it was made"):
            db.session.execute(text(f"UPDATE raised_risk SET {change}"))
    about = risk(world)
    with world.acting("alice") as alice:
        assert raising.one_raised(actor=alice, raised_id=made).risk_id is None
        assert raising.answered_by(actor=alice, risk_id=about) == []


def test_nobody_answers_themselves(world):
    fired(world)
    made = raised(world, person="alice")
    with world.acting("alice") as alice, pytest.raises(Forbidden):
        raising.answer(actor=alice, raised_id=made, reasons="Mine.")
    risk(world)
    with world.acting("alice") as alice:
        assert raising.one_raised(actor=alice, raised_id=made).answered_by is None
    with world.acting("alice"), pytest.raises(DatabaseError, match="answered_by_another"):
        db.session.execute(
            text(
                "UPDATE raised_risk SET answered_by_id = raised_by_id, answered_on = raised_on, "
                "answer = 'x'"
            )
        )
    with world.acting("alice"), pytest.raises(DatabaseError, match="permission denied"):
        db.session.execute(text("UPDATE raised_risk SET original_cause = 'x'"))


def test_from_the_manager_to_the_lead_by_pages(world):
    trigger, where = fired(world), world.service_id("Alder House")
    bob, alice = world.client("bob"), world.client("alice")
    assert "Raise a risk" in bob.get(f"/o/alder/services/{where}").text
    assert "Alder House" in bob.get("/o/alder/risks/raise?domain=staffing").text
    form = bob.get(f"/o/alder/risks/raise?service={where}&domain=staffing").text
    assert f"trigger:{trigger}" in form
    given = {"service_id": where, "domain": "staffing", "original_cause": CAUSE}
    assert bob.post("/o/alder/risks/raise", data=given).status_code == 422
    sent = bob.post("/o/alder/risks/raise", data=given | {"on_trigger": f"trigger:{trigger}"})
    assert sent.status_code == 303
    shown = alice.get(sent.location).text
    assert CAUSE in shown and "Rate it" in shown
    assert "Staffing risk profile" in alice.get("/o/alder/risks/raised?domain=staffing").text
    key = sent.location.rsplit("/", 1)[1]
    assert CAUSE in alice.get(f"/o/alder/risks/new?service={where}&raised={key}").text
    assert alice.post(sent.location, data={}).status_code == 422
    assert bob.post(sent.location, data={"reasons": "x"}).status_code == 403
    assert alice.post(sent.location, data={"reasons": "Covered."}).status_code == 303
    assert "Covered." in bob.get(sent.location).text


def test_strangers_and_the_absent(world):
    fired(world)
    made = raised(world)
    for path in ("raised", "raise", f"raised/{made}"):
        assert world.client("charlie").get(f"/o/alder/risks/{path}").status_code == 404
        assert world.client("alice").delete(f"/o/alder/risks/{path}").status_code == 405
    assert world.client("alice").get(f"/o/alder/risks/raised/{new_id()}").status_code == 404
    assert world.client("cora").get("/o/alder/risks/raise").status_code == 403
    assert world.client("cora").get(f"/o/alder/risks/raised/{made}").status_code == 200
