"""A commissioner's reader who tries everything: each address, each id, each method; and residents'
names planted wherever the provider has words, looked for in all that leaves it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest

import careboard.packs.episode_source  # noqa: F401  (registers itself)
from careboard import clock
from careboard.db import db
from careboard.errors import Invalid
from careboard.packs import afterwards, commissioners
from tests.guards import everything, isolation
from tests.packs import published
from tests.packs.contents import example
from tests.portal import making

# What a person may open wherever they belong: sign-in, their own sign-in, where to go.
OWN = (
    "accounts_", "demo_mail.", "headers.", "health.", "held_form.", "home.", "metrics.",
    "own_sign_in.", "passkey", "password_link.", "portal.", "second_factor", "security.",
    "sessions.", "static",
)  # fmt: skip


# The texts of a pack, as they were hashed and signed.
FROZEN = (
    "reference", "provider_name", "service_name", "title", "key", "signature", "events",
    "withdraw_reason",
)  # fmt: skip


@pytest.fixture
def link(world, monkeypatch):
    making.changing_board(monkeypatch)
    return published.confirm(world)


def provider_rules(world):
    return [rule for rule in world.app.url_map.iter_rules() if not rule.endpoint.startswith(OWN)]


def test_every_other_address_is_the_same_404(world, link, monkeypatch):
    """With the ids of one of everything at Alder, by GET and POST, under each organisation's name
    and that of none."""
    published.publish(world, link)
    found = isolation.first_of(everything.rows(world))
    carol, absent, tried = world.client("carol"), None, 0
    for rule in provider_rules(world):
        assert rule.rule.startswith("/o/<org>"), f"{rule.endpoint}: who may open it?"
        for org in ("alder", "northshire", "nowhere"):
            answer = carol.open(isolation.address(rule, org, found), method=isolation.method(rule))
            absent = absent or isolation.body(answer)
            assert answer.status_code == 404, (rule.rule, org)
            assert isolation.body(answer) == absent, (rule.rule, org)
            tried += 1
    assert tried > 500


def test_nothing_below_the_portal_takes_a_writing_method(world, link):
    pack = published.publish(world, link)
    rules = [rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/portal")]
    assert len(rules) >= 8
    addresses = [isolation.address(rule, "", {"pack_id": pack}) for rule in rules]
    for client in (world.client("carol"), world.client("cora"), world.client()):
        for address in (*addresses, "/portal", "/portal/nothing", f"/portal/packs/{uuid4()}/x"):
            for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
                assert client.open(address, method=method).status_code == 405, (method, address)


def test_only_a_commissioners_reader_finds_a_portal(world, link):
    pack = published.publish(world, link)
    pages = ("", f"packs/{pack}", f"packs/{pack}/pdf", "verify", "verifier")
    for person in ("cora", "alice", "charlie", "adam"):
        for page in pages:
            assert world.client(person).get(f"/portal/{page}").status_code == 404, (person, page)
    for page in pages:
        assert world.client().get(f"/portal/{page}").location.startswith("/login")


def closed_packs(world, link) -> dict[str, object]:
    """Packs that Carol may not read, by the reason, as of the day after today."""
    with world.acting("cora") as cora:
        soon = cora.today
    revoked, ended = published.publish(world, link), published.publish(world, link)
    expired = published.publish(world, link, expires_on=soon)
    (grant,) = world.sql("SELECT id FROM pack_grant WHERE pack_id = :id", id=revoked)
    with world.acting("cora") as cora:
        afterwards.revoke(actor=cora, pack_id=revoked, grant_id=grant.id, reason="Wrong team.")
        commissioners.end(actor=cora, link_id=link, reason="The contract has ended.")
        db.session.commit()
    again = published.confirm(world)
    reshut = published.publish(world, again)
    account = world.actor("carol").account_id
    with world.acting("cora") as cora:
        commissioners.end_reader(actor=cora, link_id=again, account_id=account)
        db.session.commit()
    return {"revoked": revoked, "expired": expired, "ended": ended, "shut out": reshut}


def test_packs_that_are_closed_are_as_absent_as_those_that_never_were(world, link):
    closed = closed_packs(world, link)
    held = clock.frozen_day()
    clock.freeze(held + timedelta(days=1))
    try:
        carol = world.client("carol")
        for end in ("", "/print", "/pdf", "/bundle", "/attachments/1"):
            absent = carol.get(f"/portal/packs/{uuid4()}{end}")
            assert absent.status_code == 404
            for why, pack in closed.items():
                answer = carol.get(f"/portal/packs/{pack}{end}")
                assert answer.status_code == 404, (why, end)
                assert isolation.body(answer) == isolation.body(absent), (why, end)
        assert "Nothing has been published to you yet" in carol.get("/portal/").text
    finally:
        clock.freeze(held)
    assert world.sql("SELECT * FROM pack_read") == []


def test_the_database_notes_no_reading_of_a_pack_that_is_closed(world, link):
    """The function looks for itself, whatever a page thought when it was asked."""
    closed, account = closed_packs(world, link), world.actor("carol").account_id
    ask = "SELECT app.note_pack_read(:who, :pack, 'viewed', NULL, now(), :day) AS noted"
    tomorrow = clock.today() + timedelta(days=1)
    for pack in (*closed.values(), uuid4()):
        (row,) = world.sql(ask, "northshire", who=account, pack=pack, day=tomorrow)
        assert row.noted is False
    assert world.sql("SELECT * FROM audit_event WHERE tag = 'pack:viewed'") == []


def test_an_attachment_that_is_not_there_is_404(world, link):
    pack, carol = published.publish(world, link), world.client("carol")
    for number in ("0", "1", "99999999999999999999", "-1", "x"):
        assert carol.get(f"/portal/packs/{pack}/attachments/{number}").status_code == 404


@pytest.fixture
def sung(world, monkeypatch):
    """Ids of one of everything at Alder, where every text has a resident's name in it by the time
    that the test has called what it is given."""
    monkeypatch.setattr(isolation, "CANARY", "Mr John Kanarienvogel")
    found = isolation.first_of(everything.rows(world)) | {"house": world.service_id("Alder House")}

    def plant() -> None:
        held = world.sql("SELECT id, name FROM service")
        frozen = world.sql(f"SELECT id, {', '.join(FROZEN)} FROM pack")
        assert sum(map(len, isolation.plant(world).values())) > 60
        with isolation.administrator(world) as superuser:
            superuser.execute("SET session_replication_role = replica")
            for row in held:  # what a service is called is no secret, and stands in every pack
                superuser.execute("UPDATE service SET name = %s WHERE id = %s", (row[1], row[0]))
            for row in frozen:  # a pack that was published is the same for ever
                for name, value in zip(FROZEN, row[1:], strict=True):
                    change = f"UPDATE pack SET {name} = %s WHERE id = %s"
                    superuser.execute(change, (value, row[0]))

    return found, plant


def test_a_name_planted_in_every_text_leaves_with_no_page_file_or_letter(world, sung, link):
    _, plant = sung
    pack = published.publish(world, link)
    plant()
    carol = world.client("carol")
    answers = [carol.get("/portal/"), carol.get("/portal/verify"), carol.get("/portal/verifier")]
    for end in ("", "/print", "/pdf", "/bundle"):
        answer = carol.get(f"/portal/packs/{pack}{end}")
        assert answer.status_code == 200
        answers.append(answer)
    assert not any(isolation.sings(answer.data) for answer in answers)


@pytest.mark.parametrize("kind", ["board", "episode", "whole board"])
def test_a_pack_made_of_records_full_of_names_is_silent_or_refused(world, sung, kind):
    """Whatever a draft is drawn from: either no name is in it, or publishing is refused until a
    person has answered for every place."""
    found, plant = sung
    link = published.confirm(world)
    subject = {"board": "house", "episode": "episode_id"}.get(kind)
    subject_id = found[subject] if subject else world.org_id("alder")
    plant()
    given = {"kind": kind.split()[-1], "subject_id": subject_id}
    try:
        pack = published.publish(world, link, **given)
    except Invalid as refusal:
        assert refusal.field == "overrides"
        return
    carol = world.client("carol")
    for end in ("", "/pdf", "/bundle"):
        answer = carol.get(f"/portal/packs/{pack}{end}")
        assert answer.status_code == 200 and not isolation.sings(answer.data), end
    letters = world.sql(
        "SELECT subject, content FROM outbox WHERE dedupe_key LIKE :of", of=f"pack:%:{pack}:%"
    )
    assert letters and not any(isolation.CANARY in str(tuple(letter)) for letter in letters)


def test_the_zip_holds_nothing_but_the_pack(world, monkeypatch):
    published.plain_board(monkeypatch, example(kind="board"))
    pack = published.publish(world, published.confirm(world))
    answer = world.client("carol").get(f"/portal/packs/{pack}/bundle")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert sorted(archive.namelist()) == [
            "README.txt", "content.json", "events.jsonl", "head.json", "manifest.json",
            "pack.pdf", "signature.json",
        ]  # fmt: skip
