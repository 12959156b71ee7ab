"""From the outbox to a real SMTP server: once each, and what becomes of what cannot be sent."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from sqlalchemy import text

from careboard import clock, mailer
from careboard.actions.models import Action
from careboard.db import db, load
from careboard.errors import Conflict, Forbidden, NotFound
from careboard.mailer import Fate
from careboard.reminders import notices, outbox, sending, service
from careboard.tenancy import acting_for
from tests.reminders.making import TODAY, add_action, add_imported, mails, sweep


def fates(world, slug="alder") -> list[tuple[str, str]]:
    return [(mail.to_email, mail.status) for mail in mails(world, slug)]


def change(statement: str, **values) -> None:
    """Change rows of Alder's as no service would: to stand in for time going by."""
    with acting_for("alder"):
        db.session.execute(text(statement), values)
        db.session.commit()


def post(key: str = "one", **values):
    with acting_for("alder") as actor:
        posted = outbox.post(
            **{
                "actor": actor,
                "kind": "digest",
                "to_email": "rita@alder.example",
                "to_name": "Rita",
                "membership_id": None,
                "template": "digest",
                "content": {"day": "20 Nov 2026", "sections": []},
                "subject": "Actions",
                "why": "Because of a test.",
                "dedupe_key": key,
                **values,
            }
        )
        db.session.commit()
    return posted


def test_a_digest_arrives_with_all_that_a_mail_needs(world, catcher):
    action_id = add_action(world, reference="ACT-0007", title="Fix <the> “fridge” & log")
    sweep()
    assert sending.drain().sent == 1
    (mail,) = catcher.messages()
    assert mail["To"] == "Rita <rita@alder.example>"
    assert mail["Subject"] == "ACT-0007: due today"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<http://127.0.0.1:8000/o/alder/reminders/preferences>"
    assert mail["Message-ID"] == mails(world)[0].message_id
    plain = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    link = f"http://127.0.0.1:8000/o/alder/actions/{action_id}"
    for body in (plain, html):
        assert link in body
        assert "You get this because you own actions that are due or overdue." in body
    assert "Fix <the> “fridge” & log" in plain
    assert "Fix &lt;the&gt; “fridge” &amp; log" in html
    assert fates(world) == [("rita@alder.example", "sent")]


def test_a_letter_posted_twice_or_drained_twice_arrives_once(world, catcher):
    assert post("same") is not None
    assert post("same") is None
    assert [sending.drain().sent for _ in range(2)] == [1, 0]
    assert len(catcher.messages()) == 1


def test_organisations_do_not_share_keys(world, catcher):
    post("same")
    with acting_for("birch") as actor:
        outbox.post(
            actor=actor,
            kind="digest",
            to_email="charlie@birch.example",
            to_name="Charlie",
            membership_id=None,
            template="digest",
            content={"day": "20 Nov 2026", "sections": []},
            subject="Actions",
            why="Because of a test.",
            dedupe_key="same",
        )
        db.session.commit()
    assert sending.drain().sent == 2
    assert len(set(catcher.ids())) == 2


def test_nothing_is_posted_by_a_transaction_that_fails(world, catcher):
    action_id = add_action(world)
    with acting_for("alder") as actor:
        notices.action_assigned(actor=actor, action=load(Action, actor.org_id, action_id))
        db.session.rollback()
    assert mails(world) == []
    assert sending.drain().sent == 0


def test_new_work_and_returned_work_are_told_at_once(world, catcher):
    action_id = add_action(world, due_on=TODAY + timedelta(30))
    person = world.actor("alice")
    with world.acting("alice"):
        action = load(Action, person.org_id, action_id)
        notices.action_assigned(actor=person, action=action)
        notices.action_assigned(actor=person, action=action)
        action.status, action.return_reason = "in_progress", "No log attached"
        notices.action_returned(actor=person, action=action)
        db.session.commit()
    assert sending.drain().sent == 2
    assigned, returned = catcher.messages()
    assert "a new action is yours, due 20 Dec 2026" in assigned["Subject"]
    assert "Alice made you the owner" in assigned.get_body(("plain",)).get_content()
    assert "No log attached" in returned.get_body(("html",)).get_content()


def test_who_takes_an_action_on_is_not_told_of_it(world, catcher):
    action_id = add_action(world)
    person = world.actor("rita")
    with world.acting("rita"):
        notices.action_assigned(actor=person, action=load(Action, person.org_id, action_id))
        db.session.commit()
    assert mails(world) == []


def test_an_address_that_does_not_exist_is_stopped_and_the_manager_told(world, catcher):
    add_imported(
        world, reference="ACT-0900", owner_email="Gone@agency.example", owner_name="Gil Gone"
    )
    sweep()
    assert (sending.drain().sent, len(catcher.messages())) == (1, 1)
    assert fates(world) == [("Gone@agency.example", "dead"), ("bob@alder.example", "sent")]
    (notice,) = catcher.messages()
    assert notice["Subject"] == "Mail does not reach Gil Gone"
    assert "ACT-0900" in notice.get_body(("plain",)).get_content()
    post("later", to_email="gone@AGENCY.example")
    assert sending.drain().sent == 0
    assert fates(world)[-1] == ("gone@AGENCY.example", "suppressed")
    assert [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")][-1] == (
        "address:suppressed"
    )


def test_a_lead_hears_of_a_bounce_that_concerns_no_action(world, catcher):
    post(to_email="gone@agency.example", to_name="")
    sending.drain()
    assert fates(world)[1:] == [("alice@alder.example", "sent")]


@pytest.mark.parametrize(
    ("code", "words", "fate"),
    [
        (550, b"5.1.1 no such user", Fate.NO_SUCH_ADDRESS),
        (553, b"mailbox name not allowed", Fate.NO_SUCH_ADDRESS),
        (450, b"4.2.0 greylisted", Fate.LATER),
        (552, b"5.2.2 mailbox full", Fate.LATER),
        (550, b"5.7.1 your server is on a block list", Fate.LATER),
    ],
)
def test_only_refusals_of_the_address_itself_are_lasting(code, words, fate):
    refusal = smtplib.SMTPRecipientsRefused({"a@b.example": (code, words)})
    assert mailer._refused(refusal)[0] is fate


@pytest.mark.parametrize("address", ["not an address", "a@b@c", "x@y.example, z@y.example", "@"])
def test_an_address_that_is_none_is_treated_as_one_that_does_not_exist(world, catcher, address):
    post(to_email=address, to_name="")
    assert sending.drain().sent == 1
    assert fates(world) == [(address, "dead"), ("alice@alder.example", "sent")]


def test_a_subject_cannot_smuggle_headers_in(world, catcher):
    post(subject="Actions\r\nBcc: all@alder.example")
    sending.drain()
    (mail,) = catcher.messages()
    assert (mail["Subject"], mail["Bcc"]) == ("Actions Bcc: all@alder.example", None)


def test_without_a_mail_server_nothing_is_lost(world, app, catcher, monkeypatch):
    for number in range(3):
        post(str(number))
    with monkeypatch.context() as away:
        away.setattr(app.extensions["mailman"], "port", 9)
        assert sending.drain() == sending.Drained(sent=0, failed=1)
    rows = mails(world)
    assert sorted((mail.status, mail.attempts) for mail in rows) == [
        ("ready", 0),
        ("ready", 0),
        ("ready", 1),
    ]
    assert "did not answer" in "".join(mail.last_error for mail in rows)
    assert sending.drain().sent == 2
    change("UPDATE outbox SET not_before = now()")
    assert sending.drain().sent == 1
    assert len(set(catcher.ids())) == 3


def test_after_eight_tries_a_letter_is_dead_and_can_be_requeued(world, app, catcher, monkeypatch):
    mail_id = post()
    with monkeypatch.context() as away:
        away.setattr(app.extensions["mailman"], "port", 9)
        for _ in range(9):
            change("UPDATE outbox SET not_before = now()")
            sending.drain()
    (mail,) = mails(world)
    assert (mail.status, mail.attempts) == ("dead", 8)
    person = world.actor("alice")
    with world.acting("alice"):
        service.requeue(actor=person, mail_id=mail_id)
        db.session.commit()
    with world.acting("alice"), pytest.raises(Conflict):
        service.requeue(actor=person, mail_id=mail_id)
    assert sending.drain().sent == 1
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "delivery:requeued"


def test_requeueing_needs_the_right_and_ones_own_organisation(world):
    mail_id = post()
    for person, refusal in (("bob", Forbidden), ("charlie", NotFound)):
        actor = world.actor(person)
        with world.acting(person), pytest.raises(refusal):
            service.requeue(actor=actor, mail_id=mail_id)


def test_a_fault_in_one_letter_does_not_stop_the_others(world, catcher):
    post("bad", template="no_such_template")
    post("good")
    drained = sending.drain()
    assert (drained.sent, drained.failed) == (1, 1)
    assert "TemplateNotFound" in mails(world)[0].last_error


def test_a_lost_lease_is_neither_sent_nor_marked(world, catcher):
    post()
    (claimed,) = sending.claim(10)
    assert sending.claim(10) == []
    change("UPDATE outbox SET lease_until = now() - interval '1 second'")
    (again,) = sending.claim(10)
    with mailer.connection() as backend:
        assert sending._send(claimed, backend) is None
        assert sending._send(again, backend) is Fate.SENT
    assert len(catcher.messages()) == 1


def test_a_lease_about_to_end_is_left_to_run_out(world, catcher):
    post()
    (claimed,) = sending.claim(1)
    change("UPDATE outbox SET lease_until = now() + interval '1 minute'")
    with mailer.connection() as backend:
        assert sending._send(claimed, backend) is None
    assert catcher.messages() == []


def test_a_letter_for_later_waits(world, catcher):
    post(not_before=clock.utc_now() + timedelta(hours=1))
    assert sending.drain().sent == 0


def test_waits_grow_to_a_day():
    waits = [sending.wait(attempts) for attempts in range(1, 9)]
    assert timedelta(seconds=48) <= waits[0] <= timedelta(seconds=72)
    assert timedelta(hours=19) <= waits[-1] <= timedelta(hours=29)
