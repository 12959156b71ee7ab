"""What is encrypted in the database, and how cookies are signed.

AES-256-GCM under a key of its own for each purpose, derived from SECRET_KEY; HMAC-SHA-256.
Source: OWASP ASVS 5.0, V11.3 and V11.4.
"""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer

_NONCE = 12


class Unsealable(Exception):
    """It was sealed under another key, for another purpose, or has been changed."""


class _Cookies(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)


def set_up(app: Flask) -> None:
    """Let this application, and the libraries that sign for it, sign by SHA-256, not SHA-1."""
    app.session_interface = _Cookies()
    Signer.default_digest_method = staticmethod(hashlib.sha256)


def seal(plain: bytes, *, key: str, purpose: str) -> bytes:
    """The content, encrypted so that any change is noticed. `key` is the site's secret key."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(key, purpose).encrypt(nonce, plain, None)


def unseal(sealed: bytes, *, key: str, purpose: str) -> bytes:
    """What was sealed. Raises Unsealable."""
    try:
        return _cipher(key, purpose).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    except (InvalidTag, ValueError) as error:
        raise Unsealable() from error


def derived(*, key: str, purpose: str) -> bytes:
    """32 bytes that tell nothing of the site's key, nor of what is derived for other purposes."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return derive.derive(key.encode())


def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(derived(key=key, purpose=purpose))
