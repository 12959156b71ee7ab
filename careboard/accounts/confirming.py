"""The password once more, before something of one's own sign-in is changed."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user

from careboard.accounts import passwords, second_step, signing_in
from careboard.accounts.second_factor_forms import ConfirmForm
from careboard.errors import Invalid
from careboard.forms import show_error


def confirm(form: ConfirmForm) -> None:
    """Raise Invalid unless the form is in order and holds the person's password."""
    if not form.validate_on_submit():
        raise Invalid("")
    me = current_user._get_current_object()
    second_step.count_attempt(me)
    passwords.check(account=me, password=form.password.data)
    second_step.forget_attempts(me)
    second_step.remember_password()
    signing_in.renew()


def ask(task: str, form: ConfirmForm, error: Invalid | None = None, about: Any = None) -> str:
    """The page that asks for the password before that is done, `about` a session or a passkey."""
    if error is not None and error.message:
        show_error(form, error)
    return render_template("accounts/confirm.html", task=task, form=form, about=about)
