"""Indicators as an import of readings meets them: found by service and measure, else opened."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from itertools import pairwise
from statistics import median
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from careboard import audit
from careboard.db import db, new_id
from careboard.imports.models import ImportBatch
from careboard.recovery.measures import MEASURES
from careboard.recovery.models import Indicator
from careboard.references import next_references
from careboard.tenancy import Actor

Key = tuple[UUID, str]  # service, measure


def own_measures(*, actor: Actor) -> dict[str, str]:
    """{name: measure} of the indicators that the organisation has of its own making."""
    found = db.session.execute(
        select(Indicator.name, Indicator.measure)
        .where(Indicator.org_id == actor.org_id, Indicator.measure.not_in(list(MEASURES)))
        .distinct()
    )
    return {row.name: row.measure for row in found}


def open_indicators(
    *, actor: Actor, batch: ImportBatch, wanted: Collection[Key], days: Collection[date]
) -> None:
    """Open the indicators that the batch has readings for and the services lack.

    They have neither baseline, target nor review owner yet; their cadence is that of the readings'
    `days`. One that an undone import had opened is taken up again.
    """
    if not wanted:
        return
    there = select(Indicator.service_id, Indicator.measure).where(
        Indicator.org_id == actor.org_id,
        Indicator.computed_by.is_(None),
        tuple_(Indicator.service_id, Indicator.measure).in_(list(wanted)),
    )
    lacking = sorted(set(wanted) - {tuple(row) for row in db.session.execute(there)}, key=str)
    _take_up_again(actor, batch)
    if not lacking:
        return
    shapes = _shapes(actor, {measure for _, measure in lacking}, cadence_of(days))
    references = next_references(actor.org_id, "IND", len(lacking))
    rows = [
        {
            "org_id": actor.org_id,
            "id": new_id(),
            "reference": reference,
            "service_id": service_id,
            "measure": measure,
            "source": batch.source,
            "opened_by_id": actor.membership_id,
            "opened_by_batch_id": batch.id,
            **shapes[measure],
        }
        for reference, (service_id, measure) in zip(references, lacking, strict=True)
    ]
    # Two imports at once open each one once.
    db.session.execute(insert(Indicator).values(rows).on_conflict_do_nothing())
    audit.record(
        actor=actor, tag="indicator:opened", subject_id=batch.id, after={"count": len(rows)}
    )


_UNOPEN = text("""
UPDATE indicator i SET active = false
WHERE i.org_id = :org AND i.opened_by_batch_id = :batch
  AND NOT EXISTS (SELECT FROM reading r WHERE r.org_id = i.org_id AND r.indicator_id = i.id)
""")
_AGAIN = text("""
UPDATE indicator i SET active = true, opened_by_batch_id = :batch
FROM import_batch b
WHERE i.org_id = :org AND NOT i.active AND b.org_id = i.org_id AND b.id = i.opened_by_batch_id
  AND b.status = 'undone'
""")


def close_empty(*, org_id: UUID, batch_id: UUID) -> None:
    """Close the indicators that an import had opened and that are empty once it is undone."""
    db.session.execute(_UNOPEN, {"org": org_id, "batch": batch_id})


def _take_up_again(actor: Actor, batch: ImportBatch) -> None:
    db.session.execute(_AGAIN, {"org": actor.org_id, "batch": batch.id})


def cadence_of(days: Collection[date]) -> str:
    """How often there is a reading, by the usual gap between their days; week in doubt."""
    gaps = [(later - earlier).days for earlier, later in pairwise(sorted(set(days)))]
    usual = median(gaps) if gaps else 7
    return "month" if usual >= 27 else "day" if usual < 4 else "week"


def _shapes(actor: Actor, measures: set[str], cadence: str) -> dict[str, dict[str, str]]:
    """What an indicator of each measure is like: as the catalogue says, or as another service's."""
    shapes = {
        code: {
            "name": MEASURES[code].name,
            "domain": MEASURES[code].domain,
            "unit": MEASURES[code].unit,
            "good": MEASURES[code].good,
            "numerator_name": MEASURES[code].numerator,
            "denominator_name": MEASURES[code].denominator,
            "cadence": cadence,
        }
        for code in measures & set(MEASURES)
    }
    own = select(Indicator).where(
        Indicator.org_id == actor.org_id, Indicator.measure.in_(measures - set(MEASURES))
    )
    for other in db.session.scalars(own.order_by(Indicator.created_at)):
        names = ("name", "domain", "unit", "good", "numerator_name", "denominator_name", "cadence")
        shapes.setdefault(other.measure, {name: getattr(other, name) for name in names})
    return shapes
