"""Every rule of CareBoard, gathered from the modules careboard/rules/rules_*.py."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from careboard import rules
from careboard.rules.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """The rules by code. Each topic's module has them in its `RULES`."""
    names = [found.name for found in pkgutil.iter_modules(rules.__path__)]
    topics = [name for name in names if name.startswith("rules_")]
    found = [r for name in topics for r in import_module(f"careboard.rules.{name}").RULES]
    return tuple(sorted(found, key=lambda rule: rule.code))


def rule(code: str) -> Rule | None:
    """The rule of that code."""
    return next((found for found in all_rules() if found.code == code), None)
