"""The sign-in form, and how long the organisation's people may stay idle."""

from __future__ import annotations

import structlog
from flask_security import LoginForm
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from careboard.accounts import attempts, peppers
from careboard.accounts.service import tell_organisations
from careboard.db import db, new_id

log = structlog.get_logger()


class SignInForm(LoginForm):
    """Flask-Security's, with a growing delay; a session lasts twelve hours at most, so nothing
    is remembered beyond it."""

    remember = None

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the library's link to /reset; the page has its own

    def validate(self, **kwargs) -> bool:
        """Whether the address and the password go together. The same work, and the same words,
        for an address that nobody has."""
        address = self.email.data or ""
        if not (address and self.password.data):
            return super().validate(**kwargs)
        wait = attempts.count(address)
        if wait:
            log.warning("sign-in refused", why="too many tries", wait=wait)
            self.form_errors.append(attempts.refusal(wait))
            return False
        if super().validate(**kwargs):
            attempts.forget(address)
            attempts.recognise(address)
            db.session.commit()  # a second factor that fails takes nothing of it back
            return True
        if not (self.user and self.user.password):
            peppers.spend(self.password.data)
        log.warning("sign-in refused", why="wrong password" if self.user else "no such address")
        whose = self.user.id if self.user else new_id()
        tell_organisations(account_id=whose, tag="account:sign_in_failed")
        db.session.commit()
        return False


class IdleForm(FlaskForm):
    """Minutes until a person who does nothing is signed out."""

    minutes = IntegerField(
        "Minutes",
        [InputRequired("Enter a number of minutes."), NumberRange(5, 30, "From 5 to 30 minutes.")],
    )
