"""Addresses below /o/<org>/packs; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.packs import (
    board_source,
    commissioner_routes,
    episode_source,
    pack_routes,
    publish_routes,
)
from careboard.packs.blueprint import blueprint

TOPICS = (commissioner_routes, pack_routes, publish_routes)
SOURCES = (board_source, episode_source)
blueprints = (blueprint,)
