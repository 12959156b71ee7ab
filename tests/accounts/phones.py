"""People with a second factor, and the phone that shows their codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import update

from careboard.accounts.models import Account
from careboard.db import db
from tests.worlds import PASSWORD, PEOPLE, World

NOON = 1_795_176_000


@pytest.fixture
def still() -> Iterator[None]:
    """Time stands still for codes: a slow test must not slip into the next half minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TOTP, "now", staticmethod(lambda: NOON))
        yield


def address(person: str) -> str:
    return f"{person}@{PEOPLE[person][0]}.example"


def real(world: World, person: str, *, demo: bool = False) -> None:
    """Make one of the world's people like anyone in production: they need a second factor. With
    `demo` they are one of the demo's again."""
    db.session.execute(update(Account).where(Account.email == address(person)).values(demo=demo))
    db.session.commit()
    db.session.remove()


def give_password(client: FlaskClient, person: str, path: str = "/login"):
    """The answer to the right password."""
    return client.post(path, data={"email": address(person), "password": PASSWORD})


class Phone:
    """An authenticator app that scanned what a page shows."""

    def __init__(self, page: str) -> None:
        letters = re.search(r'class="key-letters">([^<]+)<', page).group(1)
        self.totp = TOTP(key=re.sub("[^A-Z2-7]", "", letters.upper()), format="base32")

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many half minutes later."""
        return self.totp.generate(NOON + 30 * steps).token


def set_up(world: World, person: str) -> tuple[Phone, list[str]]:
    """Give the person a phone by the pages themselves; returns it and the recovery codes."""
    real(world, person)
    client = world.client()
    assert give_password(client, person).location == "/second-factor/set-up"
    phone = Phone(client.get("/second-factor/set-up").text)
    answer = client.post("/second-factor/set-up", data={"code": phone.code(-1)})
    assert answer.status_code == 200, answer.text
    return phone, re.findall(r"<li><code>([a-z2-7-]+)</code>", answer.text)
