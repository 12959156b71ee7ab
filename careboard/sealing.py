"""What is encrypted in the database, and how cookies are signed.

AES-256-GCM under a key of its own for each purpose, derived from SECRET_KEY; HMAC-SHA-256. `keys`
are the site's secret keys (`Settings.secrets`): the first seals, those of before only open.
Source: OWASP ASVS 5.0, V11.3 and V11.4.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer

from careboard.config import Settings

_NONCE = 12


class Unsealable(Exception):
    """It was sealed under another key, for another purpose, or has been changed."""


class _Cookies(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)


def signing_settings(settings: Settings) -> dict[str, object]:
    """Flask's settings and Flask-WTF's: the present key signs, those of before are still read."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(reversed(settings.earlier_secrets)),
        "WTF_CSRF_SECRET_KEY": list(reversed(settings.secrets)),
    }


def set_up(app: Flask) -> None:
    """Let this application, and the libraries that sign for it, sign by SHA-256, not SHA-1."""
    app.session_interface = _Cookies()
    Signer.default_digest_method = staticmethod(hashlib.sha256)


def seal(plain: bytes, *, keys: Sequence[str], purpose: str) -> bytes:
    """The content, encrypted so that any change is noticed."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(keys[0], purpose).encrypt(nonce, plain, None)


def unseal(sealed: bytes, *, keys: Sequence[str], purpose: str) -> bytes:
    """What was sealed under one of the keys. Raises Unsealable."""
    for key in keys:
        with suppress(InvalidTag, ValueError):
            return _cipher(key, purpose).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    raise Unsealable()


@lru_cache(maxsize=1024)
def derived(*, key: str, purpose: str) -> bytes:
    """32 bytes that tell nothing of the site's key, nor of what is derived for other purposes."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return derive.derive(key.encode())


def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(derived(key=key, purpose=purpose))
