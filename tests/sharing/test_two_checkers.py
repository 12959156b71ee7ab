"""Two governance leads who check patterns of one service leave somebody who decides on them."""

from __future__ import annotations

from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy.exc import DatabaseError

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.sharing import pattern_review
from tests.actions.samples import leave
from tests.sharing import making, saying


@pytest.fixture(autouse=True)
def vera_leads_too(world):
    vera = world.member_id("vera")
    with world.acting("adam") as adam:
        db.session.get(Membership, (adam.org_id, vera)).roles = ["governance_lead"]
        db.session.commit()


def two_patterns(world) -> tuple[UUID, UUID]:
    return saying.pattern(world), saying.pattern(world, rule="safeguarding_repeated")


def decided(world, trigger: UUID, person: str) -> UUID:
    how = {"kind": "trigger", "affected": ("safeguarding",), "person": person}
    return making.decided(world, trigger, "seek_advice", **how)


def refused_by_both(world, trigger: UUID, person: str) -> None:
    with pytest.raises(Forbidden, match="which you checked"):
        decided(world, trigger, person)
    with (
        patch.object(pattern_review, "refuse_own"),
        pytest.raises(DatabaseError, match="checked a pattern does not decide on it"),
    ):
        decided(world, trigger, person)


def test_the_second_lead_leaves_the_second_pattern_to_who_checked_the_first(world):
    first, second = two_patterns(world)
    saying.checked(world, first, "alice")
    with pytest.raises(Invalid, match="Alice can check it") as refused:
        saying.checked(world, second, "vera", same_person_reason="I know it best")
    assert refused.value.field == "same_person_reason"
    saying.checked(world, second, "alice")
    assert decided(world, second, "vera")


def test_a_check_at_another_service_binds_nobody_here(world):
    saying.checked(world, saying.pattern(world), "alice")
    there = saying.pattern(world, service="Alder Lodge")
    assert saying.checked(world, there, "vera", service_id=world.service_id("Alder Lodge"))


def test_where_each_checked_one_a_later_check_by_somebody_else_frees(world):
    first, second = two_patterns(world)
    with patch.object(pattern_review, "_exception", return_value=""):
        saying.checked(world, first, "alice")
        saying.checked(world, second, "vera")
    refused_by_both(world, second, "alice")
    refused_by_both(world, first, "vera")
    saying.checked(world, first, "bob")
    assert decided(world, second, "alice")


def test_who_is_left_alone_checks_again_with_a_reason_and_decides(world):
    first, second = two_patterns(world)
    saying.checked(world, first, "alice")
    leave(world, "vera")
    with pytest.raises(Invalid, match="Bob can check it"):
        saying.checked(world, first, "alice", same_person_reason="Vera has left")
    leave(world, "bob")
    refused_by_both(world, second, "alice")
    saying.checked(world, first, "alice", same_person_reason="Vera and Bob have left")
    assert decided(world, second, "alice")
