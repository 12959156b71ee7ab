"""The monthly signals of a service's domains, from its imported records.

Audits speak as the mean of their scores; safeguarding concerns, complaints and incidents as a
number a month, where fewer is better; answers as the share scored 4 or 5 of 5. Source: rules 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard.dashboards.trends import NOT_ENOUGH, Trend, trend
from careboard.db import db
from careboard.tenancy import Actor

MONTHS = 4
LEAST_ANSWERS = 10  # a percentage of fewer answers is not shown (rules 3.1)
_AUDITED = ("medicines", "records", "staffing", "safety")
_COUNTED = {"safety": "incident", "safeguarding": "safeguarding", "complaints": "complaint"}
_COUNT_WORDS = {
    "incident": "incidents a month",
    "safeguarding": "safeguarding concerns a month",
    "complaint": "complaints a month",
}


@dataclass(frozen=True, slots=True)
class Point:
    """A month of a signal: its first day, its value (None: none), the records it comes from."""

    month: date
    value: float | None
    records: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What speaks for a domain. `kind` is `audit` or a concern kind; `name` in words."""

    kind: str
    name: str
    good: str
    percent: bool
    points: tuple[Point, ...]

    def trend(self) -> Trend:
        return trend(
            [point.value for point in self.points],
            signal=self.name,
            good=self.good,
            percent=self.percent,
        )


def months_before(on: date, count: int = MONTHS) -> list[date]:
    """The first days of the last complete calendar months, oldest first."""
    latest = on.year * 12 + on.month - 2
    return [date(n // 12, n % 12 + 1, 1) for n in range(latest - count + 1, latest + 1)]


# A month counts as covered when the organisation's log holds any record of the kind in it: then a
# service's silence is a nought, otherwise it is unknown.
_SIGNALS = text("""
SELECT a.service_id, 'audit' AS kind, a.domain,
  CAST(date_trunc('month', a.completed_on) AS date) AS month,
  count(*) AS records, sum(100.0 * a.score / coalesce(nullif(a.max_score, 0), 10000)) AS total
FROM audit a
WHERE a.org_id = :org AND a.service_id = ANY(:services) AND a.score IS NOT NULL
  AND a.completed_on >= :first AND a.completed_on < :after
GROUP BY a.service_id, a.domain, 4
UNION ALL
SELECT c.service_id, c.kind, '', CAST(date_trunc('month', c.occurred_on) AS date),
  CASE WHEN c.kind = 'feedback' THEN count(c.score) ELSE count(*) END,
  count(*) FILTER (WHERE c.score * 5 >= c.max_score * 4)
FROM concern c
WHERE c.org_id = :org AND c.service_id = ANY(:services) AND c.kind <> 'commissioner_query'
  AND c.occurred_on >= :first AND c.occurred_on < :after
  AND (c.kind <> 'feedback' OR c.level <> 'staff')
GROUP BY c.service_id, c.kind, 4
UNION ALL
SELECT NULL, k.kind, '', CAST(m.month AS date), 1, 0
FROM unnest(ARRAY['incident', 'safeguarding', 'complaint']) AS k (kind)
CROSS JOIN unnest(CAST(:months AS date[])) AS m (month)
WHERE EXISTS (SELECT FROM concern c WHERE c.org_id = :org AND c.kind = k.kind
  AND c.occurred_on >= m.month AND c.occurred_on < m.month + interval '1 month')
""")


class Signals:
    """Monthly values of many services; ask `of` for the signal of one cell."""

    def __init__(self, rows: Iterable, months: Sequence[date]) -> None:
        self.months = months
        self.covered: set[tuple[str, date]] = set()
        self.audits: dict[tuple[UUID, str], dict[date, tuple[int, float]]] = {}
        self.concerns: dict[tuple[UUID, str], dict[date, tuple[int, int]]] = {}
        for service_id, kind, domain, month, records, total in rows:
            if service_id is None:
                self.covered.add((kind, month))
            elif kind == "audit":
                for name in {domain, "audits"}:
                    held = self.audits.setdefault((service_id, name), {})
                    before = held.get(month, (0, 0.0))
                    held[month] = before[0] + records, before[1] + float(total)
            else:
                self.concerns.setdefault((service_id, kind), {})[month] = records, int(total)

    def of(self, service_id: UUID, domain: str) -> Signal | None:
        """The signal that speaks for the domain; None when no record does."""
        if domain in _AUDITED or domain == "audits":
            scores = self.audits.get((service_id, domain))
            if scores:
                return self._audit_signal(domain, scores)
        if domain == "experience":
            return self._experience(service_id)
        kind = _COUNTED.get(domain)
        months = self.concerns.get((service_id, kind)) if kind else None
        return self._count_signal(kind, months) if months else None

    def trend(self, service_id: UUID, domain: str) -> Trend:
        signal = self.of(service_id, domain)
        return signal.trend() if signal else NOT_ENOUGH

    def _audit_signal(self, domain: str, scores: dict[date, tuple[int, float]]) -> Signal:
        points = []
        for month in self.months:
            count, total = scores.get(month, (0, 0.0))
            points.append(Point(month, total / count if count else None, count))
        name = "mean audit score" if domain == "audits" else f"mean audit score, {domain}"
        return Signal("audit", name, "up", True, tuple(points))

    def _count_signal(self, kind: str, counts: dict[date, tuple[int, int]]) -> Signal:
        points = []
        for month in self.months:
            count = counts.get(month, (0, 0))[0]
            known = count or (kind, month) in self.covered
            points.append(Point(month, float(count) if known else None, count))
        return Signal(kind, _COUNT_WORDS[kind], "down", False, tuple(points))

    def _experience(self, service_id: UUID) -> Signal | None:
        answers = self.concerns.get((service_id, "feedback"))
        if not answers:
            return None
        points = []
        for month in self.months:
            count, positive = answers.get(month, (0, 0))
            value = 100 * positive / count if count >= LEAST_ANSWERS else None
            points.append(Point(month, value, count))
        return Signal("feedback", "answers scored 4 or 5 of 5", "up", True, tuple(points))


def signals(*, actor: Actor, service_ids: list[UUID], on: date) -> Signals:
    """The signals of these services over the last complete months before `on`. One statement."""
    months = months_before(on)
    rows = db.session.execute(
        _SIGNALS,
        {
            "org": actor.org_id,
            "services": service_ids,
            "months": months,
            "first": months[0],
            "after": on.replace(day=1),
        },
    )
    return Signals(rows, months)
