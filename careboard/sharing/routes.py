"""Addresses below /o/<org>/sharing; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.sharing import (
    advice_routes,
    communication_routes,
    control_check_routes,
    decision_routes,
    pattern_review_routes,
    reconciliation_routes,
    threshold_routes,
)
from careboard.sharing.blueprint import blueprint

TOPICS = (
    advice_routes,
    communication_routes,
    control_check_routes,
    decision_routes,
    pattern_review_routes,
    reconciliation_routes,
    threshold_routes,
)
blueprints = (blueprint,)
