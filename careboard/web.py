"""What every page shares: request ids, headers, errors, words and navigation."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sentry_sdk
import structlog
from flask import Flask, current_app, g, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException

from careboard import headers, outages, submissions
from careboard.clock import day_words
from careboard.db import db
from careboard.errors import CareBoardError
from careboard.htmx import wants_fragment
from careboard.navigation import navigation
from careboard.vocabulary import in_words

log = structlog.get_logger()

WORDS = {
    400: ("That request could not be read", "Go back, reload the page and try again."),
    403: ("You do not have the right to see this", "Ask your administrator if you need it."),
    404: ("There is nothing here", "The link may be old, or meant for another organisation."),
    405: ("That cannot be done here", "Go back and use the buttons of the page."),
    409: ("Someone changed this before you", "Reload the page to see what it is now."),
    410: ("This was disposed of", "The disposal log says when and why."),
    413: ("That file is too large", "The most that can be sent at once is 64 MB."),
    422: ("That could not be saved", "Look at the message and try again."),
    423: ("This file is held back", "It is handed out once it is known to be clean."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something went wrong on our side", "It has been noted. Nothing was half stored."),
    503: (
        "CareBoard cannot reach its records for a moment",
        "Nothing was half stored. Wait a few seconds, go back and try again.",
    ),
    507: (
        "There is no room left to keep this",
        "Nothing was stored. Tell your administrator, and try again when there is room.",
    ),
}


_DEMO = Markup(
    "This is the demo: people, places and figures are made up. "
    '<a href="/demo/mail">Read the e-mail it has sent</a>.'
)


class Storable(ImmutableMultiDict):
    """What an address or a form says, without NUL, which no database text can hold."""

    def __init__(self, mapping=None) -> None:
        super().__init__(
            (name, value.replace("\x00", "") if isinstance(value, str) else value)
            for name, value in MultiDict(mapping).items(multi=True)
        )


def set_up(app: Flask) -> None:
    """Register the hooks, filters and error pages on the application."""
    app.request_class = type(
        "StorableRequest", (app.request_class,), {"parameter_storage_class": Storable}
    )
    app.before_request(_begin)
    headers.set_up(app)
    app.register_error_handler(CareBoardError, _refusal)
    app.register_error_handler(NoResultFound, lambda error: error_page(404))
    app.register_error_handler(StaleDataError, lambda error: error_page(409))
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(in_words, "words")
    app.add_template_filter(counted)
    app.context_processor(_shared)
    app.jinja_env.globals["fresh_once"] = submissions.fresh
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _begin() -> None:
    g.request_id = uuid.uuid4().hex[:16]
    g.actor = None
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)


def error_page(status: int, message: str = "") -> tuple[str, int]:
    """The same page for the same status, whatever was asked for."""
    title, action = WORDS.get(status, WORDS[500])
    template = "errors/_fragment.html" if wants_fragment() else "errors/error.html"
    db.session.rollback()
    # Without what every page shares: who is signed in cannot be asked of a database that is away.
    page = current_app.jinja_env.get_template(template)
    return page.render(status=status, title=title, message=message, action=action), status


def _refusal(error: CareBoardError) -> tuple[str, int]:
    return error_page(error.status, error.message)


def _http_error(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    return error_page(error.code)


def _expired_form(error: CSRFError) -> tuple[str, int]:
    return error_page(400, "The form had expired.")


def _fault(error: Exception) -> tuple[str, int]:
    passing = outages.status_of(error)
    if passing is not None:
        log.error(
            "request not served", path=request.path, status=passing, error=type(error).__name__
        )
        return error_page(passing)
    log.exception("request failed", path=request.path)
    sentry_sdk.capture_exception(error)
    return error_page(500)


def day(value: date | datetime | None) -> str:
    """`20 Nov 2026`; a dash for none."""
    return day_words(value) or "–"


def moment(value: datetime | None) -> str:
    """`20 Nov 2026, 09:12` in the organisation's time zone; a dash for none."""
    if value is None:
        return "–"
    zone = g.actor.time_zone if g.get("actor") else "Europe/London"
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M}"


def counted(noun: str, number: int) -> str:
    """The noun for so many: `entries` → `entry` for one. Compound ones stand as they are."""
    if number != 1 or not noun.endswith("s") or " and " in noun or " at " in noun:
        return noun
    return f"{noun.removesuffix('ies')}y" if noun.endswith("ies") else noun.removesuffix("s")


def _shared() -> dict:
    actor = g.get("actor")
    if wants_fragment():
        return {"actor": actor, "today": actor.today if actor else None}
    return {
        "actor": actor,
        "today": actor.today if actor else None,
        "navigation": navigation(actor),
        "person_name": current_user.name if g.get("sign_in") and not actor else None,
        "org_url": url_for("dashboards.board") if actor else url_for("home.index"),
        "organisations_count": session.get("organisations", 1),
        "demo_banner": _DEMO if current_app.config["SETTINGS"].demo else None,
    }
