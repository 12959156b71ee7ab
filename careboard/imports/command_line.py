"""A whole import in one call, for the command line and for set-up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from careboard.db import load
from careboard.errors import Invalid
from careboard.imports import service
from careboard.imports.models import ImportBatch
from careboard.tenancy import Actor


def run(
    *,
    actor: Actor,
    feed: str,
    path: Path,
    mapping: dict[str, Any] | None = None,
    dry_run: bool = False,
    source: str = "command line",
) -> dict[str, Any]:
    """Receive the file, map it, and load it unless `dry_run`.

    Returns the check's outcome: {encoding, delimiter or sheet, header_row, data_rows_total,
    accepted, rejected_total, rejected: [{row, code, field}], warnings: {code: [rows]}}. A file
    that was loaded before gives the outcome it had then. Raises Invalid when it cannot be read or
    lacks a column that the feed needs.
    """
    receipt = service.receive(
        actor=actor, feed=feed, source=source, file_name=path.name, content=path.read_bytes()
    )
    batch = load(ImportBatch, actor.org_id, receipt.batch_id)
    if not receipt.already_loaded:
        if mapping is not None:
            service.set_map(actor=actor, batch_id=batch.id, mapping=mapping)
        if batch.status == "mapping":
            raise Invalid(f"No column was found for: {', '.join(batch.report['missing'])}.")
        if not dry_run:
            service.load_batch(actor=actor, batch_id=batch.id)
    return _outcome(batch.report)


def _outcome(report: dict[str, Any]) -> dict[str, Any]:
    names = (
        *("encoding", "delimiter", "sheet", "header_row", "data_rows_total", "accepted"),
        *("rejected_total", "rejected", "warnings"),
    )
    outcome = {name: report[name] for name in names if name in report}
    outcome["rejected"] = [
        {name: item[name] for name in ("row", "code", "field") if item.get(name)}
        for item in report["rejected"]
    ]
    return outcome
