"""Addresses below /o/<org>/updates; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.updates import (
    feedback_routes,
    publication,
    recipient_routes,
    step_routes,
    tracker_routes,
)
from careboard.updates.blueprint import blueprint

# With it an approved update can be published.
SOURCE = publication.SOURCE
TOPICS = (feedback_routes, recipient_routes, step_routes, tracker_routes)
blueprints = (blueprint,)
