"""Passwords: long enough, on no list of stolen ones, not easily guessed; nothing else is asked.

The lists and the judgement are zxcvbn's: 30,000 passwords of breaches, 150,000 words and names, and
how people vary them. Source: NCSC and OWASP ASVS 5.0, 6.2.
"""

from __future__ import annotations

import re
from typing import Any

from flask_security import PasswordUtil, hash_password
from flask_security.changeable import admin_change_password
from flask_security.utils import password_length_validator
from zxcvbn import zxcvbn

from careboard.accounts import peppers, tokens
from careboard.accounts.models import Account
from careboard.errors import Invalid

GUESSABLE = (
    "This password is on a list of stolen ones, or is easily guessed. Three or four words that "
    "have nothing to do with each other are hard to guess and easy to remember."
)
LENGTH = "A password has from 12 to 128 characters."
WRONG = "This is not your password."
_MOST = 72  # characters that zxcvbn looks at
_SCORE = 3  # of 4: "safely unguessable"


class Passwords(PasswordUtil):
    """Flask-Security's question whether a new password will do."""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        """What is wrong with it, and its normal form."""
        plain = self.normalize(password)
        user = kwargs.get("user")
        known = [user.email, user.name] if user is not None else []
        if password_length_validator(plain):
            return [LENGTH], plain
        if _guessable(plain, known):
            return [GUESSABLE], plain
        return None, plain


def _guessable(password: str, known: list[str]) -> bool:
    """`known`: what anybody would try first for this person."""
    words = {"careboard", *known, *(part for text in known for part in re.split(r"\W+", text))}
    return zxcvbn(password[:_MOST], user_inputs=sorted(words - {""}))["score"] < _SCORE


def choose(*, account: Account, password: str) -> None:
    """Set the person's password; it ends their sessions and every link that they were sent.

    Raises Invalid at `new_password`.
    """
    wrong, plain = Passwords(None).validate(password, False, user=account)
    if wrong:
        raise Invalid(wrong[0], "new_password")
    tokens.use_up(account_id=account.id)
    admin_change_password(account, plain, notify=False)


def check(*, account: Account, password: str) -> None:
    """Raise Invalid at `password` unless it is the person's."""
    if not account.password:
        hash_password(password)  # takes as long as comparing would
        peppers.spend(password)
        raise Invalid(WRONG, "password")
    if not account.verify_and_update_password(Passwords(None).normalize(password)):
        raise Invalid(WRONG, "password")
