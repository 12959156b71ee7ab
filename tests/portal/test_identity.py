"""A commissioner's domain is confirmed by CareBoard's operator, and by nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard.commands import owner
from careboard.db import db
from careboard.errors import Invalid, NotFound
from careboard.packs import commissioners, identity
from tests.packs import published
from tests.portal import making
from tests.worlds import confirm_domain

DOMAIN = "northshire.example"
THEIRS = "cora-made-this.example"


@pytest.fixture
def link(world, monkeypatch):
    making.changing_board(monkeypatch)
    return published.confirm(world)


def end_domain(domain=DOMAIN):
    with owner() as connection:
        identity.end(connection, slug="northshire", domain=domain)


def test_a_provider_cannot_vouch_for_a_domain_of_its_own(world):
    with world.acting("cora") as cora, pytest.raises(Invalid, match="operator") as refusal:
        commissioners.confirm(
            actor=cora,
            commissioner_id=world.org_id("northshire"),
            email_domain=THEIRS,
            how_confirmed="Trust me.",
        )
    assert refusal.value.field == "email_domain"


def test_nobody_is_invited_or_reads_at_a_domain_that_is_not_confirmed(world, link):
    pack = published.publish(world, link)
    assert world.client("carol").get(f"/portal/packs/{pack}").status_code == 200
    end_domain()
    assert world.client("carol").get(f"/portal/packs/{pack}").status_code == 404
    with world.acting("cora") as cora:
        assert commissioners.readers(actor=cora, link_id=link) == []
        with pytest.raises(Invalid, match="operator"):
            commissioners.invite_reader(
                actor=cora, link_id=link, name="Nina", email=f"nina@{DOMAIN}"
            )
    with pytest.raises(Invalid, match="commissioners no longer|at least one"):
        published.publish(world, link)
    confirm_domain("northshire", DOMAIN)
    assert world.client("carol").get(f"/portal/packs/{pack}").status_code == 200


def test_the_database_invites_nobody_at_another_domain(world, link):
    """Whoever gets past the page, and changes the link's domain, comes no further."""
    invite = text("SELECT count(*) FROM app.invite_reader(:link, :email, 'Eve')")
    move = text("UPDATE commissioner_link SET email_domain = :domain WHERE id = :link")
    with world.acting("cora"), pytest.raises(DBAPIError):
        db.session.execute(move, {"domain": THEIRS, "link": link})
    end_domain()
    with world.acting("cora"):
        told = {"link": link, "email": f"eve@{DOMAIN}"}
        assert db.session.scalar(invite, told) == 0


@pytest.mark.parametrize("write", ["INSERT", "UPDATE", "DELETE"])
def test_the_application_confirms_no_domain(world, write):
    statements = {
        "INSERT": "INSERT INTO commissioner_domain VALUES (:id, 'a.example', now(), 'x')",
        "UPDATE": "UPDATE commissioner_domain SET domain = 'a.example'",
        "DELETE": "DELETE FROM commissioner_domain",
    }
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text(statements[write]), {"id": world.org_id("northshire")})
    db.session.rollback()


def test_the_pages_say_what_the_operator_has_confirmed(world, link):
    pack = published.publish(world, link)
    page, packs = f"/o/alder/packs/commissioners/{link}", f"/o/alder/packs/{pack}"
    cora = world.client("cora")
    assert "Rang the switchboard." in cora.get(page).text
    assert f"{DOMAIN}, confirmed by CareBoard" in cora.get(packs).text
    end_domain()
    assert "Domain not confirmed by CareBoard" in cora.get(page).text
    assert "Send the invitation" not in cora.get(page).text
    assert "Domain not confirmed" in cora.get(packs).text
    assert "Domain not confirmed" in cora.get("/o/alder/packs/commissioners").text


@pytest.mark.parametrize(
    ("slug", "domain", "how"),
    [
        ("northshire", "northshire", "Rang."),
        ("northshire", "a@b.example", "Rang."),
        ("northshire", "gmail.com", "Rang."),
        ("northshire", "x.example; DROP", "Rang."),
        ("northshire", "northshire.gov.uk", "  "),
        ("alder", "alder.example", "Rang."),
        ("nowhere", "alder.example", "Rang."),
    ],
)
def test_what_the_operator_cannot_confirm(world, slug, domain, how):
    with owner() as connection, pytest.raises((Invalid, NotFound)):
        identity.confirm(connection, slug=slug, domain=domain, how=how, on=None)
