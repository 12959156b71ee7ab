"""Enhanced monitoring."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("monitoring", __name__, url_prefix="/o/<org>/monitoring")
blueprints = (blueprint,)
