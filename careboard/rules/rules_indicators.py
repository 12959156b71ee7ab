"""Rules on indicators, as the round of declines judges them. Source: rules 3.3; S1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from careboard.recovery import decline
from careboard.recovery.decline import Verdict
from careboard.rules.facts import Facts, Indicator
from careboard.rules.rule import (
    FIRES,
    QUIET,
    TOO_LITTLE,
    Finding,
    Outcome,
    Parameters,
    RowRef,
    Rule,
)
from careboard.rules.telling import fixed, next_of, of_services, too_little

# What neither fires nor is over says neither: nothing opens, and what stands is not closed.
OUTCOMES: dict[str, Outcome] = {
    "fires": FIRES,
    "clear": QUIET,
    "holds": TOO_LITTLE,
    "not_enough_data": TOO_LITTLE,
}


def _judged(
    judge: Callable[..., Verdict], wanted: Callable[[Indicator], bool]
) -> Callable[[Facts, Parameters, date], Iterator[Finding]]:
    def find(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
        for service_id, name, indicators in of_services(facts, facts.indicators):
            own = list(filter(wanted, indicators))
            if not own:
                yield too_little(service_id, f"no indicator of {name} tells.")
            for one in own:
                verdict = judge(one.reads)
                yield Finding(
                    service_id,
                    one.reference,
                    OUTCOMES[verdict.state],
                    f"{one.name} at {name}: {verdict.sentence}",
                    _refs(one, verdict),
                    next_of(on, one.turns_on),
                )

    return find


def _refs(indicator: Indicator, verdict: Verdict) -> tuple[RowRef, ...]:
    """The indicator, and those of its readings that were entered or imported."""
    readings = [row for row in verdict.rows if row["kind"] == "reading"]
    on = indicator.reads[-1].period.end if indicator.reads else date.min
    return (
        RowRef("indicator", on, indicator.reference, indicator.id),
        *(
            RowRef("reading", date.fromisoformat(row["to"]), row["value"], UUID(row["id"]))
            for row in readings
        ),
    )


_READS = frozenset({"services", "indicators"})
RULES = (
    Rule(
        "falling_compliance",
        decline.VERSION,
        "Falling compliance, declining outcomes, indicator worsens",
        "Rules 3.3; S1",
        (
            fixed("reviews", "Worsening in", decline.WORSENING_REVIEWS, "consecutive readings"),
            fixed("crossed", "Or into red within", decline.CROSSED_WITHIN, "readings"),
        ),
        _READS,
        _judged(decline.falling_compliance, lambda indicator: True),
    ),
    Rule(
        "repeated_delays",
        decline.VERSION,
        "Repeated response delays, repeated evening delays",
        "Rules 3.3; S1-3",
        (
            fixed("share", "Delayed", decline.DELAYED, "%"),
            fixed("weeks", "In at least", decline.DELAYED_WEEKS, "weeks"),
            fixed("last", "Of the last", decline.OF_WEEKS, "weeks"),
        ),
        _READS,
        _judged(decline.repeated_delays, lambda indicator: indicator.delays),
    ),
)
