"""Reading claims: the queue, the list, one claim with all that belongs to it.

Source: DESIGN section 5, screen 4; steps S0-3.1 and S0-3.2.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from careboard import clock
from careboard.accounts.models import Membership
from careboard.assurance.models import Claim, Sample, SampleItem, Validation
from careboard.assurance.standing import Standing, Tally, standing, tally
from careboard.db import db, load
from careboard.errors import Conflict, Forbidden, NotFound
from careboard.evidence import queries as evidence
from careboard.evidence.queries import Coverage, Item, Page, to
from careboard.monitoring.return_models import MonitoringReturn
from careboard.risks.models import Risk
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.updates.models import RecoveryUpdate

NOUNS = {
    "claim": "Claim",
    "assurance_return": "Service assurance return",
    "monitoring_return": "Enhanced monitoring return",
    "recovery_update": "Evidence set of a recovery update",
}
PAGE = 50
MOST_DRAWS = 9_999


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with the names of what it speaks of. `taken_by` is validating it; `return_id` is the
    weekly return, `update_id` the recovery update, that it was handed in with."""

    id: UUID
    reference: str
    kind: str
    service_id: UUID
    service: str
    domain: str | None
    risk_id: UUID | None
    risk_reference: str | None
    original_cause: str | None
    statement: str
    period_from: date
    period_to: date
    status: str
    submitted_by_id: UUID
    submitted_by: str
    submitted_on: date | None
    withdraw_reason: str
    outcome: str | None
    unsupported: bool
    validated_by_id: UUID | None
    validated_by: str | None
    validated_on: date | None
    taken_by_id: UUID | None
    taken_by: str | None
    return_id: UUID | None
    update_id: UUID | None

    @property
    def noun(self) -> str:
        return NOUNS[self.kind]

    def waiting_days(self, on: date) -> int:
        """Working days since it was handed in; the first one after that day counts as one."""
        return clock.working_days_between(self.submitted_on or on, on)

    def standing(self, items: Collection[Item], on: date) -> Standing:
        """How it stands on that day with its evidence."""
        return standing(
            status=self.status,
            outcome=self.outcome,
            unsupported=self.unsupported,
            items=items,
            on=on,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A claim of a list, with its standing and the kinds of evidence behind it today."""

    row: ClaimRow
    standing: Standing
    coverage: Coverage
    days: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list shows; `state` is a status, an outcome or `unsupported`."""

    state: str = ""
    kind: str = ""
    service_id: UUID | None = None
    text: str = ""


def _claims(actor: Actor, *more) -> Select:
    author, checker, taker = aliased(Membership), aliased(Membership), aliased(Membership)
    statement = (
        select(
            Claim.id,
            Claim.reference,
            Claim.kind,
            Claim.service_id,
            Service.name,
            Claim.domain,
            Claim.risk_id,
            Risk.reference,
            Risk.original_cause,
            Claim.statement,
            Claim.period_from,
            Claim.period_to,
            Claim.status,
            Claim.submitted_by_id,
            author.name,
            Claim.submitted_on,
            Claim.withdraw_reason,
            Claim.outcome,
            Claim.unsupported,
            Claim.validated_by_id,
            checker.name,
            Claim.validated_on,
            Validation.validated_by_id,
            taker.name,
            MonitoringReturn.id,
            RecoveryUpdate.id,
            *more,
        )
        .join(Service, to(Service, Claim.org_id, Claim.service_id))
        .join(author, to(author, Claim.org_id, Claim.submitted_by_id))
        .outerjoin(Risk, to(Risk, Claim.org_id, Claim.risk_id))
        .outerjoin(checker, to(checker, Claim.org_id, Claim.validated_by_id))
        .outerjoin(
            Validation,
            and_(Validation.org_id == Claim.org_id, Validation.claim_id == Claim.id),
        )
        .outerjoin(taker, to(taker, Validation.org_id, Validation.validated_by_id))
        .outerjoin(
            MonitoringReturn,
            and_(MonitoringReturn.org_id == Claim.org_id, MonitoringReturn.claim_id == Claim.id),
        )
        .outerjoin(
            RecoveryUpdate,
            and_(RecoveryUpdate.org_id == Claim.org_id, RecoveryUpdate.claim_id == Claim.id),
        )
    )
    return statement.where(_visible(actor))


def _visible(actor: Actor):
    """Claims of the person's services; a draft is its author's alone."""
    own = or_(Claim.status != "draft", Claim.submitted_by_id == actor.membership_id)
    conditions = [Claim.org_id == actor.org_id, own]
    if actor.service_ids is not None:
        conditions.append(Claim.service_id.in_(actor.service_ids))
    return and_(*conditions)


def waiting(
    actor: Actor, *, number: int = 1, size: int = PAGE, service_id: UUID | None = None
) -> Page:
    """A page of the submitted claims that nobody has validated, the longest waiting first.

    Rows are `Line`. Three statements.
    """
    conditions = [Claim.status == "submitted"]
    if service_id is not None:
        conditions.append(Claim.service_id == service_id)
    return _page(actor, conditions, (Claim.submitted_on, Claim.id), number, size)


def claims(*, actor: Actor, filters: Filters, number: int = 1) -> Page:
    """A page of claims of every state, newest first. Rows are `Line`. Three statements."""
    conditions = []
    if filters.state in ("draft", "submitted", "withdrawn"):
        conditions.append(Claim.status == filters.state)
    elif filters.state == "unsupported":
        conditions.append(Claim.unsupported)
    elif filters.state:
        conditions += [Claim.outcome == filters.state, ~Claim.unsupported]
    if filters.kind:
        conditions.append(Claim.kind == filters.kind)
    if filters.service_id is not None:
        conditions.append(Claim.service_id == filters.service_id)
    if filters.text:
        conditions.append(
            or_(
                Claim.statement.icontains(filters.text, autoescape=True),
                Claim.reference.icontains(filters.text, autoescape=True),
            )
        )
    return _page(actor, conditions, (Claim.id.desc(),), number, PAGE)


def _page(actor: Actor, conditions: list, order: tuple, number: int, size: int) -> Page:
    total = db.session.scalar(select(func.count()).where(_visible(actor), *conditions))
    number = min(max(1, number), max(1, -(-total // size)))
    rows = db.session.execute(
        _claims(actor).where(*conditions).order_by(*order).limit(size).offset((number - 1) * size)
    )
    return Page(lines(actor=actor, rows=[ClaimRow(*row) for row in rows]), number, total, size)


def lines(*, actor: Actor, rows: list[ClaimRow]) -> list[Line]:
    """The rows with their standing today. One statement for the evidence of all."""
    items = evidence.for_targets(actor=actor, claim_ids=[row.id for row in rows])
    on = actor.today
    return [
        Line(
            row=row,
            standing=row.standing(items[row.id], on),
            coverage=evidence.coverage(items[row.id], on=on),
            days=row.waiting_days(on),
        )
        for row in rows
    ]


def claims_of_risk(actor: Actor, risk_id: UUID) -> list[Line]:
    """The claims and returns about a risk, newest first; drafts are their authors' alone.

    `line.standing.supports` says whether a decision may rest on it. Two statements.
    """
    rows = db.session.execute(
        _claims(actor).where(Claim.risk_id == risk_id).order_by(Claim.id.desc())
    )
    return lines(actor=actor, rows=[ClaimRow(*row) for row in rows])


def claim(*, actor: Actor, claim_id: UUID) -> ClaimRow:
    """One claim. Raises NotFound (also for somebody else's draft), or Forbidden beyond the
    person's services."""
    return ClaimRow(*_found(actor, claim_id, _claims(actor)))


def own_draft(*, actor: Actor, claim_id: UUID) -> ClaimRow:
    """The person's own draft, to be edited. Raises as `claim` does, Forbidden for a claim of
    somebody else, Conflict for one that is handed in."""
    row = claim(actor=actor, claim_id=claim_id)
    if row.submitted_by_id != actor.membership_id:
        raise Forbidden("Only its author may do this.")
    if row.status != "draft":
        raise Conflict(f"{row.reference} is {row.status}, so it is no draft any more.")
    return row


def _found(actor: Actor, claim_id: UUID, statement: Select) -> Any:
    row = db.session.execute(statement.where(Claim.id == claim_id)).one_or_none()
    if row is None:
        held = load(Claim, actor.org_id, claim_id)
        if actor.reaches(held.service_id):
            raise NotFound()
        raise Forbidden("This claim belongs to a service outside your own.")
    return row


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw: what is needed to draw it again, and its rows in the order drawn."""

    number: int
    size: int
    seed: str
    population_size: int
    population_sha256: str
    redraw_reason: str
    drawn_at: datetime
    drawn_by: str
    items: list[Any]

    @property
    def next_item(self) -> Any:
        """The first row that is not compared with its source yet; None when all are."""
        return next((item for item in self.items if item.result is None), None)


@dataclass(frozen=True, slots=True)
class Detail:
    """A claim with its evidence, its validation (None: not begun) and every draw, the latest
    first; `tally` counts what was compared so far."""

    row: ClaimRow
    items: list[Item]
    validation: Any
    draws: list[Drawn]
    tally: Tally


def detail(*, actor: Actor, claim_id: UUID) -> Detail:
    """One claim with all that belongs to it. Three statements. Raises as `claim` does."""
    drawn = (
        select(func.count())
        .where(Sample.org_id == Validation.org_id, Sample.validation_id == Validation.id)
        .scalar_subquery()
    )
    *facts, validation, draws = _found(actor, claim_id, _claims(actor, Validation, drawn))
    items = evidence.for_targets(actor=actor, claim_ids=[claim_id])[claim_id]
    draws = _draws(actor, validation.id) if draws else []
    return Detail(
        row=ClaimRow(*facts),
        items=items,
        validation=validation,
        draws=draws,
        tally=tally([item for drawn in draws for item in drawn.items]),
    )


def _draws(actor: Actor, validation_id: UUID) -> list[Drawn]:
    statement = (
        select(
            Sample.number, Sample.size, Sample.seed, Sample.population_size,
            Sample.population_sha256, Sample.redraw_reason, Sample.drawn_at, Membership.name,
            SampleItem,
        )
        .join(Membership, to(Membership, Sample.org_id, Sample.drawn_by_id))
        .join(
            SampleItem,
            and_(SampleItem.org_id == Sample.org_id, SampleItem.sample_id == Sample.id),
        )
        .where(Sample.org_id == actor.org_id, Sample.validation_id == validation_id)
        .order_by(Sample.number.desc(), SampleItem.position)
    )  # fmt: skip
    draws: dict[int, Drawn] = {}
    for *facts, item in db.session.execute(statement):
        draws.setdefault(facts[0], Drawn(*facts, [])).items.append(item)
    return list(draws.values())


@dataclass(frozen=True, slots=True)
class Population:
    """What a draw was made from: the text that was hashed, and a name for its file."""

    text: str
    file_name: str


def population(*, actor: Actor, claim_id: UUID, number: int) -> Population:
    """The population of a claim's draw. Raises NotFound, Forbidden."""
    row = claim(actor=actor, claim_id=claim_id)
    if number > MOST_DRAWS:
        raise NotFound()
    content = db.session.scalar(
        select(Sample.population)
        .join(Validation, to(Validation, Sample.org_id, Sample.validation_id))
        .where(
            Sample.org_id == actor.org_id,
            Validation.claim_id == claim_id,
            Sample.number == number,
        )
    )
    if content is None:
        raise NotFound()
    return Population(content, f"{row.reference}-population-{number}.txt")
