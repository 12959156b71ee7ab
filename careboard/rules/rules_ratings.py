"""Rules on ratings and the evidence behind them, as the board counts them.

Source: rules 3.3 and 3.4; steps S0-3.1 to S0-3.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from careboard.risks import assurance, sustained
from careboard.risks.assurance import EVIDENCE_DAYS, REVIEW_DAYS
from careboard.risks.disputes import REPEAT_DAYS
from careboard.rules.facts import Action, Facts, Risk
from careboard.rules.rule import FIRES, QUIET, TOO_LITTLE, Finding, Parameters, RowRef, Rule
from careboard.rules.telling import (
    DAY,
    answer,
    count,
    day,
    fixed,
    listed,
    next_of,
    of_services,
    quiet,
    refs,
    too_little,
    words,
)


def _each(facts: Facts) -> Iterator[tuple[UUID, str, Risk | None]]:
    """Every open risk with its service; None for a service without one."""
    for service_id, name, risks in of_services(facts, facts.risks):
        for risk in risks or (None,):
            yield service_id, name, risk


def _unrated(service_id: UUID, name: str) -> Finding:
    return too_little(service_id, f"nothing is rated at {name}.")


def _named(risk: Risk, name: str) -> str:
    return f"The rating of {words(risk.domain)} at {name} ({words(risk.rating)})"


def _refs(*risks: Risk) -> tuple[RowRef, ...]:
    return refs("risk", risks, lambda risk: risk.rated_on)


def _missing_evidence(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    actions = {service_id: own for service_id, _, own in of_services(facts, facts.actions)}
    for service_id, name, risks in of_services(facts, facts.risks):
        bare = [risk for risk in risks if not risk.support.in_date]
        closed = [a for a in actions[service_id] if _lately_closed(a, on)]
        unproved = [action for action in closed if not action.evidence]
        turns = [risk.expires_on for risk in risks]
        for action in closed:
            turns += [
                _closed_on(action) + (EVIDENCE_DAYS + 1) * DAY,
                action.evidence_until and action.evidence_until + DAY,
            ]
        next_on = next_of(on, *turns)
        if not risks and not any(map(_closed_on, actions[service_id])):
            yield too_little(service_id, f"nothing is rated and no action was closed at {name}.")
        elif bare or unproved:
            told = [count(len(bare), "rating")] if bare else []
            told += [count(len(unproved), "closed action")] if unproved else []
            rows = (*_refs(*bare), *refs("action", unproved, _closed_on))
            said = f"{listed(told)} at {name} without evidence in date."
            yield answer(FIRES, service_id, said, rows=rows, next_on=next_on)
        else:
            said = f"Every rating and closed action at {name} has evidence in date."
            yield quiet(service_id, said, next_on=next_on)


def _closed_on(action: Action) -> date:
    return action.completed_on or action.closed_on


def _lately_closed(action: Action, on: date) -> bool:
    closed = _closed_on(action) if action.status in ("completed", "verified") else None
    return closed is not None and 0 <= (on - closed).days <= EVIDENCE_DAYS


def _stale(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, risk in _each(facts):
        if risk is None:
            yield _unrated(service_id, name)
            continue
        newest = risk.support.newest_on
        told = f"{_named(risk, name)} was last reviewed on {day(risk.rated_on)}"
        told += f", its newest evidence is of {day(newest)}." if newest else "."
        turns = (
            risk.rated_on + (REVIEW_DAYS + 1) * DAY,
            newest and newest + (EVIDENCE_DAYS + 1) * DAY,
            risk.expires_on,
        )
        yield Finding(
            service_id,
            risk.domain,
            FIRES if assurance.stale(risk.rated_on, risk.support, on) else QUIET,
            told,
            _refs(risk),
            next_of(on, *turns),
        )


def _changed_evidence(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, risk in _each(facts):
        if risk is None:
            yield _unrated(service_id, name)
            continue
        needed = assurance.review_needed(risk.rating, risk.support, on)
        audit = risk.support.audit
        if needed is None or audit is None:
            told = f"{_named(risk, name)} is not contradicted by a newer audit."
            yield quiet(service_id, told, key=risk.domain, rows=_refs(risk))
            continue
        due = assurance.review_due(audit)
        told = f"{_named(risk, name)} stands for {assurance.IMPLIED[risk.rating]}, and the audit "
        told += f"of {day(audit.on_date)} is {audit.band}: to be reviewed by {day(due)}."
        rows = (*_refs(risk), RowRef("audit", audit.on_date, audit.reference, audit.id))
        yield answer(FIRES, service_id, told, key=risk.domain, rows=rows)


def _disputed(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, risk in _each(facts):
        if risk is None:
            yield _unrated(service_id, name)
            continue
        dispute = risk.support.dispute
        if dispute is None:
            said = f"{_named(risk, name)} is not disputed."
            yield quiet(service_id, said, key=risk.domain)
            continue
        said = f"{_named(risk, name)} is disputed; moderation is due by {day(dispute.due_on)}."
        if dispute.escalated:
            said += f" It is not the first dispute within {REPEAT_DAYS} days, so the governance "
            said += "group decides."
        rows = (*_refs(risk), RowRef("dispute", dispute.due_on, dispute.reference, dispute.id))
        yield answer(FIRES, service_id, said, key=risk.domain, rows=rows)


def _not_sustained(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, risk in _each(facts):
        if risk is None:
            yield _unrated(service_id, name)
            continue
        watch = risk.support.watch
        if not watch:
            said = f"{_named(risk, name)} was not lowered within {sustained.WATCH_DAYS} days."
            yield quiet(service_id, said, key=risk.domain)
            continue
        found = sustained.finding(watch)
        outcome = FIRES if found.fires else QUIET if found.enough else TOO_LITTLE
        audit = watch.red_audit
        rows = _refs(risk)
        if found.fires and audit is not None:
            rows += (RowRef("audit", audit.on_date, audit.reference, audit.id),)
        yield Finding(
            service_id,
            risk.domain,
            outcome,
            f"{_named(risk, name)}: {found.sentence}",
            rows,
            next_of(on, (on.replace(day=1) + 31 * DAY).replace(day=1)),
        )


def _untested(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, risk in _each(facts):
        if risk is None:
            yield _unrated(service_id, name)
        elif risk.rating == "low":
            tested = risk.support.tested_on
            told = f"{_named(risk, name)} rests on evidence that nobody else has tested."
            if tested is not None:
                told = f"{_named(risk, name)} was last tested by somebody else on {day(tested)}."
            yield Finding(
                service_id,
                risk.domain,
                FIRES if assurance.untested(risk.rating, risk.support, on) else QUIET,
                told,
                _refs(risk),
                next_of(on, tested and tested + (EVIDENCE_DAYS + 1) * DAY, risk.expires_on),
            )


def _highest(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    changes: dict[UUID, date] = {}
    for change in sorted(facts.rating_changes, key=lambda change: (change.on, change.id)):
        if change.rating_to != change.rating_from:
            changes[change.risk_id] = change.on
    for service_id, name, risk in _each(facts):
        if risk is None:
            yield _unrated(service_id, name)
        elif risk.rating == "very_high":
            since = changes.get(risk.id, risk.rated_on)
            said = f"{words(risk.domain).capitalize()} at {name} is rated very high since "
            row = RowRef("risk", since, risk.reference, risk.id)
            yield answer(FIRES, service_id, f"{said}{day(since)}.", key=risk.domain, rows=(row,))
        else:
            said = f"{_named(risk, name)} is not the highest."
            yield quiet(service_id, said, key=risk.domain)


_READS = frozenset({"services", "risks"})
_REVIEWED = fixed("reviewed", "Not reviewed for more than", REVIEW_DAYS, "days")
_EVIDENCE = fixed("evidence", "Newest evidence older than", EVIDENCE_DAYS, "days")
RULES = (
    Rule(
        "evidence_missing",
        1,
        "Missing evidence, no evidence links",
        "Rules 3.3; S0-3",
        (fixed("days", "Actions closed within", EVIDENCE_DAYS, "days"),),
        _READS | {"actions"},
        _missing_evidence,
    ),
    Rule(
        "rating_stale",
        1,
        "Stale rating, outdated rating",
        "Rules 3.3; S0-3",
        (_REVIEWED, _EVIDENCE),
        _READS,
        _stale,
    ),
    Rule(
        "evidence_changed",
        1,
        "Changed evidence",
        "Rules 3.3; S0-3",
        (fixed("due", "Reviewed within", assurance.CHANGED_WORKING_DAYS, "working days"),),
        _READS,
        _changed_evidence,
    ),
    Rule(
        "rating_disputed",
        1,
        "Disputed score, disputed assurance",
        "Rules 3.3; S0-3",
        (fixed("again", "Escalated when disputed again within", REPEAT_DAYS, "days"),),
        _READS,
        _disputed,
    ),
    Rule(
        "not_sustained",
        1,
        "Improvement not sustained",
        "Rules 3.3; step S0-3.5",
        (
            fixed("days", "Rating lowered within", sustained.WATCH_DAYS, "days"),
            fixed("back", "Back where it stood in", sustained.LEAST_BACK, "months"),
            fixed("months", "Of the next", sustained.PERIODS, "months"),
        ),
        _READS,
        _not_sustained,
    ),
    Rule(
        "green_untested",
        1,
        "Green without test",
        "Rules 3.3; S0",
        (fixed("days", "Tested by somebody else within", EVIDENCE_DAYS, "days"),),
        _READS,
        _untested,
    ),
    Rule(
        "rating_highest",
        1,
        "Rating raised to the highest band",
        "Rules 3.4",
        (),
        _READS | {"rating_changes"},
        _highest,
        suggests=True,
    ),
)
