"""The check four weeks after controls began, with its figures, in the governance minutes.

Source: step S3-1.5 (governance minutes); rule N12.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from careboard import audit
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.recovery.models import Indicator
from careboard.risks import sittings
from careboard.sharing import control_check_queries
from careboard.sharing.communication_models import ControlCheck
from careboard.sharing.control_check_rule import Sides, due_on
from careboard.sharing.models import SharingDecision
from careboard.tenancy import Actor

OUTCOME_WORDS = {
    "reduced": "Reduced",
    "not_reduced": "Not reduced",
    "too_little_data": "Too little data",
}
OUTCOME_TONES = {"reduced": "good", "not_reduced": "bad", "too_little_data": "warn"}


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the counts come from: an indicator, which is read, or a `source` with counts that were
    typed."""

    indicator_id: UUID | None = None
    source: str = ""
    typed: Sides | None = None


def record(
    *,
    actor: Actor,
    decision_id: UUID,
    figures: Figures,
    findings: str,
    sitting_id: UUID | None = None,
) -> UUID:
    """Record whether controls reduced what was shared; returns the check's id.

    Raises Invalid (indicator_id, source, findings, sitting, before_count, after_count), Forbidden,
    NotFound, Conflict once the sitting is signed. Source: step S3-1.5; rule N12.
    """
    decision = load(SharingDecision, actor.org_id, decision_id)
    actor.require(Permission.DECIDE_SHARING, decision.service_id)
    if actor.membership_id is None:
        raise Forbidden("The check is made by a person.")
    if decision.control_on is None:
        raise Invalid("The decision does not say when controls began: decide again and say so.")
    if actor.today < due_on(decision.control_on):
        raise Invalid(f"The four weeks are over on {due_on(decision.control_on):%-d %b %Y}.")
    if not findings.strip():
        raise Invalid("Say what the figures show and what follows.", "findings")
    found = _sides(actor, decision, figures)
    if sitting_id is not None:
        sittings.require_open(actor, sitting_id)
    row = ControlCheck(
        org_id=actor.org_id,
        decision_id=decision.id,
        service_id=decision.service_id,
        control_on=decision.control_on,
        checked_on=actor.today,
        indicator_id=figures.indicator_id,
        source="" if figures.indicator_id else figures.source.strip(),
        before_count=found.before_count,
        before_of=found.before_of,
        after_count=found.after_count,
        after_of=found.after_of,
        outcome=found.outcome,
        findings=findings.strip(),
        by_id=actor.membership_id,
        sitting_id=sitting_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="control_check:recorded",
        subject_id=row.id,
        after={
            "decision": decision.id,
            "outcome": found.outcome,
            "before": [found.before_count, found.before_of],
            "after": [found.after_count, found.after_of],
            "sitting": sitting_id,
        },
    )
    return row.id


def _sides(actor: Actor, decision: SharingDecision, figures: Figures) -> Sides:
    if figures.indicator_id is not None:
        indicator = load(Indicator, actor.org_id, figures.indicator_id)
        if indicator.service_id != decision.service_id:
            raise Invalid("This indicator belongs to another service.", "indicator_id")
        if not control_check_queries.can_reduce(indicator):
            raise Invalid("Choose a proportion of which less is better.", "indicator_id")
        return control_check_queries.read(
            actor=actor, indicators=[indicator], control_on=decision.control_on
        )[indicator.id]
    if not figures.source.strip():
        raise Invalid("Choose an indicator, or say where the counts come from.", "source")
    if figures.typed is None:
        raise Invalid("Give how many there were of how many, before and after.", "before_count")
    for side in ("before", "after"):
        count, of = getattr(figures.typed, f"{side}_count"), getattr(figures.typed, f"{side}_of")
        if not 0 <= count <= of <= 10_000_000:
            raise Invalid("Give how many of how many, for example 12 of 210.", f"{side}_count")
    return figures.typed
