"""Addresses of the risks feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("risks", __name__, url_prefix="/o/<org>/risks")
blueprints = (blueprint,)
