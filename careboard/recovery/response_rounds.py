"""Looking at everything that may have declined: what fires is put on the list of responses, what
is over is closed there.

A state of affairs fires once: it stands until it is over, however often it is looked at. Source:
S1; rules 3.3; DESIGN section 1, promise 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import exists, select, text

from careboard import audit, clock, jobs
from careboard.actions.models import Action
from careboard.actions.triggers import Row
from careboard.db import db
from careboard.experience.sql import FEEDBACK, NEGATIVE
from careboard.patterns import POOR_FEEDBACK
from careboard.recovery import check_queries, check_rules, decline, queries
from careboard.recovery.decline import Answer, Planned, Read, Verdict
from careboard.recovery.models import Indicator, IndicatorTarget, Rebase
from careboard.recovery.plan_content import Content
from careboard.recovery.plan_models import PlanIndicator, RecoveryPlan
from careboard.recovery.points import IMPROVEMENT, Point
from careboard.recovery.response_models import Response
from careboard.references import next_references
from careboard.tenancy import Actor
from careboard.trend import band, judge
from careboard.vocabulary import INDICATOR_UNITS

POINTS = 104
# The heartbeat of an organisation's looks is this and its id.
LOOK = "declines:"
NO_LONGER = "It is no longer watched: the indicator or the plan was closed."


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look changed."""

    fired: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule speaks of: an indicator, or a plan. `asked_id` is who answers for it."""

    service_id: UUID
    domain: str
    asked_id: UUID | None
    indicator_id: UUID | None = None
    plan_id: UUID | None = None

    def key(self, rule: str) -> tuple[str, UUID | None, UUID | None]:
        return rule, self.indicator_id, self.plan_id


def ring(actor: Actor) -> None:
    """Have it looked once the present transaction has committed: readings have changed."""
    jobs.enqueue_after_commit("mail", "workers.declines.look", str(actor.org_id))


_TO_LOOK = text("SELECT org_id FROM app.providers_to_look_at(:since)")


def providers_to_look_at() -> list[UUID]:
    """Those that nobody has looked at today, or whose readings have changed since."""
    since = datetime.combine(clock.today(), time.min, UTC)
    return [row.org_id for row in db.session.execute(_TO_LOOK, {"since": since})]


def look(*, actor: Actor, on: date) -> Looked:
    """Apply every rule to the whole organisation as at that day. Flat statements.

    Safe to repeat and to run twice at once: looks of an organisation take turns, and what stands
    is there once.
    """
    _take_turn(actor)
    standing = {
        (row.rule, row.indicator_id, row.plan_id): row
        for row in db.session.scalars(
            select(Response).where(Response.org_id == actor.org_id, Response.status != "closed")
        )
    }
    fired, closed, seen = [], 0, set()
    for subject, verdict in _verdicts(actor, on):
        key = subject.key(verdict.rule)
        seen.add(key)
        there = standing.get(key)
        if there is None and verdict.state == "fires":
            fired.append((subject, verdict))
        elif there is not None and verdict.state == "clear" and there.status != "open":
            # One that nobody has answered stands, although it is over, until somebody does.
            closed += _close(actor, there, on, verdict.sentence)
        elif there is not None and there.kind is None and there.asked_id != subject.asked_id:
            there.asked_id = subject.asked_id
    for key in standing.keys() - seen:
        closed += _close(actor, standing[key], on, NO_LONGER)
    _open(actor, fired, on)
    return Looked(len(fired), closed)


# The row is locked until the look commits. It tells when it began: what is recorded meanwhile is
# looked at again.
_TAKE_TURN = text("""
INSERT INTO heartbeat (name, beat_at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at
""")


def _take_turn(actor: Actor) -> None:
    db.session.execute(_TAKE_TURN, {"name": f"{LOOK}{actor.org_id}", "at": clock.now()})


def _open(actor: Actor, fired: Sequence[tuple[Subject, Verdict]], on: date) -> None:
    references = next_references(actor.org_id, "RSP", len(fired)) if fired else []
    for (subject, verdict), reference in zip(fired, references, strict=True):
        response = Response(
            org_id=actor.org_id,
            reference=reference,
            service_id=subject.service_id,
            domain=subject.domain,
            indicator_id=subject.indicator_id,
            plan_id=subject.plan_id,
            asked_id=subject.asked_id,
            fired_on=on,
            rule=verdict.rule,
            rule_version=verdict.version,
            rows=list(verdict.rows),
            sentence=verdict.sentence,
            status="open",
        )
        db.session.add(response)
        db.session.flush()
        audit.record(
            actor=actor,
            tag="response:fired",
            subject_id=response.id,
            after={
                "rule": verdict.rule,
                "version": verdict.version,
                "indicator": subject.indicator_id,
                "plan": subject.plan_id,
                "rows": [row.get("id") or row.get("to") for row in verdict.rows],
            },
        )


def _close(actor: Actor, response: Response, on: date, sentence: str) -> int:
    before = response.status
    response.status, response.closed_on, response.closing = "closed", on, sentence
    db.session.flush()
    audit.record(
        actor=actor,
        tag="response:closed",
        subject_id=response.id,
        before={"status": before},
        after={"status": "closed", "on": on},
    )
    return 1


def _verdicts(actor: Actor, on: date) -> Iterator[tuple[Subject, Verdict]]:
    yield from _of_indicators(actor, on)
    yield from _of_plans(actor, on)


def _of_indicators(actor: Actor, on: date) -> Iterator[tuple[Subject, Verdict]]:
    wanted = [row.Indicator for row in queries.indicators(actor=actor)]
    if not wanted:
        return
    ids = [indicator.id for indicator in wanted]
    points = queries.points(actor=actor, wanted=wanted, on=on, count=POINTS)
    targets = queries.targets(actor=actor, indicator_ids=ids)
    changes = queries.rebases(actor=actor, indicator_ids=ids)
    for one in wanted:
        subject = Subject(one.service_id, one.domain, one.review_owner_id, indicator_id=one.id)
        reads = reads_of(one, points[one.id], targets[one.id], changes[one.id])
        yield subject, decline.falling_compliance(reads)
        if counts_delays(one):
            yield subject, decline.repeated_delays(reads)


def counts_delays(indicator: Indicator) -> bool:
    """Whether it is a weekly share of delayed responses; the time band is in its name."""
    return (
        indicator.unit == "percent"
        and indicator.good == "down"
        and indicator.cadence == "week"
        and "delay" in indicator.name.casefold()
    )


def reads_of(
    indicator: Indicator,
    points: Sequence[Point],
    targets: Sequence[IndicatorTarget],
    changes: Sequence[Rebase],
) -> list[Read]:
    """The latest readings as the rule needs them: banded, and the last two judged as each stood
    when it was the latest. Without any reading at all: none."""
    values = [_judged(point) for point in points]
    if all(value is None for value in values):
        return []
    held = [queries.target_on(targets, point.period.end) for point in points]
    aims = [target and target.value for target in held]
    improvement, unit = IMPROVEMENT[indicator.good], INDICATOR_UNITS[indicator.unit]
    starts = queries.rebase_at(points, changes)
    shown = 1 + decline.CROSSED_WITHIN + decline.WORSENING_REVIEWS
    found = []
    for place in range(max(len(points) - shown, 0), len(points)):
        direction, sentence = None, ""
        if place >= len(points) - decline.WORSENING_REVIEWS:
            said = judge(
                values[: place + 1],
                improvement=improvement,
                unit=unit,
                period=indicator.cadence,
                targets=aims[: place + 1],
                rebase_at=[start for start in starts if start <= place],
            )
            direction, sentence = said.direction, said.sentence
        found.append(
            Read(
                points[place].period,
                points[place].words(indicator.unit),
                direction,
                band(values[place], aims[place], improvement, percent=unit == "%"),
                sentence,
                points[place].reading_id,
                values[place],
            )
        )
    return found


def _judged(point: Point) -> float | None:
    """A percentage on small numbers says too little to be judged. Source: rules 3.1."""
    return None if point.small else point.value


def _of_plans(actor: Actor, on: date) -> Iterator[tuple[Subject, Verdict]]:
    plans = list(
        db.session.execute(
            select(RecoveryPlan, _hears_feedback().label("hears"))
            .where(RecoveryPlan.org_id == actor.org_id, RecoveryPlan.status == "open")
            .order_by(RecoveryPlan.started_on, RecoveryPlan.id)
        )
    )
    if not plans:
        return
    services = {row.RecoveryPlan.service_id for row in plans}
    checks = check_queries.for_rules(actor=actor, service_ids=services, on=on)
    actions = _actions(actor, [row.RecoveryPlan.id for row in plans])
    answers = _answers(actor, services, on)
    watched: set[tuple[UUID, str]] = set()
    for plan, hears in plans:
        subject = Subject(plan.service_id, plan.domain, plan.lead_id, plan_id=plan.id)
        for verdict in _of_checks(plan, checks[plan.service_id], on):
            # Two plans of a service that watch the same ask for one answer.
            if (plan.service_id, verdict.rule) not in watched:
                watched.add((plan.service_id, verdict.rule))
                yield subject, verdict
        if hears and (plan.service_id, "poor_feedback") not in watched:
            watched.add((plan.service_id, "poor_feedback"))
            yield subject, decline.poor_feedback(answers[plan.service_id], on)
        yield subject, decline.overdue_actions(actions[plan.id], on)
        yield subject, decline.repeated_overdue_dates(actions[plan.id])


def _hears_feedback():
    """Whether one of the plan's indicators is about people's experience."""
    return exists().where(
        PlanIndicator.org_id == RecoveryPlan.org_id,
        PlanIndicator.plan_id == RecoveryPlan.id,
        Indicator.org_id == PlanIndicator.org_id,
        Indicator.id == PlanIndicator.indicator_id,
        Indicator.domain == "experience",
    )


def _of_checks(
    plan: RecoveryPlan, checks: Sequence[check_rules.Check], on: date
) -> Iterator[Verdict]:
    watch = Content.read(plan.content).watch
    days = {check.id: check.on for check in checks}
    for found in check_rules.evaluate(watch, checks, on, clock.now()):
        rows = tuple(
            {"kind": "check", "id": str(row), "to": days[row].isoformat()} for row in found.rows
        )
        said = f"{check_rules.RULES[found.code][0]}: {found.sentence}"
        yield Verdict(found.code, found.state, said, rows, check_rules.VERSION)


def _actions(actor: Actor, plan_ids: Sequence[UUID]) -> dict[UUID, list[Planned]]:
    found: dict[UUID, list[Planned]] = defaultdict(list)
    rows = db.session.scalars(
        select(Action)
        .where(Action.org_id == actor.org_id, Action.plan_id.in_(plan_ids))
        .order_by(Action.due_on, Action.id)
    )
    for one in rows:
        closed_on = one.verified_on or one.completed_on
        row = Row(one.id, one.status, one.due_on, one.original_due_on, closed_on, one.extensions)
        found[one.plan_id].append(Planned(row, one.reference))
    return found


# An answer without a theme is on its question.
_ANSWERS = text(f"""
SELECT c.service_id, c.id, c.occurred_on,
  coalesce(nullif(c.theme, ''), c.details->>'question', '') AS theme,
  coalesce({NEGATIVE}, false) AS negative,
  c.source_key
FROM concern c
WHERE c.org_id = :org AND {FEEDBACK} AND c.service_id = ANY(:services)
  AND c.occurred_on BETWEEN :first AND :on
ORDER BY c.occurred_on, c.id
""")


def _answers(actor: Actor, services: set[UUID], on: date) -> dict[UUID, list[Answer]]:
    first = on - timedelta(days=POOR_FEEDBACK[1] - 1)
    values = {"org": actor.org_id, "services": list(services), "first": first, "on": on}
    found: dict[UUID, list[Answer]] = defaultdict(list)
    for service_id, *answer in db.session.execute(_ANSWERS, values):
        found[service_id].append(Answer(*answer))
    return found
