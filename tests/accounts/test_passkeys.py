"""What is no passkey's answer is refused in words; a real one is in the browser's tests."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careboard.accounts import passkeys
from careboard.accounts.models import Account
from careboard.accounts.second_factor_models import Passkey
from careboard.db import db
from careboard.errors import Invalid

SITE = "https://careboard.example"
ID = "AQIDBA"
SHAPED = {"id": ID, "rawId": ID, "type": "public-key", "response": {
    "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA",
    "attestationObject": "oA"}}  # fmt: skip
ANSWERS = ["", "x", "[]", "{}", "null", '{"rawId": 7}', '{"rawId": "é"}', json.dumps(SHAPED)]


@pytest.fixture
def account(world):
    """Rita, with a passkey whose device never answers."""
    found = db.session.scalar(db.select(Account).where(Account.email == "rita@alder.example"))
    kept = {"credential_id": b"\1\2\3\4", "public_key": b"\0", "sign_count": 0, "name": "x"}
    db.session.add(Passkey(account_id=found.id, **kept))
    db.session.commit()
    return found


@pytest.mark.parametrize("answer", ANSWERS)
def test_odd_answers_are_refused(account, answer):
    for challenge in ("", "AAAA", "?"):
        with pytest.raises(Invalid):
            passkeys.verify(base_url=SITE, challenge=challenge, answer=answer, account=account)
        with pytest.raises(Invalid):
            passkeys.add(
                base_url=SITE, account=account, challenge=challenge, answer=answer, name="x"
            )


PARTS = st.dictionaries(
    st.sampled_from(sorted(SHAPED["response"])), st.text("AQID_-=", max_size=40)
)
CHANGES = st.dictionaries(
    st.sampled_from(sorted(SHAPED)), st.one_of(st.text(), st.integers(), st.none(), PARTS)
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CHANGES)
def test_no_answer_is_a_fault(account, changes):
    answer = json.dumps({**SHAPED, **changes})
    for ask in (passkeys.verify, passkeys.add):
        named = {"name": "x"} if ask is passkeys.add else {}
        with pytest.raises(Invalid):
            ask(base_url=SITE, challenge="AAAA", answer=answer, account=account, **named)


def test_the_page_without_a_passkey_or_a_name_says_so(world):
    client = world.client()
    assert "no name of its own" in client.get("/passkey/").text
    answer = client.post("/passkey/", data={"answer": json.dumps(SHAPED)})
    assert answer.status_code == 422
    assert client.post("/passkey/", data={"answer": "x" * 30_000}).status_code == 422


@pytest.mark.parametrize(
    ("address", "possible"),
    [
        ("https://careboard.example", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
    ],
)
def test_a_site_needs_a_name(address, possible):
    assert passkeys.possible(address) is possible


def test_nobody_removes_the_passkey_of_another(world, account):
    mine = db.session.scalar(db.select(Passkey.id))
    path = f"/my-sign-in/passkeys/{mine}/remove"
    data = {"password": "correct horse battery staple"}
    assert world.client("bob").get(path).status_code == 404
    assert world.client("bob").post(path, data=data).status_code == 404
    assert world.client("rita").post(path, data=data).status_code == 303
