"""The patterns of an organisation's own records, in the words of the figures command."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text

from careboard import patterns
from careboard.db import db
from careboard.figures import percentage
from careboard.patterns import AuditScore, Item
from careboard.tenancy import Actor

_AUDITS = text("""
SELECT s.name, a.theme, a.cycle, a.completed_on,
  100.0 * a.score / coalesce(nullif(a.max_score, 0), 10000), coalesce(a.rag, '')
FROM audit a JOIN service s ON s.org_id = a.org_id AND s.id = a.service_id
WHERE a.org_id = :org AND a.score IS NOT NULL AND a.completed_on <= :on
""")
_CONCERNS = text("""
SELECT c.kind, s.name, c.occurred_on, c.source_key, c.theme, c.place, c.source_role,
  c.person_ref, c.level, c.status, c.details->>'question', 5.0 * c.score / nullif(c.max_score, 0),
  coalesce(CAST(c.details->>'formal' AS boolean), false)
FROM concern c JOIN service s ON s.org_id = c.org_id AND s.id = c.service_id
WHERE c.org_id = :org AND c.occurred_on <= :on
""")


def patterns_found(*, actor: Actor, on: date) -> dict[str, Any]:
    """Every pattern with what made it, as plain values. Two statements."""
    values = {"org": actor.org_id, "on": on}
    audits = [
        AuditScore(service, theme, cycle, day, round(float(score), 2), rag)
        for service, theme, cycle, day, score, rag in db.session.execute(_AUDITS, values)
    ]
    concerns: dict[str, list[Item]] = {
        kind: [] for kind in ("incident", "complaint", "feedback", "safeguarding")
    }
    concerns["commissioner_query"] = []
    for kind, *facts, question, score, formal in db.session.execute(_CONCERNS, values):
        exact = None if score is None else float(score)
        concerns[kind].append(Item(*facts, question or "", exact, formal))
    return (
        _incidents(concerns["incident"], on)
        | _audits(audits)
        | _safeguarding(concerns["safeguarding"], on)
        | _feedback(concerns["feedback"], concerns["complaint"], on)
        | _queries(concerns["commissioner_query"], on)
    )


def _incidents(incidents: list[Item], on: date) -> dict[str, Any]:
    return {"open_incidents_over_28_days": len(patterns.incidents_open_long(incidents, on))}


def _audits(audits: list[AuditScore]) -> dict[str, Any]:
    declines = [
        {"service": service, "cycle": cycle, "themes": themes}
        for service, (cycle, themes) in patterns.theme_declines(audits).items()
    ]
    many = patterns.DECLINING_THEMES
    return {
        "multi_theme_decline": [item for item in declines if len(item["themes"]) >= many],
        "single_theme_drops": [item for item in declines if len(item["themes"]) < many],
        "repeated_amber": [
            {"service": service, "theme": theme}
            for service, theme in patterns.repeated_amber(audits)
        ],
    }


def _safeguarding(concerns: list[Item], on: date) -> dict[str, Any]:
    repeated = [
        {
            "service": service,
            "count": len(own),
            "first": own[0].on.isoformat(),
            "last": own[-1].on.isoformat(),
            "places": sorted({concern.place for concern in own if concern.place}),
            "refs": [concern.reference for concern in own],
        }
        for service, own in patterns.repeated_safeguarding(concerns, on).items()
    ]
    low = [concern for concern in concerns if concern.level == "low"]
    return {
        "safeguarding_repeat": repeated,
        "safeguarding_shared_61_days": _shared(concerns, on, patterns.SHARED_CONCERNS),
        "low_level_shared_92_days": _shared(low, on, patterns.SHARED_LOW_LEVEL),
    }


def _shared(concerns: list[Item], on: date, rule: tuple[int, int]) -> list[dict[str, str]]:
    found = patterns.shared_features(concerns, on, least=rule[0], days=rule[1])
    return [{"service": service, "what": feature} for service, feature in found]


def _feedback(answers: list[Item], complaints: list[Item], on: date) -> dict[str, Any]:
    return {
        "complaint_overlap": [
            {"service": service, "theme": theme, "month": month, "negative_items": count}
            for service, theme, month, count in patterns.complaint_overlap(answers, complaints)
        ],
        "repeated_poor_feedback": _with_days(patterns.poor_feedback(answers, on)),
        "timely_support_28_days": {
            service: {
                "positive": positive,
                "answers": count,
                "percent": percentage(positive, count),
            }
            for service, (positive, count) in patterns.timely_support(answers, on).items()
        },
    }


def _queries(queries: list[Item], on: date) -> dict[str, Any]:
    return {"repeated_commissioner_queries": _with_days(patterns.repeated_queries(queries, on))}


def _with_days(found: dict[tuple[str, str], list[Item]]) -> list[dict[str, Any]]:
    return [
        {"service": service, "theme": theme, "days": [item.on.isoformat() for item in own]}
        for (service, theme), own in found.items()
    ]
