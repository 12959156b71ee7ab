"""Addresses of the services feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("services", __name__, url_prefix="/o/<org>/services")
blueprints = (blueprint,)
