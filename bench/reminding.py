"""The reminders sweep."""

from __future__ import annotations

from bench.report import Report


def measure(report: Report) -> None:
    """Filled in below."""
