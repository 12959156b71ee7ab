"""The risk board: services by domain of risk. Flat statements, whatever the number of services.

Source: DESIGN section 5, screen 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.dashboards.signals import signals
from careboard.dashboards.trends import Trend
from careboard.db import db
from careboard.risks.assurance import Assurance
from careboard.risks.rated import assurance_of, rated
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

PAGE_SERVICES = 25
LOOK_BACK_DAYS = 31
# The figures counted on the board itself; the others are a link away.
BOARD_FIGURES = (
    "audit_risks_linked",
    "overdue_actions",
    "evidence_missing",
    "ratings_stale",
    "greens_untested",
    "responses_unanswered",
    "triggers_undecided",
    "sharing_undecided",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the person narrowed the board to. `order` is `attention` or `name`."""

    q: str = ""
    kind: str = ""
    region: str = ""
    manager_id: UUID | None = None
    domain: str = ""
    order: str = "attention"
    page: int = 1

    @property
    def any(self) -> bool:
        """Whether services may be left out."""
        return bool(self.q or self.kind or self.region or self.manager_id)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the board's filters offer and since when it tells of changes.

    `reviewed_on` is the day of the last signed monthly governance review, None without one.
    """

    services: int
    kinds: list[str]
    regions: list[str]
    managers: list[tuple[UUID, str]]
    reviewed_on: date | None
    since: date


@dataclass(frozen=True, slots=True)
class Cell:
    """One service and domain. `rating` None: nothing has been rated, which is no rating at all.

    `response` tells of a missing or late response, in few words; empty where there is none to ask
    for. `unanswered` counts declines by rule to which nobody has answered.
    """

    domain: str
    rating: str | None
    assurance: Assurance | None
    trend: Trend
    live: int
    overdue: int
    unanswered: int = 0

    @property
    def response(self) -> str:
        if self.unanswered:
            one = self.unanswered == 1
            return "decline unanswered" if one else f"{self.unanswered} declines unanswered"
        if self.overdue:
            return f"{self.overdue} overdue"
        grave = self.rating in ("high", "very_high") or self.trend.direction == "worsening"
        return "no live action" if grave and not self.live else ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A service with its cells, in the order of the domains shown."""

    id: UUID
    name: str
    kind: str
    local_authority: str
    manager: str | None
    overdue: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board. `total` counts the services that the filters leave."""

    rows: list[BoardRow]
    domains: tuple[str, ...]
    number: int
    pages: int
    total: int


_FRAME = """
SELECT count(*) AS services,
  array_agg(DISTINCT s.kind) AS kinds,
  array_agg(DISTINCT s.region) FILTER (WHERE s.region <> '') AS regions,
  jsonb_agg(DISTINCT jsonb_build_array(m.name, m.id)) FILTER (WHERE m.id IS NOT NULL) AS managers,
  (SELECT CAST(max(w.signed_at) AS date) FROM review w WHERE w.org_id = :org
    AND w.forum = 'monthly_governance' AND w.status = 'signed') AS reviewed_on
FROM service s LEFT JOIN membership m ON m.org_id = s.org_id AND m.id = s.manager_id
WHERE s.org_id = :org AND s.active
"""


def frame(*, actor: Actor, on: date) -> Frame:
    """The choices and the review day. One statement."""
    scope, values = _scope(actor)
    row = db.session.execute(text(_FRAME + scope), values | {"org": actor.org_id}).one()
    return Frame(
        services=row.services,
        kinds=row.kinds or [],
        regions=row.regions or [],
        managers=[(UUID(member), name) for name, member in row.managers or []],
        reviewed_on=row.reviewed_on,
        since=row.reviewed_on or on - timedelta(days=LOOK_BACK_DAYS),
    )


# First those with a very high rating, then a high one, then the most overdue: what a board asks.
_PAGE = """
SELECT s.id, s.name, s.kind, s.local_authority, m.name AS manager,
  coalesce(a.overdue, 0) AS overdue, count(*) OVER () AS total
FROM service s
LEFT JOIN membership m ON m.org_id = s.org_id AND m.id = s.manager_id
LEFT JOIN (SELECT r.service_id, count(*) FILTER (WHERE r.rating = 'very_high') AS very_high,
    count(*) FILTER (WHERE r.rating = 'high') AS high
  FROM risk r WHERE r.org_id = :org AND r.status = 'open' {domain} GROUP BY r.service_id) r
  ON r.service_id = s.id
LEFT JOIN (SELECT a.service_id, count(*) AS overdue FROM action a
  WHERE a.org_id = :org AND a.status IN ('draft', 'open', 'in_progress', 'completed')
    AND a.due_on < :on GROUP BY a.service_id) a ON a.service_id = s.id
WHERE s.org_id = :org AND s.active {where}
ORDER BY {order} s.name_norm, s.id LIMIT :limit OFFSET :offset
"""
_ATTENTION = "coalesce(r.very_high, 0) DESC, coalesce(r.high, 0) DESC, coalesce(a.overdue, 0) DESC,"

_RESPONSES = text("""
SELECT service_id, domain, sum(live) AS live, sum(overdue) AS overdue,
  sum(unanswered) AS unanswered FROM (
SELECT a.service_id, coalesce(a.domain, k.domain, c.domain, r.domain) AS domain,
  count(*) FILTER (WHERE a.status IN ('open', 'in_progress', 'completed')) AS live,
  count(*) FILTER (WHERE a.due_on < :on) AS overdue, 0 AS unanswered
FROM action a
LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
LEFT JOIN concern c ON c.org_id = a.org_id AND c.id = a.concern_id
LEFT JOIN risk r ON r.org_id = a.org_id AND r.id = a.risk_id
WHERE a.org_id = :org AND a.service_id = ANY(:services)
  AND a.status IN ('draft', 'open', 'in_progress', 'completed')
GROUP BY 1, 2
UNION ALL
SELECT p.service_id, p.domain, 0, 0, count(*) FROM response p
WHERE p.org_id = :org AND p.service_id = ANY(:services) AND p.status = 'open'
GROUP BY 1, 2
) x GROUP BY 1, 2
""")


def board(*, actor: Actor, filters: Filters, on: date) -> Board:
    """A page of services with the cells of each. Four statements."""
    domains = (filters.domain,) if filters.domain in DOMAINS else DOMAINS
    services = _services(actor, filters, on)
    total = services[0].total if services else 0
    ids = [service.id for service in services]
    ratings = _ratings(actor, ids, on)
    responses = _responses(actor, ids, on)
    monthly = signals(actor=actor, service_ids=ids, on=on)
    rows = [
        BoardRow(
            id=service.id,
            name=service.name,
            kind=service.kind,
            local_authority=service.local_authority,
            manager=service.manager,
            overdue=service.overdue,
            cells=[
                _cell(
                    domain,
                    ratings.get((service.id, domain)),
                    responses.get((service.id, domain), (0, 0, 0)),
                    monthly.trend(service.id, domain),
                    on,
                )
                for domain in domains
            ],
        )
        for service in services
    ]
    pages = max(1, -(-total // PAGE_SERVICES))
    return Board(rows, domains, filters.page, pages, total)


def _services(actor: Actor, filters: Filters, on: date) -> list[Any]:
    scope, values = _scope(actor)
    where = [scope] if scope else []
    for condition, name, value in (
        ("s.kind = :kind", "kind", filters.kind),
        ("s.region = :region", "region", filters.region),
        ("s.manager_id = :manager", "manager", filters.manager_id),
        ("position(lower(:q) IN s.name_norm) > 0", "q", filters.q.strip()),
    ):
        if value:
            where.append(f" AND {condition}")
            values[name] = value
    if filters.domain in DOMAINS:
        values["domain"] = filters.domain
    statement = _PAGE.format(
        where="".join(where),
        domain="AND r.domain = :domain" if filters.domain in DOMAINS else "",
        order="" if filters.order == "name" else _ATTENTION,
    )
    values |= {
        "org": actor.org_id,
        "on": on,
        "limit": PAGE_SERVICES,
        "offset": (filters.page - 1) * PAGE_SERVICES,
    }
    return list(db.session.execute(text(statement), values))


def _ratings(actor: Actor, service_ids: list[UUID], on: date) -> dict[tuple[UUID, str], Any]:
    rows = db.session.execute(
        text(rated("AND r.service_id = ANY(:services)")),
        {"org": actor.org_id, "services": service_ids, "on": on},
    )
    return {(row.service_id, row.domain): row for row in rows}


def _responses(
    actor: Actor, service_ids: list[UUID], on: date
) -> dict[tuple[UUID, str], tuple[int, int, int]]:
    rows = db.session.execute(_RESPONSES, {"org": actor.org_id, "services": service_ids, "on": on})
    return {
        (row.service_id, row.domain): (int(row.live), int(row.overdue), int(row.unanswered))
        for row in rows
    }


def _cell(domain: str, row: Any, response: tuple[int, int, int], trend: Trend, on: date) -> Cell:
    if row is None:
        return Cell(domain, None, None, trend, *response)
    return Cell(domain, row.rating, assurance_of(row, on), trend, *response)


def _scope(actor: Actor) -> tuple[str, dict[str, Any]]:
    if actor.service_ids is None:
        return "", {}
    return " AND s.id = ANY(:scope)", {"scope": list(actor.service_ids)}
