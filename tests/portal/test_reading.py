"""What a commissioner's reader sees: the packs that are open to them, and the traces they leave."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import event

from careboard import audit, clock
from careboard.db import db
from careboard.packs import afterwards, commissioners
from tests.packs import published
from tests.packs.contents import example
from tests.portal import making
from tests.worlds import confirm_domain


@pytest.fixture
def link(world, monkeypatch):
    making.changing_board(monkeypatch)
    return published.confirm(world)


@pytest.fixture
def pack(world, link):
    return published.publish(world, link)


def reads(world, pack_id):
    return [
        (row.what, row.number)
        for row in world.sql(
            "SELECT what, number FROM pack_read WHERE pack_id = :id ORDER BY read_at, what",
            id=pack_id,
        )
    ]


def test_a_reader_lands_in_the_portal_and_reads_the_pack(world, pack):
    carol = world.client("carol")
    assert carol.get("/").location == "/portal/"
    listed = carol.get("/portal/").text
    assert "Oakfield Care" in listed and f"/portal/packs/{pack}" in listed and "Current" in listed
    page = carol.get(f"/portal/packs/{pack}").text
    assert "First line." in page and "Oakfield Care" in page
    assert "1 to 4" in page


def test_nothing_is_open_before_anything_is_published(world, link):
    assert "Nothing has been published to you yet" in world.client("carol").get("/portal/").text


def test_each_look_and_each_download_is_told_to_the_provider(world, pack):
    carol = world.client("carol")
    for _ in range(3):
        assert carol.get(f"/portal/packs/{pack}").status_code == 200
    carol.get(f"/portal/packs/{pack}/print")
    for _ in range(2):
        assert carol.get(f"/portal/packs/{pack}/pdf").data.startswith(b"%PDF")
    carol.get(f"/portal/packs/{pack}/bundle")
    assert sorted(reads(world, pack)) == [
        ("bundle", None), ("pdf", None), ("pdf", None), ("printed", None), ("viewed", None),
    ]  # fmt: skip
    events = world.sql(
        "SELECT actor, tag, payload FROM audit_event WHERE subject = :id AND tag NOT IN "
        "('pack:published', 'pack:granted') ORDER BY seq",
        id=str(pack),
    )
    assert [row.tag for row in events] == [
        "pack:viewed", "pack:printed", "pack:pdf", "pack:pdf", "pack:bundle",
    ]  # fmt: skip
    assert str(world.org_id("northshire")) in events[0].payload
    assert {row.actor for row in events} == {str(world.actor("carol").account_id)}
    with world.acting("alice") as alice:
        assert audit.verify(alice.org_id).intact


def test_asking_for_the_heads_of_an_answer_is_no_look(world, pack):
    carol, page = world.client("carol"), f"/portal/packs/{pack}"
    events = world.sql("SELECT count(*) AS events FROM audit_event")
    for address in (page, f"{page}/print", f"{page}/pdf", f"{page}/bundle"):
        assert carol.head(address).status_code == 200
    assert reads(world, pack) == []
    assert world.sql("SELECT count(*) AS events FROM audit_event") == events


def test_the_audit_log_says_who_read(world, pack):
    world.client("carol").get(f"/portal/packs/{pack}")
    page = world.client("alice").get("/o/alder/audit/?what=pack").text
    assert "A reader for Northshire Council" in page and "pack:viewed" in page.replace(" ", "")


def test_the_next_day_is_another_look(world, pack):
    carol = world.client("carol")
    carol.get(f"/portal/packs/{pack}")
    held = clock.frozen_day()
    clock.freeze(held + timedelta(days=1))
    try:
        carol.get(f"/portal/packs/{pack}")
    finally:
        clock.freeze(held)
    assert reads(world, pack) == [("viewed", None)] * 2


def test_what_is_taken_away_is_what_was_signed(world, pack):
    carol = world.client("carol")
    answer = carol.get(f"/portal/packs/{pack}/bundle")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = set(archive.namelist())
        assert archive.read("pack.pdf") == carol.get(f"/portal/packs/{pack}/pdf").data
    assert {"manifest.json", "signature.json", "content.json", "events.jsonl", "head.json"} < names
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_that_the_store_has_lost_is_told_and_is_no_download(world, pack, monkeypatch):
    from careboard import storage

    def lost(org_id, sha256):
        raise FileNotFoundError(sha256)

    monkeypatch.setattr(storage, "get", lost)
    for end in ("pdf", "bundle"):
        assert world.client("carol").get(f"/portal/packs/{pack}/{end}").status_code == 404
    assert reads(world, pack) == []


def test_the_page_on_checking_names_the_key_and_hands_out_the_verifier(world, link):
    carol = world.client("carol")
    page = carol.get("/portal/verify").text
    assert "fingerprint" in page and "verify-pack.py" in page
    verifier = carol.get("/portal/verifier").data.decode()
    compile(verifier, "verify-pack.py", "exec")
    assert "import careboard" not in verifier and "from careboard" not in verifier


def test_a_pack_is_open_up_to_and_with_its_last_day(world, link):
    with world.acting("cora") as cora:
        last = cora.today + timedelta(days=2)
    pack = published.publish(world, link, expires_on=last)
    carol, held = world.client("carol"), clock.frozen_day()
    try:
        for day, status in ((last, 200), (last + timedelta(days=1), 404)):
            clock.freeze(day)
            assert carol.get(f"/portal/packs/{pack}").status_code == status
            assert carol.get(f"/portal/packs/{pack}/pdf").status_code == status
    finally:
        clock.freeze(held)


def test_a_superseded_pack_says_so_and_leads_to_the_newer(world, link, pack):
    newer = published.publish(world, link, supersedes_id=pack)
    page = world.client("carol").get(f"/portal/packs/{pack}").text
    assert "A newer one has taken its place" in page and f"/portal/packs/{newer}" in page
    listed = world.client("carol").get("/portal/?status=superseded").text
    assert f"/portal/packs/{pack}" in listed and f"/portal/packs/{newer}" not in listed


def test_of_a_withdrawn_pack_a_line_is_left_and_nothing_else(world, link, pack):
    with world.acting("cora") as cora:
        afterwards.withdraw(actor=cora, pack_id=pack, reason="It named the wrong house.")
        db.session.commit()
    carol = world.client("carol")
    page = carol.get(f"/portal/packs/{pack}")
    assert page.status_code == 410 and "It named the wrong house." in page.text
    assert "First line." not in page.text
    for part in ("pdf", "bundle", "attachments/1"):
        assert carol.get(f"/portal/packs/{pack}/{part}").status_code == 404
    for address in ("/portal/", "/portal/?status=withdrawn"):
        listed = carol.get(address).text
        assert "It named the wrong house." in listed and f"/portal/packs/{pack}" not in listed
    assert "wrong house" not in carol.get("/portal/?status=current").text
    assert reads(world, pack) == []


def test_the_list_is_filtered_and_paged(world, link):
    for _ in range(3):
        published.publish(world, link)
    carol = world.client("carol")
    for asked, found in (
        ("provider=Alder+Care", 0), ("provider=Oakfield+Care", 3), ("service=Birchwood+House", 3),
        ("words=pck", 3), ("words=100%25", 0), ("since=2026-11-21", 0), ("until=2026-11-20", 3),
        ("status=nonsense", 3), ("page=9", 3), ("for=elsewhere", 3),
    ):  # fmt: skip
        assert carol.get(f"/portal/?{asked}").text.count('href="/portal/packs/') == found, asked


@pytest.mark.parametrize("words", ["' OR true --", "%", "\\", "\x00"])
def test_what_is_typed_is_only_looked_for(world, pack, words):
    assert world.client("carol").get("/portal/", query_string={"words": words}).status_code == 200


def test_the_list_takes_six_statements_however_long_it_is(world, link):
    for _ in range(3):
        published.publish(world, link)
    carol, sent = world.client("carol"), []

    def note(connection, cursor, statement, *more):
        sent.append(statement)

    engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        assert carol.get("/portal/").status_code == 200
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    assert len(sent) <= 6, sent


def test_a_reader_of_two_commissioners_chooses(world, link, pack):
    from careboard import tenancy
    from careboard.accounts import service as accounts

    account = world.actor("carol").account_id
    accounts.create_organisation(slug="southshire", name="Southshire Council", kind="commissioner")
    db.session.commit()
    db.session.remove()
    with tenancy.acting_for("southshire") as actor:
        accounts.add_member(
            actor=actor, account_id=account, name="Carol", email="carol@northshire.example",
            roles=["commissioner_reader"],
        )  # fmt: skip
        db.session.commit()
    carol = world.client("carol")
    assert f"/portal/packs/{pack}" in carol.get("/portal/?for=northshire").text
    assert f"/portal/packs/{pack}" not in carol.get("/portal/?for=southshire").text
    assert carol.get(f"/portal/packs/{pack}").status_code == 200


@pytest.mark.parametrize("other", ["Southshire", "Mid Northshire"])
def test_a_pack_read_for_two_commissioners_is_noted_for_the_one_on_the_page(world, link, other):
    from careboard import tenancy
    from careboard.accounts import service as accounts

    account = world.actor("carol").account_id
    accounts.create_organisation(slug="other", name=other, kind="commissioner")
    db.session.commit()
    db.session.remove()
    with tenancy.acting_for("other") as actor:
        accounts.add_member(
            actor=actor, account_id=account, name="Carol", email="carol@northshire.example",
            roles=["commissioner_reader"],
        )  # fmt: skip
        db.session.commit()
    confirm_domain("other", "northshire.example")
    with world.acting("cora") as cora:
        second = commissioners.confirm(
            actor=cora, commissioner_id=world.org_id("other"),
            email_domain="northshire.example", how_confirmed="Called the switchboard.",
        )  # fmt: skip
        db.session.commit()
    pack = published.publish(world, link, links=[link, second])
    world.client("carol").get(f"/portal/packs/{pack}")
    first = min(("northshire", "Northshire Council"), ("other", other), key=lambda one: one[1])
    (row,) = world.sql("SELECT commissioner_org_id FROM pack_read WHERE pack_id = :id", id=pack)
    assert row.commissioner_org_id == world.org_id(first[0])


def test_content_of_every_part_is_shown(world, monkeypatch):
    published.plain_board(monkeypatch, example(kind="board", title="Extract <b>of</b> the board"))
    pack = published.publish(world, published.confirm(world))
    page = world.client("carol").get(f"/portal/packs/{pack}").text
    assert "Extract &lt;b&gt;of&lt;/b&gt; the board" in page and "<svg" in page


def test_an_ended_link_closes_everything_at_once(world, link, pack):
    carol = world.client("carol")
    assert carol.get(f"/portal/packs/{pack}").status_code == 200
    with world.acting("cora") as cora:
        commissioners.end(actor=cora, link_id=link, reason="The contract has ended.")
        db.session.commit()
    assert carol.get(f"/portal/packs/{pack}").status_code == 404
    assert "Nothing has been published" in carol.get("/portal/").text
