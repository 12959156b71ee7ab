"""An action for a repeated concern, begun with all that the records already say (the quality
improvement plan). Source: step S0-2.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from careboard import audit
from careboard.actions import service as actions
from careboard.actions.baselines import COUNT_DAYS, known
from careboard.actions.lateness import SUGGESTED_DEFAULT
from careboard.actions.measures import MEASURES, Measure, amount, number
from careboard.clock import next_working_day
from careboard.db import db
from careboard.experience.findings import require_theme
from careboard.experience.models import ThemeAction
from careboard.experience.rows import voices
from careboard.experience.rules import Said
from careboard.patterns import within
from careboard.permissions import Permission
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Start:
    """What the form begins with. `concern_id` is the newest negative comment (else complaint) on
    record. `measure` None: nothing has been counted that could come down."""

    title: str
    due_on: date
    outcome_measure: str
    baseline: str
    evidence_required: str
    measure: Measure | None
    baseline_value: Decimal | None
    target_value: Decimal | None
    concern_id: UUID | None


def start(*, actor: Actor, service_id: UUID, theme: str) -> Start:
    """The beginning of an action for the theme. Five statements at most.

    Raises Forbidden, NotFound for a theme that nobody spoke of.
    """
    actor.require(Permission.ASSIGN_ACTION, service_id)
    require_theme(actor=actor, service_id=service_id, theme=theme)
    said = voices(actor=actor, until=actor.today, service_ids=[service_id], negative_only=True)
    negative = [a for a in _recent(said.answers, theme, actor.today) if a.negative]
    complaints = _recent(said.complaints, theme, actor.today)
    measure, stands = _measure(actor, service_id, theme, len(negative))
    target = None if stands is None else stands / 2
    ids = [item.id for item in (*complaints, *negative) if item.id is not None]
    return Start(
        title=f"Act on repeated feedback about {theme}",
        due_on=next_working_day(actor.today + timedelta(days=SUGGESTED_DEFAULT)),
        outcome_measure="" if measure is None else _aim(measure, theme, stands, target),
        baseline=_baseline(len(negative), len(complaints), actor.today),
        evidence_required=f"Feedback about {theme} of the two months after completion",
        measure=measure,
        baseline_value=stands,
        target_value=target,
        concern_id=ids[-1] if ids else None,
    )


def _recent(items: list[Said], theme: str, today: date) -> list[Said]:
    return [item for item in within(items, today, COUNT_DAYS) if item.theme == theme]


def _measure(
    actor: Actor, service_id: UUID, theme: str, negative: int
) -> tuple[Measure | None, Decimal | None]:
    """The measure that records can tell, with its baseline; by hand where only a summary counts."""
    for code in ("negative_feedback", "complaints"):
        found = known(
            actor=actor,
            service_id=service_id,
            measure=MEASURES[code],
            theme=theme,
            on=actor.today,
        ).standing
        if found is not None and found.value:
            return MEASURES[code], found.value
    return (MEASURES["manual"], Decimal(negative) / 2) if negative else (None, None)


def _aim(measure: Measure, theme: str, stands: Decimal, target: Decimal) -> str:
    words = "Complaints" if measure.code == "complaints" else "Negative comments"
    unit = " a month" if measure.by_hand else ""
    return (
        f"{words} about {theme} down to {amount(measure, target)}{unit} or fewer, "
        f"from {number(stands)}"
    )


def _baseline(negative: int, complaints: int, today: date) -> str:
    return (
        f"{negative} negative comment{'' if negative == 1 else 's'} and {complaints} "
        f"complaint{'' if complaints == 1 else 's'} in the {COUNT_DAYS} days to {today.day} "
        f"{today:%b %Y}"
    )


def open_action(
    *,
    actor: Actor,
    service_id: UUID,
    theme: str,
    title: str,
    owner_id: UUID | None,
    due_on: date | None,
    outcome_measure: str,
    baseline: str,
    evidence_required: str,
    target_value: Decimal | None,
) -> UUID:
    """Open the action that answers a theme; returns its id.

    Its measure and baseline are those of `start`, taken again. Raises as
    `actions.service.create_action`.
    """
    begun = start(actor=actor, service_id=service_id, theme=theme)
    measured = {}
    if begun.measure is not None:
        measured = {
            "measure": begun.measure.code,
            "measure_theme": theme,
            "baseline_value": begun.baseline_value,
            "target_value": target_value,
        }
    action_id = actions.create_action(
        actor=actor,
        service_id=service_id,
        title=title,
        domain="experience",
        owner_id=owner_id,
        due_on=due_on,
        outcome_measure=outcome_measure,
        baseline=baseline,
        evidence_required=evidence_required,
        concern_id=begun.concern_id,
        **measured,
    )
    db.session.add(ThemeAction(org_id=actor.org_id, action_id=action_id, theme=theme))
    db.session.flush()
    audit.record(
        actor=actor,
        tag="theme:answered",
        subject_id=action_id,
        after={"service": service_id, "concern": begun.concern_id},
    )
    return action_id
