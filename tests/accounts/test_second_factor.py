"""The second factor: forced, used once, recoverable, and told about."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from sqlalchemy.exc import DBAPIError

from careboard.accounts import second_factor, sessions
from careboard.db import db
from tests.accounts.phones import Phone, give_password, real, set_up, still  # noqa: F401
from tests.worlds import World

pytestmark = pytest.mark.usefixtures("still")

HOME = "/o/alder/"


def _tags(world: World) -> list[str]:
    return [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]


def _second(client, code: str):
    return client.post("/second-factor/", data={"code": code})


def test_nobody_is_in_by_a_password_alone(world):
    real(world, "rita")
    client = world.client()
    answer = give_password(client, "rita")
    assert (answer.status_code, answer.location) == (302, "/second-factor/set-up")
    for path in (HOME, "/organisations", "/portal/", "/my-sign-in/"):
        assert client.get(path).location.startswith("/login"), path


def test_a_session_without_a_second_factor_opens_nothing_however_it_began(world):
    token = sessions.begin(account_id=world.actor("rita").account_id)
    db.session.commit()
    client = world.client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    assert client.get(HOME).status_code == 200, "one of the demo's people"
    real(world, "rita")
    assert client.get(HOME).status_code == 302


def test_the_first_sign_in_sets_it_up_and_shows_the_recovery_codes_once(world):
    real(world, "rita")
    client = world.client()
    give_password(client, "rita", f"/login?next={HOME}actions/")
    page = client.get("/second-factor/set-up").text
    assert "data:image/svg+xml" in page
    phone = Phone(page)
    wrong = client.post("/second-factor/set-up", data={"code": "000000"})
    assert wrong.status_code == 422 and "not right" in wrong.text
    assert client.get(HOME).status_code == 302
    answer = client.post("/second-factor/set-up", data={"code": phone.code()})
    assert answer.status_code == 200 and answer.text.count("<li><code>") == 10
    assert f'href="{HOME}actions/"' in answer.text
    assert client.get(HOME).status_code == 200
    assert "account:authenticator_set_up" in _tags(world)


def test_a_code_signs_in_and_leads_where_the_person_wanted_to_go(world):
    phone, _ = set_up(world, "rita")
    client = world.client()
    answer = give_password(client, "rita", f"/login?next={HOME}actions/")
    assert answer.location == "/second-factor/"
    assert client.get(answer.location).status_code == 200
    answer = _second(client, phone.code())
    assert (answer.status_code, answer.location) == (303, f"{HOME}actions/")
    assert client.get(HOME).status_code == 200


def test_a_code_works_once_and_none_before_it_afterwards(world):
    phone, _ = set_up(world, "rita")
    clients = [world.client() for _ in range(3)]
    for client in clients:
        give_password(client, "rita")
    assert _second(clients[0], phone.code(+1)).status_code == 303
    again = _second(clients[1], phone.code(+1))
    earlier = _second(clients[2], phone.code())
    assert (again.status_code, earlier.status_code) == (422, 422)
    assert "used before" in again.text
    assert clients[1].get(HOME).status_code == 302


def test_of_one_code_sent_eight_times_at_once_one_signs_in(world):
    phone, _ = set_up(world, "rita")
    clients = [world.client() for _ in range(8)]
    for client in clients:
        give_password(client, "rita")
    code, answers, start = phone.code(+1), [], threading.Barrier(8)

    def send(client):
        start.wait()
        answers.append(_second(client, code).status_code)

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(303) == 1, answers
    assert sum(client.get(HOME).status_code == 200 for client in clients) == 1


def test_the_database_itself_refuses_a_counter_that_does_not_grow(world):
    set_up(world, "rita")
    with pytest.raises(DBAPIError, match="works once"):
        world.sql("UPDATE authenticator SET last_counter = last_counter RETURNING 1")


def test_the_secret_is_not_in_the_database(world):
    phone, codes = set_up(world, "rita")
    stored = str(world.sql("SELECT secret, encode(c.code_hash, 'escape') FROM authenticator a "
                           "JOIN recovery_code c USING (account_id)"))  # fmt: skip
    assert phone.totp.base32_key not in stored
    assert not any(code.replace("-", "") in stored for code in codes)


def test_a_recovery_code_signs_in_once_and_is_told(world):
    _, codes = set_up(world, "rita")
    answers = []
    for typed in (codes[0].upper().replace("-", " "), codes[0]):
        client = world.client()
        give_password(client, "rita")
        answers.append(client.post("/second-factor/recovery-code", data={"recovery_code": typed}))
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "used before" in answers[1].text and "<details" in answers[1].text
    assert "account:recovery_code_used" in _tags(world)
    told = world.sql("SELECT content->>'change' AS said FROM outbox WHERE kind = 'security'")
    assert any("recovery codes" in row.said for row in told)


def test_after_five_wrong_codes_the_right_one_waits(world):
    phone, codes = set_up(world, "rita")
    client = world.client()
    give_password(client, "rita")
    for _ in range(5):
        assert _second(client, "123456").status_code == 422
    assert "Too many tries" in _second(client, phone.code()).text
    late = client.post("/second-factor/recovery-code", data={"recovery_code": codes[0]})
    assert "Too many tries" in late.text


def test_the_second_step_must_follow_the_first_within_ten_minutes(world):
    phone, _ = set_up(world, "rita")
    client = world.client()
    give_password(client, "rita")
    with client.session_transaction() as session:
        session["second_step"] = {**session["second_step"], "at": 0}
    assert _second(client, phone.code()).location == "/login"
    assert client.get("/second-factor/").location == "/login"
    assert world.client().post("/second-factor/recovery-code").location == "/login"


def test_a_set_up_second_factor_cannot_be_set_up_again_by_the_password_alone(world):
    phone, _ = set_up(world, "rita")
    client = world.client()
    give_password(client, "rita")
    assert client.get("/second-factor/set-up").location == "/second-factor/"
    answer = client.post("/second-factor/set-up", data={"code": phone.code()})
    assert answer.location == "/login"


def test_the_demos_people_need_one_in_production(world):
    settings = world.app.config["SETTINGS"]
    world.app.config["SETTINGS"] = dataclasses.replace(settings, env="production")
    try:
        answer = give_password(world.client(), "rita")
    finally:
        world.app.config["SETTINGS"] = settings
    assert answer.location == "/second-factor/set-up"


@pytest.mark.parametrize("code", ["", "abc", "12345", "1234567", "١٢٣٤٥٦", "-12345", "0x1234"])
def test_odd_codes_are_refused_in_words(world, code):
    set_up(world, "rita")
    client = world.client()
    give_password(client, "rita")
    assert _second(client, code).status_code == 422


def test_a_next_page_elsewhere_is_not_followed(world):
    phone, _ = set_up(world, "rita")
    client = world.client()
    refused = give_password(client, "rita", "/login?next=https://elsewhere.example/")
    assert refused.status_code == 200
    give_password(client, "rita")
    with client.session_transaction() as session:
        session["second_step"] = {**session["second_step"], "next": "//elsewhere.example/"}
    assert _second(client, phone.code()).location == "/"


def test_no_code_of_someone_else_helps(world):
    phone, _ = set_up(world, "rita")
    set_up(world, "bob")
    client = world.client()
    give_password(client, "bob")
    assert _second(client, phone.code(+1)).status_code == 422
    assert second_factor.has_app(world.actor("bob").account_id)
    db.session.remove()
