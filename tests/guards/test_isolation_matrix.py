"""Every address with another organisation's ids, and with one of the two walls taken away.

Each wall hides the other's mistakes, so each is looked at alone. `make prove` does the same for
every role. Source: reliability, isolation between organisations.
"""

from __future__ import annotations

import pytest

from tests.guards import isolation
from tests.guards.everything import rows

ROLES = ("birch-governance-lead", "birch-administrator")


@pytest.fixture
def foreign(world, monkeypatch):
    """Ids of one of everything at Alder; Birch has a person for every role."""
    found = isolation.first_of(rows(world))
    isolation.staff(world, monkeypatch)
    return found


def test_row_level_security_alone_holds(world, foreign):
    with isolation.filters_off() as taken:
        for person in ROLES:
            assert isolation.leaks(world, person, foreign) == []
    assert sum(taken) > 200


def test_the_applications_own_filters_alone_hold(world, foreign):
    """Neither an address with a foreign id nor any list or download shows a foreign word."""
    planted = isolation.plant(world)
    assert sum(map(len, planted.values())) > 60
    isolation.wall_off(world)
    for person in ROLES:
        assert isolation.leaks(world, person, foreign) == []
        assert isolation.singing(world, person, "birch", {}) == []
    assert len(isolation.singing(world, "alice", "alder", foreign)) > 60


def test_the_matrix_would_see_a_leak(world, foreign):
    """With both walls gone most addresses leak: so the two tests above do look."""
    isolation.wall_off(world)
    with isolation.filters_off():
        assert len(isolation.leaks(world, ROLES[0], foreign)) > 60
