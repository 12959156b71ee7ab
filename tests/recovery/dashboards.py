"""Indicators with long series, and evidence for them, that tests of dashboards start from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, text

from careboard.actions import service as actions
from careboard.db import db
from careboard.evidence import service as evidences
from careboard.evidence.targets import Target
from careboard.recovery import dashboard_evidence, dashboard_kept, service
from careboard.recovery.dashboard_stands import Stand, stands
from careboard.recovery.models import Reading
from careboard.recovery.service import Shape
from careboard.services.models import Service
from tests.recovery.making import HOUSE, ON, SUNDAY, ago, opened

COMPLIANCE = Shape(
    "Medicines compliance", "medicines", "percent", "up", measure="medicines_compliance"
)
STEADY = [90, 91, 90, 89, 90, 91, 90, 89, 90, 91, 90, 89, 90, 91, 90, 90]
FALLING = [*STEADY, 88, 86, 84, 81]
RISING = [*STEADY, 93, 95, 97, 99]
VALID = date(2027, 2, 1)


def indicator(
    world,
    values: Sequence[float],
    *,
    shape: Shape = COMPLIANCE,
    target: float | None = None,
    place: str = HOUSE,
) -> UUID:
    """An indicator with a target and a reading for each of the last weeks."""
    indicator_id = opened(world, shape, person="alice", where=place)
    if target is not None:
        with world.acting("alice") as alice:
            service.set_target(
                actor=alice, indicator_id=indicator_id, value=target, effective_from=ago(700)
            )
            db.session.commit()
    read(world, indicator_id, values)
    return indicator_id


def read(
    world, indicator_id: UUID, values: Sequence[float], *, last: date = SUNDAY, of: int = 100
) -> None:
    """A reading for each week up to the one that ends on `last`: so many per cent of `of`."""
    with world.acting("alice") as alice:
        for back, value in enumerate(reversed(values)):
            end = last - timedelta(weeks=back)
            db.session.add(
                Reading(
                    org_id=alice.org_id,
                    indicator_id=indicator_id,
                    period_start=end - timedelta(days=6),
                    period_end=end,
                    value=value,
                    numerator=value * of / 100,
                    denominator=of,
                )
            )
        db.session.commit()


def evidence(world, domain: str, *, place: str = HOUSE, valid_until: date = VALID) -> UUID:
    """Evidence of an action in that domain."""
    where = world.service_id(place)
    member = world.member_id("alice")
    with world.acting("alice") as alice:
        action_id = actions.create_action(
            actor=alice,
            service_id=where,
            title="Put it right",
            domain=domain,
            owner_id=member,
            due_on=ON + timedelta(days=7),
            outcome_measure="Target met",
            baseline="Not met",
            evidence_required="A sample",
        )
        evidence_id = evidences.submit(
            actor=alice,
            title=f"Sample of {domain}",
            kind="audits",
            service_id=where,
            valid_until=valid_until,
            source_link="Sample 7",
            target=Target("action_id", action_id),
        )
        db.session.commit()
    return evidence_id


def _services(actor) -> dict[UUID, str]:
    rows = db.session.execute(
        select(Service.id, Service.name).where(Service.org_id == actor.org_id)
    )
    return {row.id: row.name for row in rows}


def until(world) -> dict[tuple[str, str], date]:
    """{(service's name, domain): the last day on which its evidence is valid}."""
    with world.acting("alice") as alice:
        names = _services(alice)
        found = dashboard_evidence.valid_until(actor=alice, service_ids=list(names))
    return {(names[service_id], domain): day for (service_id, domain), day in found.items()}


def standing(world, *, on: date = ON, live: bool = False) -> list[Stand]:
    """Every indicator of Alder Care."""
    with world.acting("alice") as alice:
        ids = list(_services(alice))
        valid = dashboard_evidence.valid_until(actor=alice, service_ids=ids)
        return stands(actor=alice, service_ids=ids, valid_until=valid, on=on, live=live)


def keep(world, *, on: date = ON) -> int:
    """Keep the computed series, as the nightly job does."""
    with world.acting("alice") as alice:
        count = dashboard_kept.keep(actor=alice, on=on)
        db.session.commit()
    return count


def change(world, statement: str, **values) -> None:
    """SQL that changes something behind the services' backs, as the app role."""
    with world.acting("alice"):
        db.session.execute(text(statement), values)
        db.session.commit()
