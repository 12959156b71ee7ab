"""The demo's own mail, read in the browser. Registered only where the settings say demo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Blueprint, current_app, render_template, request

from careboard import mail_catcher
from careboard.access import public
from careboard.errors import NotFound
from careboard.reminders.preview import framed, framing

blueprint = Blueprint("demo_mail", __name__, url_prefix="/demo/mail")
MOST = 200
_NAME = re.compile(r"[0-9a-f-]{36}")
_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe")


@dataclass(frozen=True, slots=True)
class Caught:
    """One caught message."""

    name: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "No subject")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sent_at(self) -> datetime | None:
        date = self.message["Date"]
        return parsedate_to_datetime(str(date)) if date else None

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(self.message[name])) for name in _HEADERS if self.message[name]]

    def body(self, kind: str) -> str:
        """The part of that kind, `plain` or `html`; empty when there is none."""
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


@blueprint.get("/")
@public("the demo's own mail, no one else's; registered in the demo alone")
def index():
    q = request.args.get("q", "").strip()
    return render_template("reminders/demo_mail.html", mails=_newest(q), q=q, most=MOST)


@blueprint.get("/<name>")
@public("the demo's own mail, no one else's; registered in the demo alone")
def show(name: str):
    page = render_template("reminders/demo_mail_show.html", mail=_read(name))
    return framing(current_app.make_response(page))


@blueprint.get("/<name>/html")
@public("the demo's own mail, no one else's; registered in the demo alone")
def html(name: str):
    return framed(_read(name).body("html"))


def _folder() -> Path:
    return mail_catcher.folder(current_app.config["SETTINGS"].home)


def _newest(q: str) -> list[Caught]:
    paths = sorted(_folder().glob("*.eml"), reverse=True)
    mails = (_parse(path) for path in paths)
    if q:
        mails = (mail for mail in mails if q.lower() in f"{mail.to} {mail.subject}".lower())
    return [mail for mail, _ in zip(mails, range(MOST), strict=False)]


def _read(name: str) -> Caught:
    path = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound()
    return _parse(path)


def _parse(path: Path) -> Caught:
    return Caught(path.stem, message_from_bytes(path.read_bytes(), policy=policy.default))
