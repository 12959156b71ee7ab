"""What people change about their own sign-in, and what an administrator may do for them."""

from __future__ import annotations

import re

import pytest

from careboard import mailer
from careboard.db import db
from careboard.reminders.models import Outbox
from careboard.reminders.outbox import letter_of
from tests.accounts.phones import Phone, give_password, set_up, still  # noqa: F401
from tests.worlds import PASSWORD

pytestmark = pytest.mark.usefixtures("still")
SURE = {"password": PASSWORD}


def _signed_in(world, person, phone, steps=0):
    client = world.client()
    give_password(client, person)
    assert client.post("/second-factor/", data={"code": phone.code(steps)}).status_code == 303
    return client


def test_a_new_phone_takes_the_place_of_the_old_one(world):
    old, old_codes = set_up(world, "rita")
    client = _signed_in(world, "rita", old)
    new = Phone(client.post("/my-sign-in/authenticator", data=SURE).text)
    wrong = client.post("/my-sign-in/authenticator/code", data={"code": "000000"})
    assert wrong.status_code == 422 and "data:image/svg+xml" in wrong.text
    answer = client.post("/my-sign-in/authenticator/code", data={"code": new.code()})
    assert answer.status_code == 200 and answer.text.count("<li><code>") == 10
    again = world.client()
    give_password(again, "rita")
    assert again.post("/second-factor/", data={"code": old.code(+1)}).status_code == 422
    used = again.post("/second-factor/recovery-code", data={"recovery_code": old_codes[0]})
    assert used.status_code == 422
    assert again.post("/second-factor/", data={"code": new.code(+1)}).status_code == 303


def test_an_app_cannot_be_swapped_without_the_password(world):
    old, _ = set_up(world, "rita")
    client = _signed_in(world, "rita", old)
    answer = client.post("/my-sign-in/authenticator/code", data={"code": "123456"})
    assert answer.location == "/my-sign-in/authenticator"
    assert client.get("/my-sign-in/authenticator").status_code == 200


def test_new_recovery_codes_end_the_old_ones(world):
    phone, old = set_up(world, "rita")
    client = _signed_in(world, "rita", phone)
    page = client.post("/my-sign-in/recovery-codes", data=SURE).text
    new = re.findall(r"<li><code>([a-z2-7-]+)</code>", page)
    assert len(set(new)) == 10 and not set(new) & set(old)
    assert "10 left" in client.get("/my-sign-in/").text
    for codes, status in ((old, 422), (new, 303)):
        other = world.client()
        give_password(other, "rita")
        answer = other.post("/second-factor/recovery-code", data={"recovery_code": codes[1]})
        assert answer.status_code == status


def test_the_administrator_takes_away_a_lost_second_factor(world):
    phone, codes = set_up(world, "rita")
    client = _signed_in(world, "rita", phone)
    address = f"/o/alder/accounts/people/{world.member_id('rita')}/reset-second-factor"
    assert world.client("adam").post(address).status_code == 303
    assert client.get("/o/alder/").status_code == 302, "the session is dead"
    again = world.client()
    assert give_password(again, "rita").location == "/second-factor/set-up"
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event")]
    assert "member:second_factor_reset" in tags
    with world.acting("adam") as adam:
        rows = db.session.scalars(db.select(Outbox).where(Outbox.org_id == adam.org_id,
                                  Outbox.kind == "security"))  # fmt: skip
        texts = [mailer.render(letter_of(row), sending=True).text for row in rows]
    assert any("took away your second factor" in text for text in texts)
    assert not any("You have no sign-in yet" in text for text in texts)


def test_nobody_resets_their_own_or_one_that_guards_another_organisation(world):
    for person, words in (("adam", "My sign-in"), ("charlie", "another organisation")):
        client = world.client("adam")
        if person == "charlie":
            data = {"name": "Charlie", "email": "charlie@birch.example", "roles": ["contributor"],
                    "all_services": "y"}  # fmt: skip
            assert client.post("/o/alder/accounts/people/new", data=data).status_code == 303
        member = world.in_org("alder", db.text(
            f"SELECT id FROM membership WHERE name = '{person.title()}'"))  # fmt: skip
        address = f"/o/alder/accounts/people/{member}"
        client.post(f"{address}/reset-second-factor")
        assert words in client.get(address).text


def test_an_invitation_is_sent_again_with_another_link(world):
    client = world.client("adam")
    data = {"name": "Una", "email": "una@alder.example", "roles": ["contributor"],
            "all_services": "y"}  # fmt: skip
    client.post("/o/alder/accounts/people/new", data=data)
    member = world.member_id("adam")
    member = world.sql("SELECT id FROM membership WHERE name = 'Una'")[0].id
    address = f"/o/alder/accounts/people/{member}"
    assert "Send the invitation again" in client.get(address).text
    assert client.post(f"{address}/invite-again").status_code == 303
    with world.acting("adam") as adam:
        rows = list(db.session.scalars(db.select(Outbox).where(Outbox.org_id == adam.org_id)))
        links = {re.search(r"/password/\S+", mailer.render(letter_of(row), sending=True).text)[0]
                 for row in rows}  # fmt: skip
    assert len(links) == 2
    first, second = links
    assert world.client().get(first).status_code == 200, "whichever letter arrives works"
    word = "otter lamp velvet nineteen"
    assert world.client().post(second, data={"new_password": word}).status_code == 303
    assert world.client().get(first).location == "/reset"
    assert "Send the invitation again" not in client.get(address).text
    client.post(f"{address}/invite-again")
    assert "has a password already" in client.get(address).text


@pytest.mark.parametrize("person", ["rita", "carol"])
def test_outside_an_organisation_there_is_a_way_back_and_a_way_out(world, person):
    page = world.client(person).get("/my-sign-in/").text
    menu = page[page.index('aria-label="Main"') : page.index("<main")]
    assert re.search(r'<a href="/">Start page</a>', menu)
    assert re.search(r'<a href="/my-sign-in/" aria-current="page">My sign-in</a>', menu)
    assert f"<strong>{person.title()}</strong>" in menu and "Sign out" in menu
