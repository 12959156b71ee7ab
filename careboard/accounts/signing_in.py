"""What Flask-Login and Flask-Security tell of sign-ins, written to the sessions of the database.

Flask-Login's `_user_id` in the signed cookie is a session's token: it opens nothing once its row
has ended, so a cookie copied before sign-out is dead after it.
"""

from __future__ import annotations

import base64
import hashlib
import time

from flask import Flask, Response, current_app, g, request, session
from flask_login import user_logged_out
from flask_security.signals import password_changed, password_reset, user_authenticated
from flask_security.utils import set_request_attr

from careboard import sealing, tenancy
from careboard.accounts import second_step, sessions
from careboard.accounts.agents import device_words
from careboard.accounts.models import Account
from careboard.accounts.service import tell_organisations
from careboard.db import db
from careboard.htmx import wants_fragment

# What login has put into the cookie; nothing of the time before it is taken along.
_KEPT = ("_fresh", "_id", "fs_cc", "fs_paa", "_flashes")
_SECOND_FACTORS = {"webauthn", "authenticator", "recovery_code"}


def set_up(app: Flask) -> None:
    """Let the database decide whose request it is; no token of a library opens a door."""
    app.login_manager.user_loader(_load)
    app.login_manager._request_callback = None
    app.after_request(_tell_fragment)
    app.context_processor(_for_templates)
    user_authenticated.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    for changed in (password_changed, password_reset):
        changed.connect(_password_changed, app)


def _load(token: str) -> Account | None:
    """The person of the request, who by the same statement enters the organisation it asks for."""
    door = g.get("door")
    found = sessions.find(token, door)
    if found is None:
        return None
    account, sign_in, row = found
    if sign_in.second_factor_at is None and not second_step.exempt(account):
        db.session.rollback()  # out again
        return None
    g.sign_in = sign_in
    if door is not None:
        g.actor = tenancy.admitted(row, door=door, account_id=account.id)
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return account


def _for_templates() -> dict:
    """`session_left`: seconds until the session runs out idle; `drafts_of`: whose drafts a browser
    keeps, without saying who that is, and `drafts_keys`: the first seals them, each opens them."""
    sign_in = g.get("sign_in")
    if sign_in is None:
        return {"session_left": None}
    purpose = f"drafts {sign_in.account_id}"
    secrets = current_app.config["SETTINGS"].secrets
    keys = [sealing.derived(key=secret, purpose=purpose) for secret in secrets]
    return {
        "session_left": sign_in.seconds_left,
        "drafts_of": _drafts_of(sign_in),
        "drafts_keys": " ".join(base64.b64encode(key).decode() for key in keys),
    }


def _drafts_of(sign_in: sessions.SignIn) -> str:
    return hashlib.sha256(b"drafts" + sign_in.account_id.bytes).hexdigest()[:16]


def _tell_fragment(response: Response) -> Response:
    """A page that stays open learns from each fragment how long its session has left."""
    if g.get("sign_in") is not None and wants_fragment():
        response.headers["Session-Left"] = str(g.sign_in.seconds_left)
    return response


def _signed_in(app: Flask, user: Account, authn_via: list[str] | None = None, **extra) -> None:
    """A session of its own for each sign-in; one that the browser had ends."""
    earlier = g.get("sign_in")
    if earlier is not None:
        sessions.end(account_id=user.id, session_id=earlier.id)
    kept = {key: session[key] for key in _KEPT if key in session}
    session.clear()
    g.pop("csrf_token", None)
    session.update(kept, fs_paa=time.time())
    session["_user_id"] = sessions.begin(
        account_id=user.id,
        second_factor=bool(_SECOND_FACTORS & set(authn_via or ())),
        address=request.remote_addr or "",
        agent=device_words(request.user_agent.string),
    )
    session["organisations"] = tell_organisations(account_id=user.id, tag="account:signed_in")


def renew() -> None:
    """A new token, once the person has proved themselves again; the one before opens nothing.

    Commits, so that a form refused later does not take it back.
    """
    earlier = g.sign_in
    sessions.end(account_id=earlier.account_id, session_id=earlier.id)
    session["_user_id"] = token = sessions.begin(
        account_id=earlier.account_id,
        second_factor=earlier.second_factor_at is not None,
        address=request.remote_addr or "",
        agent=device_words(request.user_agent.string),
    )
    g.sign_in = sessions.find(token)[1]
    db.session.commit()


def _signed_out(app: Flask, user: Account, **extra) -> None:
    ended = g.pop("sign_in", None)
    if ended is not None:
        sessions.end(account_id=user.id, session_id=ended.id)
        tell_organisations(account_id=user.id, tag="account:signed_out")
        db.session.commit()
    session.clear()


def _password_changed(app: Flask, user: Account, **extra) -> None:
    sessions.end_all(account_id=user.id)
    tell_organisations(account_id=user.id, tag="account:password_changed")
