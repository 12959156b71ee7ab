"""The delay after wrong passwords grows, ends, shuts nobody out and tells nothing."""

from __future__ import annotations

import re

import pytest

from careboard.accounts import attempts
from careboard.accounts.security import limiter
from tests.accounts.test_sessions import ALICE, as_owner
from tests.counting import statements

WRONG = {**ALICE, "password": "not this one at all"}
NOBODY = {**WRONG, "email": "nobody@alder.example"}


def fail(client, form=WRONG, times: int = 5):
    for _ in range(times):
        answer = client.post("/login", data=form)
        assert "do not go together" in answer.text
    return answer


def wait_of(answer) -> int:
    """Seconds or minutes that the page asks for; 0 for none."""
    found = re.search(r"Wait (\d+) (second|minute)", answer.text)
    return int(found.group(1)) * (60 if found.group(2) == "minute" else 1) if found else 0


def pass_time(world, seconds: int) -> None:
    as_owner(
        world,
        "UPDATE sign_in_attempt SET last_at = last_at - make_interval(secs => :s)",
        s=seconds,
    )


def test_after_five_failures_even_the_right_password_waits_and_then_works(world):
    client = world.client()
    fail(client)
    pass_time(world, 1)
    fail(client, times=1)
    assert 0 < wait_of(client.post("/login", data=ALICE)) <= 2
    pass_time(world, 2)
    assert client.post("/login", data=ALICE).status_code == 302


def test_the_delay_doubles_up_to_a_quarter_of_an_hour(world):
    client, waits = world.client(), []
    fail(client)
    for _ in range(13):
        pass_time(world, 901)
        fail(client, times=1)
        waits.append(wait_of(client.post("/login", data=WRONG)))
    assert waits[:5] == [2, 4, 8, 16, 32]
    assert max(waits) == waits[-1] == 900


@pytest.mark.parametrize(
    ("wait", "words"),
    [(1, "1 second,"), (59, "59 seconds,"), (60, "1 minute,"), (61, "2 minutes,")],
)
def test_the_delay_is_said_in_words(wait, words):
    assert attempts.refusal(wait) == f"Too many tries. Wait {words} then try again."


def test_the_delay_is_the_same_for_an_address_that_nobody_has(world):
    bodies = set()
    for form in (WRONG, NOBODY):
        client = world.client()
        fail(client, form)
        pass_time(world, 1)
        fail(client, form, times=1)
        answer = client.post("/login", data=form)
        text = re.sub(r'(content|value)="[^"]{40,}"', "", answer.text)
        bodies.add(text.replace(form["email"], "").replace("1 second,", "2 seconds,"))
    assert len(bodies) == 1
    assert "Too many tries" in bodies.pop()


def test_the_right_password_begins_anew_and_a_day_forgives(world):
    client = world.client()
    fail(client, times=4)
    client.post("/login", data=ALICE)
    client.post("/logout")
    fail(client, times=5)
    pass_time(world, 24 * 3600 + 1)
    fail(client, times=5)


def test_whoever_guesses_elsewhere_cannot_keep_the_owner_out(world):
    owner, guesser = world.client(), world.client()
    owner.post("/login", data=ALICE)
    owner.post("/logout")
    fail(guesser)
    pass_time(world, 1)
    fail(guesser, times=1)
    assert wait_of(guesser.post("/login", data=ALICE)) > 0
    assert owner.post("/login", data=ALICE).status_code == 302


def test_a_known_device_has_a_delay_of_its_own(world):
    client = world.client()
    client.post("/login", data=ALICE)
    client.post("/logout")
    fail(client)
    assert wait_of(client.post("/login", data=ALICE)) > 0


def test_a_made_up_device_is_no_device(world):
    fail(world.client())
    client = world.client()
    client.set_cookie("device", "WyJ4IixbInkiXV0.aaaa.bbbb")
    assert wait_of(client.post("/login", data=ALICE)) > 0


@pytest.mark.parametrize("case", [" Alice@Alder.Example", "ALICE@ALDER.EXAMPLE"])
def test_another_spelling_is_the_same_address(world, case):
    fail(world.client())
    assert wait_of(world.client().post("/login", data={**WRONG, "email": case})) > 0


def test_no_address_is_stored(world):
    fail(world.client(), times=1)
    ((key,),) = as_owner(world, "SELECT key FROM sign_in_attempt")
    assert re.fullmatch("[0-9a-f]{32}", key)


def test_a_failure_is_an_event_of_the_chain(world):
    fail(world.client(), times=1)
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "account:sign_in_failed"


def test_a_failure_takes_about_the_same_work_for_an_address_that_nobody_has(world):
    counts = []
    for form in (WRONG, NOBODY):
        with statements() as sent:
            world.client().post("/login", data=form)
        counts.append(
            len([one for one in sent if "append_audit" not in one and "app.org" not in one])
        )
    assert counts[0] == counts[1]


@pytest.fixture
def limits(world):
    """The limits of production, while the tests' Redis is stopped, as it always is."""
    held, limiter.enabled = limiter.enabled, True
    yield world
    limiter.enabled = held


@pytest.mark.parametrize("path", ["/login", "/reset"])
def test_rate_limits_hold_while_redis_is_down(limits, path):
    client, place = limits.client(), {"REMOTE_ADDR": "203.0.113.9"}
    answers = [
        client.post(path, data={"email": f"x{n}@alder.example"}, environ_overrides=place)
        for n in range(31)
    ]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses[:30]) == {200}
    assert statuses[30] == 429
    assert "Too many tries" in answers[30].text
