"""What browsers are told, and what comes of their reports."""

from __future__ import annotations

import json

import pytest
from structlog.testing import capture_logs

from careboard.accounts.security import limiter
from careboard.headers import POLICY, REPORTS

OLD = {
    "csp-report": {
        "document-uri": "https://care.example/o/alder/records/search?q=Mrs+Moss#top",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/x.js?y=1",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {
            "documentURL": "https://care.example/o/alder/",
            "effectiveDirective": "style-src-attr",
            "blockedURL": "inline",
        },
    }
]


def send(app, body, **more):
    with capture_logs() as told:
        answer = app.test_client().post(REPORTS, data=body, **more)
    return answer, [line for line in told if line["event"] == "policy violation"]


def test_a_report_of_either_spelling_is_logged_without_what_was_sought(app):
    answer, (line,) = send(app, json.dumps(OLD), content_type="application/csp-report")
    assert answer.status_code == 204
    assert line["page"] == "care.example/o/alder/records/search"
    assert (line["directive"], line["blocked"]) == ("script-src-elem", "evil.example/x.js")
    answer, (line,) = send(app, json.dumps(NEW), content_type="application/reports+json")
    assert (line["directive"], line["blocked"]) == ("style-src-attr", "inline")


@pytest.mark.parametrize(
    "body",
    ["", "no json", "7", "null", "[]", "[7]", '[{"body": 7}]', '{"csp-report": "x"}', "\x00",
     '{"csp-report": {"blocked-uri": "http://[::1"}}', "[" * 8_000],
)  # fmt: skip
def test_nonsense_is_taken_calmly(app, body):
    assert send(app, body)[0].status_code == 204


def test_a_long_report_is_refused(app):
    answer, told = send(app, json.dumps(NEW * 200))
    assert answer.status_code == 413 and told == []
    answer, told = send(app, json.dumps(NEW * 30))
    assert answer.status_code == 204 and len(told) == 20


def test_a_flood_of_reports_is_turned_away(app, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    place = {"REMOTE_ADDR": "203.0.113.8"}
    answers = [
        send(app, json.dumps(OLD), environ_overrides=place)[0].status_code for _ in range(31)
    ]
    assert set(answers[:30]) == {204} and answers[30] == 429


@pytest.mark.parametrize("address", ["/login", "/reset", "/passkey/", "/nothing"])
def test_no_page_is_kept_by_caches(app, address):
    assert app.test_client().get(address).headers["Cache-Control"] == "private, no-store"


def test_every_answer_carries_the_policy(app):
    for address in ("/login", "/nothing", "/healthz", "/static/css/careboard.css"):
        headers = app.test_client().get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        if address.startswith("/static"):
            continue
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Reporting-Endpoints"] == f'policy="{REPORTS}"'
    assert "unsafe" not in POLICY and "nonce" not in POLICY
