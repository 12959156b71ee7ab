"""Addresses of the actions feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("actions", __name__, url_prefix="/o/<org>/actions")
blueprints = (blueprint,)
