"""Addresses below /o/<org>/monitoring; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.monitoring.blueprint import blueprint

TOPICS = ()
blueprints = (blueprint,)
