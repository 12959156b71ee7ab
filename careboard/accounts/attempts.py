"""The growing delay after wrong passwords.

Counted in the database for the address that was typed, whether or not anyone has it, so that the
delay tells nothing. A device on which the person has signed in before counts for itself: whoever
guesses elsewhere cannot keep the owner out. Source: OWASP ASVS 5.0, 6.3.1 and 6.3.2.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from functools import partial

from flask import Response, after_this_request, current_app, request
from flask_security import uia_email_mapper
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select

from careboard.db import db

_YEAR = 365 * 24 * 3600
_MOST = 30  # people who share a device


def count(address: str) -> int:
    """Count an attempt before it is judged, for good; seconds to wait, or 0 to go ahead."""
    wait = db.session.scalar(select(func.app.try_sign_in(_key(address))))
    db.session.commit()
    return wait


def refusal(wait: int) -> str:
    """What is said to whoever has to wait so many seconds."""
    number, unit = (wait, "second") if wait < 60 else (-(-wait // 60), "minute")
    return f"Too many tries. Wait {number} {unit}{'s' if number > 1 else ''}, then try again."


def forget(address: str) -> None:
    """Begin to count anew after the right password."""
    db.session.execute(select(func.app.sign_in_worked(_key(address))))


def recognise(address: str) -> None:
    """Let this device count for itself from now on, for that person."""
    device, known = _device()
    marks = _marks(address)
    known = [*(one for one in known if one not in marks), marks[0]][-_MOST:]
    after_this_request(partial(_remember, device=device or secrets.token_hex(16), known=known))


def _remember(response: Response, *, device: str, known: list[str]) -> Response:
    production = current_app.config["SETTINGS"].production
    response.set_cookie(
        _cookie(),
        _signer().dumps([device, known]),
        max_age=_YEAR,
        secure=production,
        httponly=True,
        samesite="Lax",
    )
    return response


def _device() -> tuple[str, list[str]]:
    """The device's own number and the people who have signed in on it; ("", []) for a new one."""
    try:
        device, known = _signer().loads(request.cookies.get(_cookie(), ""), max_age=_YEAR)
    except (BadSignature, ValueError):
        return "", []
    return device, known


def _key(address: str) -> str:
    device, known = _device()
    marks = _marks(address)
    return f"{marks[0]}{device}" if set(marks) & set(known) else marks[0]


def _marks(address: str) -> list[str]:
    """The address, hashed under the present secret key; then under those of before, by which a
    device may know it still."""
    # As the sign-in itself reads it, or one address would have as many delays as spellings.
    read = uia_email_mapper(address) or address
    plain = unicodedata.normalize("NFKC", read).strip().casefold()
    return [
        hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()[:32]
        for secret in current_app.config["SETTINGS"].secrets
    ]


def _cookie() -> str:
    return "__Host-device" if current_app.config["SETTINGS"].production else "device"


def _signer() -> URLSafeTimedSerializer:
    newest_last = list(reversed(current_app.config["SETTINGS"].secrets))
    return URLSafeTimedSerializer(newest_last, salt="device")
