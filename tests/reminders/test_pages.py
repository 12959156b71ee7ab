"""The deliveries and preferences pages."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from careboard.db import db, new_id
from careboard.reminders import outbox, queries
from careboard.tenancy import acting_for
from tests.reminders.making import add_action, sweep


@pytest.fixture
def mail_id(world):
    """Rita's digest, waiting to be sent."""
    add_action(world, reference="ACT-0042", title="Fix <b>the</b> fridge")
    sweep()
    return world.sql("SELECT id FROM outbox")[0].id


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def set_status(status: str) -> None:
    from sqlalchemy import text

    with acting_for("alder"):
        db.session.execute(
            text("UPDATE outbox SET status = :status, last_error = '550 no'"), {"status": status}
        )
        db.session.commit()


class TestDeliveries:
    def test_it_works(self, world, mail_id):
        page = soup(world.client("alice").get("/o/alder/reminders/"))
        assert page.h1.text == "Deliveries"
        assert page.select_one("tbody tr th a").text == "ACT-0042: due today"

    def test_a_fragment_is_the_same_list_alone(self, world, mail_id):
        client = world.client("alice")
        fragment = soup(client.get("/o/alder/reminders/", headers={"HX-Request": "true"}))
        page = soup(client.get("/o/alder/reminders/"))
        assert str(fragment.select_one("#deliveries")) == str(page.select_one("#deliveries"))
        assert fragment.html is None

    @pytest.mark.parametrize(
        ("person", "count"), [("rita", 1), ("bob", 0), ("ben", 0), ("adam", 1)]
    )
    def test_who_may_not_manage_deliveries_sees_their_own(self, world, mail_id, person, count):
        page = soup(world.client(person).get("/o/alder/reminders/"))
        assert len(page.select("tbody tr")) == count

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("fate=ready", 1),
            ("fate=sent", 0),
            ("kind=digest", 1),
            ("kind=assigned", 0),
            ("q=RITA@", 1),
            ("q=100%25", 0),
            ("fate=nonsense&kind=', x", 1),
            ("page=99", 1),
            ("page=-1", 1),
            ("page=x", 1),
        ],
    )
    def test_filters(self, world, mail_id, query, count):
        answer = world.client("alice").get(f"/o/alder/reminders/?{query}")
        assert answer.status_code == 200
        assert len(soup(answer).select("tbody tr")) == count

    def test_many_mails_come_in_pages(self, world):
        with acting_for("alder") as actor:
            outbox.post_all(
                actor=actor,
                posts=[
                    outbox.Post(
                        kind="digest",
                        to_email="rita@alder.example",
                        to_name="Rita",
                        membership_id=None,
                        template="digest",
                        content={"day": "20 Nov 2026", "sections": []},
                        subject=f"Mail {number}",
                        why="Because of a test.",
                        dedupe_key=str(number),
                    )
                    for number in range(120)
                ],
            )
            db.session.commit()
        client = world.client("alice")
        seen = set()
        for number in (1, 2, 3):
            page = soup(client.get(f"/o/alder/reminders/?page={number}&q=Mail"))
            seen |= {link.text for link in page.select("tbody th a")}
        assert len(seen) == 120

    def test_a_stranger_finds_nothing(self, world, mail_id):
        assert world.client("charlie").get("/o/alder/reminders/").status_code == 404


class TestOneMail:
    def test_it_works(self, world, mail_id):
        answer = world.client("alice").get(f"/o/alder/reminders/{mail_id}")
        page = soup(answer)
        assert page.h1.text == "ACT-0042: due today"
        assert "you own actions" in page.select_one("#fate").text
        assert "Fix <b>the</b> fridge" in page.select_one("pre").text
        assert page.iframe["sandbox"] == ["allow-top-navigation-by-user-activation"]
        assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]

    def test_its_html_is_sandboxed_and_escaped(self, world, mail_id):
        answer = world.client("alice").get(f"/o/alder/reminders/{mail_id}/html")
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox allow-top-navigation-by-user-activation;")
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert "Fix &lt;b&gt;the&lt;/b&gt; fridge" in answer.text

    @pytest.mark.parametrize("tail", ["", "/html"])
    def test_who_may_see_it(self, world, mail_id, tail):
        answers = {
            person: world.client(person).get(f"/o/alder/reminders/{mail_id}{tail}").status_code
            for person in ("alice", "adam", "rita", "bob", "charlie")
        }
        assert answers == {"alice": 200, "adam": 200, "rita": 200, "bob": 403, "charlie": 404}

    @pytest.mark.parametrize("tail", ["", "/html"])
    def test_foreign_and_absent_look_the_same(self, world, mail_id, tail):
        client = world.client("charlie")
        foreign = client.get(f"/o/birch/reminders/{mail_id}{tail}")
        absent = client.get(f"/o/birch/reminders/{new_id()}{tail}")
        assert foreign.status_code == absent.status_code == 404
        assert foreign.data == absent.data


class TestTryingAgain:
    def test_it_works(self, world, mail_id):
        set_status("dead")
        answer = world.client("alice").post(f"/o/alder/reminders/{mail_id}/requeue")
        assert answer.status_code == 303
        assert world.sql("SELECT status FROM outbox")[0].status == "ready"

    def test_it_works_in_place(self, world, mail_id):
        set_status("suppressed")
        answer = world.client("alice").post(
            f"/o/alder/reminders/{mail_id}/requeue", headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200
        assert soup(answer).select_one("#fate .chip").text == "Waiting"

    def test_a_mail_on_its_way_is_not_doubled(self, world, mail_id):
        for status in ("ready", "sending", "sent"):
            set_status(status)
            answer = world.client("alice").post(f"/o/alder/reminders/{mail_id}/requeue")
            assert answer.status_code == 409

    @pytest.mark.parametrize(
        ("person", "status"), [("rita", 403), ("bob", 403), ("charlie", 404), (None, 302)]
    )
    def test_it_needs_the_right(self, world, mail_id, person, status):
        set_status("dead")
        answer = world.client(person).post(f"/o/alder/reminders/{mail_id}/requeue")
        assert answer.status_code == status
        assert world.sql("SELECT status FROM outbox")[0].status == "dead"

    def test_it_is_no_get(self, world, mail_id):
        answer = world.client("alice").get(f"/o/alder/reminders/{mail_id}/requeue")
        assert answer.status_code == 405


class TestPreferences:
    def test_it_says_what_always_comes(self, world):
        page = soup(world.client("rita").get("/o/alder/reminders/preferences"))
        assert page.select_one("input[checked]")["value"] == "daily"
        assert "An overdue action is never silent" in page.text

    def test_it_works(self, world):
        client = world.client("rita")
        answer = client.post("/o/alder/reminders/preferences", data={"mail_mode": "weekly"})
        assert answer.status_code == 303
        page = soup(client.get("/o/alder/reminders/preferences"))
        assert page.select_one("input[checked]")["value"] == "weekly"
        tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
        assert tags[-1] == "member:mail_mode"

    @pytest.mark.parametrize("data", [{}, {"mail_mode": "never"}])
    def test_a_wrong_choice_is_shown_at_its_field(self, world, data):
        answer = world.client("rita").post("/o/alder/reminders/preferences", data=data)
        assert answer.status_code == 422
        assert soup(answer).select_one(".field-error") is not None

    def test_a_stranger_finds_nothing(self, world):
        client = world.client("charlie")
        assert client.get("/o/alder/reminders/preferences").status_code == 404
        assert (
            client.post("/o/alder/reminders/preferences", data={"mail_mode": "weekly"}).status_code
            == 404
        )


def test_a_lead_of_some_services_sees_only_their_own_mail(world, mail_id):
    from dataclasses import replace

    actor = replace(world.actor("alice"), service_ids=frozenset({world.service_id("Alder Lodge")}))
    with world.acting("alice"):
        assert queries.deliveries(actor=actor).total == 0
