"""Ways around the second step that were tried by hand, each shut."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from careboard.accounts import passkeys, second_factor, second_step
from careboard.accounts.models import Account
from careboard.accounts.second_factor_models import Authenticator, Passkey
from careboard.db import db
from tests.accounts.phones import Phone, address, give_password, real, set_up, still  # noqa: F401
from tests.accounts.test_attempts import fail, wait_of
from tests.worlds import PASSWORD

pytestmark = pytest.mark.usefixtures("still")
SURE = {"password": PASSWORD}


def inside(world, person):
    phone, _ = set_up(world, person)
    client = world.client()
    give_password(client, person)
    assert client.post("/second-factor/", data={"code": phone.code()}).status_code == 303
    return client


@pytest.mark.parametrize(
    "elsewhere",
    [r"/\elsewhere.example", r"\\elsewhere.example", "//elsewhere.example", "elsewhere", "/\t/x",
     "https:elsewhere.example", "javascript:alert(1)", "http://localhost:9/x", " /\\x"],
)  # fmt: skip
def test_the_page_after_the_codes_leads_nowhere_else(world, elsewhere):
    """A browser reads a backslash in a link as a slash."""
    real(world, "rita")
    client = world.client()
    give_password(client, "rita")
    phone = Phone(client.get("/second-factor/set-up").text)
    with client.session_transaction() as session:
        session["second_step"] = {**session["second_step"], "next": elsewhere}
    answer = client.post("/second-factor/set-up", data={"code": phone.code()})
    assert 'href="/">I have kept them' in answer.text


def test_a_new_password_ends_what_was_begun_with_the_old_one(world):
    real(world, "rita")
    client = world.client()
    give_password(client, "rita")
    assert client.get("/second-factor/set-up").status_code == 200
    other = update(Account).where(Account.email == address("rita")).values(password="another")
    db.session.execute(other)
    db.session.commit()
    assert client.get("/second-factor/set-up").location == "/login"


@pytest.mark.parametrize("step", ["authenticator", "passkey"])
def test_the_password_given_for_a_change_is_good_for_ten_minutes(world, monkeypatch, step):
    client = inside(world, "rita")
    if step == "passkey":
        begin, finish, data = "/my-sign-in/passkeys/new", "/my-sign-in/passkeys", {"answer": "{}"}
        asked = {**SURE, "name": "Tablet"}
    else:
        begin, finish = "/my-sign-in/authenticator", "/my-sign-in/authenticator/code"
        asked, data = SURE, {"code": "000000"}
    assert client.post(begin, data=asked).status_code == 200
    assert client.post(finish, data=data).status_code == 422
    now = second_step.time.time()
    monkeypatch.setattr(second_step.time, "time", lambda: now + second_step.LASTS + 1)
    answer = client.post(finish, data=data)
    assert (answer.status_code, answer.location) == (303, begin)


def test_what_was_shown_and_not_kept_is_not_shown_again(world):
    client = inside(world, "rita")
    shown = [Phone(client.post("/my-sign-in/authenticator", data=SURE).text) for _ in range(2)]
    assert shown[0].totp.base32_key != shown[1].totp.base32_key


def test_a_challenge_is_forgotten_after_ten_minutes(world, monkeypatch):
    with world.app.test_request_context():
        second_step.remember_challenge("abc")
        assert second_step.asked_challenge() == "abc"
        assert second_step.asked_challenge() == ""
        second_step.remember_challenge("abc")
        now = second_step.time.time()
        monkeypatch.setattr(second_step.time, "time", lambda: now + second_step.LASTS + 1)
        assert second_step.asked_challenge() == ""


@pytest.mark.parametrize(
    "spelled",
    ["alice@al\ufe0fder.example", "alice@alder\u3002example", "alice@\uff41lder.example"],
)
def test_an_address_spelled_for_machines_is_delayed_as_itself(world, spelled):
    fail(world.client())
    for _ in range(2):
        answer = world.client().post("/login", data={"email": spelled, "password": "x" * 14})
    assert wait_of(answer) > 0


def test_one_letter_in_five_minutes_however_often_it_is_asked_for(world):
    for _ in range(5):
        world.client().post("/reset", data={"email": "bob@alder.example"})
    assert world.sql("SELECT count(*) AS n FROM outbox WHERE kind = 'password'")[0].n == 1


def test_the_last_second_factor_is_not_taken_away(world):
    """The next sign-in would set one up by the password alone, whoever gave it."""
    client = inside(world, "rita")
    account_id = world.actor("rita").account_id
    db.session.execute(delete(Authenticator).where(Authenticator.account_id == account_id))
    for number in range(2):
        made = {"credential_id": bytes([number]), "public_key": b"k", "sign_count": 0}
        db.session.add(Passkey(account_id=account_id, name="Tablet", **made))
    db.session.commit()
    first, last = (key.id for key in passkeys.of(account_id))
    db.session.remove()
    assert client.post(f"/my-sign-in/passkeys/{first}/remove", data=SURE).status_code == 303
    answer = client.post(f"/my-sign-in/passkeys/{last}/remove", data=SURE)
    assert answer.status_code == 422 and "Set up another" in answer.text
    assert second_factor.has_any(account_id)
