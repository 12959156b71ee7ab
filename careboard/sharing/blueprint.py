"""The blueprint of sharing with others, by itself, so that each topic has addresses on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("sharing", __name__, url_prefix="/o/<org>/sharing")
