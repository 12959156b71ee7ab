"""Which thresholds are in use on a day. Pure. Source: rules 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from careboard.rules.rule import Parameter, Rule, Value


@dataclass(frozen=True, slots=True)
class InUse:
    """A rule's parameters by name. `number` None: CareBoard's own, nobody has set others."""

    parameters: Mapping[str, Value]
    number: int | None = None
    setting_id: UUID | None = None
    since: date | None = None


def in_use(rule: Rule, settings: Iterable[Any], on: date) -> InUse:
    """The latest of those in use by that day; of one day, the one that was set last. `settings` are
    rows of `rule_setting`, of any rule and in any order."""
    own = [s for s in settings if s.rule_code == rule.code and s.in_use_from <= on]
    if not own:
        return InUse(rule.defaults)
    latest = max(own, key=lambda setting: (setting.in_use_from, setting.number))
    kept = {name: read(value) for name, value in latest.parameters.items() if name in rule.defaults}
    return InUse({**rule.defaults, **kept}, latest.number, latest.id, latest.in_use_from)


def coming(rule: Rule, settings: Iterable[Any], on: date) -> list[Any]:
    """The settings that take their turn after that day, the first first."""
    own = [s for s in settings if s.rule_code == rule.code and s.in_use_from > on]
    by_day = {s.in_use_from: s for s in sorted(own, key=lambda setting: setting.number)}
    return [by_day[day] for day in sorted(by_day)]


def read(value: Any) -> Value:
    """A value as JSON keeps it."""
    return tuple(value) if isinstance(value, list) else value


def refusal(parameter: Parameter, value: Value) -> str | None:
    """Why a value cannot be used, in words; None where it can."""
    if isinstance(value, tuple):
        return None if value else "Name at least one."
    if isinstance(parameter.value, int) and value != int(value):
        return "Give a whole number."
    if parameter.least is not None and value < parameter.least:
        return f"At least {parameter.least:g}."
    if parameter.most is not None and value > parameter.most:
        return f"At most {parameter.most:g}."
    return None
