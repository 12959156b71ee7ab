"""The prepared agenda: what a sitting must look at, frozen as it stood when it was opened.

Other features add their matters through `lines` of their own `agenda` module. Source: steps
S0-1.3, S0-1.5, S0-2.5, S0-3.3 and S0-3.5; domain rules N1 and 3.3.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from careboard import figures
from careboard.actions.models import Action, ActionUpdate
from careboard.db import db
from careboard.records.models import AuditConcern
from careboard.reviews.challenges import ABOUT, recorded, unanswered
from careboard.reviews.lines import Line
from careboard.reviews.models import Review, ReviewEntry, ReviewItem
from careboard.risks.models import RatingReview, Risk
from careboard.services.models import Service
from careboard.tenancy import Actor

SECTIONS = (
    *("overdue", "unlinked", "returned", "outcomes", "ratings", "disputes", "watch"),
    *("assurance", "experience", "changed", "challenges", "added"),
)


FEATURES = ("actions", "risks", "assurance", "experience")


def _features() -> tuple[Callable[..., Iterator[Line]], ...]:
    modules = [f"careboard.{name}.agenda" for name in FEATURES]
    return tuple(
        importlib.import_module(name).lines
        for name in modules
        if importlib.util.find_spec(name) is not None
    )


_AT_WORK = ("open", "in_progress")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose matters a sitting looks at (`service_id` None: all), as at which day, since when."""

    actor: Actor
    service_id: UUID | None
    on: date
    since: datetime
    since_day: date

    @property
    def service_ids(self) -> list[UUID] | None:
        return None if self.service_id is None else [self.service_id]

    def of(self, model) -> list:
        """SQL conditions that keep a model with a service within the scope."""
        conditions = [model.org_id == self.actor.org_id]
        if self.service_id is not None:
            conditions.append(model.service_id == self.service_id)
        return conditions


def prepare(*, review: Review, scope: Scope) -> int:
    """Add the agenda's lines to a sitting that was just opened; returns how many there are."""
    lines: Iterable[ReviewItem] = (
        *_actions(
            scope, "overdue", Action.id.in_(_behind("overdue_actions", scope)), Action.due_on
        ),
        *_unlinked(scope),
        *_actions(scope, "returned", _is_returned(), Action.due_on),
        *_rating_changes(scope),
        *_new_concerns(scope),
        *_actions(scope, "changed", _was_verified(scope), Action.verified_on, what="verified"),
        *_actions(scope, "changed", _was_extended(scope), Action.due_on, what="extended"),
        *_of_features(scope),
        *_withheld(scope, review),
        *_open_challenges(scope, review),
    )
    count = 0
    for count, line in enumerate(lines, start=1):
        line.org_id, line.review_id, line.position = review.org_id, review.id, count
        db.session.add(line)
    db.session.flush()
    return count


def _behind(code: str, scope: Scope) -> dict[UUID, list[str]]:
    """Ids of the rows for which a figure asks for work, with what each lacks."""
    figure = figures.compute(
        actor=scope.actor,
        code=code,
        on=scope.on,
        service_ids=scope.service_ids,
        everything=False,
        page_rows=None,
    )
    return {row.id: list(row.faults) for row in figure.rows}


def _is_returned():
    return and_(Action.return_reason != "", Action.status.in_(_AT_WORK))


def _was_verified(scope: Scope):
    return and_(Action.status == "verified", Action.verified_on.between(scope.since_day, scope.on))


def _was_extended(scope: Scope):
    extended = select(ActionUpdate.action_id).where(
        ActionUpdate.org_id == scope.actor.org_id,
        ActionUpdate.kind == "extended",
        ActionUpdate.happened_at > scope.since,
    )
    return Action.id.in_(extended)


def _actions(scope: Scope, section: str, condition, order, what: str = "") -> Iterator[ReviewItem]:
    rows = db.session.execute(
        select(Action, Service.name)
        .join(Service, and_(Service.org_id == Action.org_id, Service.id == Action.service_id))
        .where(*scope.of(Action), condition)
        .order_by(order, Action.reference)
    )
    for action, service in rows:
        detail = {
            **_place(action.service_id, service),
            "owner_id": action.owner_id,
            "owner_name": "" if action.owner_id else action.owner_name,
            "status": action.status,
            "due_on": action.due_on,
        }
        if section == "overdue":
            detail["days_overdue"] = (scope.on - action.due_on).days
        if section == "returned":
            detail["reason"] = action.return_reason
        if what == "verified":
            detail["verified_on"] = action.verified_on
        if action.extensions:
            detail["extensions"] = action.extensions
            detail["original_due_on"] = action.original_due_on
        yield _line(
            section, f"{action.reference} {action.title}", detail, what=what, action_id=action.id
        )


def _unlinked(scope: Scope) -> Iterator[ReviewItem]:
    reasons = _behind("audit_risks_linked", scope)
    for concern, service in _concerns(scope, AuditConcern.id.in_(reasons)):
        yield _concern_line("unlinked", concern, service, reasons=reasons[concern.id])


def _new_concerns(scope: Scope) -> Iterator[ReviewItem]:
    condition = and_(
        AuditConcern.severity.in_(("amber", "red")),
        AuditConcern.raised_on.between(scope.since_day, scope.on),
    )
    for concern, service in _concerns(scope, condition):
        yield _concern_line("changed", concern, service, what="concern")


def _concerns(scope: Scope, condition):
    return db.session.execute(
        select(AuditConcern, Service.name)
        .join(
            Service,
            and_(Service.org_id == AuditConcern.org_id, Service.id == AuditConcern.service_id),
        )
        .where(*scope.of(AuditConcern), condition)
        .order_by(AuditConcern.severity.desc(), AuditConcern.raised_on, AuditConcern.id)
    )


def _concern_line(
    section: str, concern: AuditConcern, service: str, *, what: str = "", **more
) -> ReviewItem:
    detail = {
        **_place(concern.service_id, service),
        "severity": concern.severity,
        "theme": concern.theme,
        "raised_on": concern.raised_on,
        **more,
    }
    name = f"{concern.source_key} " if concern.source_key else ""
    return _line(section, f"{name}{concern.text}", detail, what, audit_concern_id=concern.id)


def _rating_changes(scope: Scope) -> Iterator[ReviewItem]:
    rows = db.session.execute(
        select(RatingReview, Risk, Service.name)
        .join(Risk, and_(Risk.org_id == RatingReview.org_id, Risk.id == RatingReview.risk_id))
        .join(Service, and_(Service.org_id == Risk.org_id, Service.id == Risk.service_id))
        .where(
            *scope.of(Risk),
            RatingReview.decided_at > scope.since,
            RatingReview.decided_on <= scope.on,
            RatingReview.rating_from.is_distinct_from(RatingReview.rating_to),
        )
        .order_by(RatingReview.decided_at, RatingReview.id)
    )
    for rating, risk, service in rows:
        detail = {
            **_place(risk.service_id, service),
            "domain": risk.domain,
            "from": rating.rating_from,
            "to": rating.rating_to,
            "decided_on": rating.decided_on,
            "reason": rating.rationale,
        }
        title = f"{risk.reference} {service}, {risk.domain}"
        yield _line("changed", title, detail, what="rating", risk_id=risk.id)


def _open_challenges(scope: Scope, review: Review) -> Iterator[ReviewItem]:
    rows = db.session.execute(unanswered(scope.actor, service_id=scope.service_id))
    for entry, sitting, _, _, about in rows:
        if sitting.id == review.id:
            continue
        detail = {
            "service_id": about,
            "entry_id": entry.id,
            "review_id": sitting.id,
            "reference": sitting.reference,
            "forum": sitting.forum,
            "entered_at": entry.entered_at,
            "by_id": entry.by_id,
        }
        yield _line("challenges", entry.text, detail)


def _of_features(scope: Scope) -> Iterator[ReviewItem]:
    for lines in _features():
        for found in lines(
            actor=scope.actor, service_id=scope.service_id, on=scope.on, since=scope.since
        ):
            detail = {**found.detail, "service_id": found.service_id}
            yield _line(
                found.section,
                found.title,
                detail,
                action_id=found.action_id,
                risk_id=found.risk_id,
            )


def _withheld(scope: Scope, review: Review) -> Iterator[ReviewItem]:
    """Assurance that another sitting withheld since this forum sat."""
    statement = recorded(scope.actor, "withheld").where(
        ReviewEntry.entered_at > scope.since, ReviewEntry.review_id != review.id
    )
    if scope.service_id is not None:
        statement = statement.where(scope.service_id == ABOUT)
    for entry, sitting, item, _, about in db.session.execute(statement):
        detail = {
            "service_id": about,
            "what": "withheld",
            "id": sitting.id,
            "review_id": sitting.id,
            "reference": sitting.reference,
            "forum": sitting.forum,
        }
        title = f"{item.title}: {entry.text}" if item is not None else entry.text
        yield _line("assurance", title, detail)


def _place(service_id: UUID, name: str) -> dict[str, Any]:
    return {"service_id": service_id, "service": name}


def _line(
    section: str, title: str, detail: dict[str, Any], what: str = "", **subject
) -> ReviewItem:
    if what:
        detail["what"] = what
    return ReviewItem(
        section=section,
        title=title.strip(),
        detail={key: _plain(value) for key, value in detail.items()},
        **subject,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
