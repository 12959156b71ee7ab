"""The blueprint of enhanced monitoring, by itself, so that each topic has addresses on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("monitoring", __name__, url_prefix="/o/<org>/monitoring")
