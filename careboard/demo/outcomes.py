"""Actions of the demo whose measure was named: one that worked, one that changed nothing, and one
of which it cannot be told yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from careboard.actions import lifecycle, measuring, service


@dataclass(frozen=True, slots=True)
class Measured:
    """One action: opened, completed and verified so many days ago. `values` are taken by hand,
    each so many days ago."""

    place: str
    domain: str
    title: str
    days: tuple[int, int, int]
    kind: str
    link: str
    detail: str
    measure: dict[str, Any]
    values: tuple[tuple[int, str], ...] = field(default=())


MEASURED = (
    Measured(
        "Rowan Court", "records", "Deputy reads ten care plans with their key workers each month",
        (170, 150, 148), "staff_practice", "Supervision file, care plan reading",
        "Ten plans read in each of two months; what was missing was added the same week.",
        {"measure": "audit_score", "measure_theme": "care records", "target_value": Decimal(97)},
    ),
    Measured(
        "Alder House", "medicines", "E-learning on medicines records for all seniors",
        (165, 140, 138), "staff_practice", "Training matrix, medicines records",
        "All eleven seniors have passed.",
        {"measure": "audit_score", "measure_theme": "medicines", "target_value": Decimal(99)},
    ),
    Measured(
        "Alder House", "staffing", "Call bells answered first by whoever is nearest",
        (60, 26, 24), "care_records", "Call bell system, weekly report",
        "Agreed at handover and on the wall of each lounge.",
        {"measure": "manual_percent_weekly", "baseline_value": Decimal(71),
         "target_value": Decimal(90), "lag_days": 28},
        ((21, "74"), (14, "78.5"), (7, "81")),
    ),
)  # fmt: skip


def seed_outcomes(story) -> None:
    """Each on its own days, by Martin for Amara; verified by Vic."""
    for one in MEASURED:
        opened, completed, verified = one.days
        with story.days_ago(opened) as day:
            action_id = service.create_action(
                actor=story.person("martin"),
                service_id=story.services[one.place],
                title=one.title,
                domain=one.domain,
                owner_id=story.member("amara"),
                due_on=day + timedelta(days=opened - completed + 3),
                outcome_measure="The measure named below reaches its target",
                baseline="As measured below",
                evidence_required="What was done, with its record",
                **one.measure,
            )
        with story.days_ago(completed):
            lifecycle.complete(
                actor=story.person("amara"),
                action_id=action_id,
                detail=one.detail,
                kind=one.kind,
                source_link=one.link,
            )
        with story.days_ago(verified):
            lifecycle.verify(actor=story.person("vic"), action_id=action_id)
        for days, value in one.values:
            with story.days_ago(days) as day:
                measuring.add_reading(
                    actor=story.person("amara"),
                    action_id=action_id,
                    on_date=day,
                    value=Decimal(value),
                )
