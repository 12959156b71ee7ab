"""Addresses of the imports feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("imports", __name__, url_prefix="/o/<org>/imports")
blueprints = (blueprint,)
