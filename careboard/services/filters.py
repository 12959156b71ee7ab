"""A filter form as it came in the address: what was asked, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from datetime import date
from uuid import UUID

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
LONGEST = 200
MOST_PAGES = 100_000


class Filters:
    """Reads single values; what cannot be read counts as not asked and is told in `problems`.

    `asked` gathers what was read, for links to other pages of the same list.
    """

    def __init__(self, args: Mapping[str, str]) -> None:
        self.args = args
        self.problems: list[str] = []
        self.asked: dict[str, str] = {}

    def text(self, name: str) -> str:
        value = _CONTROL.sub(" ", self.args.get(name, "")).strip()[:LONGEST]
        if value:
            self.asked[name] = value
        return value

    def choice(self, name: str, allowed: Container[str]) -> str:
        value = self.text(name)
        if value and value not in allowed:
            self.problems.append(f"“{value}” is not one of the choices, so it was left out.")
            return ""
        return value

    def day(self, name: str) -> date | None:
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.problems.append(f"“{value}” is not a date such as 2026-11-20, so it was left out.")
            return None

    def identity(self, name: str) -> UUID | None:
        value = self.text(name)
        try:
            return UUID(value) if value else None
        except ValueError:
            self.problems.append(f"“{value}” leads nowhere, so it was left out.")
            return None

    def flag(self, name: str) -> bool:
        return self.text(name) in ("1", "on", "yes", "true")

    @property
    def page(self) -> int:
        value = self.args.get("page", "")
        return (
            min(max(int(value), 1), MOST_PAGES)
            if value.isascii() and value.isdigit() and len(value) < 8
            else 1
        )
