"""What the browser is told to refuse, and where it reports what it refused.

Source: reliability of sign-in and the browser; OWASP ASVS 5.0, V3.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit
from wsgiref.headers import Headers

import structlog
from flask import Blueprint, Flask, Response, current_app, request

from careboard.access import commits, public
from careboard.accounts.security import limited

log = structlog.get_logger()
blueprint = Blueprint("headers", __name__)

REPORTS = "/reports/policy"
POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; "
    f"base-uri 'none'; frame-ancestors 'none'; report-uri {REPORTS}; report-to policy"
)
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}
_ONLY_ENCRYPTED = "max-age=31536000; includeSubDomains"
_LONGEST_REPORT = 8_192
_MOST_AT_ONCE = 20


def set_up(app: Flask) -> None:
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["Reporting-Endpoints"] = f'policy="{REPORTS}"'
    response.headers.update(_always(current_app.config["SETTINGS"].production))
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    response.headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.vary.add("HX-Request")
    return response


def of_files(production: bool) -> Callable[[Headers, str, str], None]:
    """What style sheets and scripts carry, which are served before the application is asked."""

    def add(headers: Headers, path: str, url: str) -> None:
        headers["Content-Security-Policy"] = POLICY
        for name, value in _always(production).items():
            headers[name] = value

    return add


def _always(production: bool) -> dict[str, str]:
    """Production is reached by https alone: its base URL says so, or it does not start."""
    more = {"Strict-Transport-Security": _ONLY_ENCRYPTED} if production else {}
    return _EVERYWHERE | more


@blueprint.post(REPORTS)
@limited
@public("browsers report here without a sign-in what the policy stopped; nothing is stored")
@commits
def report():
    """Log which directive stopped what: addresses without their query, and no page content."""
    request.max_content_length = _LONGEST_REPORT
    for told in _told(request.get_data(cache=False))[:_MOST_AT_ONCE]:
        log.warning(
            "policy violation",
            directive=_short(told, "effective-directive", "effectiveDirective"),
            page=_path(_short(told, "document-uri", "documentURL")),
            blocked=_path(_short(told, "blocked-uri", "blockedURL")),
        )
    return "", 204


def _told(body: bytes) -> list[dict]:
    """The reports of either spelling: `report-uri` sends one, the Reporting API a list."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if isinstance(sent, dict):
        sent = [{"body": sent.get("csp-report")}]
    if not isinstance(sent, list):
        return []
    bodies = (one.get("body") for one in sent if isinstance(one, dict))
    return [one for one in bodies if isinstance(one, dict)]


def _short(told: dict, *names: str) -> str:
    value = next((told[name] for name in names if isinstance(told.get(name), str)), "")
    return "".join(char for char in value[:300] if char.isprintable())


def _path(address: str) -> str:
    """Without query and fragment, which may hold what somebody searched for."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}" if parts.netloc else address.split("?")[0]
