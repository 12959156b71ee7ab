"""Flask-Security, set up for CareBoard: argon2, no enumeration, resets by single-use link."""

from __future__ import annotations

from types import SimpleNamespace

from email_validator import SPECIAL_USE_DOMAIN_NAMES
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import Security, SQLAlchemyUserDatastore

from careboard import access, embedded
from careboard.accounts import signing_in
from careboard.accounts.models import Account
from careboard.accounts.passwords import Passwords
from careboard.accounts.second_step import SecondStep, passkeys_possible
from careboard.accounts.security_mail import OutboxMail
from careboard.accounts.session_forms import SignInForm
from careboard.config import Settings
from careboard.db import db

security = Security(mail_util_cls=OutboxMail, password_util_cls=Passwords)
limiter = Limiter(get_remote_address, in_memory_fallback_enabled=True, swallow_errors=True)
limited = limiter.limit("30 per minute", methods=["POST"])
# Rights are CareBoard's own, per organisation; Flask-Security only needs the name of a role class.
datastore = SQLAlchemyUserDatastore(db, Account, SimpleNamespace)


_RESET_SENT = "If that address has a sign-in, an e-mail with a link is on its way."


def security_settings(settings: Settings) -> dict[str, object]:
    """Flask-Security's settings."""
    return {
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__memory_cost": 19 * 1024,
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
        },
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_LOGIN_URL": "/login",
        "SECURITY_LOGOUT_URL": "/logout",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGIN_USER_TEMPLATE": "accounts/login.html",
        "SECURITY_FORGOT_PASSWORD_TEMPLATE": "accounts/forgot_password.html",
        "SECURITY_CACHE_CONTROL": {},  # every answer's is the same: headers.py
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": "Set your CareBoard password",
        "SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": (
            "That e-mail address and password do not go together.",
            "error",
        ),
        "SECURITY_MSG_PASSWORD_RESET_REQUEST": (_RESET_SENT, "info"),
        "SECURITY_MSG_GENERIC_RECOVERY": (_RESET_SENT, "info"),
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "RATELIMIT_STORAGE_URI": embedded.redis_url(settings).replace("unix://", "redis+unix://"),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1},
        "RATELIMIT_HEADERS_ENABLED": False,
        "REMEMBER_COOKIE_SECURE": settings.production,
    }


def set_up_security(app: Flask) -> None:
    """Register sign-in, sign-out and reset on the application."""
    if not app.config["SETTINGS"].production and "example" in SPECIAL_USE_DOMAIN_NAMES:
        # The demo's people live at *.example, which nobody can own.
        SPECIAL_USE_DOMAIN_NAMES.remove("example")
    security.init_app(app, datastore, login_form=SignInForm)
    security.two_factor_plugins = SecondStep()
    app.jinja_env.globals["passkeys_possible"] = passkeys_possible
    # It registers no hooks where it is known: limited views ask by themselves, others need not.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    for endpoint in ("security.login", "security.forgot_password"):
        app.view_functions[endpoint] = limited(app.view_functions[endpoint])
    app.login_manager.unauthorized_handler(access.sign_in_first)
    signing_in.set_up(app)
