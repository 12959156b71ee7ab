"""Addresses below /o/<org>/recovery; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.recovery import (
    check_routes,
    dashboard_routes,
    indicator_routes,
    plan_routes,
    readings_routes,
    response_routes,
    story_routes,
    template_routes,
)
from careboard.recovery.blueprint import blueprint

TOPICS = (
    check_routes,
    dashboard_routes,
    indicator_routes,
    plan_routes,
    readings_routes,
    response_routes,
    story_routes,
    template_routes,
)
blueprints = (blueprint,)
