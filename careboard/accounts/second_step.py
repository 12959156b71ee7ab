"""Between the password and the second factor: who has proved the one and not yet the other.

Nobody is signed in by a password alone. Flask-Security asks here whether a second factor is due;
until it is proved, the visitor's signed cookie says only whose it would be, for ten minutes.
"""

from __future__ import annotations

import hashlib
import time
from uuid import UUID

from flask import current_app, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import validate_redirect_url
from sqlalchemy import func, select

from careboard.accounts import attempts, passkeys, second_factor
from careboard.accounts.models import Account
from careboard.db import db
from careboard.errors import Invalid

LASTS = 10 * 60  # seconds
_STEP = "second_step"
_SECRET = "new_secret"
_CHALLENGE = "challenge"
_SURE = "password_given"


class SecondStep(TfPlugin):
    """Flask-Security's question, once the password is right: is more needed?"""

    def tf_enter(
        self, user: Account, remember_me: bool | None, primary_authn_via: str, next_loc: str | None
    ) -> ResponseReturnValue | None:
        """The page of the second factor, or of setting one up; None for the demo's people."""
        if exempt(user):
            return None
        session[_STEP] = {
            "account": str(user.id),
            "at": int(time.time()),
            "next": next_loc,
            "proof": _proof(user),
        }
        if second_factor.has_any(user.id):
            return redirect(url_for("second_factor.ask"))
        return redirect(url_for("second_factor.set_up"))


def exempt(account: Account) -> bool:
    """Whether a password alone will do: for the demo's people, and never in production."""
    return account.demo and not current_app.config["SETTINGS"].production


def waiting() -> Account | None:
    """Who has proved their password within the last ten minutes and is asked for more."""
    step = session.get(_STEP)
    if not step or time.time() - step["at"] > LASTS:
        return None
    account = db.session.get(Account, UUID(step["account"]))
    if account is None or not account.active or step.get("proof") != _proof(account):
        return None
    return account


def _proof(account: Account) -> str:
    """What was proved: another password, set meanwhile, was not."""
    return hashlib.sha256(b"password" + (account.password or "").encode()).hexdigest()[:32]


def complete(account: Account, *factors: str) -> str:
    """Sign the person in by these factors; returns where they wanted to go."""
    wanted = (session.get(_STEP) or {}).get("next")
    forget_attempts(account)
    login_user(account, remember=False, authn_via=list(factors))
    for key in (_STEP, _SECRET, _CHALLENGE):
        session.pop(key, None)
    return wanted if wanted and _ours(wanted) else url_for("home.index")


def _ours(wanted: str) -> bool:
    """Whether it is an address here, also where it becomes a link: browsers read a backslash as a
    slash, and skip tabs."""
    plain = wanted.startswith("/") and wanted.isprintable() and "\\" not in wanted
    return plain and validate_redirect_url(wanted)


def count_attempt(account: Account) -> None:
    """Count a try at a code before it is judged, at once and for good.

    Raises Invalid after too many: the delay grows as it does for passwords, and ends.
    """
    wait = db.session.scalar(select(func.app.try_sign_in(_key(account))))
    db.session.commit()
    if wait:
        raise Invalid(attempts.refusal(wait))


def forget_attempts(account: Account) -> None:
    """Begin to count anew, after one that was right."""
    db.session.execute(select(func.app.sign_in_worked(_key(account))))


def _key(account: Account) -> str:
    return hashlib.sha256(b"second factor" + account.id.bytes).hexdigest()


def offered_secret() -> str:
    """The secret that this visitor is shown for their app, encrypted; the same until it is kept."""
    keys = current_app.config["SETTINGS"].secrets
    return session.setdefault(_SECRET, second_factor.new_secret(keys=keys))


def is_offered() -> bool:
    """Whether a secret was shown and is not in use yet."""
    return _SECRET in session


def forget_secret() -> None:
    """Show another secret next time."""
    session.pop(_SECRET, None)


def remember_password() -> None:
    """The password was given to change one's sign-in: good for ten minutes."""
    session[_SURE] = int(time.time())


def password_given() -> bool:
    """Whether it was, within the last ten minutes."""
    return time.time() - session.get(_SURE, 0) <= LASTS


def passkeys_possible() -> bool:
    """Whether browsers keep passkeys for this site."""
    return passkeys.possible(current_app.config["SETTINGS"].base_url)


def remember_challenge(challenge: str) -> None:
    """What a passkey is asked to sign, within ten minutes."""
    session[_CHALLENGE] = [challenge, int(time.time())]


def asked_challenge() -> str:
    """What a passkey was asked to sign; asked once."""
    challenge, at = session.pop(_CHALLENGE, ("", 0))
    return challenge if time.time() - at <= LASTS else ""
