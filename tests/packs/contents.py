"""A content with every part in it, for tests."""

from __future__ import annotations

from datetime import date

from careboard.packs.content import (
    Chart,
    Content,
    Count,
    EvidenceLine,
    Figure,
    Section,
    Share,
    Table,
)

DAY = date(2026, 11, 20)


def figure(label="Delayed visits", value="8.0%", numerator=40, denominator=500, validated=True):
    return Figure(
        label, value, Count(numerator), Count(denominator), DAY, "Visits over 30 minutes late.",
        validated,
    )  # fmt: skip


def example(**changes) -> Content:
    """Every part of a content, with small numbers in each."""
    table = Table(
        "Actions by state",
        ("State", "Safety", "Staffing", "Total"),
        (
            ("Open", Count(3), Count(9), Count(12)),
            ("Verified", Count(7), Count(20), Count(27)),
            ("Total", Count(10), Count(29), Count(39)),
        ),
    )
    chart = Chart(
        "Delayed visits by week",
        "Improving for four weeks.",
        "%",
        5.0,
        (("2 Nov", 9.5), ("9 Nov", None), ("16 Nov", Share(30, 500)), ("20 Nov", Count(6))),
    )
    section = Section("progress", "Progress", "First line.\nSecond line.", (figure(),), (table,))
    given = {
        "kind": "update",
        "title": "Recovery update 1",
        "provider": "Oakfield Care",
        "service": "Birchwood House",
        "period_from": date(2026, 11, 6),
        "period_to": DAY,
        "taken_at": "2026-11-20T09:00:00+00:00",
        "sections": (section, Section("charts", "Trend", charts=(chart,))),
        "evidence": (
            EvidenceLine("EV-0001", "Rota audit", "audits", "ab" * 32, "verifier", DAY),
            EvidenceLine("EV-0002", "Family survey", "feedback", None, None, None),
        ),
    }
    return Content(**{**given, **changes})
