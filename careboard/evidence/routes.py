"""Addresses of the evidence feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("evidence", __name__, url_prefix="/o/<org>/evidence")
blueprints = (blueprint,)
