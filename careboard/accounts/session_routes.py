"""Where a person is signed in, handing the tablet to the next, what waits from before a session ran
out, and how long an organisation's people may stay idle."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security import logout_user

from careboard.access import commits, requires, signed_in
from careboard.accounts import confirming, held_forms, service, sessions
from careboard.accounts.second_factor_forms import ConfirmForm
from careboard.accounts.session_forms import IdleForm
from careboard.errors import Invalid, NotFound
from careboard.permissions import Permission

blueprint = Blueprint("sessions", __name__, url_prefix="/my-sign-in/devices")
held_blueprint = Blueprint("held_form", __name__, url_prefix="/held-form")
idle_blueprint = Blueprint("idle", __name__, url_prefix="/o/<org>/accounts/idle")


@blueprint.get("/")
@signed_in
def index():
    found = sessions.living(account_id=current_user.id)
    return render_template("accounts/sessions.html", sessions=found, here=g.sign_in.id)


@blueprint.get("/stay")
@signed_in
def stay():
    """Asking is enough to be seen."""
    return {"left": g.sign_in.seconds_left}


@blueprint.get("/<uuid:session_id>/end")
@signed_in
def unwanted(session_id: UUID):
    return _end_page(session_id, ConfirmForm())


@blueprint.post("/<uuid:session_id>/end")
@signed_in
@commits
def end(session_id: UUID):
    form = ConfirmForm()
    try:
        confirming.confirm(form)
    except Invalid as error:
        return _end_page(session_id, form, error), 422
    if not sessions.end(account_id=current_user.id, session_id=session_id):
        raise NotFound()
    return _ended("You are signed out there.")


@blueprint.get("/end-others")
@signed_in
def unwanted_others():
    return confirming.ask("other_sessions", ConfirmForm())


@blueprint.post("/end-others")
@signed_in
@commits
def end_others():
    form = ConfirmForm()
    try:
        confirming.confirm(form)
    except Invalid as error:
        return confirming.ask("other_sessions", form, error), 422
    sessions.end_all(account_id=current_user.id, but=g.sign_in.id)
    return _ended("You are signed out everywhere but here.")


@blueprint.post("/switch")
@signed_in
@commits
def switch():
    logout_user()
    return redirect(url_for("security.login", next=request.form.get("next") or None), 303)


@held_blueprint.get("/")
@signed_in
def show():
    form = held_forms.held(keys=_keys(), account_id=current_user.id)
    if form is None:
        return redirect(url_for("home.index"))
    return render_template("accounts/held_form.html", held=form)


@held_blueprint.post("/send")
@signed_in
@commits
def send():
    form = held_forms.held(keys=_keys(), account_id=current_user.id)
    if form is None:
        raise NotFound()
    held_forms.release(account_id=current_user.id)
    return redirect(form.path, 307)  # the browser sends the same once more, to where it belongs


@held_blueprint.post("/discard")
@signed_in
@commits
def discard():
    held_forms.release(account_id=current_user.id)
    return redirect(url_for("home.index"), 303)


@idle_blueprint.get("/")
@requires(Permission.MANAGE_PEOPLE)
def show_idle():
    return _idle_page(IdleForm(minutes=sessions.idle_minutes(actor=g.actor)))


@idle_blueprint.post("/")
@requires(Permission.MANAGE_PEOPLE)
@commits
def change_idle():
    form = IdleForm()
    if not form.validate_on_submit():
        return _idle_page(form), 422
    sessions.set_idle_minutes(actor=g.actor, minutes=form.minutes.data)
    flash(f"People are now signed out after {form.minutes.data} idle minutes.", "success")
    return redirect(url_for("accounts.settings"), 303)


def _end_page(session_id: UUID, form: ConfirmForm, error: Invalid | None = None):
    about = sessions.one(account_id=current_user.id, session_id=session_id)
    return confirming.ask("session", form, error, about)


def _idle_page(form: IdleForm):
    return render_template("accounts/idle.html", form=form)


def _ended(words: str):
    service.tell_organisations(account_id=current_user.id, tag="account:session_revoked")
    flash(words, "success")
    return redirect(url_for("sessions.index"), 303)


def _keys() -> tuple[str, ...]:
    return current_app.config["SETTINGS"].secrets
