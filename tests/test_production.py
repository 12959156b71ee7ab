"""What holds in production alone: cookies, encryption of the way, whose address is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer

from careboard import sealing
from careboard.app import create_app
from careboard.config import ConfigurationError, Settings

HOPS = "203.0.113.9, 198.51.100.7, 66.241.0.1"


@pytest.fixture
def site(app):
    """The application as in production, behind proxies that append two addresses."""
    settings = replace(
        app.config["SETTINGS"],
        env="production",
        database_url=app.config["SQLALCHEMY_DATABASE_URI"],
        database_owner_url=app.config["OWNER_URL"],
        redis_url="redis://127.0.0.1:1/0",
        mail_url="smtps://mail.example",
        base_url="https://care.example",
        proxies=2,
    )
    return create_app(settings)


def test_every_answer_asks_for_https_for_a_year(site):
    for address in ("/login", "/nothing", "/healthz", "/static/css/careboard.css"):
        headers = site.test_client().get(address).headers
        said = headers["Strict-Transport-Security"]
        assert said == "max-age=31536000; includeSubDomains", address
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], address


def test_cookies_belong_to_this_host_and_to_no_script(site):
    answer = site.test_client().get("/login", base_url="https://care.example")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-careboard=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_only_addresses_that_our_proxies_appended_are_believed(site):
    seen = []
    site.before_request_funcs[None].insert(0, lambda: seen.append(request.remote_addr))
    site.test_client().get("/healthz", headers={"X-Forwarded-For": HOPS})
    assert seen == ["198.51.100.7"]


def test_without_a_proxy_no_header_is_believed(app):
    client = app.test_client()
    with client:
        client.get("/healthz", headers={"X-Forwarded-For": HOPS, "X-Forwarded-Proto": "https"})
        assert request.remote_addr == "127.0.0.1" and not request.is_secure


def test_production_has_no_address_without_encryption(site, monkeypatch):
    monkeypatch.setenv("CAREBOARD_BASE_URL", "http://care.example")
    with pytest.raises(ConfigurationError, match="https"):
        replace(site.config["SETTINGS"], base_url="http://care.example").check()


def test_cookies_are_signed_by_sha_256(app):
    assert Signer.default_digest_method().name == "sha256"
    assert isinstance(app.session_interface, SecureCookieSessionInterface)
    assert app.session_interface.digest_method().name == "sha256"


def test_what_is_sealed_opens_under_its_key_and_purpose_alone():
    sealed = sealing.seal(b"words", key="k" * 32, purpose="one")
    assert b"words" not in sealed and sealed != sealing.seal(b"words", key="k" * 32, purpose="one")
    assert sealing.unseal(sealed, key="k" * 32, purpose="one") == b"words"
    for key, purpose, content in (
        ("j" * 32, "one", sealed),
        ("k" * 32, "two", sealed),
        ("k" * 32, "one", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("k" * 32, "one", b""),
    ):
        with pytest.raises(sealing.Unsealable):
            sealing.unseal(content, key=key, purpose=purpose)


def test_a_production_starts_from_its_environment(monkeypatch):
    for name, value in {
        "CAREBOARD_ENV": "production",
        "DATABASE_URL": "postgresql://db.example/careboard?sslmode=verify-full",
        "REDIS_URL": "rediss://redis.example",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        "CAREBOARD_SIGNING_KEY": "ab" * 32,
        "MAIL_URL": "smtps://mail.example",
        "STORAGE_URL": "s3://files",
        "CAREBOARD_BASE_URL": "https://care.example",
        "CAREBOARD_PROXIES": "1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    assert settings.production and not settings.demo and settings.proxies == 1
