"""Faults told to Sentry, where an address for them is set: the place in the code, never the person.

Nothing of the request but its endpoint and ids leaves: no body, no query, no headers, no variables.
"""

from __future__ import annotations

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.flask import FlaskIntegration
from sentry_sdk.integrations.rq import RqIntegration
from structlog.contextvars import get_contextvars

from careboard.config import Settings

_KEPT_OF_REQUEST = {"method"}


def configure(settings: Settings, **options: Any) -> None:
    """Report faults to the DSN of the settings; without one nothing is sent anywhere.

    `options` go to Sentry's SDK as they are, such as a transport of one's own.
    """
    if not settings.sentry_dsn:
        return
    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        environment=settings.env,
        integrations=[FlaskIntegration(), RqIntegration()],
        before_send=without_persons,
        include_local_variables=False,
        include_source_context=True,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        **options,
    )


def without_persons(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event with ids only: messages of exceptions may quote rows, addresses what was sought."""
    event["request"] = {
        name: value for name, value in event.get("request", {}).items() if name in _KEPT_OF_REQUEST
    }
    for name in ("user", "breadcrumbs", "extra", "modules"):
        event.pop(name, None)
    for one in event.get("exception", {}).get("values", []):
        one["value"] = ""
    event.pop("logentry", None)
    event.pop("message", None)
    known = get_contextvars()
    event["tags"] = {name: known[name] for name in ("request", "organisation") if name in known}
    return event
