"""Routes below /o/<org>/board-packs."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("board_packs", __name__, url_prefix="/o/<org>/board-packs")
blueprints = (blueprint,)
