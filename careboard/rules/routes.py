"""The organisation's rules and their thresholds."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("rules", __name__, url_prefix="/o/<org>/rules")
blueprints = (blueprint,)
