"""Addresses of the reviews feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reviews", __name__, url_prefix="/o/<org>/reviews")
blueprints = (blueprint,)
