"""People, their rights, and how they get in."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from careboard import mailer
from careboard.accounts import service
from careboard.accounts.models import Account, Membership
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.reminders.models import Outbox
from careboard.reminders.outbox import letter_of
from tests.worlds import PASSWORD

NEW = {
    "name": "Una New",
    "email": "una@alder.example",
    "roles": ["contributor"],
    "all_services": "y",
}


def test_the_administrator_adds_a_person_who_sets_a_password_and_signs_in(world):
    answer = world.client("adam").post("/o/alder/accounts/people/new", data=NEW)
    assert answer.status_code == 303
    with world.acting("adam") as adam:
        (row,) = db.session.scalars(db.select(Outbox).where(Outbox.org_id == adam.org_id))
        letter = letter_of(row)
        text = mailer.render(letter, sending=True).text
        shown = mailer.render(letter).text
    assert "/password/" in text and "/password/" not in shown
    path = text[text.index("/password/") :].split()[0]
    word = "a long enough pass phrase"
    answer = world.client().post(path, data={"new_password": word})
    assert (answer.status_code, answer.location) == (303, "/login")
    again = world.client().post(path, data={"new_password": PASSWORD})
    assert again.location == "/reset", "the link works once"
    client = world.client()
    answer = client.post("/login", data={"email": NEW["email"], "password": word})
    assert answer.location == "/second-factor/set-up", "nobody is in by a password alone"
    assert client.get("/o/alder/").location.startswith("/login")


def test_a_person_cannot_be_added_twice(world):
    client = world.client("adam")
    answer = client.post("/o/alder/accounts/people/new", data={**NEW, "email": "bob@alder.example"})
    assert answer.status_code == 422
    assert "a member already" in answer.text and "Una New" in answer.text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"roles": []}, "Choose at least one role."),
        ({"email": "una"}, "This is not an e-mail address."),
        ({"name": ""}, "Enter the person&#39;s name."),
    ],
)
def test_bad_input_is_said_at_the_field(world, wrong, message):
    answer = world.client("adam").post("/o/alder/accounts/people/new", data={**NEW, **wrong})
    assert answer.status_code == 422
    assert message in answer.text
    assert world.sql("SELECT 1 FROM outbox") == []


@pytest.mark.parametrize("person", ["alice", "bob", "ben"])
def test_only_an_administrator_sees_people(world, person):
    assert world.client(person).get("/o/alder/accounts/people").status_code == 403


def test_ended_access_is_ended_at_once(world):
    client = world.client("rita")
    assert client.get("/o/alder/").status_code == 200
    address = f"/o/alder/accounts/people/{world.member_id('rita')}"
    world.client("adam").post(address, data={"name": "Rita", "roles": ["contributor"]})
    assert client.get("/o/alder/").status_code == 404


def test_somebody_must_remain_administrator(world):
    member = world.member_id("adam")
    with world.acting("adam") as adam, pytest.raises(Invalid, match="remain administrator"):
        service.change_standing(
            actor=adam,
            membership_id=member,
            name="Adam",
            job_title="",
            roles=["contributor"],
            service_ids=None,
            active=True,
        )


def test_a_role_of_the_other_kind_of_organisation_is_refused(world):
    with world.acting("alice") as alice, pytest.raises(Forbidden):
        service.change_standing(
            actor=alice,
            membership_id=world_member(alice),
            name="Alice",
            job_title="",
            roles=["commissioner_reader"],
            service_ids=None,
            active=True,
        )


def world_member(actor):
    return db.session.scalar(
        db.select(Membership.id).where(Membership.org_id == actor.org_id).limit(1)
    )


def test_asking_for_a_password_is_answered_the_same_for_everyone(world):
    known = world.client().post("/reset", data={"email": "bob@alder.example"})
    unknown = world.client().post("/reset", data={"email": "nobody@alder.example"})
    assert known.status_code == unknown.status_code
    assert known.headers.get("Location") == unknown.headers.get("Location")
    assert len(world.sql("SELECT 1 FROM outbox WHERE kind = 'password'")) == 1


def test_the_foreign_member_is_not_there(world):
    address = f"/o/birch/accounts/people/{world.member_id('bob')}"
    assert world.client("adam").get(address).status_code == 404


def test_an_invitation_is_answered_the_same_whether_or_not_the_address_has_a_sign_in(world):
    client, answers = world.client("adam"), []
    for email in ("charlie@birch.example", "nobody@birch.example"):
        form = {**NEW, "name": "Una New", "email": email}
        answer = client.post("/o/alder/accounts/people/new", data=form)
        answers.append((answer.status_code, answer.location, answer.data))
        client.get("/o/alder/accounts/people")
    assert answers[0] == answers[1]


def test_adding_somebody_from_elsewhere_takes_nothing_of_their_sign_in(world):
    """Neither their name there, nor their password, nor what they may do; and shows no link."""
    email = "charlie@birch.example"
    known = select(Account.name, Account.password).where(Account.email == email)
    before = db.session.execute(known).one()
    roles = "SELECT roles FROM membership WHERE name = 'Charlie'"
    theirs = world.sql(roles, "birch")
    adam = world.client("adam")
    form = {**NEW, "name": "Somebody Else", "email": email.upper()}
    assert adam.post("/o/alder/accounts/people/new", data=form).status_code == 303
    db.session.remove()
    assert db.session.execute(known).one() == before
    assert world.sql(roles, "birch") == theirs
    (letter,) = world.sql("SELECT content FROM outbox WHERE kind = 'invitation'")
    assert "account_id" not in letter.content, "no link that sets a password"


@pytest.mark.parametrize(("who", "sees"), [("adam", True), ("rita", False)])
def test_settings_offer_people_and_roles_to_who_manages_them(world, who, sees):
    page = world.client(who).get("/o/alder/accounts/").text
    assert "My sign-in" in page and ("People and roles" in page) is sees
