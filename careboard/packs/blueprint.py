"""The blueprint of published packs, by itself, so that each topic has addresses on it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("packs", __name__, url_prefix="/o/<org>/packs")
