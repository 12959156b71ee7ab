"""The risk board: a provider's home."""

from __future__ import annotations

from flask import Blueprint, render_template

from careboard.access import requires
from careboard.permissions import Permission

blueprint = Blueprint("dashboards", __name__, url_prefix="/o/<org>")
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def board():
    return render_template("dashboards/board.html")
