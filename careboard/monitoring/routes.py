"""Addresses below /o/<org>/monitoring; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.monitoring import (
    decision_routes,
    episode_routes,
    intelligence_routes,
    paper_routes,
    return_routes,
    review_routes,
)
from careboard.monitoring.blueprint import blueprint

TOPICS = (
    decision_routes,
    episode_routes,
    intelligence_routes,
    paper_routes,
    return_routes,
    review_routes,
)
blueprints = (blueprint,)
