"""Passwords, and the links that set them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from careboard import clock
from careboard.accounts import passwords, tokens
from careboard.accounts.models import Account
from careboard.db import db
from careboard.errors import Invalid
from tests.accounts.phones import address, give_password
from tests.worlds import PASSWORD

GOOD = "otter lamp velvet nineteen"


def _account(person: str = "rita") -> Account:
    return db.session.scalar(select(Account).where(Account.email == address(person)))


def _link(purpose: str = "reset") -> str:
    token = tokens.issue(account_id=_account().id, purpose=purpose)
    db.session.commit()
    db.session.remove()
    return f"/password/{token}"


STOLEN = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 12]


def test_there_is_a_list_of_stolen_passwords():
    assert len(FREQUENCY_LISTS["passwords"]) == 30_000 and len(STOLEN) > 200


def test_no_stolen_password_is_taken(world):
    account = _account()
    taken = [word for word in STOLEN if passwords.Passwords(None).validate(
        word, False, user=account)[0] is None]  # fmt: skip
    assert taken == []


@pytest.mark.parametrize(
    "word",
    [
        "short",
        "elevenchars",
        "password1234",
        "Password123!",
        "aaaaaaaaaaaa",
        "qwertyuiop12",
        "rita@alder.example",
        "rita-rita-rita",
        "CareBoard2026",
        "x" * 129,
    ],
)
def test_what_is_short_or_easily_guessed_is_refused_with_the_reason(world, word):
    path = _link()
    answer = world.client().post(path, data={"new_password": word})
    assert answer.status_code == 422
    assert "easily guessed" in answer.text or "12 to 128" in answer.text
    assert world.client().post(path, data={"new_password": GOOD}).location == "/login"


@pytest.mark.parametrize("word", [GOOD, "ärgerlich Öse føroyar 12", " leading and trailing "])
def test_any_letters_may_be_used_and_pasted(world, word):
    assert "onpaste" not in world.client().get(path := _link()).text
    assert world.client().post(path, data={"new_password": word}).status_code == 303
    form = {"email": address("rita"), "password": word}
    assert world.client().post("/login", data=form).status_code == 302


def test_a_link_works_once_and_takes_the_others_with_it(world):
    first, second = _link(), _link("invitation")
    assert world.client().get(first).status_code == 200
    assert world.client().post(first, data={"new_password": GOOD}).location == "/login"
    for used in (first, second):
        assert world.client().get(used).location == "/reset"
        assert world.client().post(used, data={"new_password": PASSWORD}).location == "/reset"
    assert give_password(world.client(), "rita").status_code == 200, "the old one is dead"


@pytest.mark.parametrize(("purpose", "hours"), [("reset", 24), ("invitation", 72)])
def test_a_link_expires(world, monkeypatch, purpose, hours):
    path, now = _link(purpose), clock.utc_now()
    monkeypatch.setattr(clock, "utc_now", lambda: now + timedelta(hours=hours, minutes=-1))
    assert world.client().get(path).status_code == 200
    monkeypatch.setattr(clock, "utc_now", lambda: now + timedelta(hours=hours, minutes=1))
    assert world.client().get(path).location == "/reset"
    assert world.client().post(path, data={"new_password": GOOD}).location == "/reset"


def test_only_the_hash_of_a_link_is_stored_and_used_stays_used(world):
    token = _link().rpartition("/")[2]
    rows = world.sql("SELECT encode(token_hash, 'escape') || encode(token_hash, 'hex') "
                     "FROM single_use_token")  # fmt: skip
    assert token not in str(rows)
    world.client().post(f"/password/{token}", data={"new_password": GOOD})
    with pytest.raises(DBAPIError, match="works once"):
        world.sql("UPDATE single_use_token SET used_at = NULL RETURNING 1")


@pytest.mark.parametrize("token", ["x", "..", "%00", "a" * 5_000, "é"])
def test_a_link_that_never_was_is_answered_as_one_that_was_used(world, token):
    assert world.client().get(f"/password/{token}").status_code in (302, 404)


def test_a_new_password_ends_every_session_and_is_told(world):
    tablet, phone = world.client("rita"), world.client("rita")
    data = {"password": PASSWORD, "new_password": GOOD}
    answer = tablet.post("/my-sign-in/password", data=data)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert phone.get("/o/alder/").status_code == tablet.get("/o/alder/").status_code == 302
    told = world.sql("SELECT to_email, content->>'change' FROM outbox WHERE kind = 'security'")
    assert [tuple(row) for row in told] == [(address("rita"), "A new password was set.")]


def test_a_change_asks_for_the_password_again(world):
    client = world.client("rita")
    wrong = client.post("/my-sign-in/password", data={"password": "no", "new_password": GOOD})
    assert wrong.status_code == 422 and "not your password" in wrong.text
    for path in ("authenticator", "recovery-codes"):
        assert client.post(f"/my-sign-in/{path}", data={"password": "no"}).status_code == 422
        assert client.post(f"/my-sign-in/{path}").status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Account)) == 9
    assert give_password(world.client(), "rita").status_code == 302


def test_the_wrong_password_is_slowed_down(world):
    client = world.client("rita")
    for _ in range(6):
        answer = client.post("/my-sign-in/recovery-codes", data={"password": "no"})
    assert "Too many tries" in answer.text


def test_an_account_without_a_password_has_none_that_fits(world):
    with pytest.raises(Invalid):
        passwords.check(account=Account(email="x@example.org", name="X"), password=PASSWORD)
