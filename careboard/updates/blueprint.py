"""The blueprint of recovery updates, by itself, so that each topic has addresses on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("updates", __name__, url_prefix="/o/<org>/updates")
