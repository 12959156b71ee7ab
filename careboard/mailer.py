"""How one e-mail looks, and how it leaves.

MAIL_URL is smtp://user:password@host:port, smtps://… or smtp+tls://…; `?from=address` names the
sender. Templates stand in `templates/mail/`, one text and one HTML for each kind of letter.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from enum import Enum
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from flask import current_app
from flask_mailman import EmailMultiAlternatives
from flask_mailman.backends.base import BaseEmailBackend
from flask_mailman.backends.smtp import EmailBackend

from careboard.accounts.links import password_token
from careboard.config import ConfigurationError, Settings

_domain = "careboard.example"
_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")
# Refusals of an address that do not say that it is wrong: full for now, or a policy against us.
_NOT_THE_ADDRESS = re.compile(r"\b5\.(2\.2|7\.\d+)\b")


class _Checked(smtplib.SMTP):
    """Checks the server's certificate after STARTTLS, which the library leaves to its callers."""

    def starttls(self, *, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:
        return super().starttls(context=context or ssl.create_default_context())


class CheckedEmailBackend(EmailBackend):
    """Flask-Mailman's way out, to no server that is not the one it says it is."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return smtplib.SMTP_SSL if self.use_ssl else _Checked


def mail_settings(settings: Settings) -> dict[str, object]:
    """Flask-Mailman's settings. Without an address, mail goes to the local catcher's port.

    Raises ConfigurationError for an address of another kind.
    """
    url = urlsplit(settings.mail_url or "smtp://127.0.0.1:8025")
    if url.scheme not in ("smtp", "smtps", "smtp+tls"):
        raise ConfigurationError("MAIL_URL must begin with smtp://, smtps:// or smtp+tls://.")
    return {
        "MAIL_BACKEND": "careboard.mailer.CheckedEmailBackend",
        "MAIL_SERVER": url.hostname,
        "MAIL_PORT": url.port or (465 if url.scheme == "smtps" else 25),
        "MAIL_USERNAME": unquote(url.username) if url.username else None,
        "MAIL_PASSWORD": unquote(url.password) if url.password else None,
        "MAIL_USE_SSL": url.scheme == "smtps",
        "MAIL_USE_TLS": url.scheme == "smtp+tls",
        "MAIL_TIMEOUT": 20,
        "MAIL_DEFAULT_SENDER": formataddr(("CareBoard", sender_address(settings))),
    }


def sender_address(settings: Settings) -> str:
    """The address that mail comes from: as MAIL_URL says, else no-reply at the site's own host."""
    told = parse_qs(urlsplit(settings.mail_url or "").query).get("from")
    if told:
        return parseaddr(told[0])[1]
    host = urlsplit(settings.base_url).hostname or ""
    named = "." in host and not host.replace(".", "").isdigit()
    return f"no-reply@{host if named else 'careboard.example'}"


def configure(settings: Settings) -> None:
    """Name the host that Message-IDs belong to."""
    global _domain
    _domain = sender_address(settings).rpartition("@")[2]


def message_id(org_id: UUID, dedupe_key: str) -> str:
    """The same for the same letter, so that one sent twice is recognised as one."""
    return f"<{uuid5(NAMESPACE_URL, f'{org_id}/{dedupe_key}')}@{_domain}>"


@dataclass(frozen=True, slots=True)
class Letter:
    """An outbox row as it is written out. `content` is what the template is given."""

    to_email: str
    to_name: str
    is_member: bool
    template: str
    content: dict[str, Any]
    subject: str
    why: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    html: str


class Fate(Enum):
    SENT = "sent"
    LATER = "later"
    NO_SUCH_ADDRESS = "no such address"
    NO_SERVER = "no server"


def render(letter: Letter, *, sending: bool = False) -> Rendered:
    """Text and HTML of a letter; links begin with the site's own address, request or none.

    A link that lets its holder set a password is made only while `sending`.
    """
    url = _absolute_url(letter.content["org"])
    values = {**letter.content, "letter": letter, "url": url, "password_link": None}
    if sending and "account_id" in letter.content:
        purpose = "reset" if letter.template == "password" else "invitation"
        token = password_token(UUID(letter.content["account_id"]), purpose)
        values["password_link"] = url("password_link.open_link", token=token)
    text, html = (
        current_app.jinja_env.get_template(f"mail/{letter.template}.{kind}").render(values)
        for kind in ("txt", "html")
    )
    return Rendered(re.sub(r"\n{3,}", "\n\n", text), html)


def _absolute_url(org: str):
    base = urlsplit(current_app.config["SETTINGS"].base_url)
    addresses = current_app.url_map.bind(
        base.netloc, script_name=base.path or "/", url_scheme=base.scheme
    )

    def url(endpoint: str, **values: str) -> str:
        return addresses.build(endpoint, {"org": org, **values}, force_external=True)

    return url


def compose(letter: Letter) -> EmailMultiAlternatives:
    """The message, ready to leave."""
    rendered = render(letter, sending=True)
    headers = {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
    if letter.template == "digest" and letter.is_member:
        preferences = _absolute_url(letter.content["org"])("reminders.preferences")
        headers["List-Unsubscribe"] = f"<{preferences}>"
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=rendered.text,
        to=[formataddr((letter.to_name, letter.to_email))],
        headers=headers,
    )
    message.attach_alternative(rendered.html, "text/html")
    return message


@contextmanager
def connection() -> Iterator[BaseEmailBackend]:
    """A connection to the mail server, opened by the first letter and kept for the rest."""
    backend = current_app.extensions["mailman"].get_connection()
    try:
        yield backend
    finally:
        _hang_up(backend)


def deliver(backend: BaseEmailBackend, letter: Letter) -> tuple[Fate, str]:
    """Send one letter; returns what became of it and the error, if any. Raises nothing."""
    if not _ADDRESS.fullmatch(letter.to_email):
        return Fate.NO_SUCH_ADDRESS, f"“{letter.to_email}” is not an e-mail address."
    try:
        message = compose(letter)
    except Exception as error:  # a fault in a template must not stop the other letters
        return Fate.LATER, f"{type(error).__name__}: {error}"
    try:
        backend.open()
    except OSError as error:
        return Fate.NO_SERVER, f"The mail server did not answer: {error}"
    try:
        backend.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(error)
    except ValueError as error:
        return Fate.NO_SUCH_ADDRESS, str(error)
    except OSError as error:
        _hang_up(backend)
        return Fate.LATER, f"{type(error).__name__}: {error}"
    return Fate.SENT, ""


def _refused(error: smtplib.SMTPRecipientsRefused) -> tuple[Fate, str]:
    code, reason = next(iter(error.recipients.values()))
    words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    lasting = 500 <= code < 600 and code != 552 and not _NOT_THE_ADDRESS.search(words)
    return (Fate.NO_SUCH_ADDRESS if lasting else Fate.LATER), f"{code} {words}"


def _hang_up(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except OSError:
        backend.connection = None
