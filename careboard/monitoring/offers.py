"""What the form of a decision offers for a service, and what it suggests from the triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from careboard.actions import sources
from careboard.db import db
from careboard.monitoring import trigger_queries
from careboard.monitoring.people import people
from careboard.permissions import Permission
from careboard.records.models import Audit
from careboard.recovery.models import Indicator
from careboard.rules import registry
from careboard.rules.rule import Rule
from careboard.services.models import Service
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Offer:
    """`triggers` are those of the service that stand, as they stand now; `themes` what it was
    audited on."""

    actor: Actor
    service: Service
    triggers: Sequence[Any]
    leads: Sequence[sources.Option]
    managers: Sequence[sources.Option]
    owners: Sequence[sources.Option]
    themes: Sequence[str]
    indicators: Sequence[Any]
    rules: dict[str, str]


def of_service(*, actor: Actor, service: Service) -> Offer:
    """What may be chosen for that service."""
    asked = trigger_queries.Asked(show="open", service_id=service.id)
    rows, _ = trigger_queries.triggers(actor=actor, asked=asked)
    return Offer(
        actor=actor,
        service=service,
        triggers=rows,
        leads=_people(actor, Permission.DECIDE_MONITORING, service.id),
        managers=_people(actor, Permission.SUBMIT_RETURN, service.id),
        owners=sources.owners(actor=actor, service_id=service.id),
        **measured(actor=actor, service_id=service.id),
        rules=dict(trigger_queries.rule_words()),
    )


def measured(*, actor: Actor, service_id: UUID) -> dict[str, Any]:
    """The `themes` that a service was audited on, and its `indicators` (id, name)."""
    themes = (
        select(Audit.theme)
        .where(Audit.org_id == actor.org_id, Audit.service_id == service_id)
        .group_by(Audit.theme)
        .order_by(func.lower(Audit.theme))
    )
    indicators = (
        select(Indicator.id, Indicator.name)
        .where(
            Indicator.org_id == actor.org_id,
            Indicator.service_id == service_id,
            Indicator.active,
        )
        .order_by(Indicator.name)
    )
    return {
        "themes": db.session.scalars(themes).all(),
        "indicators": db.session.execute(indicators).all(),
    }


def _people(actor: Actor, permission: Permission, service_id: UUID) -> list[sources.Option]:
    return people(actor=actor, permission=permission, service_id=service_id)


def rule_of(code: str) -> Rule | None:
    """The rule that fired, where it is still known."""
    return registry.rule(code)


def offer(form: Any, found: Offer) -> None:
    """Give the form its choices."""
    form.offer(
        triggers={str(row.id): f"{row.reference} {row.sentence}" for row in found.triggers},
        leads=found.leads,
        managers=found.managers,
        owners=found.owners,
    )
    form.offer_criteria(themes=found.themes, indicators=found.indicators)


def fill(form: Any, found: Offer, *, chosen: Sequence[str]) -> None:
    """Offer, and suggest from the triggers that were chosen, else from those that suggest it."""
    offer(form, found)
    asked = [row for row in found.triggers if str(row.id) in chosen] or [
        row for row in found.triggers if row.suggests and row.decision_id is None
    ]
    me, manager = found.actor.membership_id, found.service.manager_id
    ids = {one.id for one in found.managers}
    form.begin(
        today=found.actor.today,
        kind=kind_of([row.rule_code for row in asked]),
        title=found.rules.get(asked[0].rule_code, "") if asked else "",
        triggers=[str(row.id) for row in asked],
        lead=me,
        manager=manager if manager in ids else None,
        themes=[theme for theme in found.themes if _named(theme, asked)],
    )


def kind_of(codes: Sequence[str]) -> str:
    """The kind of episode that the rules speak of."""
    for word, kind in (
        ("safeguarding", "safeguarding"),
        ("low_level", "safeguarding"),
        ("multi_theme", "audit"),
        ("repeated_amber", "audit"),
        ("repeated_weakness", "audit"),
        ("commissioner", "commissioner"),
    ):
        if any(word in code for code in codes):
            return kind
    return "other"


def _named(theme: str, asked: Sequence[Any]) -> bool:
    return any(theme.casefold() in row.sentence.casefold() for row in asked)
