"""The blueprint that the routes of ratings, disputes and watches share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("risks", __name__, url_prefix="/o/<org>/risks")
