"""Mail settings from one address: smtp://user:password@host:port, smtps://… or smtp+tls://…"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from careboard.config import ConfigurationError, Settings


def mail_settings(settings: Settings) -> dict[str, object]:
    """Flask-Mailman's settings. Without an address, mail goes to the local catcher's port.

    Raises ConfigurationError for an address of another kind.
    """
    url = urlsplit(settings.mail_url or "smtp://127.0.0.1:8025")
    if url.scheme not in ("smtp", "smtps", "smtp+tls"):
        raise ConfigurationError("MAIL_URL must begin with smtp://, smtps:// or smtp+tls://.")
    return {
        "MAIL_SERVER": url.hostname,
        "MAIL_PORT": url.port or (465 if url.scheme == "smtps" else 25),
        "MAIL_USERNAME": unquote(url.username) if url.username else None,
        "MAIL_PASSWORD": unquote(url.password) if url.password else None,
        "MAIL_USE_SSL": url.scheme == "smtps",
        "MAIL_USE_TLS": url.scheme == "smtp+tls",
        "MAIL_TIMEOUT": 20,
        "MAIL_DEFAULT_SENDER": "CareBoard <no-reply@careboard.example>",
    }
