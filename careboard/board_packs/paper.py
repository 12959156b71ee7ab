"""A pack as its template reads it: words only, ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from careboard.board_packs.archive import SUMS, File
from careboard.board_packs.tables import Content, Table
from careboard.board_packs.typeset import printable
from careboard.clock import day_words
from careboard.tenancy import Actor

# A board reads what is gravest; everything stands in the CSV files.
MOST_ROWS = 100
MOST_TEXT = 600
MOST_NAME = 120


def pack_data(content: Content, files: Sequence[File], *, actor: Actor) -> dict[str, Any]:
    """What `pack.typ` shows of a pack and of the CSV files beside it."""
    moment = content.taken_at.astimezone(ZoneInfo(actor.time_zone))
    read_at = f"{day_words(content.on)}, {moment:%H:%M}"
    totals = [sum(row["counts"][place] for row in content.chart) for place in range(5)]
    facts = [
        ("Read at", read_at),
        ("Requested by", content.requested_by),
        ("For", content.sitting),
        ("Pack", content.reference),
    ]
    period = f"{day_words(content.period_from)} to {day_words(content.period_to)}"
    organisation = printable(content.organisation, MOST_NAME)
    return {
        "title": printable(content.title, MOST_NAME),
        "organisation": organisation,
        "on": [content.on.year, content.on.month, content.on.day],
        "foot": f"{organisation} · {content.reference} · as at {read_at}",
        "period": period,
        "facts": [(name, printable(value)) for name, value in facts if value],
        "glance": [printable(sentence) for sentence in content.glance],
        "totals": totals,
        "chart-words": _chart_words(totals),
        "chart-source": f"Ratings of all services and domains, as at {read_at}.",
        "domains-source": f"Number of services by rating in each domain, as at {read_at}.",
        "domains": [
            {"name": row["domain"].capitalize(), "counts": row["counts"]} for row in content.chart
        ],
        "services": [
            {
                "name": printable(service.name, MOST_NAME),
                "about": printable(service.about, MOST_NAME),
                "overdue": service.overdue,
                "cells": [
                    {key: value or "" for key, value in cell.items()} for cell in service.cells
                ],
            }
            for service in content.board
        ],
        "tables": {table.name: _listing(table) for table in content.tables},
        "definitions": [
            {
                "title": row[0],
                "version": str(row[8]),
                "definition": row[9],
                "on": day_words(row[10]),
            }
            for row in content.table("figures").rows
        ],
        "check": _check(content, files, actor),
    }


def _chart_words(totals: Sequence[int]) -> str:
    names = ("very high", "high", "moderate", "low", "not enough data")
    parts = ", ".join(f"{count:,} {name}" for count, name in zip(totals, names, strict=True))
    return f"A bar divided by rating, over all services and domains: {parts}."


def _listing(table: Table) -> dict[str, Any]:
    kept = [place for place, column in enumerate(table.columns) if column.width]
    rows = [[_shown(row[place]) for place in kept] for row in table.rows[:MOST_ROWS]]
    notes = []
    if len(table.rows) > MOST_ROWS:
        notes.append(
            f"The first {MOST_ROWS:,} of {len(table.rows):,} are printed; "
            f"all stand in {table.name}.csv."
        )
    if any(cell.endswith(" …") for row in rows for cell in row):
        notes.append(f"Texts that end with “…” stand whole in {table.name}.csv.")
    return {
        "title": table.title,
        "lede": table.lede,
        "source": table.source,
        "caption": f"{table.title}{'' if table.title.endswith('?') else '.'} {table.source}",
        "empty": table.empty,
        "note": " ".join(notes),
        "columns": [
            {"heading": column.heading, "kind": column.kind, "width": column.width}
            for column in (table.columns[place] for place in kept)
        ],
        "rows": rows,
    }


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, int):
        return f"{value:,}"
    return printable(str(value), MOST_TEXT)


def _check(content: Content, files: Sequence[File], actor: Actor) -> dict[str, Any]:
    head = content.head
    witness = f"--head {head.seq}:{head.hash}"
    return {
        "intro": "CareBoard leaves an event of every important change, and each event carries the "
        "hash of the one before it. Nothing that came before this pack can be altered without "
        "changing the hash below. Whoever keeps this page is the witness.",
        "facts": [
            ("Event", f"{head.seq:,}"),
            ("Hash (SHA-256)", head.hash),
            ("Signed at", head.signed_at),
            ("Signature (Ed25519)", head.signature),
            ("Signing key", head.key),
        ],
        "steps": [
            {
                "do": "On CareBoard’s console:",
                "code": f"careboard audit verify --org {actor.org_slug} {witness}",
                "shows": "It walks the whole chain, names the first broken link if there is one, "
                "and says whether this event still has this hash.",
            },
            {
                "do": "Elsewhere, with the audit log’s export and Python alone:",
                "code": f"python3 verify.py EXPORT.zip --key {head.key} {witness}",
                "shows": "It makes the same comparison offline, and checks every signed head.",
            },
            {
                "do": f"Open {content.reference} in CareBoard.",
                "code": "",
                "shows": "Its page makes the same comparison and shows the SHA-256 of this PDF, "
                "which the chain keeps in the event “board_pack:made”.",
            },
            {
                "do": "Unpack the zip of the same pack beside this PDF, and there:",
                "code": f"sha256sum --check {SUMS}",
                "shows": "It compares every file below, and this PDF, with its SHA-256.",
            },
        ],
        "files-lede": "The zip holds every row that this pack was made from, also those that are "
        "not printed here.",
        "files-source": f"CSV files of {content.reference}, as at {day_words(content.on)}.",
        "files": [
            {"name": file.name, "rows": f"{file.rows:,}", "sha256": file.sha256} for file in files
        ],
    }
