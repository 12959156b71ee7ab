"""Routes below /o/<org>/experience."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("experience", __name__, url_prefix="/o/<org>/experience")
blueprints = (blueprint,)
