"""`careboard migrate`."""

from __future__ import annotations

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from careboard.commands import application


@click.command("migrate")
def command() -> None:
    """Bring the database to the newest version, as its owner."""
    with application():
        bring_up_to_date()
    click.echo("The database is at the newest version.")


def bring_up_to_date() -> None:
    """Run the migrations, and let the roles of the app and of the portal in."""
    upgrade()
    app = current_app.config["SQLALCHEMY_DATABASE_URI"]
    portal = current_app.config["SQLALCHEMY_BINDS"]["portal"]
    _admit(make_url(app).username, "careboard_app")
    if portal != app:
        _admit(make_url(portal).username, "careboard_portal")


def _admit(user: str | None, role: str) -> None:
    """Where an address signs in under another name than the role's, give it the role's rights."""
    if user in (role, None):
        return
    engine = create_engine(current_app.config["OWNER_URL"])
    with engine.begin() as connection:
        quoted = engine.dialect.identifier_preparer.quote(user)
        member = connection.execute(
            text("SELECT pg_has_role(:user, :role, 'USAGE')"), {"user": user, "role": role}
        ).scalar()
        if not member:
            connection.execute(text(f"GRANT {role} TO {quoted}"))
    engine.dispose()
