"""SECRET_KEY is turned: what rested on the key of before goes on, made anew under the next."""

from __future__ import annotations

import dataclasses
import re
import secrets

import pytest
from sqlalchemy import select

from careboard import checkup, sealing
from careboard.accounts import peppers, second_factor
from careboard.accounts.models import Account
from careboard.db import db
from tests.accounts.phones import address, give_password, set_up, still  # noqa: F401
from tests.accounts.test_sessions import age, as_owner
from tests.actions import samples
from tests.worlds import PASSWORD

pytestmark = pytest.mark.usefixtures("still")
HOME = "/o/alder/"


@pytest.fixture
def turn(world, monkeypatch):
    """Turns the key; `turn.forget()` gives up those of before."""
    return Turn(world.app, monkeypatch)


class Turn:
    def __init__(self, app, monkeypatch):
        self.app, self.monkeypatch = app, monkeypatch

    def __call__(self):
        before = self.app.config["SETTINGS"]
        self._use(secret_key=secrets.token_hex(32), earlier_secrets=before.secrets)

    def forget(self):
        self._use(earlier_secrets=())

    def _use(self, **changed):
        settings = dataclasses.replace(self.app.config["SETTINGS"], **changed)
        given = sealing.signing_settings(settings)
        given |= {"SETTINGS": settings, "SECURITY_PASSWORD_SALT": settings.secret_key}
        for name, value in given.items():
            self.monkeypatch.setitem(self.app.config, name, value)


def kept_password(person):
    db.session.remove()
    return db.session.scalar(select(Account.password).where(Account.email == address(person)))


def sign_in(world, person="rita"):
    """Where the right password leads."""
    answer = give_password(world.client(), person)
    return answer.location if answer.status_code == 302 else answer.status_code


def test_a_session_and_the_form_that_it_had_open_go_on(world, turn, monkeypatch):
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", True)
    client = world.client("adam")
    page = client.get(f"{HOME}accounts/idle/").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
    turn()
    sent = client.post(f"{HOME}accounts/idle/", data={"csrf_token": token, "minutes": "10"})
    assert sent.status_code == 303
    turn.forget()
    assert client.get(HOME).status_code == 200, "the cookie was signed anew"


def test_without_the_key_of_before_everything_ends(world, turn):
    set_up(world, "rita")
    client = world.client("adam")
    turn()
    turn.forget()
    assert "/login" in client.get(HOME).location
    assert sign_in(world) == 200, "the password is no longer known"
    assert checkup.run(checkup.second_factors) == (
        "1 sealed under an earlier SECRET_KEY: careboard reseal"
    )
    assert second_factor.reseal(keys=world.app.config["SETTINGS"].secrets) == 0


def test_a_password_given_once_is_hashed_under_the_new_key(world, turn):
    set_up(world, "rita")
    turn()
    before = kept_password("rita")
    assert sign_in(world) == "/second-factor/"
    assert kept_password("rita") != before, "also before the second factor was given"
    turn.forget()
    assert sign_in(world) == "/second-factor/"
    assert sign_in(world, "bob") == 200, "he has not signed in meanwhile"


def test_a_wrong_password_is_wrong_under_every_key(world, turn):
    turn()
    answer = world.client().post("/login", data={"email": address("bob"), "password": "x" * 14})
    assert answer.status_code == 200


def test_a_second_factor_goes_on_and_is_sealed_again(world, turn):
    phone, _ = set_up(world, "rita")
    turn()
    keys = world.app.config["SETTINGS"].secrets
    assert "careboard reseal" in checkup.run(checkup.second_factors)
    assert second_factor.reseal(keys=keys) == 1 and second_factor.reseal(keys=keys) == 0
    db.session.commit()
    assert checkup.run(checkup.second_factors) is None
    client = world.client()
    give_password(client, "rita")
    turn.forget()
    again = client.post("/second-factor/", data={"code": phone.code(-1)})
    assert again.status_code == 422, "a code that was used stays used"
    give_password(client, "rita")
    assert client.post("/second-factor/", data={"code": phone.code()}).status_code == 303
    assert client.get(HOME).status_code == 200


def test_a_code_is_taken_before_anything_was_sealed_again(world, turn):
    phone, _ = set_up(world, "rita")
    turn()
    client = world.client()
    give_password(client, "rita")
    assert client.post("/second-factor/", data={"code": phone.code()}).status_code == 303


def test_a_device_is_known_still(world, turn):
    """Whoever guesses elsewhere keeps nobody out of a device on which they have signed in."""
    client = world.client()
    give_password(client, "bob")
    client.post("/logout")
    turn()
    for _ in range(7):
        world.client().post("/login", data={"email": address("bob"), "password": "x" * 14})
    assert "Too many tries" in give_password(world.client(), "bob").text
    assert give_password(client, "bob").status_code == 302


def test_a_form_that_was_held_waits_still(world, turn):
    path = f"/o/alder/actions/{samples.add_action(world)}/notes"
    client = world.client("alice")
    age(world, 16)
    client.post(path, data={"note": "We moved the chart."})
    turn()
    give_password(client, "alice")
    assert "We moved the chart." in client.get("/held-form/").text


def test_the_keys_of_drafts_stand_one_after_the_other(world, turn):
    def keys():
        return re.search(r'data-keys="([^"]+)"', world.client("bob").get(HOME).text).group(1)

    before = keys()
    turn()
    assert keys().split(" ")[1:] == [before]


def test_nobody_learns_from_the_work_whether_an_address_is_known(world, turn, monkeypatch):
    turn()
    done = []
    made_of, hashed = peppers._made_of, peppers.hash_password
    monkeypatch.setattr(peppers, "_made_of", lambda *a: done.append("one") or made_of(*a))
    monkeypatch.setattr(peppers, "hash_password", lambda *a: done.append("one") or hashed(*a))
    for email in (address("bob"), "nobody@alder.example"):
        world.client().post("/login", data={"email": email, "password": PASSWORD + "x"})
        assert done == ["one"]
        done.clear()


def test_the_right_password_begins_the_count_anew_though_the_code_is_still_to_come(world):
    set_up(world, "rita")
    client = world.client()
    for _ in range(3):
        client.post("/login", data={"email": address("rita"), "password": "x" * 14})
    assert give_password(client, "rita").location == "/second-factor/"
    counted = "SELECT max(attempts) AS most FROM sign_in_attempt"
    assert as_owner(world, counted)[0].most is None
