"""Where a person lands, which organisation they choose, and the settings pages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user

from careboard.access import public, requires, signed_in
from careboard.permissions import Permission, Role
from careboard.tenancy import memberships

home = Blueprint("home", __name__)
blueprint = Blueprint("accounts", __name__, url_prefix="/o/<org>/accounts")
blueprints = (home, blueprint)


@home.get("/")
@public("sends each visitor to where they belong")
def index():
    if not current_user.is_authenticated:
        return redirect(url_for("security.login"))
    own = memberships(current_user.id)
    if len(own) == 1:
        return redirect(_home_of(own[0]))
    return redirect(url_for("home.choose"))


@home.get("/organisations")
@signed_in
def choose():
    organisations = [
        {
            "name": row.org_name,
            "url": _home_of(row),
            "role_words": ", ".join(Role(role).words for role in row.roles),
        }
        for row in memberships(current_user.id)
    ]
    return render_template("accounts/choose_organisation.html", organisations=organisations)


@home.get("/portal/")
@signed_in
def portal():
    return render_template("accounts/portal.html")


def _home_of(row) -> str:
    if row.kind == "commissioner":
        return url_for("home.portal")
    return url_for("dashboards.board", org=row.slug)


@blueprint.get("/")
@requires(Permission.READ)
def settings():
    return render_template("accounts/settings.html")
