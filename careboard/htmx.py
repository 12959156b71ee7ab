"""Page or fragment: the only place that asks what HTMX sent.

Source: pitfalls of htmx history and boosting; docs/decisions/0005.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from htmx_flask import Htmx

htmx = Htmx()


def wants_fragment() -> bool:
    """A fragment is answered only to an ordinary HTMX request, never to history restoration."""
    asked = request.htmx
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def page_or_fragment(page: str, fragment: str, *, status: int = 200, **context) -> Response:
    """Render the fragment for an HTMX request, else the page that includes the same fragment."""
    template = fragment if wants_fragment() else page
    return make_response(render_template(template, **context), status)


def redirect_or_fragment(url: str, fragment: str, *, announce: str, **context) -> Response:
    """After a change: HTMX gets the fragment again and an announcement, a form post a redirect."""
    if not wants_fragment():
        return redirect(url, 303)
    response = make_response(render_template(fragment, **context))
    response.headers["HX-Trigger"] = json.dumps({"announce": announce})
    return response


def lead_to(url: str) -> Response:
    """Send the person to a page, the whole of it, whatever was asked for."""
    if not wants_fragment():
        return redirect(url, 303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def leads_to(response: Response) -> str | None:
    """Where an answer leads: to its redirect, or for a change within a page to that page.

    None when it only shows a form again.
    """
    if response.location or "HX-Trigger" not in response.headers:
        return response.location
    return page_shown() or url_for("home.index")


def page_shown() -> str | None:
    """The address of the page that a fragment was asked for, if it is one of ours."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    if shown.netloc != request.host or shown.path.startswith("//"):
        return None
    return f"{shown.path}?{shown.query}" if shown.query else shown.path
