"""Addresses below /o/<org>/monitoring; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.monitoring import intelligence_routes, return_routes
from careboard.monitoring.blueprint import blueprint

TOPICS = (intelligence_routes, return_routes)
blueprints = (blueprint,)
