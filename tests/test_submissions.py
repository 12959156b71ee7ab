"""One submission has one effect: double clicks, resends and the way back."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from careboard.db import db
from tests.accounts.test_sessions import ALICE, age, signed_in
from tests.actions import samples
from tests.counting import statements
from tests.guards.test_at_once import at_once
from tests.recovery import making as recovery
from tests.sharing import making as sharing
from tests.sharing.test_decision_pages import answers
from tests.updates import making as updates
from tests.worlds import World
from workers.ticks import forget

SAID = "You had sent this before. It was recorded once."
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True)
class Sent:
    """A form on a page, what is typed into it, and the table that keeps it."""

    person: str
    page: str
    words: dict
    table: str
    headers: dict = field(default_factory=dict)
    status: int = 303


def decision(world: World) -> Sent:
    page = f"/o/alder/sharing/decisions/new?risk={sharing.risk(world)}"
    return Sent("alice", page, answers(), "sharing_decision")


def feedback(world: World) -> Sent:
    page = f"/o/alder/updates/{updates.published(world)}/feedback"
    words = {"on": "2026-11-20", "said": "Clear and in time.", "content": "yes"}
    return Sent("cora", page, words, "update_feedback")


def reading(world: World) -> Sent:
    indicator = recovery.opened(world, recovery.FALLS)
    page = f"/o/alder/recovery/services/{world.service_id('Alder House')}/readings"
    words = {f"value-{indicator}-{recovery.SUNDAY - timedelta(days=6)}": "3"}
    return Sent("rita", page, words, "reading")


def note(world: World) -> Sent:
    """A form that HTMX sends, answered by a fragment."""
    page = f"/o/alder/actions/{samples.add_action(world)}/notes"
    words = {"note": "We moved the chart."}
    shown = {"HX-Current-URL": f"http://localhost{page.removesuffix('/notes')}"}
    return Sent("rita", page, words, "action_update", HTMX | shown, 200)


FORMS = (decision, feedback, reading, note)


def filled(client, sent: Sent) -> dict:
    """What a browser sends from that page: its hidden fields, and what was typed."""
    page = BeautifulSoup(client.get(sent.page).text, "html.parser")
    (form,) = [form for form in page.select("form[method=post]") if form.select_one("[name=once]")]
    hidden = {box["name"]: box.get("value", "") for box in form.select("input[type=hidden]")}
    return hidden | sent.words


def post(client, sent: Sent, data: dict):
    return client.post(sent.page, data=data, headers=sent.headers)


def kept(world: World, sent: Sent) -> tuple[int, int]:
    """How many rows the table has, and the audit trail."""
    return tuple(
        world.sql(f"SELECT count(*) FROM {table}")[0][0] for table in (sent.table, "audit_event")
    )


@pytest.mark.parametrize("form", FORMS)
def test_sent_twice_it_is_recorded_once(world, form: Callable[[World], Sent]):
    sent = form(world)
    client, before = world.client(sent.person), kept(world, sent)
    data = filled(client, sent)
    first, again = post(client, sent, data), post(client, sent, data)
    assert first.status_code == sent.status
    assert kept(world, sent) == tuple(count + 1 for count in before)
    if sent.headers:
        assert (again.status_code, again.data) == (204, b"")
        led = again.headers["HX-Redirect"]
        assert led == sent.page.removesuffix("/notes")
    else:
        assert (again.status_code, again.location) == (303, first.location)
        led = again.location
    assert SAID in client.get(led).text


@pytest.mark.parametrize("form", FORMS)
def test_sent_twice_at_the_same_moment_it_is_recorded_once(world, form: Callable[[World], Sent]):
    sent = form(world)
    before = kept(world, sent)
    data = filled(world.client(sent.person), sent)
    clients = [world.client(sent.person) for _ in range(4)]
    codes = at_once([lambda one=one: post(one, sent, data).status_code for one in clients])
    later = 204 if sent.headers else 303
    assert codes == sorted([sent.status, later, later, later])
    assert kept(world, sent) == tuple(count + 1 for count in before)


def test_what_was_refused_is_sent_again_corrected_and_as_it_was(world):
    sent = decision(world)
    client = world.client("alice")
    data = filled(client, sent)
    for _ in range(2):
        assert post(client, sent, data | {"what": ""}).status_code == 422
    assert world.sql("SELECT 1 FROM submission") == []
    assert post(client, sent, data).status_code == 303
    assert len(world.sql("SELECT 1 FROM sharing_decision")) == 1


def test_the_way_back_and_other_words_are_a_new_submission(world):
    sent = feedback(world)
    client = world.client("cora")
    data = filled(client, sent)
    for said in ("Clear.", "Clear, but late.", "Clear."):
        assert post(client, sent, data | {"said": said}).status_code == 303
    found = [row.said for row in world.sql("SELECT said FROM update_feedback ORDER BY id")]
    assert found == ["Clear.", "Clear, but late."]


def test_each_rendering_is_a_submission_of_its_own_and_so_is_one_without_any(world):
    sent = feedback(world)
    client = world.client("cora")
    one, other = (filled(client, sent) for _ in range(2))
    assert one["once"] != other["once"]
    for data in (one, other, sent.words, sent.words, sent.words | {"once": ""}):
        assert post(client, sent, data).status_code == 303
    assert len(world.sql("SELECT 1 FROM update_feedback")) == 5
    assert len(world.sql("SELECT 1 FROM submission")) == 2


def test_somebody_elses_once_is_nobodys(world):
    sent = note(world)
    data = filled(world.client("alice"), sent)
    for person in ("alice", "bob"):
        # Both write on the version that they saw.
        data["lock_version"] = world.sql("SELECT lock_version FROM action")[0][0]
        assert post(world.client(person), sent, data).status_code == 200
    assert post(world.client("charlie"), sent, data).status_code == 404


def test_a_file_is_told_by_its_content(world):
    page = "/o/alder/imports/new"
    client = world.client("alice")
    words = {"feed": "complaints", "source": "Sheet"}
    data = filled(client, Sent("alice", page, words, "import_batch"))
    places = []
    for day in ("01", "02", "02"):
        content = f"Ref,Service,Received\nC-1,Alder House,{day}/11/2026\n".encode()
        files = {"file": (io.BytesIO(content), "complaints.csv")}
        answer = client.post(page, data=data | files)
        assert answer.status_code == 303
        places.append(answer.location)
    assert places[0] != places[1] == places[2]
    assert len(world.sql("SELECT 1 FROM import_batch")) == 2


def test_a_form_that_is_only_shown_again_may_be_asked_for_twice(world):
    page = "/o/alder/recovery/plans/new?template=medicines"
    sent = Sent("bob", page, {"intent": "more", "more": "complaints"}, "recovery_plan")
    client = world.client("bob")
    data = filled(client, sent)
    for _ in range(2):
        answer = post(client, sent, data)
        assert answer.status_code == 200 and "Complaints" in answer.text


def test_a_form_held_while_signed_out_goes_through_once(world):
    path = f"/o/alder/actions/{samples.add_action(world)}/notes"
    sent = Sent("alice", path, {"note": "We moved the chart."}, "action_update")
    client = signed_in(world)
    data = filled(client, sent)
    before = kept(world, sent)[0]
    age(world, 16)
    client.post(client.post(path, data=data).location, data=ALICE)
    held = BeautifulSoup(client.get("/held-form/").text, "html.parser")
    (box,) = held.select("[name=once]")
    assert (box["type"], box["value"]) == ("hidden", data["once"])
    words = {name: value for name, value in data.items() if name != "csrf_token"}
    answer = client.post("/held-form/send", data=words)
    assert (answer.status_code, answer.location) == (307, path)
    for _ in range(2):  # the second time from the page that it was first sent from
        assert client.post(path, data=words).status_code == 303
    assert kept(world, sent)[0] == before + 1


def test_a_button_alone_is_not_held(world):
    client = signed_in(world)
    path = f"/o/alder/actions/{samples.add_action(world)}/confirmations"
    age(world, 16)
    assert client.post(path, data={"once": "1"}).location == "/login"


def test_those_who_change_the_organisation_itself_wait_for_each_other(world):
    page = "/o/alder/accounts/idle/"
    sent = Sent("adam", page, {"minutes": "10"}, "organisation")

    def job():
        client = world.client("adam")
        data = filled(client, sent)
        return lambda: post(client, sent, data).status_code

    assert at_once([job() for _ in range(4)]) == [303] * 4


def test_it_costs_two_statements(world):
    sent = feedback(world)
    client = world.client("cora")
    data = filled(client, sent)
    with statements() as without:
        post(client, sent, sent.words)
    with statements() as once:
        post(client, sent, data)
    with statements() as again:
        post(client, sent, data)
    assert len(once) == len(without) + 2
    assert len([one for one in again if "submission" in one]) == 2
    assert not [one for one in again if "INSERT" in one and "submission" not in one]


def test_a_day_later_it_is_forgotten_in_every_organisation(world):
    aged = text(
        "INSERT INTO submission (org_id, id, created_at) SELECT app.org(), gen_random_uuid(), "
        "now() - make_interval(hours => h) FROM (VALUES (23), (25)) v (h)"
    )
    for person in ("alice", "charlie"):
        with world.acting(person):
            db.session.execute(aged)
            db.session.commit()
    forget()
    for slug in ("alder", "birch"):
        assert len(world.sql("SELECT 1 FROM submission", slug)) == 1


def test_the_board_which_is_kept_holds_none(world):
    answer = world.client("alice").get("/o/alder/")
    assert answer.status_code == 200 and 'name="once"' not in answer.text


def test_who_acts_in_no_organisation_gets_none(world):
    assert 'name="once"' not in world.client().get("/login").text
    assert 'name="once"' not in world.client("alice").get("/my-sign-in/devices/").text
