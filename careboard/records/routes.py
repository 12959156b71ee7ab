"""Addresses of the records feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("records", __name__, url_prefix="/o/<org>/records")
blueprints = (blueprint,)
