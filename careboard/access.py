"""Who may open which address: declared on every view, denied where it is not.

A view carries exactly one of `public`, `signed_in`, `requires` or `reads_portal`; a POST view that
changes something also carries `commits`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

import structlog
from flask import Flask, current_app, flash, g, make_response, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import Forbidden, NotFound

from careboard import audit, submissions, tenancy
from careboard.accounts import held_forms
from careboard.db import db
from careboard.htmx import lead_to, leads_to, page_shown, wants_fragment
from careboard.permissions import Permission
from careboard.portal import readers

View = TypeVar("View", bound=Callable)

# Views that libraries register, with the reason why no organisation is needed.
LIBRARY_VIEWS = {
    "static": "style sheets and scripts",
    "security.login": "sign-in",
    "security.logout": "sign-out",
    "security.forgot_password": "a person who cannot sign in asks for a link",
}

READS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Access:
    """`permission` None, `public` and `portal` False: any signed-in person."""

    public: bool = False
    permission: Permission | None = None
    portal: bool = False


def public(reason: str) -> Callable[[View], View]:
    """Open to everyone, for that reason."""
    assert reason

    def mark(view: View) -> View:
        view.access = Access(public=True)
        return view

    return mark


def signed_in(view: View) -> View:
    """For any signed-in person, outside an organisation."""
    view.access = Access()
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """For members of the organisation in the URL whose roles have the permission."""

    def mark(view: View) -> View:
        view.access = Access(permission=permission)
        return view

    return mark


def reads_portal(view: View) -> View:
    """For people who read on behalf of a commissioner; to all others there is no such page."""
    view.access = Access(portal=True)
    return view


def commits(view: View) -> View:
    """Commit what the view's services did, if it answers with success; else roll back.

    A form that has had its effect before has none again.
    """

    @wraps(view)
    def committing(*args, **kwargs):
        sent = submissions.digest()
        if sent and (led := submissions.led_before(sent)):
            flash(submissions.SAID)
            return lead_to(led)
        response = make_response(view(*args, **kwargs))
        if response.status_code < 400:
            _note_confirmed_texts()
            if sent and (leads := leads_to(response)):
                submissions.lead(sent, leads)
            db.session.commit()
        else:
            db.session.rollback()
        return response

    committing.commits = True
    return committing


def _note_confirmed_texts() -> None:
    """That somebody kept words which looked like personal data is not forgotten."""
    if g.get("confirmed_texts") and g.get("actor"):
        audit.record(
            actor=g.actor,
            tag="text:confirmed",
            subject_id=g.actor.membership_id,
            after={"endpoint": request.endpoint, "fields": sorted(g.confirmed_texts)},
        )


def guard(app: Flask) -> None:
    """Deny by default: look at the declaration before every request."""

    @app.url_value_preprocessor
    def take_organisation(endpoint: str | None, values: dict | None) -> None:
        g.org_slug = values.pop("org", None) if values else None

    @app.url_defaults
    def give_organisation(endpoint: str, values: dict) -> None:
        if (
            "org" not in values
            and g.get("actor")
            and app.url_map.is_endpoint_expecting(endpoint, "org")
        ):
            values["org"] = g.actor.org_slug

    @app.before_request
    def open_door():
        if request.endpoint is None or request.endpoint in LIBRARY_VIEWS:
            return None
        declared = getattr(app.view_functions[request.endpoint], "access", None)
        if declared is None:
            raise Forbidden()
        if declared.public:
            return None
        if not _is_known(declared):
            return sign_in_first()
        if declared.permission is not None:
            _enter(declared.permission)
        if declared.portal:
            g.reader = readers.find(current_user.id)
            if g.reader is None:
                raise NotFound()
        return None


def _is_known(declared: Access) -> bool:
    """Whether somebody is signed in: finding them, which is done here, also lets them in by the
    door, so that it takes one statement (accounts/signing_in.py)."""
    if declared.permission is not None:
        g.door = tenancy.Door(g.org_slug, g.request_id, request.method in READS)
    return current_user.is_authenticated


def _enter(permission: Permission) -> None:
    # A commissioner's people have the portal alone: there is no such page for them, not even
    # under their own organisation's name.
    if g.actor is None or g.actor.org_kind != "provider":
        raise NotFound()
    structlog.contextvars.bind_contextvars(
        organisation=str(g.actor.org_id), member=str(g.actor.membership_id)
    )
    if not g.actor.may(permission):
        raise Forbidden()


def sign_in_first():
    """Send the person to sign in and bring them back; a fragment must not show the whole page.

    What a form sent waits for them; a script keeps what it sent itself (static/js/drafts.js).
    """
    if wants_fragment():
        return lead_to(url_for("security.login", next=page_shown()))
    if request.method == "GET":
        here = request.full_path.rstrip("?")
    else:
        here = url_for("held_form.show") if _hold() else None
    return redirect(url_for("security.login", next=here))


def _hold() -> bool:
    """Keep what was sent to an organisation's page with the session that has run out."""
    token = session.get("_user_id")
    if not (token and g.org_slug):
        return False
    form = held_forms.HeldForm(
        request.full_path.rstrip("?"),
        list(request.form.items(multi=True)),
        [file.filename for file in request.files.values() if file.filename],
    )
    kept = held_forms.hold(keys=current_app.config["SETTINGS"].secrets, token=token, form=form)
    db.session.commit()
    return kept
