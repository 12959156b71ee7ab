"""The minutes of a sitting as PDF, from the very words of their page.

Source: steps S0-1.3, S0-1.5, S0-2.5 and S0-3.5 (minutes by the names that the articles give).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from careboard import clock
from careboard.board_packs.printed import blocks
from careboard.board_packs.typeset import pdf, printable
from careboard.clock import day_words
from careboard.reviews.reading import Minutes
from careboard.tenancy import Actor


def minutes_pdf(*, actor: Actor, minutes: Minutes, html: str) -> bytes:
    """`html` is the partial `reviews/_minutes.html` as made for this person. Raises NotSet."""
    return pdf("minutes.typ", minutes_data(actor=actor, minutes=minutes, html=html))


def minutes_data(*, actor: Actor, minutes: Minutes, html: str) -> dict[str, Any]:
    """What `minutes.typ` shows."""
    sitting = minutes.sitting
    signed = sitting.signed_at is not None
    now = _moment(actor, clock.now())
    facts = [("Opened", _who(actor, sitting.opened_at, sitting.opened_by))]
    if signed:
        facts.append(("Signed", _who(actor, sitting.signed_at, sitting.signed_by)))
    organisation = printable(actor.org_name)
    state = "" if signed else " · draft, not signed"
    return {
        "title": printable(sitting.title),
        "organisation": organisation,
        "on": [actor.today.year, actor.today.month, actor.today.day],
        "foot": f"{organisation} · {sitting.reference}{state} · printed {now}",
        "period": f"{day_words(sitting.period_from)} to {day_words(sitting.period_to)}",
        "draft": not signed,
        "facts": [(name, printable(value)) for name, value in facts],
        "figures": {
            "title": "Figures",
            "lede": "",
            "note": "",
            "empty": "No figure is kept with these minutes.",
            "source": "As kept with the minutes.",
            "caption": "Figures, as kept with the minutes.",
            "columns": [
                {"heading": heading, "kind": kind, "width": width}
                for heading, kind, width in _FIGURE_COLUMNS
            ],
            "rows": [
                [f.title, f.value, f"{f.numerator:,} of {f.denominator:,} {f.of}", day_words(f.on),
                 str(f.version)]
                for f in minutes.figures
            ],
        },
        "blocks": _blocks(html),
        "seal": minutes.sha256 or "",
        "proof": _proof(minutes),
    }  # fmt: skip


def _blocks(html: str) -> list[dict[str, Any]]:
    """As `printed.blocks`, with the terms that follow each other and their values as one list."""
    found: list[dict[str, Any]] = []
    for block in blocks(html):
        text = printable(block.text)
        if block.kind == "term" and found and found[-1]["kind"] == "facts":
            found[-1]["pairs"].append([text, ""])
        elif block.kind == "term":
            found.append({"kind": "facts", "pairs": [[text, ""]]})
        elif block.kind == "value" and found and found[-1]["kind"] == "facts":
            pair = found[-1]["pairs"][-1]
            pair[1] = f"{pair[1]}\n{text}".strip()
        else:
            found.append({"kind": block.kind, "text": text, "depth": block.depth})
    return found


_FIGURE_COLUMNS = (
    ("Figure", "text", 2.4),
    ("Value", "number", 1),
    ("Counted", "text", 3),
    ("As at", "day", 1.3),
    ("Definition version", "number", 1.6),
)


def _proof(minutes: Minutes) -> str:
    if minutes.unchanged is None:
        return "These minutes are a draft: they can still be changed, and nobody has signed them."
    if minutes.unchanged:
        return (
            "Unchanged since they were signed: compared, when this was printed, with the seal "
            "below and with the audit trail, which keeps the same seal."
        )
    return (
        "WARNING: what is stored now no longer matches the seal or the audit trail. Do not rely "
        "on these minutes."
    )


def _who(actor: Actor, at: datetime, name: str | None) -> str:
    return f"{name or 'CareBoard'}, {_moment(actor, at)}"


def _moment(actor: Actor, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(actor.time_zone))
    return f"{day_words(local)}, {local:%H:%M}"
