"""When somebody leaves: everything open gets another name, and nothing of theirs opens a door."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from careboard.accounts import leavers, service
from careboard.accounts.leavers import Belonging
from careboard.accounts.models import Membership
from careboard.db import db, load, new_id
from careboard.errors import Invalid
from careboard.reviews import forums
from tests.accounts.phones import give_password
from tests.actions import samples
from tests.recovery import making, planning
from tests.worlds import World


@pytest.mark.parametrize("owned", leavers.OWNED, ids=lambda owned: owned.key)
def test_the_app_role_may_hand_over_each_kind(world, owned):
    """Grants are by column: each must allow another name."""
    if owned in (leavers.ACTIONS, leavers.FORUMS):
        return
    with world.acting("adam") as adam:
        rita, vera = (load(Membership, adam.org_id, _id(adam, name)) for name in ("Rita", "Vera"))
        leavers._rename(adam, owned, [Belonging(new_id(), "", None)], rita, vera)


def _id(actor, name: str):
    return db.session.scalar(
        db.select(Membership.id).where(Membership.org_id == actor.org_id, Membership.name == name)
    )


def _leave(world: World, person: str, to: str | None = None, **instead: str):
    chosen = {"to": to} | instead if to else instead
    data = {key: world.member_id(name) for key, name in chosen.items()}
    address = f"/o/alder/accounts/people/{world.member_id(person)}/leave"
    return world.client("adam").post(address, data=data)


def _roles(world: World, person: str, *roles: str) -> None:
    member = world.member_id(person)
    with world.acting("adam") as adam:
        service.change_standing(
            actor=adam, membership_id=member, name=person.title(), job_title="",
            roles=list(roles), service_ids=None, active=True,
        )  # fmt: skip
        db.session.commit()


def _give_bob_everything(world: World) -> None:
    """Bob manages Alder House; now he also owns, reviews, leads and sits."""
    bob = world.member_id("bob")
    with world.acting("alice") as alice:
        forums.appoint(
            actor=alice, forum="monthly_governance", service_id=None, membership_id=bob,
            part="member", from_on=alice.today,
        )  # fmt: skip
        db.session.commit()
    samples.add_action(world, owner_id=bob)
    making.opened(world, making.FALLS)
    planning.begin(world)
    with world.acting("adam"):
        db.session.execute(text("UPDATE indicator SET review_owner_id = :bob"), {"bob": bob})
        db.session.commit()


def _owners(world: World) -> dict[str, set]:
    return {
        table: {row[0] for row in world.sql(f"SELECT {column} FROM {table} WHERE {column} NOTNULL")}
        for table, column in (
            ("action", "owner_id"),
            ("service", "manager_id"),
            ("indicator", "review_owner_id"),
            ("recovery_plan", "lead_id"),
        )
    }


def test_all_that_is_open_goes_to_who_stays_in_one_step(world):
    _give_bob_everything(world)
    _roles(world, "rita", "contributor", "registered_manager")
    bob, rita = world.member_id("bob"), world.member_id("rita")
    tablet = world.client("bob")
    page = world.client("adam").get(f"/o/alder/accounts/people/{bob}/leave").text
    assert "Services that they manage: 1" in page and "monthly governance" in page
    answer = _leave(world, "bob", "rita")
    assert answer.status_code == 303, answer.text
    assert all(owners == {rita} for owners in _owners(world).values())
    terms = world.sql("SELECT membership_id, until_on FROM forum_member ORDER BY until_on")
    assert [(row[0], row[1] is None) for row in terms] == [(bob, False), (rita, True)]
    assert tablet.get("/o/alder/").status_code == 302, "the session is dead, not only refused"
    tags = {row.tag for row in world.sql("SELECT tag FROM audit_event")}
    assert {"member:left", "service:handed_over", "indicator:handed_over"} <= tags
    assert {"recovery_plan:handed_over", "action:reassigned", "forum:member_ended"} <= tags
    signed_in = give_password(world.client(), "bob")
    assert signed_in.status_code == 302
    with world.acting("adam") as adam:
        assert leavers.belongings(actor=adam, membership_id=bob) == {}


def test_who_cannot_take_it_is_named_and_nothing_has_happened(world):
    _give_bob_everything(world)
    before = _owners(world)
    answer = _leave(world, "bob", "alice")
    assert answer.status_code == 422 and "Alice does not have the role" in answer.text
    nobody = _leave(world, "bob")
    assert "Choose who takes over" in nobody.text
    assert _owners(world) == before
    assert world.client("bob").get("/o/alder/").status_code == 200


def test_each_kind_may_go_to_somebody_else(world):
    _give_bob_everything(world)
    _roles(world, "vera", "registered_manager")
    answer = _leave(world, "bob", "rita", service_manager="vera")
    assert answer.status_code == 303, answer.text
    owners = _owners(world)
    assert owners["service"] == {world.member_id("vera")}
    assert owners["recovery_plan"] == {world.member_id("rita")}


def test_somebody_without_anything_just_leaves(world):
    assert _leave(world, "ben").status_code == 303
    assert _leave(world, "ben").status_code == 422, "once"


@pytest.mark.parametrize("person", ["alice", "bob", "ben"])
def test_only_an_administrator_ends_access(world, person):
    address = f"/o/alder/accounts/people/{world.member_id('rita')}/leave"
    client = world.client(person)
    assert client.get(address).status_code == client.post(address).status_code == 403


def test_a_stranger_finds_nobody(world):
    member = world.member_id("rita")
    for path in ("leave", "reset-second-factor", "invite-again"):
        for org in ("alder", "birch"):
            address = f"/o/{org}/accounts/people/{member}/{path}"
            assert world.client("charlie").post(address).status_code in (403, 404)
    foreign = f"/o/alder/accounts/people/{world.member_id('charlie')}/leave"
    assert world.client("adam").get(foreign).status_code == 404
    assert world.client("adam").post(foreign).status_code == 404


def test_the_last_administrator_stays(world):
    member = world.member_id("adam")
    with world.acting("adam") as adam, pytest.raises(Invalid, match="own access"):
        leavers.end(actor=adam, membership_id=member, to=None, instead={})
