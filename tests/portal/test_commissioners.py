"""Commissioners confirmed, their readers invited and shut out, and the letters they get."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from careboard import tenancy
from careboard.accounts import service as accounts
from careboard.accounts import sessions
from careboard.accounts.models import Account
from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.packs import afterwards, commissioners
from careboard.reminders import sending
from tests.packs import published
from tests.portal import making
from tests.worlds import PASSWORD, confirm_domain

DOMAIN = "northshire.example"
LINKS = "/o/alder/packs/commissioners"


@pytest.fixture
def link(world, monkeypatch):
    making.changing_board(monkeypatch)
    return published.confirm(world)


def confirm(world, person="cora", **given):
    values = {
        "commissioner_id": world.org_id("northshire"),
        "email_domain": DOMAIN,
        "how_confirmed": "Called the switchboard.",
    }
    with world.acting(person) as actor:
        link_id = commissioners.confirm(actor=actor, **{**values, **given})
        db.session.commit()
        return link_id


def invite(world, link, email=f"nina@{DOMAIN}", name="Nina New", person="cora"):
    with world.acting(person) as actor:
        account = commissioners.invite_reader(actor=actor, link_id=link, name=name, email=email)
        db.session.commit()
        return account


def letters(world, org="alder", kind="pack_notice"):
    return world.sql(
        "SELECT * FROM outbox WHERE kind = :kind ORDER BY created_at, to_email", org, kind=kind
    )


def client_of(world, account_id):
    """A browser in which that account is signed in."""
    token = sessions.begin(account_id=account_id, second_factor=True)
    db.session.commit()
    db.session.remove()
    client = world.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return client


# ---- Commissioners


def test_a_commissioner_is_confirmed_once(world):
    confirm(world, email_domain=" @Northshire.Example ")
    (row,) = world.sql("SELECT * FROM commissioner_link")
    assert (row.email_domain, row.confirmed_by_id) == (DOMAIN, world.member_id("cora"))
    with pytest.raises(Invalid, match="already"):
        confirm(world)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email_domain", "northshire"),
        ("email_domain", "a@b.example"),
        ("email_domain", "gmail.com"),
        ("email_domain", "x.example; DROP"),
        ("how_confirmed", "  "),
    ],
)
def test_what_is_not_confirmed_is_refused(world, field, value):
    with pytest.raises(Invalid) as refusal:
        confirm(world, **{field: value})
    assert refusal.value.field == field


def test_a_provider_is_no_commissioner_and_leads_do_not_confirm(world):
    with pytest.raises(Invalid):
        confirm(world, commissioner_id=world.org_id("birch"))
    for person in ("alice", "bob", "adam", "ben"):
        with pytest.raises(Forbidden):
            confirm(world, person)


def test_ended_with_a_reason_once_its_grants_are_revoked(world, link):
    pack = published.publish(world, link)
    with world.acting("cora") as cora:
        with pytest.raises(Invalid):
            commissioners.end(actor=cora, link_id=link, reason=" ")
        commissioners.end(actor=cora, link_id=link, reason="The contract has ended.")
        db.session.commit()
    with world.acting("cora") as cora, pytest.raises(Invalid, match="already"):
        commissioners.end(actor=cora, link_id=link, reason="Again")
    (grant,) = world.sql("SELECT * FROM pack_grant WHERE pack_id = :id", id=pack)
    assert grant.revoked_by_id == world.member_id("cora")
    assert confirm(world) != link
    assert world.client("carol").get(f"/portal/packs/{pack}").status_code == 404
    with world.acting("charlie") as charlie, pytest.raises((Forbidden, NotFound)):
        commissioners.end(actor=charlie, link_id=link, reason="Not mine")


# ---- Readers


def test_an_invited_reader_sets_a_password_and_reads(world, link):
    pack = published.publish(world, link)
    account = invite(world, link)
    (letter,) = letters(world, kind="reader_invitation")
    assert letter.to_email == f"nina@{DOMAIN}" and letter.membership_id is None
    assert letter.content["account_id"] == str(account)
    with tenancy.acting_for("northshire") as actor:
        rows = accounts.db.session.execute(
            select(accounts.Membership).where(accounts.Membership.org_id == actor.org_id)
        ).scalars()
        nina = next(row for row in rows if row.account_id == account)
        assert (nina.roles, nina.active, nina.email) == (
            ["commissioner_reader"], True, f"nina@{DOMAIN}",
        )  # fmt: skip
    (event,) = world.sql(
        "SELECT * FROM audit_event WHERE tag = 'member:added' AND actor = 'careboard' "
        "ORDER BY seq DESC LIMIT 1",
        "northshire",
    )
    assert str(world.org_id("alder")) in event.payload
    assert client_of(world, account).get(f"/portal/packs/{pack}").status_code == 200


def test_the_letter_has_a_link_that_works_once_and_is_kept_nowhere(world, link):
    from careboard import mailer
    from careboard.reminders.models import Outbox
    from careboard.reminders.outbox import letter_of

    invite(world, link)
    with world.acting("cora") as cora:
        row = db.session.scalar(select(Outbox).where(Outbox.org_id == cora.org_id))
        letter, kept = letter_of(row), str(row.content)
        sent, shown = mailer.render(letter, sending=True), mailer.render(letter)
    found = re.search(r"http://[^/]+(/password/\S+)", sent.text)
    assert found and found[1] not in shown.text and found[1] not in kept
    client = world.client()
    answer = client.get(found[1], follow_redirects=True)
    assert answer.status_code == 200 and "password" in answer.text
    assert "second factor" in sent.text and "ask your manager" not in sent.text


@pytest.mark.parametrize(
    "email", ["nina@evil.example", "nina", f"a b@{DOMAIN}", "", f"x@a.{DOMAIN}"]
)
def test_only_addresses_at_the_confirmed_domain(world, link, email):
    with pytest.raises(Invalid) as refusal:
        invite(world, link, email)
    assert refusal.value.field == "email"


def test_the_database_refuses_another_domain_and_another_providers_link_too(world, link):
    ask = "SELECT count(*) AS n FROM app.invite_reader(:link, :email, 'Eve')"
    assert world.sql(ask, link=link, email="eve@evil.example")[0].n == 0
    assert world.sql(ask, "birch", link=link, email=f"eve@{DOMAIN}")[0].n == 0
    assert world.sql("SELECT count(*) AS n FROM app.readers_of_link(:l)", "birch", l=link)[0].n == 0


def test_a_reader_invited_under_another_domain_comes_no_nearer(world, link):
    """Birch vouches for another of its domains: its reader sees what Birch grants, only."""
    confirm_domain("northshire", "evil.example")
    pack = published.publish(world, link)
    account = accounts.ensure_account(email="mal@birch.example", name="Mal", password=PASSWORD)
    db.session.commit()
    db.session.remove()
    with tenancy.acting_for("birch") as actor:
        accounts.add_member(
            actor=actor, account_id=account, name="Mal", email="mal@birch.example",
            roles=["contracts_lead"],
        )  # fmt: skip
        db.session.commit()
    db.session.remove()
    member = tenancy.enter(slug="birch", account_id=account, request_id="t", read_only=False)
    db.session.remove()
    with tenancy.tenant_context(member.org_id, membership_id=member.membership_id):
        birchs = commissioners.confirm(
            actor=member, commissioner_id=world.org_id("northshire"),
            email_domain="evil.example", how_confirmed="Trust me.",
        )  # fmt: skip
        eve = commissioners.invite_reader(
            actor=member, link_id=birchs, name="Eve", email="eve@evil.example"
        )
        db.session.commit()
    client = client_of(world, eve)
    assert client.get("/portal/").status_code == 200
    assert client.get(f"/portal/packs/{pack}").status_code == 404
    assert world.client("carol").get(f"/portal/packs/{pack}").status_code == 200
    with world.acting("cora") as cora:
        named = {one.name for one in commissioners.readers(actor=cora, link_id=link)}
    assert named == {"Carol"}


def test_a_reader_whose_access_ended_sees_nothing_until_invited_again(world, link):
    pack = published.publish(world, link)
    carol, account = world.client("carol"), world.actor("carol").account_id
    with world.acting("cora") as cora:
        commissioners.end_reader(actor=cora, link_id=link, account_id=account)
        db.session.commit()
    assert carol.get(f"/portal/packs/{pack}").status_code == 404
    with world.acting("cora") as cora, pytest.raises(NotFound):
        commissioners.end_reader(actor=cora, link_id=link, account_id=account)
    assert invite(world, link, f"CAROL@{DOMAIN}", "Carol") == account
    assert carol.get(f"/portal/packs/{pack}").status_code == 200


def test_invited_twice_is_one_reader_with_two_letters(world, link):
    assert invite(world, link) == invite(world, link)
    assert len(letters(world, kind="reader_invitation")) == 2
    assert len(world.sql("SELECT * FROM commissioner_reader")) == 1


def test_a_closed_sign_in_is_not_opened_by_an_invitation(world, link):
    account = invite(world, link)
    db.session.get_one(Account, account).active = False
    db.session.commit()
    with pytest.raises(Invalid, match="closed"):
        invite(world, link)


def test_reading_that_was_ended_for_the_commissioner_is_not_opened_by_a_provider(world, link):
    account = invite(world, link)
    with tenancy.acting_for("northshire") as actor:
        row = db.session.scalar(
            select(accounts.Membership).where(
                accounts.Membership.org_id == actor.org_id,
                accounts.Membership.account_id == account,
            )
        )
        row.active = False
        db.session.commit()
    db.session.remove()
    with pytest.raises(Invalid, match="closed"):
        invite(world, link)
    assert client_of(world, account).get("/portal/").status_code == 404


def test_somebody_with_a_sign_in_is_invited_by_several_at_once(world, link):
    from tests.guards.test_at_once import at_once

    accounts.ensure_account(email=f"nina@{DOMAIN}", name="Nina", password=PASSWORD)
    db.session.commit()
    db.session.remove()
    form, page = {"name": "Nina", "email": f"nina@{DOMAIN}"}, f"{LINKS}/{link}/readers"
    clients = [world.client("cora") for _ in range(3)]
    jobs = [lambda one=one: one.post(page, data=form).status_code for one in clients]
    assert at_once(jobs) == [303, 303, 303]
    added = "SELECT seq FROM audit_event WHERE tag = 'member:added' AND payload LIKE '%provider%'"
    assert len(world.sql(added, "northshire")) == 1


# ---- Announcements


def test_readers_are_told_once_and_of_nothing_but_the_provider(world, link):
    pack = published.publish(world, link)
    (letter,) = letters(world)
    assert letter.to_email == f"carol@{DOMAIN}"
    with world.acting("cora") as cora:
        from careboard import mailer
        from careboard.reminders.models import Outbox
        from careboard.reminders.outbox import letter_of

        row = db.session.scalar(select(Outbox).where(Outbox.org_id == cora.org_id))
        rendered = mailer.render(letter_of(row))
    for text in (rendered.text, rendered.html, letter.subject):
        assert "Alder Care" in text
        assert not re.search("PCK|Recovery update|Birchwood|Alder House|" + str(pack), text)
    assert "/portal/" in rendered.text and "ask your manager" not in rendered.text


def test_a_new_reader_a_longer_grant_and_a_second_try_send_no_second_letter(world, link):
    from datetime import timedelta

    pack = published.publish(world, link)
    with world.acting("cora") as cora:
        afterwards.grant(
            actor=cora, pack_id=pack, link_id=link, expires_on=cora.today + timedelta(days=90)
        )
        db.session.commit()
    assert len(letters(world)) == 1


def test_replaced_and_withdrawn_are_told_too(world, link):
    older = published.publish(world, link)
    newer = published.publish(world, link, supersedes_id=older)
    with world.acting("cora") as cora:
        afterwards.withdraw(actor=cora, pack_id=newer, reason="It named a person.")
        db.session.commit()
    told = letters(world)
    assert sorted(row.content["what"] for row in told) == ["published", "superseded", "withdrawn"]
    assert not any("named a person" in str(row.content) + row.subject for row in told)


def test_nobody_without_a_password_or_whose_access_ended_is_told(world, link):
    invite(world, link)
    account = world.actor("carol").account_id
    with world.acting("cora") as cora:
        commissioners.end_reader(actor=cora, link_id=link, account_id=account)
        db.session.commit()
    published.publish(world, link)
    assert letters(world) == []


def test_mail_to_a_stopped_address_is_not_sent(world, link):
    world.sql("SELECT 1")
    with tenancy.acting_for("alder"):
        db.session.execute(
            db.text(
                "INSERT INTO suppression (org_id, id, email_norm, reason) "
                "VALUES (app.org(), gen_random_uuid(), :email, 'hard_bounce')"
            ),
            {"email": f"carol@{DOMAIN}"},
        )
        db.session.commit()
    published.publish(world, link)
    db.session.remove()
    sending.drain()
    assert [row.status for row in letters(world)] == ["suppressed"]


# ---- Pages


def test_the_contracts_lead_walks_it(world, monkeypatch):
    making.changing_board(monkeypatch)
    cora = world.client("cora")
    assert "No commissioner is confirmed yet" in cora.get(LINKS).text
    form = {
        "commissioner_id": str(world.org_id("northshire")),
        "email_domain": DOMAIN,
        "how_confirmed": "Called the switchboard.",
    }
    answer = cora.post(f"{LINKS}/new", data=form)
    assert answer.status_code == 303
    page = answer.location
    told = {"name": "Nina New", "email": f"nina@{DOMAIN}"}
    assert cora.post(f"{page}/readers", data=told).status_code == 303
    shown = cora.get(page).text
    assert "Nina New" in shown and "No password yet" in shown and "Carol" in shown
    account = str(world.actor("carol").account_id)
    assert cora.post(f"{page}/readers/end", data={"account_id": account}).status_code == 303
    assert "Readers whose access ended" in cora.get(page).text
    assert cora.post(f"{page}/end", data={"reason": "Contract over."}).status_code == 303
    assert "Ended 20 Nov 2026" in cora.get(LINKS).text
    assert "Invite a reader" not in cora.get(page).text


def test_wrong_input_is_kept_with_its_reason(world, link):
    cora, page = world.client("cora"), f"{LINKS}/{link}"
    answer = cora.post(f"{page}/readers", data={"name": "Nina", "email": "nina@evil.example"})
    assert answer.status_code == 422 and "nina@evil.example" in answer.text
    assert "were confirmed" in answer.text
    assert cora.post(f"{page}/end", data={}).status_code == 422
    assert cora.post(f"{page}/readers/end", data={"account_id": "x"}).status_code == 422
    assert cora.post(f"{LINKS}/new", data={"email_domain": "gmail.com"}).status_code == 422


@pytest.mark.parametrize("local", ["n\x01ina", "nina\u202e", "ni\u200bna", ".nina", "(nina)"])
def test_an_address_that_is_none_or_reads_as_another_is_refused(world, link, local):
    form = {"name": "Nina New", "email": f"{local}@{DOMAIN}"}
    answer = world.client("cora").post(f"{LINKS}/{link}/readers", data=form)
    assert answer.status_code == 422 and "not an e-mail address" in answer.text
    assert letters(world, kind="reader_invitation") == []


def test_who_may_see_and_who_may_act(world, link):
    page = f"{LINKS}/{link}"
    alice = world.client("alice")
    assert alice.get(LINKS).status_code == alice.get(page).status_code == 200
    assert alice.post(f"{page}/end", data={"reason": "x"}).status_code == 403
    for person in ("bob", "rita", "ben", "adam", "vera"):
        assert world.client(person).get(page).status_code == 403
    for person in ("charlie", "carol"):
        assert world.client(person).get(page).status_code == 404
