"""What recovery looks like now, in the words of the figures command. Source: rules N4, N5, 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from careboard.db import db
from careboard.figures import percentage
from careboard.recovery.points import GOALS, Point, holds
from careboard.recovery.series import series
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.trend import compared, short_trend

MEDICINE_WEEKS = 10
REVIEW_WEEKS = 12
TIMELY_WEEKS = 8
_MEASURES = ("medicines_compliance", "medicines_stock_outs", "reviews_on_time")
_OVERDUE = text("""
SELECT count(*) FROM care_review WHERE org_id = :org AND due_on < :on
  AND (completed_on IS NULL OR completed_on > :on)
""")

Named = Mapping[str, list[Point]]  # by the service's name


def recovery_found(*, actor: Actor, on: date) -> dict[str, Any]:
    """Every story with what it rests on, as plain values; None where there is none. Three
    statements, and one for the names."""
    services = select(Service.id, Service.name).where(Service.org_id == actor.org_id)
    names = {row.id: row.name for row in db.session.execute(services)}
    found = series(actor=actor, measures=_MEASURES, on=on, count=REVIEW_WEEKS)
    doses, outages, reviews = (_named(found[code], names) for code in _MEASURES)
    doses = {name: points[-MEDICINE_WEEKS:] for name, points in doses.items()}
    return {
        "medicines_last_full_week": _last_week(doses, outages),
        "medicines_recovery": _recovery(doses),
        "medicines_stable_below_target": _stable_below_target(doses),
        "care_reviews_deteriorating": _deteriorating(reviews),
        "reviews_on_time_last_8_weeks": _on_time(reviews),
        "overdue_reviews": db.session.scalar(_OVERDUE, {"org": actor.org_id, "on": on}),
    }


def _named(found: Mapping[UUID, list[Point]], names: Mapping[UUID, str]) -> dict[str, list[Point]]:
    """Those that have anything to tell, by name."""
    named = {
        names[service]: points
        for service, points in found.items()
        if any(point.denominator for point in points)
    }
    return dict(sorted(named.items()))


def _last_week(doses: Named, outages: Named) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "due": points[-1].denominator,
            "valid": points[-1].numerator,
            "percent": percentage(points[-1].numerator, points[-1].denominator),
            "stock_outs": outages[name][-1].numerator,
        }
        for name, points in doses.items()
    }


def _recovery(doses: Named) -> dict[str, Any] | None:
    """The service that rose most from below the target to meeting it, in two weeks together."""
    goal = GOALS["medicines"]
    risen = [
        (points[-1].value - points[0].value, name)
        for name, points in doses.items()
        if points[0].value is not None
        and points[0].value < goal.target
        and holds(points, goal.target, good="up", periods=goal.periods)
    ]
    if not risen:
        return None
    name = max(risen)[1]
    return {**_weeks(name, doses[name]), "target": goal.target, "passed": True}


def _stable_below_target(doses: Named) -> dict[str, Any] | None:
    """The lowest of the services that never met the target and do not move."""
    target = GOALS["medicines"].target
    low = [
        (points[-1].value, name)
        for name, points in doses.items()
        if all(point.value is not None and point.value < target for point in points)
        and _direction(points) == "stable"
    ]
    return _weeks(min(low)[1], doses[min(low)[1]]) if low else None


def _deteriorating(reviews: Named) -> dict[str, Any] | None:
    """The service whose reviews fell most against the three weeks before."""
    falling = [
        (_change(points), name)
        for name, points in reviews.items()
        if _direction(points) == "worsening"
    ]
    if not falling:
        return None
    name = min(falling)[1]
    return {
        "service": name,
        "on_time_and_due_last_12_weeks": _pairs(reviews[name]),
        "change_on_previous_three": _change(reviews[name]),
    }


def _on_time(reviews: Named) -> dict[str, dict[str, float]]:
    return {
        name: {
            "on_time": sum(point.numerator for point in points[-TIMELY_WEEKS:]),
            "due": sum(point.denominator for point in points[-TIMELY_WEEKS:]),
        }
        for name, points in reviews.items()
    }


def _weeks(name: str, points: list[Point]) -> dict[str, Any]:
    return {
        "service": name,
        "valid_and_due_by_week": _pairs(points),
        "change_on_previous_three": _change(points),
    }


def _pairs(points: list[Point]) -> list[list[float]]:
    return [[point.numerator, point.denominator] for point in points]


def _direction(points: list[Point]) -> str | None:
    return short_trend([point.value for point in points], improvement="increase", percent=True)


def _change(points: list[Point]) -> float | None:
    """The latest week against the mean of the three before it, in percentage points."""
    found = compared([point.value for point in points])
    return round(found[0] - found[1], 2) if found else None
