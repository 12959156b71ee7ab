"""Routes below /o/<org>/assurance."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("assurance", __name__, url_prefix="/o/<org>/assurance")
blueprints = (blueprint,)
