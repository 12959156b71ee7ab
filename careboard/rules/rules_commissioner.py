"""Rules on what commissioners ask, and on confidence in a service's own controls.

One concern alone never suggests enhanced monitoring; one that meets unsupported assurance does.
Source: rules 3.3 and 3.4; steps S2-3.1 and S2-3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from careboard import patterns
from careboard.assurance.sql import RECENT_DAYS
from careboard.rules.facts import Concern, Facts
from careboard.rules.rule import FIRES, QUIET, Finding, Parameter, Parameters, Rule
from careboard.rules.rules_assurance import claim_refs, expires_on, unsupported_claims
from careboard.rules.telling import (
    DAY,
    answer,
    count,
    day,
    fixed,
    leaves_on,
    listed,
    next_of,
    of_services,
    quiet,
    refs,
    seen,
    too_little,
)

NEVER = "no commissioner query was ever recorded in this organisation."


def _standing(own: Sequence[Concern], on: date, days: int) -> list[Concern]:
    """The concerns that are not answered, and those of the window."""
    return [
        concern
        for concern in own
        if concern.on <= on and (concern.status == "open" or (on - concern.on).days < days)
    ]


def _told(standing: Sequence[Concern], name: str) -> str:
    themes = sorted({concern.theme for concern in standing if concern.theme})
    about = f" about {listed(themes)}" if themes else ""
    waiting = sum(concern.status == "open" for concern in standing)
    return f"{count(len(standing), 'commissioner concern')} at {name}{about}, {waiting} unanswered"


def _concerns(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    queries, days = facts.concerns_of("commissioner_query"), given["days"]
    for service_id, name, own in of_services(facts, queries):
        standing = _standing(own, on, days)
        if not queries:
            yield too_little(service_id, NEVER)
        elif standing:
            yield answer(
                FIRES,
                service_id,
                f"{_told(standing, name)}.",
                rows=refs("concern", standing),
                next_on=next_of(on, *(c.on + days * DAY for c in standing)),
            )
        else:
            yield quiet(service_id, f"No commissioner concern in {days} days at {name}.")


def _repeated(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    queries = facts.concerns_of("commissioner_query")
    least, days = given["least"], given["days"]
    for service_id, name, own in of_services(facts, queries):
        if not queries:
            yield too_little(service_id, NEVER)
            continue
        items = [seen(query) for query in own]
        recent = patterns.within(items, on, days)
        found = {
            theme: close
            for (_, theme), close in patterns.repeated_queries(
                items, on, least=least, days=days
            ).items()
            if sum(query.theme == theme for query in recent) >= least
        }
        for theme, close in found.items():
            # Those that stand together with the recent ones; an older cluster is over.
            run = _run(close, days)
            said = f"{count(len(run), 'commissioner query', 'commissioner queries')} about {theme} "
            said += f"at {name} between {day(run[0].on)} and {day(run[-1].on)}."
            own_recent = [query for query in recent if query.theme == theme]
            yield answer(
                FIRES,
                service_id,
                said,
                key=theme,
                rows=refs("concern", run),
                next_on=leaves_on(own_recent, days),
            )
        if not found:
            told = f"{count(len(recent), 'query', 'queries')} in {days} days at {name}; no {least}"
            yield quiet(service_id, f"{told} on one theme.", next_on=leaves_on(recent, days))


def _run(close: Sequence, days: int) -> list:
    """The last of the clusters: back from the latest query while the gap fits into a window."""
    run = [close[-1]]
    for query in reversed(close[:-1]):
        if (run[0].on - query.on).days >= days:
            break
        run.insert(0, query)
    return run


def _without_assurance(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    queries, days = facts.concerns_of("commissioner_query"), given["days"]
    claims = {service_id: own for service_id, _, own in of_services(facts, facts.claims)}
    for service_id, name, own in of_services(facts, queries):
        standing = _standing(own, on, days)
        unsupported = unsupported_claims(claims[service_id], on)
        if not queries:
            yield too_little(service_id, NEVER)
        elif not standing:
            yield quiet(service_id, f"No commissioner concern in {days} days at {name}.")
        elif not any(claim.validated_on for claim in claims[service_id]):
            yield too_little(
                service_id,
                f"{_told(standing, name)}, and no claim about it was ever validated.",
                next_on=next_of(on, *(c.on + days * DAY for c in standing)),
            )
        else:
            said = f"{_told(standing, name)}, and "
            said += f"{count(len(unsupported), 'claim')} in {RECENT_DAYS} days unsupported."
            yield answer(
                FIRES if unsupported else QUIET,
                service_id,
                said,
                rows=(*refs("concern", standing), *claim_refs(unsupported)),
                next_on=next_of(
                    on,
                    *(c.on + days * DAY for c in standing),
                    expires_on(unsupported),
                ),
            )


def _confidence(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    days = given["days"]
    for service_id, name, own in of_services(facts, facts.confidence_notes):
        recent = patterns.within(own, on, days)
        if recent:
            said = f"Confidence in the controls of {name} was lost on {day(recent[-1].on)}."
            rows = refs("confidence_note", recent)
            yield answer(FIRES, service_id, said, rows=rows, next_on=leaves_on(recent, days))
        else:
            yield quiet(service_id, f"Nobody noted in {days} days that confidence was lost.")


_READS = frozenset({"services", "concerns"})
_STANDS = Parameter("days", "Stands, when answered, for", patterns.QUERIES[1], "days", 1, 366)
RULES = (
    Rule(
        "commissioner_concern",
        1,
        "Commissioner concern",
        "Rules 3.3; step S2-3.1",
        (_STANDS,),
        _READS,
        _concerns,
    ),
    Rule(
        "commissioner_repeated",
        1,
        "Repeated contract questions, repeated commissioner queries",
        "Rules 3.3; S2-3",
        (
            Parameter("least", "Queries on one theme", patterns.QUERIES[0], "", 2, 20),
            Parameter("days", "Within", patterns.QUERIES[1], "days", 7, 366),
        ),
        _READS,
        _repeated,
    ),
    Rule(
        "commissioner_unsupported",
        1,
        "Commissioner concern with unsupported assurance",
        "Rules 3.4; step S2-3.2",
        (_STANDS, fixed("validated", "Claims validated within", RECENT_DAYS, "days")),
        _READS | {"claims"},
        _without_assurance,
        suggests=True,
    ),
    Rule(
        "confidence_lost",
        1,
        "Loss of confidence in local controls",
        "Rules 3.4; S2",
        (Parameter("days", "A note stands for", 28, "days", 1, 366),),
        frozenset({"services", "confidence_notes"}),
        _confidence,
        suggests=True,
    ),
)
