"""Addresses below /o/<org>/sharing; each topic keeps its own in a file of its name."""

from __future__ import annotations

from careboard.sharing.blueprint import blueprint

blueprints = (blueprint,)
