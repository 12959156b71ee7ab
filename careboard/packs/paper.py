"""A pack as a PDF: what its page says, and on its last page how to check it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from careboard.audit_log.heads import Head
from careboard.board_packs import typeset
from careboard.board_packs.typeset import printable
from careboard.clock import day_words
from careboard.pack_verifier import sha256_of
from careboard.packs.bundle import VERIFIER, Attachment
from careboard.packs.content import Chart, Content, Figure, Section
from careboard.packs.models import Pack
from careboard.vocabulary import in_words

MOST_NAME = 120
# A cell is not broken over pages; the page and content.json say it whole.
MOST_CELL = 600
# The columns of a list together, in the units of `listing`: the whole width of the page.
WIDEST = 8.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the paper says of the publication itself."""

    reference: str
    published_on: date
    published_at: datetime
    content_sha256: str
    head: Head
    attachments: tuple[tuple[str, str], ...]

    @classmethod
    def of(
        cls, pack: Pack, content_sha256: str, head: Head, attachments: Sequence[Attachment]
    ) -> Facts:
        files = tuple((one.name, sha256_of(one.content)) for one in attachments)
        return cls(
            pack.reference, pack.published_on, pack.published_at, content_sha256, head, files
        )


def pdf(content: Content, *, facts: Facts) -> bytes:
    """The accessible PDF (PDF/UA-1). Raises careboard.board_packs.typeset.NotSet."""
    return typeset.pdf("published.typ", data(content, facts))


def data(content: Content, facts: Facts) -> dict[str, Any]:
    """What `published.typ` shows."""
    provider = printable(content.provider, MOST_NAME)
    on = facts.published_on
    about = [
        ("Provider", provider),
        ("Service", printable(content.service or "", MOST_NAME)),
        ("Pack", facts.reference),
        ("Published", day_words(on)),
        ("Read from the records", content.read_at),
    ]
    return {
        "title": printable(content.title, MOST_NAME),
        "organisation": provider,
        "on": [on.year, on.month, on.day],
        "foot": f"{provider} · {facts.reference} · published {day_words(on)}",
        "period": f"{day_words(content.period_from)} to {day_words(content.period_to)}",
        "facts": [(name, value) for name, value in about if value],
        "hidden": content.hidden_words,
        "sections": [_section(section) for section in content.sections],
        "evidence": _evidence(content),
        "check": _check(facts),
    }


def _section(section: Section) -> dict[str, Any]:
    lists = [_figures(section.figures)] if section.figures else []
    for table in section.tables:
        columns = [(heading, "text", 1.0) for heading in table.columns]
        lists.append(_list(f"{table.caption}.", columns, table.rows))
    return {
        "heading": printable(section.heading, MOST_NAME),
        "words": [printable(line) for line in section.words.splitlines() if line.strip()],
        "charts": [_chart(chart) for chart in section.charts],
        "lists": lists,
    }


def _figures(figures: Sequence[Figure]) -> dict[str, Any]:
    columns = [
        ("Figure", "text", 3.2),
        ("Value", "text", 1.2),
        ("As at", "text", 1.0),
        ("Status", "text", 1.2),
    ]
    rows = [
        (
            "\n".join(part for part in (figure.label, figure.definition) if part),
            f"{figure.value} {figure.basis}".strip(),
            day_words(figure.as_at),
            "Validated" if figure.validated else "Not yet validated",
        )
        for figure in figures
    ]
    return _list("Figures.", columns, rows)


def _list(
    caption: str, columns: Sequence[tuple[str, str, float]], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """As `listing` of paper.typ reads it."""
    least = max(1.0, WIDEST / sum(width for _, _, width in columns))
    return {
        "lede": "",
        "caption": printable(caption, MOST_CELL),
        "empty": "None.",
        "source": "",
        "note": "",
        "columns": [
            {"heading": printable(heading, MOST_NAME), "kind": kind, "width": width * least}
            for heading, kind, width in columns
        ],
        "rows": [[_cell(cell) for cell in row] for row in rows],
    }


def _cell(value: Any) -> str:
    return "" if value is None else printable(str(value), MOST_CELL)


def _chart(chart: Chart) -> dict[str, Any]:
    drawing = chart.drawing()
    caption = printable(chart.caption, MOST_NAME)
    return {
        "caption": f"{caption}. {printable(f'{chart.sentence} {chart.key}', MOST_CELL)}",
        "alt": f"A line of {len(chart.points)} points. {printable(chart.sentence, MOST_CELL)}",
        "drawn": drawing
        and {
            "runs": drawing.runs,
            "target": drawing.target,
            "width": drawing.width,
            "height": drawing.height,
            "left": drawing.left,
            "marks": [(printable(chart.mark(value)), y) for value, y in drawing.marks],
            "first": printable(chart.points[0][0]),
            "last": printable(chart.points[-1][0]),
        },
        "list": _list(
            f"Points of “{caption}”.",
            [("When", "text", 1.0), ("Value", "text", 1.0)],
            [(label, chart.shown(value)) for label, value in chart.points],
        ),
    }


def _evidence(content: Content) -> dict[str, Any]:
    columns = [
        ("Reference", "text", 1.0),
        ("Evidence", "text", 2.2),
        ("Kind", "text", 1.1),
        ("Validated", "text", 1.4),
        ("SHA-256", "text", 2.6),
    ]
    rows = [
        (
            line.reference,
            line.title,
            in_words(line.kind).capitalize(),
            ", ".join(filter(None, (day_words(line.validated_on), line.validated_by_role)))
            if line.validated_on
            else "Not yet",
            line.sha256,
        )
        for line in content.evidence
    ]
    return _list("Evidence that this rests on, each with its SHA-256.", columns, rows)


def _check(facts: Facts) -> dict[str, Any]:
    head = facts.head
    return {
        "facts": [
            ("Content (SHA-256)", facts.content_sha256),
            ("Audit event", f"{head.seq:,}"),
            ("Its hash (SHA-256)", head.hash),
            ("Signed at", head.signed_at),
            ("Signature (Ed25519)", head.signature),
            ("Signing key", head.key),
        ],
        "attachments": [(printable(name, MOST_CELL), sha256) for name, sha256 in facts.attachments],
        "code": f"python3 {VERIFIER} {facts.reference}.zip --key {head.key}",
    }
