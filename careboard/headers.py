"""What the browser is told to refuse, and where it reports what it refused.

Source: reliability of sign-in and the browser; OWASP ASVS 5.0, V3.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, Response, request

from careboard.access import commits, public

log = structlog.get_logger()
blueprint = Blueprint("headers", __name__)

REPORTS = "/reports/policy"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; "
    f"frame-ancestors 'none'; report-uri {REPORTS}; report-to policy"
)
_LONGEST_REPORT = 8_192
_MOST_AT_ONCE = 20


def set_up(app: Flask) -> None:
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["Reporting-Endpoints"] = f'policy="{REPORTS}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.vary.add("HX-Request")
    return response


def of_files(headers: dict, path: str, url: str) -> None:
    """What style sheets and scripts carry, which are served before the application is asked."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


@blueprint.post(REPORTS)
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
    except ValueError:
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
