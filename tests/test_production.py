"""What holds in production alone: cookies, encryption of the way, whose address is believed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer
from werkzeug.middleware.proxy_fix import ProxyFix

from careboard import sealing
from careboard.config import ConfigurationError, Settings

HOPS = "203.0.113.9, 198.51.100.7, 66.241.0.1"
PRODUCTION = {
    "CAREBOARD_ENV": "production",
    "DATABASE_URL": "postgresql://db.example/careboard?sslmode=verify-full",
    "DATABASE_PORTAL_URL": "postgresql://db.example/careboard?sslmode=verify-full",
    "REDIS_URL": "rediss://redis.example",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
    "CAREBOARD_SIGNING_KEY": "ab" * 32,
    "MAIL_URL": "smtps://mail.example",
    "STORAGE_URL": "file:///{folder}",
    "CAREBOARD_BASE_URL": "https://care.example",
    "CAREBOARD_PROXIES": "2",
}
# Asked in a process of its own: an application sets up more than itself.
ASK = """
import json, sys
from flask import request
from careboard.app import create_app
app, seen = create_app(), []
app.before_request_funcs[None].insert(0, lambda: seen.append(request.remote_addr))
client, told = app.test_client(), {}
for address in ("/login", "/nothing", "/healthz", "/static/css/careboard.css"):
    asked = {"X-Forwarded-For": sys.argv[1], "X-Forwarded-Proto": "https"}
    told[address] = list(client.get(address, headers=asked).headers)
trace = client.open("/login", method="TRACE").status_code
print(json.dumps({"headers": told, "seen": seen, "trace": trace}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> dict:
    """What a production answers behind proxies that append two addresses."""
    folder = str(tmp_path_factory.mktemp("store"))
    told = {name: value.format(folder=folder) for name, value in PRODUCTION.items()}
    done = subprocess.run(
        [sys.executable, "-c", ASK, HOPS], env=os.environ | told, capture_output=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_every_answer_asks_for_https_for_a_year(site):
    for address, headers in site["headers"].items():
        said = dict(headers)
        assert said["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", address
        assert "frame-ancestors 'none'" in said["Content-Security-Policy"], address
        assert said["X-Content-Type-Options"] == "nosniff", address


def test_cookies_belong_to_this_host_and_to_no_script(site):
    cookies = [value for name, value in site["headers"]["/login"] if name == "Set-Cookie"]
    assert cookies and cookies[0].startswith("__Host-careboard=")
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_only_addresses_that_our_proxies_appended_are_believed(site):
    assert set(site["seen"]) <= {"198.51.100.7", "127.0.0.1"}
    assert site["seen"][0] == "198.51.100.7"


def test_nothing_answers_to_trace(site):
    assert site["trace"] == 405


def test_without_a_proxy_no_header_is_believed(app):
    assert not isinstance(app.wsgi_app, ProxyFix)


def test_production_has_no_address_without_encryption(app, monkeypatch):
    for name, value in (PRODUCTION | {"CAREBOARD_BASE_URL": "http://care.example"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match="https"):
        Settings.from_environment()


def test_cookies_are_signed_by_sha_256(app):
    assert Signer.default_digest_method().name == "sha256"
    assert isinstance(app.session_interface, SecureCookieSessionInterface)
    assert app.session_interface.digest_method().name == "sha256"


def test_what_is_sealed_opens_under_its_key_and_purpose_alone():
    given = {"keys": ["k" * 32], "purpose": "one"}
    sealed = sealing.seal(b"words", **given)
    assert b"words" not in sealed and sealed != sealing.seal(b"words", **given)
    assert sealing.unseal(sealed, **given) == b"words"
    for key, purpose, content in (
        ("j" * 32, "one", sealed),
        ("k" * 32, "two", sealed),
        ("k" * 32, "one", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("k" * 32, "one", b""),
    ):
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(content, keys=[key], purpose=purpose)


DATABASE = "postgresql://db.example/careboard"


@pytest.mark.parametrize(
    ("name", "plain", "safe"),
    [
        ("DATABASE_URL", DATABASE, f"{DATABASE}?sslmode=verify-full"),
        ("DATABASE_PORTAL_URL", f"{DATABASE}?sslmode=require", "postgresql:///x?host=/run/pg"),
        ("DATABASE_OWNER_URL", DATABASE, "postgresql://pg.internal/x"),
        ("DATABASE_ADMIN_URL", DATABASE, "postgresql://localhost/x"),
        ("REDIS_URL", "redis://redis.example", "redis://redis.internal"),
        ("MAIL_URL", "smtp://mail.example", "smtp+tls://mail.example"),
        ("CAREBOARD_CLAMD", "tcp://clamd.example:3310", "unix:///run/clamd.ctl"),
    ],
)
def test_production_speaks_to_nobody_in_the_clear(monkeypatch, name, plain, safe):
    for setting, value in PRODUCTION.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setenv("CAREBOARD_PRIVATE_HOSTS", ".internal")
    monkeypatch.setenv(name, plain)
    with pytest.raises(ConfigurationError, match=f"{name} would be spoken to in the clear"):
        Settings.from_environment()
    monkeypatch.setenv(name, safe)
    Settings.from_environment()


@pytest.mark.parametrize("password", ["p#s", "p?s", "p/s", "p[s"])
def test_a_password_of_odd_signs_is_no_host(monkeypatch, password):
    for setting, value in PRODUCTION.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setenv("CAREBOARD_PRIVATE_HOSTS", ".internal")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://app:{password}@db.internal/careboard")
    Settings.from_environment()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://app:{password}@db.example/careboard")
    with pytest.raises(ConfigurationError, match="DATABASE_URL would be spoken to in the clear"):
        Settings.from_environment()
