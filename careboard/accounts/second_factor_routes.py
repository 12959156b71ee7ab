"""After the password: a code, a recovery code or a passkey; and setting up the first."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from markupsafe import Markup

from careboard.access import commits, public
from careboard.accounts import notices, passkeys, recovery_codes, second_factor, second_step
from careboard.accounts.second_factor_forms import AnswerForm, CodeForm, RecoveryForm
from careboard.accounts.security import limited
from careboard.errors import Invalid
from careboard.forms import show_error

blueprint = Blueprint("second_factor", __name__, url_prefix="/second-factor")
passkey_blueprint = Blueprint("passkey", __name__, url_prefix="/passkey")
_USED_UP = Markup(
    'That recovery code is used up; {} {} left. Make new ones under <a href="{}">My sign-in</a>.'
)
REASON = "for a visitor who has proved the password and is not signed in yet"


@blueprint.get("/")
@public(REASON)
def ask():
    account = second_step.waiting()
    if account is None:
        return _begin_again()
    if not second_factor.has_any(account.id):
        return redirect(url_for("second_factor.set_up"))
    return _ask_page(account)


@blueprint.post("/")
@limited
@public(REASON)
@commits
def check_code():
    account, form = second_step.waiting(), CodeForm()
    if account is None:
        return _begin_again()
    if not form.validate_on_submit():
        return _ask_page(account, code=form), 422
    try:
        second_step.count_attempt(account)
        second_factor.verify(keys=_keys(), account=account, code=form.code.data)
    except Invalid as error:
        show_error(form, error)
        return _ask_page(account, code=form), 422
    return redirect(second_step.complete(account, "password", "authenticator"), 303)


@blueprint.post("/recovery-code")
@limited
@public(REASON)
@commits
def check_recovery_code():
    account, form = second_step.waiting(), RecoveryForm()
    if account is None:
        return _begin_again()
    if not form.validate_on_submit():
        return _ask_page(account, recovery=form), 422
    try:
        second_step.count_attempt(account)
        left = recovery_codes.use(account_id=account.id, code=form.recovery_code.data)
    except Invalid as error:
        show_error(form, error)
        return _ask_page(account, recovery=form), 422
    wanted = second_step.complete(account, "password", "recovery_code")
    notices.changed(account=account, change="recovery_code_used")
    flash(_USED_UP.format(left, "is" if left == 1 else "are", url_for("own_sign_in.show")))
    return redirect(wanted, 303)


@blueprint.post("/passkey")
@limited
@public(REASON)
@commits
def check_passkey():
    account, form = second_step.waiting(), AnswerForm()
    if account is None:
        return _begin_again()
    try:
        second_step.count_attempt(account)
        _verified(form, account)
    except Invalid as error:
        form.form_errors.append(error.message)
        return _ask_page(account, answer=form), 422
    return redirect(second_step.complete(account, "password", "webauthn"), 303)


@blueprint.get("/set-up")
@public(REASON)
def set_up():
    account = second_step.waiting()
    if account is None:
        return _begin_again()
    if second_factor.has_any(account.id):
        return redirect(url_for("second_factor.ask"))
    return _set_up_page(account, CodeForm())


@blueprint.post("/set-up")
@limited
@public(REASON)
@commits
def finish_set_up():
    account, form = second_step.waiting(), CodeForm()
    if account is None or second_factor.has_any(account.id):
        return _begin_again()
    if not form.validate_on_submit():
        return _set_up_page(account, form), 422
    try:
        secret = second_step.offered_secret()
        codes = second_factor.set_up(
            keys=_keys(), account=account, secret=secret, code=form.code.data
        )
    except Invalid as error:
        show_error(form, error)
        return _set_up_page(account, form), 422
    wanted = second_step.complete(account, "password", "authenticator")
    notices.changed(account=account, change="authenticator_set_up")
    return render_template("accounts/recovery_codes.html", codes=codes, wanted=wanted)


@passkey_blueprint.get("/")
@public("sign-in by a passkey alone, which verifies its holder")
def sign_in():
    return _passkey_page(AnswerForm())


@passkey_blueprint.post("/")
@limited
@public("sign-in by a passkey alone, which verifies its holder")
@commits
def finish_sign_in():
    form = AnswerForm()
    try:
        account = _verified(form, None)
    except Invalid as error:
        form.form_errors.append(error.message)
        return _passkey_page(form), 422
    return redirect(second_step.complete(account, "webauthn"), 303)


def _verified(form: AnswerForm, account):
    if not form.validate_on_submit():
        raise Invalid(passkeys.WRONG)
    return passkeys.verify(
        base_url=_base_url(),
        challenge=second_step.asked_challenge(),
        answer=form.answer.data or "",
        account=account,
    )


def _passkey_page(form: AnswerForm):
    options = None
    if second_step.passkeys_possible():
        options, challenge = passkeys.request_options(base_url=_base_url())
        second_step.remember_challenge(challenge)
    return render_template("accounts/passkey_sign_in.html", form=form, options=options)


def _ask_page(account, *, code=None, recovery=None, answer=None):
    options = None
    if passkeys.of(account.id):
        options, challenge = passkeys.request_options(base_url=_base_url(), account=account)
        second_step.remember_challenge(challenge)
    return render_template(
        "accounts/second_factor.html",
        has_app=second_factor.has_app(account.id),
        form=code or CodeForm(formdata=None),
        recovery_form=recovery or RecoveryForm(formdata=None),
        answer_form=answer or AnswerForm(formdata=None),
        recovering=recovery is not None,
        options=options,
    )


def _set_up_page(account, form: CodeForm):
    secret = second_step.offered_secret()
    enrolment = second_factor.enrolment(keys=_keys(), account=account, secret=secret)
    return render_template("accounts/second_factor_set_up.html", form=form, enrolment=enrolment)


def _begin_again():
    flash("Sign in with your password first.", "warning")
    return redirect(url_for("security.login"))


def _keys() -> tuple[str, ...]:
    return current_app.config["SETTINGS"].secrets


def _base_url() -> str:
    return current_app.config["SETTINGS"].base_url
