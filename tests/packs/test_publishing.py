"""Publishing freezes what was drafted, grants it, and leaves its events."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.packs import afterwards, drafts, publishing
from careboard.packs.content import Section, from_json, suppressed
from careboard.packs.models import Pack, PackGrant, PackOverride
from tests.packs.contents import example
from tests.packs.published import confirm, plain_board, publish


@pytest.fixture
def link(world, monkeypatch):
    import careboard.packs.board_source  # noqa: F401  (registers itself)

    plain_board(monkeypatch)
    return confirm(world)


def test_it_freezes_the_suppressed_content_and_grants_it(world, link):
    pack_id, commissioner = publish(world, link), world.org_id("northshire")
    with world.acting("cora") as cora:
        pack = db.session.get(Pack, (cora.org_id, pack_id))
        assert pack.reference == "PCK-0001" and pack.title == "Recovery update 1"
        assert from_json(pack.content) == suppressed(example(kind="board"))
        grant = db.session.scalar(select(PackGrant))
        assert grant.commissioner_org_id == commissioner
        tags = db.session.execute(
            text("SELECT tag FROM audit_event WHERE org_id = :org ORDER BY seq DESC LIMIT 2"),
            {"org": cora.org_id},
        ).scalars()
        assert [*tags] == ["pack:granted", "pack:published"]


def test_every_finding_needs_its_reason(world, monkeypatch):
    import careboard.packs.board_source  # noqa: F401

    named = Section("words", "Words", "Mrs Marjorie Penhaligon fell twice.")
    plain_board(monkeypatch, example(kind="board", sections=(named,)))
    link = confirm(world)
    with pytest.raises(Invalid) as refused:
        publish(world, link)
    assert refused.value.field == "overrides" and "Words: words" in refused.value.message
    with world.acting("cora") as cora:
        found = drafts.draft(actor=cora, kind="board", subject_id=cora.org_id).findings
        db.session.rollback()
    with pytest.raises(Invalid):
        publish(world, link, overrides={found[0].key: "  "})
    publish(world, link, overrides={found[0].key: "The name of a training course."})
    with world.acting("cora"):
        kept = db.session.scalar(select(PackOverride))
        assert (kept.place, kept.kind) == ("Words: words", "name")


def test_who_may_not_publish(world, link):
    for person in ("bob", "rita", "vera", "ben", "adam"):
        with pytest.raises(Forbidden):
            publish(world, link, person=person)
    with pytest.raises(NotFound):
        publish(world, link, person="charlie")


def test_recipients_are_confirmed_and_living_links(world, link):
    for links in ([], [world.service_id("Alder House")]):
        with pytest.raises(Invalid) as refused:
            publish(world, link, links=links)
        assert refused.value.field == "links"
    with world.acting("cora") as cora:
        db.session.execute(
            text(
                "UPDATE commissioner_link SET ended_on = :on, ended_by_id = :by, "
                "end_reason = 'Left' WHERE id = :id"
            ),
            {"on": cora.today, "by": cora.membership_id, "id": link},
        )
        db.session.commit()
    with pytest.raises(Invalid):
        publish(world, link)


def test_a_day_that_is_over_is_refused(world, link):
    with pytest.raises(Invalid) as refused:
        publish(world, link, expires_on=world.actor("cora").today - timedelta(days=1))
    assert refused.value.field == "expires_on"


def test_what_has_changed_since_it_was_looked_at_is_not_published(world, link):
    with pytest.raises(Conflict):
        publish(world, link, seen="0" * 64)
    with world.acting("cora") as cora:
        mark = drafts.draft(actor=cora, kind="board", subject_id=cora.org_id).mark
        db.session.rollback()
    publish(world, link, seen=mark)


def test_a_newer_pack_supersedes_an_older_of_the_same_subject_once(world, link):
    first = publish(world, link)
    second = publish(world, link, supersedes_id=first)
    with world.acting("cora") as cora:
        older = db.session.get(Pack, (cora.org_id, first))
        assert older.superseded_by_id == second
        subject = cora.org_id
        db.session.rollback()
    for wrong in ({"supersedes_id": first}, {"supersedes_id": second, "subject_id": subject}):
        with pytest.raises(Invalid) as refused:
            publish(world, link, **wrong)
        assert refused.value.field == "supersedes"


def test_withdrawn_once_and_with_a_reason(world, link):
    pack_id = publish(world, link)
    with world.acting("cora") as cora:
        with pytest.raises(Invalid):
            afterwards.withdraw(actor=cora, pack_id=pack_id, reason=" ")
        with pytest.raises(Invalid, match="without naming anyone"):
            afterwards.withdraw(actor=cora, pack_id=pack_id, reason="It names Mrs Penhaligon.")
        afterwards.withdraw(actor=cora, pack_id=pack_id, reason="A figure was wrong.")
        db.session.commit()
        with pytest.raises(Conflict):
            afterwards.withdraw(actor=cora, pack_id=pack_id, reason="Again.")
        with pytest.raises(Conflict):
            afterwards.grant(actor=cora, pack_id=pack_id, link_id=link, expires_on=cora.today)


def test_a_grant_is_revoked_and_given_anew(world, link):
    pack_id = publish(world, link)
    with world.acting("cora") as cora:
        given = db.session.scalar(select(PackGrant))
        with pytest.raises(Invalid):
            afterwards.revoke(actor=cora, pack_id=pack_id, grant_id=given.id, reason="")
        for _ in range(2):
            afterwards.revoke(
                actor=cora, pack_id=pack_id, grant_id=given.id, reason="Sent to the wrong team."
            )
        new = afterwards.grant(actor=cora, pack_id=pack_id, link_id=link, expires_on=cora.today)
        longer = afterwards.grant(
            actor=cora, pack_id=pack_id, link_id=link, expires_on=cora.today + timedelta(days=9)
        )
        db.session.commit()
        assert len({given.id, new, longer}) == 3
        living = db.session.scalars(select(PackGrant).where(PackGrant.revoked_at.is_(None)))
        assert [one.id for one in living] == [longer]


CHANGES = (
    "UPDATE pack SET content = content || ' '",
    "UPDATE pack SET title = 'Other'",
    "UPDATE pack SET published_on = published_on + 1",
    "UPDATE pack SET manifest_sha256 = repeat('0', 64)",
    "UPDATE pack SET withdrawn_on = NULL, withdrawn_by_id = NULL, withdraw_reason = ''",
    "DELETE FROM pack",
    "TRUNCATE pack CASCADE",
    "UPDATE pack_grant SET expires_on = expires_on + 100",
    "DELETE FROM pack_grant",
    "UPDATE pack_override SET reason = 'Other'",
    "UPDATE commissioner_link SET email_domain = 'else.example'",
)


@pytest.mark.parametrize("change", CHANGES)
def test_not_even_the_owner_of_the_tables_changes_a_pack(world, link, change):
    from sqlalchemy import create_engine

    pack_id = publish(world, link)
    with world.acting("cora") as cora:
        afterwards.withdraw(actor=cora, pack_id=pack_id, reason="Wrong.")
        db.session.add(
            PackOverride(
                org_id=cora.org_id, pack_id=pack_id, place="p", kind="name", reason="r",
                by_id=cora.membership_id,
            )
        )  # fmt: skip
        db.session.commit()
        org = cora.org_id
    engine = create_engine(world.app.config["OWNER_URL"])
    with engine.connect() as connection:
        connection.execute(text("SELECT set_config('app.org', :org, false)"), {"org": str(org)})
        with pytest.raises(DBAPIError, match="cannot be changed|refuse|kept|append"):
            connection.execute(text(change))
    engine.dispose()


def test_the_source_learns_of_it_in_the_same_transaction(world, link, monkeypatch):
    from careboard.packs import sources

    def fail(*, actor, subject_id, pack_id):
        raise Invalid("No.")

    board = sources.of("board")
    monkeypatch.setitem(
        sources._sources, "board",
        sources.Source("board", board.place, board.draft, board.ready, fail),
    )  # fmt: skip
    with pytest.raises(Invalid):
        publish(world, link)
    with world.acting("cora"):
        assert db.session.scalar(select(Pack)) is None


def test_larger_than_a_bundle_may_be(world, link, monkeypatch):
    monkeypatch.setattr(publishing, "MOST_BYTES", 10)
    with pytest.raises(Invalid) as refused:
        publish(world, link)
    assert refused.value.field == "attachments"


def test_what_was_looked_at_is_published_once_unless_it_replaces(world, link):
    with world.acting("cora") as cora:
        seen = drafts.draft(actor=cora, kind="board", subject_id=cora.org_id).mark
        db.session.rollback()
    first = publish(world, link, seen=seen)
    with pytest.raises(Invalid, match="PCK-0001 says the same already") as refused:
        publish(world, link, seen=seen)
    assert refused.value.field == "supersedes"
    publish(world, link, seen=seen, subject_id=world.service_id("Alder Lodge"))
    second = publish(world, link, seen=seen, supersedes_id=first)
    with world.acting("cora") as cora:
        afterwards.withdraw(actor=cora, pack_id=second, reason="A figure was wrong.")
        db.session.commit()
    publish(world, link, seen=seen)


def test_two_leads_publish_the_same_at_once(world, link):
    from tests.guards.test_at_once import at_once

    address = f"/o/alder/packs/new/board/{world.service_id('Alder House')}"
    data = {"links": [str(link)], "expires_on": "2027-01-31"}
    clients = [world.client("cora") for _ in range(3)]
    jobs = [lambda one=one: one.post(address, data=data).status_code for one in clients]
    assert at_once(jobs) == [303, 422, 422]
    assert len(world.sql("SELECT id FROM pack")) == 1
