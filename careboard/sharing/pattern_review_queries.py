"""Safeguarding review notes, and the patterns that wait for one. Source: step S3-2.2."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func, select, true

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.evidence.queries import to
from careboard.rules.models import Trigger
from careboard.services.lists import Page, fetch_page, within
from careboard.services.models import Service
from careboard.sharing.communication_models import PatternReview
from careboard.tenancy import Actor


def notes(
    *,
    actor: Actor,
    page: int = 1,
    service_id: UUID | None = None,
    trigger_id: UUID | None = None,
) -> Page:
    """The notes, the latest first. Rows (PatternReview, service, by, trigger, sentence).
    One statement."""
    statement = (
        select(
            PatternReview,
            Service.name.label("service"),
            Membership.name.label("by"),
            Trigger.reference.label("trigger"),
            Trigger.sentence.label("sentence"),
        )
        .join(Service, to(Service, PatternReview.org_id, PatternReview.service_id))
        .join(Membership, to(Membership, PatternReview.org_id, PatternReview.by_id))
        .outerjoin(Trigger, to(Trigger, PatternReview.org_id, PatternReview.trigger_id))
        .where(
            PatternReview.org_id == actor.org_id,
            within(actor, PatternReview.service_id),
            PatternReview.service_id == service_id if service_id else true(),
            PatternReview.trigger_id == trigger_id if trigger_id else true(),
        )
        .order_by(PatternReview.on_date.desc(), PatternReview.id.desc())
    )
    return fetch_page(statement, page=page)


def trigger_choices(*, actor: Actor) -> Sequence[Row]:
    """(id, name, service_id, sentence) of the triggers that stand, the latest first.
    One statement."""
    named = func.concat(Service.name, ": ", Trigger.sentence, " (", Trigger.reference, ")")
    return db.session.execute(
        select(Trigger.id, named.label("name"), Trigger.service_id, Trigger.sentence)
        .join(Service, to(Service, Trigger.org_id, Trigger.service_id))
        .where(
            Trigger.org_id == actor.org_id,
            Trigger.closed_on.is_(None),
            within(actor, Trigger.service_id),
        )
        .order_by(Trigger.fired_on.desc(), Trigger.id.desc())
        .limit(200)
    ).all()
