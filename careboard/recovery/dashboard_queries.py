"""The provider's view of recovery, and one service's: flat statements, however many there are.

Source: S1; DESIGN section 5, screens of recovery; DESIGN section 1, promise 2.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db
from careboard.recovery import dashboard_evidence
from careboard.recovery.dashboard_stands import Stand, stands
from careboard.recovery.plan_progress import Goal, Horizon, Progress, progress, whole
from careboard.recovery.points import Point
from careboard.recovery.standing import CONCERNS, STATES
from careboard.services.lists import PAGE_SIZE
from careboard.tenancy import Actor
from careboard.vocabulary import INDICATOR_UNITS

# What the list may be narrowed to, the gravest first; the words stand beside it on the page.
SHOWN = (
    *("unanswered", "worsening", "unsupported", "static", "off_course"),
    *("not_enough_data", "improving"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the person narrowed the view to; empty: any. `state` is one of SHOWN."""

    q: str = ""
    kind: str = ""
    region: str = ""
    manager_id: UUID | None = None
    domain: str = ""
    state: str = ""
    page: int = 1

    @property
    def any(self) -> bool:
        return bool(
            self.q or self.kind or self.region or self.manager_id or self.domain or self.state
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """All active services within the person's, and what the filters offer of them."""

    services: Sequence[Row]
    kinds: Sequence[str]
    regions: Sequence[str]
    managers: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An open plan and where it stands."""

    id: UUID
    reference: str
    title: str
    domain: str
    horizon: Horizon
    progress: Progress


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service with what is known of its recovery; `unanswered` counts declines without an
    answer."""

    service: Row
    stands: Sequence[Stand]
    plans: Sequence[PlanLine]
    unanswered: int

    @property
    def counts(self) -> Counter[str]:
        """How many of its indicators, declines and plans there are of each of SHOWN."""
        found: Counter[str] = Counter(unanswered=self.unanswered)
        for one in self.stands:
            found.update(shown_in(one))
        found["off_course"] = sum(plan.progress.state == "off_course" for plan in self.plans)
        return found

    def shown(self, state: str) -> list[Stand]:
        """Its indicators in that state, or those that ask for attention; the gravest first."""
        if state in ("unanswered", "off_course"):
            state = ""
        own = [one for one in self.stands if (state in shown_in(one) if state else one.concerns)]
        return sorted(own, key=gravity)


@dataclass(frozen=True, slots=True)
class Provider:
    """A page of services, those that need attention first. The counts are of all that the filters
    leave but for `state`."""

    lines: Sequence[ServiceLine]
    counts: Counter[str]
    indicators: int
    plans: int
    number: int
    pages: int
    total: int
    size: int = PAGE_SIZE


def shown_in(one: Stand) -> list[str]:
    """Which of SHOWN the indicator counts in: its concerns, and its state where that is none."""
    found: list[str] = list(one.concerns)
    if one.state in ("not_enough_data", "improving"):
        found.append(one.state)
    return found


def gravity(one: Stand) -> tuple[int, int, str]:
    """The order in which indicators are shown: what asks for attention first, then by name."""
    found = one.concerns
    first = CONCERNS.index(found[0]) if found else len(CONCERNS)
    return first, STATES.index(one.state), one.indicator.name


_SERVICES = """
SELECT s.id, s.name, s.name_norm, s.kind, s.region, s.local_authority, s.manager_id,
  m.name AS manager
FROM service s LEFT JOIN membership m ON m.org_id = s.org_id AND m.id = s.manager_id
WHERE s.org_id = :org AND s.active {scope}
ORDER BY s.name_norm, s.id
"""


def frame(*, actor: Actor) -> Frame:
    """The services with the choices that they offer. One statement."""
    scope = "" if actor.service_ids is None else "AND s.id = ANY(:scope)"
    given = {"org": actor.org_id, "scope": list(actor.service_ids or ())}
    rows = db.session.execute(text(_SERVICES.format(scope=scope)), given).all()
    managers = {row.manager_id: row.manager for row in rows if row.manager_id is not None}
    return Frame(
        rows,
        sorted({row.kind for row in rows}),
        sorted({row.region for row in rows if row.region}),
        sorted(managers.items(), key=lambda item: item[1].casefold()),
    )


def provider(*, actor: Actor, frame: Frame, filters: Filters, on: date) -> Provider:
    """The services that the filters leave, those that need attention first. Five statements."""
    services = [row for row in frame.services if _wanted(row, filters)]
    ids = [row.id for row in services]
    own: dict[UUID, list[Stand]] = defaultdict(list)
    until = dashboard_evidence.valid_until(actor=actor, service_ids=ids)
    for one in stands(actor=actor, service_ids=ids, valid_until=until, on=on):
        own[one.indicator.service_id].append(one)
    plans = _plans(actor, ids, filters.domain)
    unanswered = _unanswered(actor, ids, filters.domain)
    lines = [
        ServiceLine(
            row,
            [one for one in own[row.id] if filters.domain in ("", one.indicator.domain)],
            list(_stood(plans[row.id], own[row.id], on)),
            unanswered.get(row.id, 0),
        )
        for row in services
    ]
    counts = [(line, line.counts) for line in lines]
    total: Counter[str] = Counter()
    for _, found in counts:
        total.update(found)
    left = [pair for pair in counts if not filters.state or pair[1][filters.state]]
    left.sort(key=_attention)
    pages = max(1, -(-len(left) // PAGE_SIZE))
    number = filters.page if filters.page <= pages else 1
    shown = left[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Provider(
        [line for line, _ in shown],
        total,
        sum(len(line.stands) for line in lines),
        sum(len(line.plans) for line in lines),
        number,
        pages,
        len(left),
    )


def _attention(pair: tuple[ServiceLine, Counter[str]]) -> tuple:
    """Unanswered declines first, then what worsens, what is unsupported and what is off course;
    services without anything to read last."""
    line, found = pair
    return (
        *(-found[name] for name in ("unanswered", "worsening", "off_course", "unsupported")),
        not (line.stands or line.plans),
        line.service.name_norm,
    )


def _wanted(row: Row, filters: Filters) -> bool:
    return (
        (not filters.kind or row.kind == filters.kind)
        and (not filters.region or row.region == filters.region)
        and (filters.manager_id is None or row.manager_id == filters.manager_id)
        and filters.q.casefold() in row.name.casefold()
    )


_PLANS = """
SELECT p.id, p.reference, p.title, p.domain, p.service_id, p.started_on, p.horizon_weeks,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(g.indicator_id, g.baseline_value, g.target)),
    '[]') FROM plan_indicator g WHERE g.org_id = p.org_id AND g.plan_id = p.id AND g.is_goal)
    AS goals
FROM recovery_plan p
WHERE p.org_id = :org AND p.service_id = ANY(:services) AND p.status = 'open' {which}
ORDER BY p.started_on, p.id
"""


def _plans(actor: Actor, service_ids: Sequence[UUID], domain: str) -> Mapping[UUID, list[Row]]:
    which = "AND p.domain = :domain" if domain else ""
    given = {"org": actor.org_id, "services": list(service_ids), "domain": domain}
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in db.session.execute(text(_PLANS.format(which=which)), given):
        found[row.service_id].append(row)
    return found


def _stood(plans: Sequence[Row], own: Sequence[Stand], on: date) -> Iterator[PlanLine]:
    """Each plan by the series at hand, as `plan_queries` reckons it."""
    by_id = {str(one.indicator.id): one for one in own}
    for row in plans:
        horizon = Horizon(row.started_on, row.horizon_weeks)
        parts = [
            _goal(by_id.get(indicator_id), baseline, target, horizon, on)
            for indicator_id, baseline, target in row.goals
        ]
        yield PlanLine(row.id, row.reference, row.title, row.domain, horizon, whole(parts))


def _goal(
    one: Stand | None, baseline: float | None, target: float, horizon: Horizon, on: date
) -> Progress:
    if one is None:
        return Progress("not_enough_data", "Its indicator was closed.")
    goal = Goal(baseline, target, one.indicator.good, INDICATOR_UNITS[one.indicator.unit])
    points: list[Point] = [p for p in one.series.points() if p.period.end > horizon.started_on]
    return progress(goal, horizon, points, on)


def _unanswered(actor: Actor, service_ids: Sequence[UUID], domain: str) -> dict[UUID, int]:
    which = "AND r.domain = :domain" if domain else ""
    given = {"org": actor.org_id, "services": list(service_ids), "domain": domain}
    rows = db.session.execute(
        text(
            "SELECT r.service_id, count(*) AS open FROM response r WHERE r.org_id = :org "
            f"AND r.service_id = ANY(:services) AND r.status = 'open' {which} GROUP BY 1"
        ),
        given,
    )
    return {row.service_id: row.open for row in rows}
