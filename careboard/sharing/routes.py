"""Addresses below /o/<org>/sharing; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.sharing import decision_routes, threshold_routes
from careboard.sharing.blueprint import blueprint

TOPICS = (decision_routes, threshold_routes)
blueprints = (blueprint,)
