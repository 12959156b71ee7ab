"""Addresses below /o/<org>/packs; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.packs.blueprint import blueprint

blueprints = (blueprint,)
