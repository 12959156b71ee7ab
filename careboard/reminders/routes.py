"""Addresses of the reminders feature."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reminders", __name__, url_prefix="/o/<org>/reminders")
blueprints = (blueprint,)
