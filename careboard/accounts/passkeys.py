"""Passkeys: the device proves that it holds a key, to this site alone. Checked by py_webauthn.

A challenge is random, kept in the visitor's signed cookie, and used up by the database when it is
answered, so that an answer that somebody recorded is worth nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from careboard import clock
from careboard.accounts import second_factor
from careboard.accounts.models import Account
from careboard.accounts.second_factor_models import Passkey, SingleUseToken
from careboard.db import db
from careboard.errors import Invalid

WRONG = "The passkey was not accepted. Try again, or use another way to sign in."
LAST = "This is your only second factor. Set up another before you remove it."
MOST = 20
_VERIFIED = UserVerificationRequirement.REQUIRED


def possible(base_url: str) -> bool:
    """Whether browsers will make passkeys for the site: it needs a name, not a bare address."""
    host = urlsplit(base_url).hostname or ""
    return ":" not in host and not host.replace(".", "").isdigit()


def of(account_id: UUID) -> Sequence[Passkey]:
    """The person's passkeys, the oldest first."""
    statement = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.created_at)
    return db.session.scalars(statement).all()


def one(*, account_id: UUID, passkey_id: UUID) -> Passkey:
    """One of the person's passkeys. Raises NoResultFound for anybody else's."""
    statement = select(Passkey).where(Passkey.id == passkey_id, Passkey.account_id == account_id)
    return db.session.scalars(statement).one()


def creation_options(*, base_url: str, account: Account) -> tuple[dict, str]:
    """What the browser needs to make a passkey, and the challenge to keep until it answers."""
    options = webauthn.generate_registration_options(
        rp_id=_host(base_url),
        rp_name="CareBoard",
        user_id=account.id.bytes,
        user_name=account.email,
        user_display_name=account.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_described(account.id),
    )
    return _plain(options), bytes_to_base64url(options.challenge)


def request_options(*, base_url: str, account: Account | None = None) -> tuple[dict, str]:
    """What the browser needs to sign in by a passkey, of that person or of whoever has one here,
    and the challenge to keep until it answers."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(base_url),
        allow_credentials=_described(account.id) if account else None,
        user_verification=_VERIFIED,
    )
    return _plain(options), bytes_to_base64url(options.challenge)


def add(*, base_url: str, account: Account, challenge: str, answer: str, name: str) -> UUID:
    """Keep the passkey that the browser made. Raises Invalid when the answer does not hold."""
    if len(of(account.id)) >= MOST:
        raise Invalid("That is as many passkeys as one person can have. Remove one first.", "name")
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(base_url),
            expected_origin=_origin(base_url),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Invalid(WRONG) from error
    _use_up(challenge, account.id)
    passkey = Passkey(
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name.strip() or "Passkey",
    )
    try:
        with db.session.begin_nested():
            db.session.add(passkey)
    except IntegrityError as error:
        raise Invalid("This passkey is known already.") from error
    return passkey.id


def verify(*, base_url: str, challenge: str, answer: str, account: Account | None) -> Account:
    """Whose passkey answered the challenge. The device has verified the person (by finger, face or
    PIN), so it is two factors in one. Raises Invalid when it does not hold, or is not `account`'s.
    """
    passkey = _named(answer)
    if passkey is None or (account is not None and passkey.account_id != account.id):
        raise Invalid(WRONG)
    try:
        proof = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(base_url),
            expected_origin=_origin(base_url),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Invalid(WRONG) from error
    _use_up(challenge, passkey.account_id)
    db.session.execute(
        update(Passkey)
        .where(Passkey.id == passkey.id)
        .values(sign_count=proof.new_sign_count, last_used_at=clock.utc_now())
    )
    owner = db.session.get(Account, passkey.account_id)
    if not owner.active:
        raise Invalid(WRONG)
    return owner


def remove(*, account_id: UUID, passkey_id: UUID, even_last: bool = False) -> None:
    """Forget a passkey of the person. Raises NoResultFound for anybody else's.

    Raises Invalid for the last second factor, unless `even_last`: whoever has the password would
    set up the next.
    """
    unwanted = one(account_id=account_id, passkey_id=passkey_id)
    if not (even_last or second_factor.has_app(account_id) or len(of(account_id)) > 1):
        raise Invalid(LAST, "password")
    db.session.delete(unwanted)
    db.session.flush()


def _named(answer: str) -> Passkey | None:
    try:
        credential_id = base64url_to_bytes(str(json.loads(answer)["rawId"]))
    except (ValueError, KeyError, TypeError):
        return None
    return db.session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def _use_up(challenge: str, account_id: UUID) -> None:
    now = clock.utc_now()
    statement = (
        insert(SingleUseToken)
        .values(
            token_hash=hashlib.sha256(challenge.encode()).digest(),
            account_id=account_id,
            purpose="challenge",
            expires_at=now + timedelta(hours=1),
            used_at=now,
        )
        .on_conflict_do_nothing()
    )
    if not db.session.execute(statement).rowcount:
        raise Invalid(WRONG)


def _described(account_id: UUID) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in of(account_id)]


def _plain(options) -> dict:
    return json.loads(webauthn.options_to_json(options))


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or ""


def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"
