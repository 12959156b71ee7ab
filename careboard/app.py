"""The application, put together from top to bottom."""

from __future__ import annotations

from flask import Flask
from flask_login import current_user  # noqa: F401  (available to templates)
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import careboard.models  # noqa: F401  (fills the metadata)
from careboard import (
    access,
    clock,
    embedded,
    faults,
    headers,
    jobs,
    logs,
    mailer,
    metrics,
    scanning,
    sealing,
    storage,
    web,
)
from careboard.accounts.security import security_settings, set_up_security
from careboard.addresses import Application
from careboard.audit_log import heads
from careboard.config import ROOT, Settings
from careboard.db import db
from careboard.htmx import htmx

csrf = CSRFProtect()
mail = Mail()
migrate = Migrate(directory=str(ROOT / "migrations"))

FEATURES = (
    "accounts",
    "actions",
    "assurance",
    "audit_log",
    "board_packs",
    "dashboards",
    "evidence",
    "experience",
    "framework",
    "imports",
    "monitoring",
    "packs",
    "portal",
    "records",
    "recovery",
    "reminders",
    "retention",
    "reviews",
    "risks",
    "rules",
    "services",
    "sharing",
    "updates",
)


def create_app(settings: Settings | None = None) -> Flask:
    """A ready application for these settings (None: those of the environment).

    Raises ConfigurationError when production lacks a setting. Starts the embedded database when
    none is given; connects to nothing else until first used.
    """
    settings = settings or Settings.from_environment()
    logs.configure(production=settings.production)
    faults.configure(settings)
    app = Application("careboard", root_path=str(ROOT), static_folder=str(ROOT / "static"))
    urls = embedded.database_urls(settings)
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=urls.app,
        OWNER_URL=urls.owner,
        SQLALCHEMY_BINDS={"portal": urls.portal},
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_PARTS=2_000,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        SESSION_COOKIE_NAME="__Host-careboard" if settings.production else "careboard",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        **sealing.signing_settings(settings),
        **security_settings(settings),
        **mailer.mail_settings(settings),
    )
    clock.freeze(settings.today)
    heads.configure(settings.signing_key, settings.earlier_keys)
    storage.configure(settings.storage_url, settings.home)
    scanning.configure(settings.clamd_url)
    jobs.configure(embedded.redis_url(settings))
    mailer.configure(settings)
    sealing.set_up(app)
    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)
    htmx.init_app(app)
    mail.init_app(app)
    web.set_up(app)
    metrics.set_up(app)
    access.guard(app)
    set_up_security(app)
    _register_features(app)
    app.wsgi_app = WhiteNoise(
        app.wsgi_app,
        root=str(ROOT / "static"),
        prefix="static/",
        max_age=3600,
        add_headers_function=headers.of_files(settings.production),
    )
    if settings.proxies:
        # As many addresses as our own proxies append are believed, and none that a visitor wrote.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=1)
    return app


def _register_features(app: Flask) -> None:
    """Each feature's `routes.py` holds its blueprint; those outside an organisation come first."""
    from importlib import import_module

    from careboard import health
    from careboard.reminders import demo_mail

    app.register_blueprint(health.blueprint)
    app.register_blueprint(headers.blueprint)
    app.register_blueprint(metrics.blueprint)
    csrf.exempt(headers.blueprint)
    for feature in FEATURES:
        module = import_module(f"careboard.{feature}.routes")
        for blueprint in module.blueprints:
            app.register_blueprint(blueprint)
    if app.config["SETTINGS"].demo:
        app.register_blueprint(demo_mail.blueprint)
