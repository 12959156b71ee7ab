"""Checked rows into their table, with all that goes with them: on loading and on correction."""

from __future__ import annotations

from uuid import UUID

from careboard.imports import held, loading
from careboard.imports.checking import Checked
from careboard.imports.claims import Progress, unheard
from careboard.imports.lookups import lookups
from careboard.imports.models import ImportBatch
from careboard.imports.projection import project
from careboard.imports.relinking import relink_actions
from careboard.recovery.importing import open_indicators
from careboard.tenancy import Actor


def bring_in(
    *,
    actor: Actor,
    batch: ImportBatch,
    checked: Checked,
    label: str,
    progress: Progress = unheard,
) -> dict[str, int]:
    """Load the accepted rows; returns how many are new, changed, unchanged, kept and held.

    `label` says where the rows stand, for records that tell their evidence source.
    """
    accepted = checked.accepted
    if batch.feed == "indicator_readings":
        pairs = accepted.select("service_id", "indicator").unique().iter_rows()
        wanted = {(UUID(service), measure) for service, measure in pairs}
        days = accepted["week_ending"].unique().to_list()
        open_indicators(actor=actor, batch=batch, wanted=wanted, days=days)
    known = lookups(actor=actor, feed=batch.feed, source_label=label)
    frame = project(batch.feed, accepted, known)
    frame, texts = held.redact(actor=actor, batch=batch, frame=frame, pii=checked.pii)
    outcome = loading.merge(
        org_id=actor.org_id, batch_id=batch.id, feed=batch.feed, frame=frame, progress=progress
    )
    kept_apart = held.hold(actor=actor, batch=batch, texts=texts)
    relink_actions(actor=actor, batch=batch)
    return {
        "new": outcome.new,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "kept": outcome.kept,
        "held": kept_apart,
    }
