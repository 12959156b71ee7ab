"""What a fault report holds: a place in the code, and nothing of anybody."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport
from structlog.contextvars import bound_contextvars

from careboard import faults

SECRETS = ("Mrs Moss", "moss@example.org", "s3cret-cookie", "943 476 5919")


class Kept(Transport):
    """Keeps what would have been sent."""

    sent: list[str] = []

    def capture_envelope(self, envelope) -> None:
        self.sent.append(envelope.serialize().decode())


@pytest.fixture
def reported(app):
    """A function that makes a view fail and gives what left."""
    from flask import Flask, request

    settings = replace(app.config["SETTINGS"], sentry_dsn="https://key@faults.example/1")
    Kept.sent.clear()
    faults.configure(settings, transport=Kept)
    small = Flask("failing")

    @small.post("/fail")
    def fail():
        note = request.form["note"]
        raise ValueError(f"no such person: {note}")

    yield lambda: small.test_client().post(
        f"/fail?q={SECRETS[0]}",
        data={"note": ", ".join(SECRETS)},
        headers={"Cookie": f"careboard={SECRETS[2]}", "X-Who": SECRETS[1]},
    )
    sentry_sdk.get_global_scope().set_client(None)


def test_a_fault_is_told_without_persons(reported):
    with bound_contextvars(request="r1", organisation="o1", who=SECRETS[1]):
        reported()
    sentry_sdk.flush()
    (sent,) = [text for text in Kept.sent if '"exception"' in text]
    for secret in SECRETS:
        assert secret not in sent, secret
    event = json.loads(sent.splitlines()[2])
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert event["tags"] == {"request": "r1", "organisation": "o1"}
    assert event["request"] == {"method": "POST"}


def test_without_an_address_nothing_is_set_up(app):
    faults.configure(app.config["SETTINGS"])
    assert not sentry_sdk.get_client().is_active()
