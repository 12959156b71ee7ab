"""My sign-in: password, authenticator app, recovery codes and passkeys; and the links that set a
password. Every change asks for the password again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, session, url_for
from flask_login import current_user

from careboard.access import commits, public, signed_in
from careboard.accounts import (
    confirming,
    notices,
    passkeys,
    passwords,
    recovery_codes,
    second_factor,
    second_step,
    sessions,
    tokens,
)
from careboard.accounts.second_factor_forms import (
    AnswerForm,
    ChangePasswordForm,
    CodeForm,
    ConfirmForm,
    NewPasswordForm,
    PasskeyForm,
)
from careboard.accounts.security import limited
from careboard.errors import Invalid
from careboard.forms import show_error

blueprint = Blueprint("own_sign_in", __name__, url_prefix="/my-sign-in")
link_blueprint = Blueprint("password_link", __name__, url_prefix="/password")
LINK = "opened with a link that works once"


@blueprint.get("/")
@signed_in
def show():
    return render_template(
        "accounts/own_sign_in.html",
        exempt=second_step.exempt(_me()),
        has_app=second_factor.has_app(_me().id),
        codes_left=recovery_codes.left(account_id=_me().id),
        passkeys=passkeys.of(_me().id),
    )


@blueprint.get("/password")
@signed_in
def new_password():
    return confirming.ask("password", ChangePasswordForm())


@blueprint.post("/password")
@signed_in
@commits
def change_password():
    form = ChangePasswordForm()
    try:
        confirming.confirm(form)
        passwords.choose(account=_me(), password=form.new_password.data)
    except Invalid as error:
        return confirming.ask("password", form, error), 422
    notices.tell(account=_me(), change="password_set")
    flash("Your password has been changed. Sign in with the new one.", "success")
    return redirect(url_for("security.login"), 303)


@blueprint.get("/authenticator")
@signed_in
def new_authenticator():
    return confirming.ask("authenticator", ConfirmForm())


@blueprint.post("/authenticator")
@signed_in
@commits
def begin_authenticator():
    form = ConfirmForm()
    try:
        confirming.confirm(form)
    except Invalid as error:
        return confirming.ask("authenticator", form, error), 422
    second_step.forget_secret()
    return _app_page(CodeForm(formdata=None))


@blueprint.post("/authenticator/code")
@signed_in
@commits
def finish_authenticator():
    form = CodeForm()
    if not (second_step.is_offered() and second_step.password_given()):
        return redirect(url_for("own_sign_in.new_authenticator"), 303)
    if not form.validate_on_submit():
        return _app_page(form), 422
    try:
        secret, keys = second_step.offered_secret(), _settings().secrets
        codes = second_factor.set_up(keys=keys, account=_me(), secret=secret, code=form.code.data)
    except Invalid as error:
        show_error(form, error)
        return _app_page(form), 422
    second_step.forget_secret()
    return _codes_page(codes, "authenticator_set_up")


@blueprint.get("/recovery-codes")
@signed_in
def new_recovery_codes():
    return confirming.ask("recovery_codes", ConfirmForm())


@blueprint.post("/recovery-codes")
@signed_in
@commits
def renew_recovery_codes():
    form = ConfirmForm()
    try:
        confirming.confirm(form)
    except Invalid as error:
        return confirming.ask("recovery_codes", form, error), 422
    return _codes_page(recovery_codes.renew(account_id=_me().id), "recovery_codes_renewed")


@blueprint.get("/passkeys/new")
@signed_in
def new_passkey():
    return confirming.ask("passkey", PasskeyForm())


@blueprint.post("/passkeys/new")
@signed_in
@commits
def begin_passkey():
    form = PasskeyForm()
    try:
        confirming.confirm(form)
    except Invalid as error:
        return confirming.ask("passkey", form, error), 422
    session["passkey_name"] = form.name.data
    return _passkey_page(AnswerForm(formdata=None))


@blueprint.post("/passkeys")
@signed_in
@commits
def add_passkey():
    form, name = AnswerForm(), session.get("passkey_name")
    if name is None or not second_step.password_given():
        return redirect(url_for("own_sign_in.new_passkey"), 303)
    challenge, answer = second_step.asked_challenge(), form.answer.data or ""
    try:
        passkeys.add(
            base_url=_settings().base_url, account=_me(), challenge=challenge, answer=answer,
            name=name,
        )  # fmt: skip
    except Invalid as error:
        show_error(form, error)
        return _passkey_page(form), 422
    session.pop("passkey_name")
    return _done("passkey_added", "The passkey has been added.")


@blueprint.get("/passkeys/<uuid:passkey_id>/remove")
@signed_in
def unwanted_passkey(passkey_id: UUID):
    about = passkeys.one(account_id=_me().id, passkey_id=passkey_id)
    return confirming.ask("unwanted_passkey", ConfirmForm(), about=about)


@blueprint.post("/passkeys/<uuid:passkey_id>/remove")
@signed_in
@commits
def remove_passkey(passkey_id: UUID):
    form, about = ConfirmForm(), passkeys.one(account_id=_me().id, passkey_id=passkey_id)
    try:
        confirming.confirm(form)
        even_last = second_step.exempt(_me())
        passkeys.remove(account_id=_me().id, passkey_id=passkey_id, even_last=even_last)
    except Invalid as error:
        return confirming.ask("unwanted_passkey", form, error, about), 422
    return _done("passkey_removed", "The passkey has been removed.")


@link_blueprint.get("/<token>")
@public(LINK)
def open_link(token: str):
    if tokens.holder(token) is None:
        return _dead_link()
    return _link_page(token, NewPasswordForm())


@link_blueprint.post("/<token>")
@limited
@public(LINK)
@commits
def set_password(token: str):
    form, account = NewPasswordForm(), tokens.take(token)
    if account is None:
        return _dead_link()
    if not form.validate_on_submit():
        return _link_page(token, form), 422
    try:
        passwords.choose(account=account, password=form.new_password.data)
    except Invalid as error:
        show_error(form, error)
        return _link_page(token, form), 422
    notices.tell(account=account, change="password_set")
    flash("Your password has been set. Sign in with it.", "success")
    return redirect(url_for("security.login"), 303)


def _end_others() -> None:
    """Whoever signed in elsewhere did so by what has just been changed."""
    sessions.end_all(account_id=_me().id, but=g.sign_in.id)


def _done(change: str, words: str):
    _end_others()
    notices.changed(account=_me(), change=change)
    flash(words, "success")
    return redirect(url_for("own_sign_in.show"), 303)


def _me():
    return current_user._get_current_object()


def _settings():
    return current_app.config["SETTINGS"]


def _app_page(form: CodeForm):
    secret = second_step.offered_secret()
    enrolment = second_factor.enrolment(keys=_settings().secrets, account=_me(), secret=secret)
    return render_template("accounts/authenticator.html", form=form, enrolment=enrolment)


def _codes_page(codes: list[str], change: str):
    _end_others()
    notices.changed(account=_me(), change=change)
    wanted = url_for("own_sign_in.show")
    return render_template("accounts/recovery_codes.html", codes=codes, wanted=wanted)


def _passkey_page(form: AnswerForm):
    options, challenge = passkeys.creation_options(base_url=_settings().base_url, account=_me())
    second_step.remember_challenge(challenge)
    return render_template("accounts/passkey.html", form=form, options=options)


def _link_page(token: str, form: NewPasswordForm):
    return render_template("accounts/reset_password.html", form=form, token=token)


def _dead_link():
    flash("This link was used, or is too old. Ask for a new one here.", "warning")
    return redirect(url_for("security.forgot_password"))
