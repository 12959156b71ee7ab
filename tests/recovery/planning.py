"""Recovery plans and checks that tests start from."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard.db import db
from careboard.recovery import check_service, plan_service, readings
from careboard.recovery.check_kinds import Deployment, SampledAction
from careboard.recovery.check_service import Found, Header
from careboard.recovery.entries import Amounts
from careboard.recovery.plan_content import IndicatorSpec, built_in_template
from careboard.recovery.plan_service import Facts, Line
from tests.recovery.making import HOUSE, ON, ago


def facts(world, **changes) -> Facts:
    told = {
        "title": "Medicines recovery",
        "domain": "medicines",
        "baseline_issue": "Recording gaps recur.",
        "improvement": "98% compliance within ten weeks.",
        "horizon_weeks": 10,
        "started_on": ON,
        "lead_id": world.member_id("bob"),
    }
    return Facts(**(told | changes))


COMPLIANCE = Line(IndicatorSpec(measure="medicines_compliance", target=98, goal=True), 92, 98, True)


def begin(
    world,
    *,
    template: str = "medicines",
    person: str = "bob",
    service: str = HOUSE,
    lines: list[Line] | None = None,
    **changes,
) -> UUID:
    """A plan as a template makes it, with no baselines but those given in `lines`."""
    made = built_in_template(template)
    if lines is None:
        lines = [Line(spec, None, spec.target, spec.goal) for spec in made.indicators]
    where, told = world.service_id(service), facts(world, **({"domain": made.domain} | changes))
    with world.acting(person) as actor:
        plan_id = plan_service.open_plan(
            actor=actor,
            service_id=where,
            facts=told,
            lines=lines,
            content=made.content,
            template=(made.code, None),
        )
        db.session.commit()
    return plan_id


def header(world, *, on: date = ON, service: str = HOUSE, **more) -> Header:
    return Header(world.service_id(service), on, **more)


def check(world, how: str, *, person: str = "rita", **given) -> UUID:
    """A check by the service function of that name; its header as `header` makes it, with the
    words that belong there."""
    top = {
        name: given.pop(name)
        for name in ("on", "service", "shift", "staff", "note", "plan_id")
        if name in given
    }
    begun = header(world, **top)
    with world.acting(person) as actor:
        check_id = getattr(check_service, how)(actor=actor, header=begun, **given)
        db.session.commit()
    return check_id


def discrepancies(world, *rounds: str, **given) -> UUID:
    """A medicines check with a discrepancy of each of these rounds."""
    found = [Found("discrepancy", "No entry on the record", name) for name in rounds]
    return check(world, "medicines_check", found=found, **given)


def one_of_each(world, **given) -> dict[str, UUID]:
    """{kind: a check of it}, each with a finding."""
    differs = [Found("practice", "The record was not looked at first")]
    return {
        "medicines_shift": discrepancies(world, "morning", **given),
        "practice_observation": check(
            world, "observation", what="Morning round", verdict="not_as_agreed", found=differs,
            staff="S14", **given,
        ),
        "competency": check(
            world, "competency", what="Giving medicines", verdict="as_agreed", staff="S15",
            valid_until=date(2027, 11, 20), **given,
        ),
        "deployment": check(
            world, "deployment", hours=Deployment(40, 30, 38, 2, "Two people waited for supper"),
            delays="Bells after eight", **given,
        ),
        "review_actions": check(
            world, "review_actions",
            actions=[SampledAction("AR-1", True, True), SampledAction("AR-2", True, False)],
            **given,
        ),
    }  # fmt: skip


def read(world, indicator_id: UUID, *values: float) -> None:
    """Readings of the last weeks, the last one for the last full week."""
    with world.acting("bob") as bob:
        for back, value in enumerate(reversed(values)):
            readings.record_reading(
                actor=bob, indicator_id=indicator_id, on=ago(7 * back), amounts=Amounts(value)
            )
        db.session.commit()
