"""Reading weekly returns and reports: what is asked for, what came, who checked it.

Source: steps S2-1.4, S2-2.4, S2-3.3 and S2-3.4; rule N11.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, select, text
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.assurance.models import Claim, Validation
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.evidence.queries import Item, for_targets, to
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.return_models import MonitoringReport, MonitoringReturn
from careboard.monitoring.weeks import State, Week, state, weeks
from careboard.services.lists import Page, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor

# What somebody has to do something about, the most pressing first.
ASKED: tuple[State, ...] = ("late", "unsupported", "not_proved", "due", "unverified")


@dataclass(frozen=True, slots=True)
class Head:
    """An episode as the pages of its weeks name it."""

    id: UUID
    reference: str
    title: str
    kind: str
    service_id: UUID
    service: str
    started_on: date
    ended_on: date | None
    status: str
    lead_id: UUID
    lead: str
    manager_id: UUID
    manager: str


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A week with its return and its report. `row` None: neither has come; it has return_id,
    reference, submitted_on, submitted_by(_id), claim_id, claim_status, outcome, unsupported,
    validated_by, validated_on, report_id, report, decision and written_by."""

    head: Head
    week: Week
    state: State
    row: Row | None

    @property
    def handed(self) -> Row | None:
        return self.row if self.row is not None and self.row.return_id is not None else None

    @property
    def report(self) -> Row | None:
        return self.row if self.row is not None and self.row.report_id is not None else None

    @property
    def days_late(self) -> int:
        """How many days after its day the return came; 0 in time, or when it is still awaited."""
        if self.handed is None:
            return 0
        return max(0, (self.handed.submitted_on - self.week.due_on).days)


_WEEKS = text("""
SELECT k.episode_id, k.week, r.id AS return_id, r.reference, r.submitted_on, r.submitted_by_id,
  s.name AS submitted_by, r.claim_id, c.status AS claim_status, c.outcome,
  coalesce(c.unsupported, false) AS unsupported, v.name AS validated_by, c.validated_on,
  p.id AS report_id, p.reference AS report, p.decision,
  w.name AS written_by
FROM (
  SELECT episode_id, week FROM monitoring_return
  WHERE org_id = :org AND episode_id = ANY(:episodes)
  UNION SELECT episode_id, week FROM monitoring_report
  WHERE org_id = :org AND episode_id = ANY(:episodes)) k
LEFT JOIN monitoring_return r
  ON r.org_id = :org AND r.episode_id = k.episode_id AND r.week = k.week
LEFT JOIN claim c ON c.org_id = :org AND c.id = r.claim_id
LEFT JOIN membership s ON s.org_id = :org AND s.id = r.submitted_by_id
LEFT JOIN membership v ON v.org_id = :org AND v.id = c.validated_by_id
LEFT JOIN monitoring_report p
  ON p.org_id = :org AND p.episode_id = k.episode_id AND p.week = k.week
LEFT JOIN membership w ON w.org_id = :org AND w.id = p.written_by_id
""")


def head(*, actor: Actor, episode_id: UUID) -> Head:
    """Raises NotFound, or Forbidden beyond the person's services."""
    row = db.session.execute(_heads(actor).where(MonitoringEpisode.id == episode_id)).one_or_none()
    if row is None:
        load(MonitoringEpisode, actor.org_id, episode_id)
        raise Forbidden("This episode belongs to a service outside your own.")
    return Head(*row)


def open_heads(*, actor: Actor) -> list[Head]:
    """The episodes that go on, the oldest first."""
    statement = _heads(actor).where(MonitoringEpisode.status == "open")
    return [Head(*row) for row in db.session.execute(statement)]


def week_lines(*, actor: Actor, heads: Collection[Head]) -> dict[UUID, list[WeekLine]]:
    """Every week of these episodes that has begun, the latest first. One statement."""
    found = db.session.execute(_WEEKS, {"org": actor.org_id, "episodes": [one.id for one in heads]})
    rows = {(row.episode_id, row.week): row for row in found}
    return {one.id: _lines(one, rows, actor.today) for one in heads}


def asked(*, actor: Actor) -> list[WeekLine]:
    """Weeks of open episodes that ask for something: a return, or its verification. The most
    pressing first. Two statements."""
    by_episode = week_lines(actor=actor, heads=open_heads(actor=actor))
    lines = [line for own in by_episode.values() for line in own if line.state in ASKED]
    return sorted(lines, key=lambda line: (ASKED.index(line.state), line.week.due_on))


def line_of(*, actor: Actor, episode_id: UUID, number: int) -> WeekLine | None:
    """That week of the episode; None when it has not begun. Raises as `head` does."""
    one = head(actor=actor, episode_id=episode_id)
    lines = week_lines(actor=actor, heads=[one])[one.id]
    return next((line for line in lines if line.week.number == number), None)


def verified(*, actor: Actor, episode_id: UUID | None) -> list[Row]:
    """What of an episode's weeks holds (reference, week, statement, outcome), the latest first:
    claims that were validated and are not unsupported. One statement; none without an episode."""
    if episode_id is None:
        return []
    statement = (
        select(
            MonitoringReturn.id,
            MonitoringReturn.reference,
            MonitoringReturn.week,
            Claim.statement,
            Claim.outcome,
        )
        .join(Claim, to(Claim, MonitoringReturn.org_id, MonitoringReturn.claim_id))
        .where(
            MonitoringReturn.org_id == actor.org_id,
            MonitoringReturn.episode_id == episode_id,
            within(actor, Claim.service_id),
            Claim.outcome.in_(("proves", "partly")),
            ~Claim.unsupported,
        )
        .order_by(MonitoringReturn.week.desc())
    )
    return list(db.session.execute(statement))


def _lines(one: Head, rows: dict[tuple[UUID, int], Row], on: date) -> list[WeekLine]:
    lines = []
    for week in weeks(one.started_on, on, one.ended_on):
        row = rows.get((one.id, week.number))
        lines.append(WeekLine(one, week, _state(week, row, on), row))
    return lines[::-1]


def _state(week: Week, row: Row | None, on: date) -> State:
    if row is None:
        return state(week, on=on, submitted=False)
    return state(
        week,
        on=on,
        submitted=row.return_id is not None,
        outcome=row.outcome,
        unsupported=row.unsupported,
    )


def _heads(actor: Actor) -> Select:
    lead, manager = aliased(Membership), aliased(Membership)
    episode = MonitoringEpisode
    return (
        select(
            episode.id, episode.reference, episode.title, episode.kind, episode.service_id,
            Service.name, episode.started_on, episode.ended_on, episode.status,
            episode.governance_lead_id, lead.name, episode.manager_id, manager.name,
        )
        .join(Service, to(Service, episode.org_id, episode.service_id))
        .join(lead, to(lead, episode.org_id, episode.governance_lead_id))
        .join(manager, to(manager, episode.org_id, episode.manager_id))
        .where(episode.org_id == actor.org_id, within(actor, episode.service_id))
        .order_by(episode.started_on, episode.id)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Handed:
    """A return with its episode, its claim's evidence and, once there is one, its assurance
    validation note. `row` has the return and claim columns and the names."""

    head: Head
    line: WeekLine | None
    given: MonitoringReturn
    claim: Claim
    submitted_by: str
    note: Any
    validated_by: str | None
    items: list[Item]


def handed(*, actor: Actor, return_id: UUID) -> Handed:
    """One return with all that belongs to it. Raises NotFound, Forbidden."""
    given = load(MonitoringReturn, actor.org_id, return_id)
    one = head(actor=actor, episode_id=given.episode_id)
    author, checker = aliased(Membership), aliased(Membership)
    claim, submitted_by, note, validated_by = db.session.execute(
        select(Claim, author.name, Validation, checker.name)
        .join(author, to(author, Claim.org_id, Claim.submitted_by_id))
        .outerjoin(
            Validation, and_(Validation.org_id == Claim.org_id, Validation.claim_id == Claim.id)
        )
        .outerjoin(checker, to(checker, Validation.org_id, Validation.validated_by_id))
        .where(Claim.org_id == actor.org_id, Claim.id == given.claim_id)
    ).one()
    lines = week_lines(actor=actor, heads=[one])[one.id]
    return Handed(
        head=one,
        line=next((line for line in lines if line.week.number == given.week), None),
        given=given,
        claim=claim,
        submitted_by=submitted_by,
        note=note,
        validated_by=validated_by,
        items=for_targets(actor=actor, claim_ids=[claim.id])[claim.id],
    )


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with its episode, who wrote it, and the reference of its week's return."""

    head: Head
    report: MonitoringReport
    written_by: str
    returned: str | None


def reported(*, actor: Actor, report_id: UUID) -> Reported:
    """One report. Raises NotFound, Forbidden."""
    report = load(MonitoringReport, actor.org_id, report_id)
    one = head(actor=actor, episode_id=report.episode_id)
    written_by, returned = db.session.execute(
        select(Membership.name, MonitoringReturn.reference)
        .outerjoin(
            MonitoringReturn,
            and_(MonitoringReturn.org_id == actor.org_id, MonitoringReturn.id == report.return_id),
        )
        .where(Membership.org_id == actor.org_id, Membership.id == report.written_by_id)
    ).one()
    return Reported(one, report, written_by, returned)


def returns(*, actor: Actor, page: int) -> Page:
    """Returns handed in, the latest first; rows have the return, its service, episode and claim,
    and the names. One statement."""
    author, checker = aliased(Membership), aliased(Membership)
    statement = (
        _with_episode(actor, MonitoringReturn, select(MonitoringReturn, Claim))
        .join(Claim, to(Claim, MonitoringReturn.org_id, MonitoringReturn.claim_id))
        .join(author, to(author, MonitoringReturn.org_id, MonitoringReturn.submitted_by_id))
        .outerjoin(checker, to(checker, Claim.org_id, Claim.validated_by_id))
        .add_columns(author.name.label("by"), checker.name.label("validated_by"))
        .order_by(MonitoringReturn.submitted_on.desc(), MonitoringReturn.id.desc())
    )
    return fetch_page(statement, page=page)


def reports(*, actor: Actor, page: int) -> Page:
    """Reports, the latest first; rows have the report, its service and episode, and who wrote it.
    One statement."""
    statement = (
        _with_episode(actor, MonitoringReport, select(MonitoringReport))
        .join(Membership, to(Membership, MonitoringReport.org_id, MonitoringReport.written_by_id))
        .add_columns(Membership.name.label("by"))
        .order_by(MonitoringReport.written_on.desc(), MonitoringReport.id.desc())
    )
    return fetch_page(statement, page=page)


def _with_episode(actor: Actor, model: Any, statement: Select) -> Select:
    episode = MonitoringEpisode
    return (
        statement.select_from(model)
        .join(episode, to(episode, model.org_id, model.episode_id))
        .join(Service, to(Service, episode.org_id, episode.service_id))
        .add_columns(
            episode.reference.label("episode"),
            episode.title.label("title"),
            episode.service_id.label("service_id"),
            Service.name.label("service"),
        )
        .where(model.org_id == actor.org_id, within(actor, episode.service_id))
    )
