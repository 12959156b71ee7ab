"""The prepared agenda: what a sitting must look at, frozen as it stood when it was opened.

Other features add their matters through `lines` of their own `agenda` module. Source: steps
S0-1.3, S0-1.5, S0-2.5, S0-3.3 and S0-3.5; domain rules N1 and 3.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from careboard import figures
from careboard.actions import agenda as actions
from careboard.actions.models import Action, ActionUpdate
from careboard.assurance import agenda as assurance
from careboard.db import db
from careboard.experience import agenda as experience
from careboard.monitoring import agenda as monitoring
from careboard.records.models import AuditConcern
from careboard.recovery import agenda as recovery
from careboard.reviews.challenges import ABOUT, recorded, unanswered
from careboard.reviews.models import Review, ReviewEntry, ReviewItem
from careboard.reviews.rights import BOARD
from careboard.risks import agenda as risks
from careboard.risks.models import RatingReview, Risk
from careboard.services.models import Service
from careboard.sharing import agenda as sharing
from careboard.tenancy import Actor
from careboard.updates import agenda as updates

FEATURES = (
    actions.lines,
    risks.lines,
    assurance.lines,
    experience.lines,
    recovery.lines,
    monitoring.lines,
    sharing.lines,
    updates.lines,
)
SECTIONS = (
    *("overdue", "unlinked", "returned", "outcomes", "ratings", "disputes", "watch"),
    *("assurance", "experience", "changed", "challenges", "added"),
)
_FIRST_SECTIONS = ("overdue", "unlinked", "returned", "changed", "challenges", "added")
# Lines of one kind; how many more there are is a line of its own.
MOST = 100
# Days overdue after which an action is a matter for the board. Source: rules 3.3.
BOARD_DAYS = 28
_NOT_FOR_THE_BOARD = ("unlinked", "returned")
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
    lines = _matters_of_the_board(scope) if review.forum == BOARD else _matters(scope)
    lines = chain(lines, _withheld(scope, review), _open_challenges(scope, review))
    count = 0
    for count, line in enumerate(_limited(lines), start=1):
        line.org_id, line.review_id, line.position = review.org_id, review.id, count
        db.session.add(line)
    db.session.flush()
    return count


def sections_of(review: Review) -> tuple[str, ...]:
    """The sections that its agenda looked at, found something there or not."""
    if review.status == "signed" and review.form == "minutes/1":
        return _FIRST_SECTIONS
    if review.forum == BOARD:
        return tuple(section for section in SECTIONS if section not in _NOT_FOR_THE_BOARD)
    return SECTIONS


def _matters(scope: Scope) -> Iterator[ReviewItem]:
    yield from _overdue(scope, days=0)
    yield from _unlinked(scope)
    yield from _actions(scope, "returned", _is_returned(), Action.due_on)
    yield from _rating_changes(scope)
    yield from _new_concerns(scope)
    yield from _actions(scope, "changed", _was_verified(scope), Action.verified_on, what="verified")
    yield from _actions(scope, "changed", _was_extended(scope), Action.due_on, what="extended")
    yield from _of_features(scope)


def _matters_of_the_board(scope: Scope) -> Iterator[ReviewItem]:
    """What escalates; the single concern or overdue week is the governance group's."""
    yield from _overdue(scope, days=BOARD_DAYS)
    yield from (line for line in _rating_changes(scope) if line.detail["from"])
    for line in _of_features(scope):
        if line.detail.get("what") not in ("stale", "review_needed"):
            yield line


def _limited(lines: Iterable[ReviewItem]) -> Iterator[ReviewItem]:
    """The first lines of each kind, then one that says how many more there are."""
    counted: Counter[tuple[str, str]] = Counter()
    for line in lines:
        kind = line.section, line.detail.get("what", "")
        counted[kind] += 1
        if counted[kind] <= MOST:
            yield line
    for (section, what), count in counted.items():
        if count > MOST:
            title = f"{count - MOST:,} more like these, less pressing"
            yield _line(section, title, {"what": "more", "of": what or section})


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


def _overdue(scope: Scope, *, days: int) -> Iterator[ReviewItem]:
    condition = and_(
        Action.id.in_(_behind("overdue_actions", scope)),
        Action.due_on < scope.on - timedelta(days=days),
    )
    yield from _actions(scope, "overdue", condition, Action.due_on)


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
    rows = db.session.execute(
        select(Service.id, Service.name).where(Service.org_id == scope.actor.org_id)
    )
    names = {row.id: row.name for row in rows}
    for lines in FEATURES:
        for found in lines(
            actor=scope.actor, service_id=scope.service_id, on=scope.on, since=scope.since
        ):
            yield _line(
                found.section,
                found.title,
                {
                    "service": names.get(found.service_id),
                    **found.detail,
                    "service_id": found.service_id,
                },
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
