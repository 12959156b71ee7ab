"""Rules on audit scores, by service and theme. Source: rules 3.3; steps S0-1 and S2-2.1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from careboard import patterns
from careboard.patterns import AuditScore
from careboard.risks import weakness
from careboard.rules.facts import Audit, Facts
from careboard.rules.rule import FIRES, Finding, Parameter, Parameters, Rule
from careboard.rules.telling import (
    answer,
    count,
    day,
    fixed,
    listed,
    of_services,
    quiet,
    refs,
    too_little,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(AuditScore):
    """An audit as patterns look at it, with its id; the service is left out."""

    id: UUID
    reference: str


def _scored(audits: Iterable[Audit]) -> list[Scored]:
    return [
        Scored(
            service="",
            theme=audit.theme,
            cycle=audit.cycle,
            on=audit.on,
            score=audit.score,
            rag=audit.rag,
            id=audit.id,
            reference=audit.reference,
        )
        for audit in audits
    ]


def _declines(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    points, least, days = given["points"], given["themes"], given["days"]
    for service_id, name, audits in of_services(facts, facts.audits):
        own = _scored(audits)
        themes = patterns.grouped(own, lambda audit: audit.theme).values()
        if max(map(len, themes), default=0) < 2:
            yield too_little(service_id, f"no theme was audited twice at {name}.")
            continue
        fallen = patterns.fallen_themes(own, points=points, days=days).get("", {})
        told = [f"{t} {_score(before)} to {_score(now)}" for t, (before, now) in fallen.items()]
        rows = refs("audit", [audit for pair in fallen.values() for audit in pair])
        if not fallen:
            yield quiet(service_id, f"No theme fell at {name} in its latest audits.")
        elif len(fallen) < least:
            said = f"{count(len(fallen), 'theme')} fell at {name}: {listed(told)}; {least} would be"
            yield quiet(service_id, f"{said} a decline across themes.", rows=rows)
        else:
            cycle = next(iter(fallen.values()))[1].cycle
            when = f" in {cycle}" if cycle else ""
            said = f"{count(len(fallen), 'theme')} fell at {name}{when}: {listed(told)}."
            yield answer(FIRES, service_id, said, rows=rows)


def _score(audit: AuditScore) -> str:
    return f"{audit.score:g}%"


def _repeated_amber(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    run, least, last = given["run"], given["least"], given["last"]
    for service_id, name, audits in of_services(facts, facts.audits):
        groups = patterns.grouped(_scored(audits), lambda audit: audit.theme)
        if not groups:
            yield too_little(service_id, f"no audit of {name} is on record.")
        for theme, scores in groups.items():
            banded = sorted((audit for audit in scores if audit.rag), key=lambda audit: audit.on)
            recent = banded[-last:]
            weak = [audit for audit in recent if audit.rag != "green"]
            told = f"{theme[:1].upper()}{theme[1:]} at {name}: amber or red in {len(weak)} of the "
            told += f"last {count(len(recent), 'audit')}"
            found = patterns.weak_audits(scores, run=run, least=least, last=last)
            if found:
                ran = all(audit.rag != "green" for audit in recent[-run:])
                told += f", {_latest(run)} among them" if ran else ""
                yield answer(FIRES, service_id, f"{told}.", key=theme, rows=refs("audit", found))
            elif len(recent) < min(run, least):
                said = f"{count(len(recent), 'audit')} of {theme} with a band at {name}."
                yield too_little(service_id, said, key=theme)
            else:
                yield quiet(service_id, f"{told}.", key=theme, rows=refs("audit", weak))


def _latest(run: int) -> str:
    return "the latest" if run == 1 else f"the latest {run}"


def _repeated_weakness(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    actions = {service_id: own for service_id, _, own in of_services(facts, facts.actions)}
    for service_id, name, audits in of_services(facts, facts.audits):
        closed: dict[str, date] = {}
        for action in actions[service_id]:
            if action.status == "verified" and action.theme and action.closed_on:
                first = closed.get(action.theme, action.closed_on)
                closed[action.theme] = min(first, action.closed_on)
        if not closed:
            yield too_little(service_id, f"no action on a theme of {name} was closed.")
        for theme, since in sorted(closed.items()):
            later = sorted(
                (a for a in audits if a.theme == theme and a.rag and a.on > since),
                key=lambda audit: audit.on,
            )[-weakness.AUDITS :]
            weak = [audit for audit in later if audit.rag != "green"]
            repeated = weakness.repeated_weakness([audit.rag for audit in later])
            told = f"{theme[:1].upper()}{theme[1:]} at {name}: amber or red in {len(weak)} of "
            told += f"{count(len(later), 'audit')} since an action on it was closed on {day(since)}"
            more = {"key": theme, "rows": refs("audit", weak)}
            if repeated is None:
                yield too_little(
                    service_id, f"{count(len(later), 'audit')} of {theme} since.", key=theme
                )
            elif repeated:
                yield answer(FIRES, service_id, f"{told}.", **more)
            else:
                yield quiet(service_id, f"{told}.", **more)


RULES = (
    Rule(
        "multi_theme_decline",
        1,
        "Multi-theme decline",
        "Rules 3.3; step S2-2.1",
        (
            Parameter("points", "A theme falls by", patterns.DROP_POINTS, "points", 1, 50),
            Parameter("themes", "Themes that fall", patterns.DECLINING_THEMES, "", 2, 10),
            Parameter("days", "Within", patterns.SAME_DECLINE_DAYS, "days", 28, 400),
        ),
        frozenset({"services", "audits"}),
        _declines,
        suggests=True,
    ),
    Rule(
        "repeated_amber",
        1,
        "Repeated amber scores, repeated weak scores",
        "Rules 3.3; S2-2",
        (
            Parameter("run", "Amber or red in the latest", patterns.AMBER_RUN, "audits", 2, 6),
            Parameter("least", "Or amber or red in", patterns.AMBER_OF[0], "audits", 2, 12),
            Parameter("last", "Of the last", patterns.AMBER_OF[1], "audits", 3, 12),
        ),
        frozenset({"services", "audits"}),
        _repeated_amber,
    ),
    Rule(
        "repeated_weakness",
        1,
        "Repeated audit weakness",
        "Rules 3.3; S0-1",
        (
            fixed("least", "Amber or red in", weakness.LEAST_WEAK, "audits"),
            fixed("last", "Of the last", weakness.AUDITS, "audits since the work was closed"),
        ),
        frozenset({"services", "audits", "actions"}),
        _repeated_weakness,
    ),
)
