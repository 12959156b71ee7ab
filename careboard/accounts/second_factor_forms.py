"""Forms of the second factor, of passkeys and of passwords."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class CodeForm(FlaskForm):
    """Six digits of an authenticator app."""

    code = StringField(
        "Code of six digits",
        [InputRequired("Enter the code that your app shows."), Length(max=20)],
    )


class RecoveryForm(FlaskForm):
    """One of the codes for a lost device."""

    recovery_code = StringField(
        "Recovery code", [InputRequired("Enter one of your recovery codes."), Length(max=60)]
    )


class AnswerForm(FlaskForm):
    """What the browser says of a passkey, as JSON."""

    answer = HiddenField("Passkey", [Length(max=20_000)])


class ConfirmForm(FlaskForm):
    """What changes a sign-in asks for the password again."""

    password = PasswordField("Your password", [InputRequired("Enter your password.")])


class PasskeyForm(ConfirmForm):
    """A name by which the person will know the passkey."""

    name = StringField(
        "Name of the passkey", [InputRequired("Name it, such as “Work phone”."), Length(max=60)]
    )


class NewPasswordForm(FlaskForm):
    """A password to be set. Pasting is welcome."""

    new_password = PasswordField("New password", [InputRequired("Enter a password.")])


class ChangePasswordForm(ConfirmForm, NewPasswordForm):
    """The old one and the new one."""
