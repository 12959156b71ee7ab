"""Two people do the same thing at the same moment: one does it, the others are told so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from careboard.accounts import service as accounts
from careboard.db import db

PEOPLE = "/o/alder/accounts/people"


def at_once(jobs: list[Callable[[], int]]) -> list[int]:
    """What each of the jobs answers, sorted; they start together."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], int]) -> int:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return sorted(pool.map(run, jobs))


def _posts(world, person: str, url: str, data: dict, count: int = 3) -> list[Callable[[], int]]:
    clients = [world.client(person) for _ in range(count)]
    return [lambda client=client: client.post(url, data=data).status_code for client in clients]


def test_a_domain_is_rated_once(world):
    form = {
        "service_id": str(world.service_id("Alder House")), "domain": "medicines",
        "original_cause": "Two seniors left", "rating": "high", "rationale": "Three audits",
        "none_yet": "y",
    }  # fmt: skip
    assert at_once(_posts(world, "alice", "/o/alder/risks/new", form)) == [303, 422, 422]
    assert len(world.sql("SELECT id FROM risk")) == 1


def test_a_person_is_invited_once(world):
    form = {"name": "Zed", "email": "zed@alder.example", "roles": "contributor",
            "all_services": "y"}  # fmt: skip
    assert at_once(_posts(world, "adam", f"{PEOPLE}/new", form)) == [303, 422, 422]
    assert len(world.sql("SELECT id FROM membership WHERE name = 'Zed'")) == 1


def test_a_service_is_added_once(world):
    form = {"name": "Alder Court", "kind": "home", "active": "y"}
    assert at_once(_posts(world, "adam", "/o/alder/services/new", form)) == [303, 422, 422]
    assert len(world.sql("SELECT id FROM service WHERE name = 'Alder Court'")) == 1


def test_two_administrators_cannot_leave_none(world):
    adam, vera = world.member_id("adam"), world.member_id("vera")
    with world.acting("adam") as actor:
        accounts.change_standing(
            actor=actor, membership_id=vera, name="Vera", job_title="", roles=["administrator"],
            service_ids=None, active=True,
        )  # fmt: skip
        db.session.commit()
    form = {"roles": "contributor", "all_services": "y", "active": "y", "name": "Former"}
    jobs = [
        *_posts(world, "adam", f"{PEOPLE}/{vera}", form, 1),
        *_posts(world, "vera", f"{PEOPLE}/{adam}", form, 1),
    ]
    # Who comes second is told that somebody must remain, is no administrator any more, or is
    # signed out by the new standing before the request is read.
    assert at_once(jobs).count(303) == 1
    left = world.sql("SELECT name FROM membership WHERE 'administrator' = ANY(roles)")
    assert len(left) == 1
