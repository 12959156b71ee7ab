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
    """Run the migrations, and let the app's role in."""
    upgrade()
    _admit_app_role()


def _admit_app_role() -> None:
    """Where DATABASE_URL signs in under another name, give that role the app's rights."""
    user = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).username
    if user in ("careboard_app", None):
        return
    engine = create_engine(current_app.config["OWNER_URL"])
    with engine.begin() as connection:
        quoted = engine.dialect.identifier_preparer.quote(user)
        member = connection.execute(
            text("SELECT pg_has_role(:user, 'careboard_app', 'USAGE')"), {"user": user}
        ).scalar()
        if not member:
            connection.execute(text(f"GRANT careboard_app TO {quoted}"))
    engine.dispose()
