"""Addresses below /o/<org>/updates; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.updates.blueprint import blueprint

blueprints = (blueprint,)
