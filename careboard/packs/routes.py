"""Addresses below /o/<org>/packs; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.packs import commissioner_routes
from careboard.packs.blueprint import blueprint

TOPICS = (commissioner_routes,)
blueprints = (blueprint,)
