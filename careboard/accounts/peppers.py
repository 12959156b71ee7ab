"""Passwords that were hashed under a SECRET_KEY of before: the key is their pepper.

A password is hashed anew under the present key the next time that its owner gives it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import current_app
from flask_security import hash_password
from passlib.hash import argon2


def matches_earlier(password: str, kept: str) -> bool:
    """Whether the hash was made of the password under one of the keys of before."""
    return any([_made_of(password, kept, secret) for secret in _earlier()])


def spend(password: str) -> None:
    """Take as long as looking for a password under the keys of before does: where there is nobody
    of that address, the answer must not come sooner."""
    for _ in _earlier():
        hash_password(password)


def _made_of(password: str, kept: str, secret: str) -> bool:
    # As Flask-Security peppers: argon2 over an HMAC.
    digest = hmac.new(secret.encode(), password.encode(), hashlib.sha512).digest()
    return argon2.verify(base64.b64encode(digest), kept)


def _earlier() -> tuple[str, ...]:
    return current_app.config["SETTINGS"].earlier_secrets
