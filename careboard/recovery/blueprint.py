"""The blueprint of recovery, by itself, so that each topic can put its addresses on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("recovery", __name__, url_prefix="/o/<org>/recovery")
