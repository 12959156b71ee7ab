"""Settings, read once from the environment.

A default here is both safe in production and fine to publish, or production refuses it.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_HERE = ("", "localhost", "127.0.0.1", "::1")
ROOT = Path(__file__).resolve().parent.parent


class ConfigurationError(RuntimeError):
    """The environment asks for something that CareBoard will not do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process was told. URLs are None where the embedded service stands in."""

    env: str
    home: Path
    port: int
    database_url: str | None
    database_owner_url: str | None
    database_admin_url: str | None
    database_portal_url: str | None
    redis_url: str | None
    secret_key: str
    earlier_secrets: tuple[str, ...]
    signing_key: str
    earlier_keys: dict[str, date]
    mail_url: str | None
    storage_url: str | None
    clamd_url: str | None
    today: date | None
    demo: bool
    base_url: str
    metrics_token: str | None
    sentry_dsn: str | None
    proxies: int
    private_hosts: tuple[str, ...]

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The present SECRET_KEY, and those of before, which only open."""
        return (self.secret_key, *self.earlier_secrets)

    @classmethod
    def from_environment(cls) -> Settings:
        """Raise ConfigurationError where production lacks what it must be given."""
        env = os.environ.get("CAREBOARD_ENV", "development")
        home = Path(os.environ.get("CAREBOARD_HOME") or ROOT / "var").resolve()
        port = int(os.environ.get("PORT", "8000"))
        settings = cls(
            env=env,
            home=home,
            port=port,
            database_url=_sqlalchemy_url(os.environ.get("DATABASE_URL")),
            database_owner_url=_sqlalchemy_url(os.environ.get("DATABASE_OWNER_URL")),
            database_admin_url=_sqlalchemy_url(os.environ.get("DATABASE_ADMIN_URL")),
            database_portal_url=_sqlalchemy_url(os.environ.get("DATABASE_PORTAL_URL")),
            redis_url=os.environ.get("REDIS_URL"),
            secret_key=os.environ.get("SECRET_KEY")
            or _made_once(home, env, "secret_key", secrets.token_urlsafe(48)),
            earlier_secrets=_words(os.environ.get("SECRET_KEY_FALLBACKS", "")),
            signing_key=os.environ.get("CAREBOARD_SIGNING_KEY")
            or _made_once(home, env, "signing_key", secrets.token_hex(32)),
            earlier_keys=_keys_and_days(os.environ.get("CAREBOARD_EARLIER_KEYS", "")),
            mail_url=os.environ.get("MAIL_URL"),
            storage_url=os.environ.get("STORAGE_URL"),
            clamd_url=os.environ.get("CAREBOARD_CLAMD"),
            today=_frozen_day(env),
            demo=os.environ.get("CAREBOARD_DEMO") == "1" and env != "production",
            base_url=os.environ.get("CAREBOARD_BASE_URL") or f"http://127.0.0.1:{port}",
            metrics_token=os.environ.get("CAREBOARD_METRICS_TOKEN"),
            sentry_dsn=os.environ.get("SENTRY_DSN"),
            private_hosts=_words(os.environ.get("CAREBOARD_PRIVATE_HOSTS", "")),
            proxies=int(os.environ.get("CAREBOARD_PROXIES", "0")),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ConfigurationError naming every setting that production still needs."""
        if not re.fullmatch("(?:[0-9a-f]{64})?", self.signing_key):
            raise ConfigurationError("CAREBOARD_SIGNING_KEY must be 64 hexadecimal digits.")
        if not self.production:
            return
        needed = {
            "DATABASE_URL": self.database_url,
            "DATABASE_PORTAL_URL": self.database_portal_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": self.secret_key,
            "CAREBOARD_SIGNING_KEY": self.signing_key,
            "MAIL_URL": self.mail_url,
            "STORAGE_URL": self.storage_url,
            "CAREBOARD_BASE_URL": os.environ.get("CAREBOARD_BASE_URL"),
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise ConfigurationError(f"Production needs {', '.join(missing)}.")
        if not self.base_url.startswith("https://"):
            raise ConfigurationError("CAREBOARD_BASE_URL must begin with https://.")
        if len(self.secret_key) < 32:
            raise ConfigurationError("SECRET_KEY must have at least 32 characters.")
        if plain := self._in_the_clear():
            raise ConfigurationError(
                f"{', '.join(plain)} would be spoken to in the clear, or to anybody: use "
                "sslmode=verify-full, rediss:// and smtps:// or smtp+tls://, or name hosts of a "
                "network that encrypts by itself in CAREBOARD_PRIVATE_HOSTS."
            )

    def _in_the_clear(self) -> list[str]:
        """Settings whose connection leaves this machine and its private network unencrypted, or to
        a server whose certificate is not checked."""
        databases = {
            "DATABASE_URL": self.database_url,
            "DATABASE_PORTAL_URL": self.database_portal_url,
            "DATABASE_OWNER_URL": self.database_owner_url,
            "DATABASE_ADMIN_URL": self.database_admin_url,
        }
        others = {
            "REDIS_URL": (self.redis_url, ("rediss", "unix")),
            "MAIL_URL": (self.mail_url, ("smtps", "smtp+tls")),
            "CAREBOARD_CLAMD": (self.clamd_url, ("unix",)),
            "SENTRY_DSN": (self.sentry_dsn, ("https",)),
        }
        plain = [name for name, url in databases.items() if url and self._in_reach(name, url)]
        for name, (url, safe) in others.items():
            told = urlsplit(url or "")
            if url and told.scheme not in safe and self._leaves(told.hostname or ""):
                plain.append(name)
        return plain

    def _in_reach(self, name: str, url: str) -> bool:
        try:
            told = make_url(url)
        except ArgumentError as error:
            raise ConfigurationError(f"{name} is no address of a database.") from error
        return told.query.get("sslmode") != "verify-full" and self._leaves(
            told.host or str(told.query.get("host", ""))
        )

    def _leaves(self, host: str) -> bool:
        return not (host in _HERE or host.startswith("/") or host.endswith(self.private_hosts))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _keys_and_days(text: str) -> dict[str, date]:
    """`KEY:DAY` with spaces or commas between; raise ConfigurationError for anything else."""
    found = {}
    for item in _words(text):
        key, _, day = item.partition(":")
        try:
            found[key] = date.fromisoformat(day)
        except ValueError:
            key = ""
        if not re.fullmatch("[0-9a-f]{64}", key):
            raise ConfigurationError(
                "CAREBOARD_EARLIER_KEYS is a public key of 64 hexadecimal digits, a colon and the "
                f"last day it was used (2026-11-21), for each: not “{item}”."
            )
    return found


def _frozen_day(env: str) -> date | None:
    text = os.environ.get("CAREBOARD_TODAY")
    if not text or env == "production":
        return None
    return date.fromisoformat(text)


def _made_once(home: Path, env: str, name: str, made: str) -> str:
    """Outside production a key is made once and kept in the state directory."""
    if env == "production":
        return ""
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.write_text(made)
        path.chmod(0o600)
    return path.read_text()


def _sqlalchemy_url(url: str | None) -> str | None:
    """Name the driver, whichever of PostgreSQL's two URL spellings was given."""
    if not url:
        return None
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
