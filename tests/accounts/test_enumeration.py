"""Nobody learns from an answer, its bytes or its work, whether an address has a sign-in."""

from __future__ import annotations

import re

import pytest
from argon2 import low_level

from tests.worlds import PASSWORD

KNOWN, UNKNOWN = "bob@alder.example", "eve@alder.example"
WRONG = PASSWORD[::-1]


def bodies(world, path: str, **form) -> list[str]:
    """The answers to an address that has a sign-in and to one that has none, less what the
    visitor typed and the form's own token."""
    answers = [world.client().post(path, data={"email": e, **form}) for e in (KNOWN, UNKNOWN)]
    return [
        f"{answer.status_code} {sorted(answer.headers.keys())} "
        + re.sub(r'(content|value)="[^"]{40,}"', "", answer.text.replace(email, ""))
        for answer, email in zip(answers, (KNOWN, UNKNOWN), strict=True)
    ]


@pytest.mark.parametrize(("path", "form"), [("/login", {"password": WRONG}), ("/reset", {})])
def test_the_same_bytes(world, path, form):
    known, unknown = bodies(world, path, **form)
    assert known == unknown


@pytest.mark.parametrize(("path", "form"), [("/login", {"password": WRONG}), ("/reset", {})])
def test_the_same_slow_work(world, monkeypatch, path, form):
    """A password is hashed once either way: on any machine that is most of the time it takes."""
    hashed = []
    for name in ("hash_secret", "verify_secret"):
        original = getattr(low_level, name)

        def counting(*args, original=original, **kwargs):
            hashed.append(1)
            return original(*args, **kwargs)

        monkeypatch.setattr(low_level, name, counting)
    counts = []
    for email in (KNOWN, UNKNOWN):
        hashed.clear()
        world.client().post(path, data={"email": email, **form})
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_the_page_offers_a_new_password_once(world):
    assert world.client().get("/login").text.count('href="/reset"') == 1
