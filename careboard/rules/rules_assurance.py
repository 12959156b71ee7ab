"""Rules on what somebody else's check of a claim found. Source: rules 3.3; steps S2-3.4, S0-3.2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from careboard.assurance.sql import RECENT_DAYS
from careboard.assurance.standing import MATCH_PERCENT
from careboard.rules.facts import Claim, Facts
from careboard.rules.rule import FIRES, Finding, Parameters, RowRef, Rule
from careboard.rules.telling import (
    DAY,
    answer,
    count,
    fixed,
    of_services,
    quiet,
    refs,
    too_little,
)


def unsupported_claims(claims: Sequence[Claim], on: date) -> list[Claim]:
    """Those whose check of the last 92 days found that they do not match their source."""
    return [
        claim
        for claim in claims
        if claim.unsupported
        and claim.validated_on is not None
        and 0 <= (on - claim.validated_on).days <= RECENT_DAYS
    ]


def expires_on(claims: Sequence[Claim]) -> date | None:
    """The day on which the first of these checks is no longer recent."""
    return min((claim.validated_on + (RECENT_DAYS + 1) * DAY for claim in claims), default=None)


def claim_refs(claims: Sequence[Claim]) -> tuple[RowRef, ...]:
    return refs("claim", claims, lambda claim: claim.validated_on)


def _unsupported(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
    for service_id, name, own in of_services(facts, facts.claims):
        checked = [
            claim
            for claim in own
            if claim.validated_on and 0 <= (on - claim.validated_on).days <= RECENT_DAYS
        ]
        unsupported = unsupported_claims(checked, on)
        if not any(claim.validated_on for claim in own):
            yield too_little(service_id, f"no claim of {name} was ever validated.")
            continue
        said = f"{len(unsupported)} of {count(len(checked), 'claim')} of {name} validated in "
        said += f"{RECENT_DAYS} days "
        critical = sum(claim.critical > 0 for claim in unsupported)
        if unsupported:
            does = "does" if len(unsupported) == 1 else "do"
            said += f"{does} not match the records"
            said += f", {critical} critically." if critical else "."
            rows = claim_refs(unsupported)
            yield answer(FIRES, service_id, said, rows=rows, next_on=expires_on(checked))
        else:
            said += "do not match the records."
            yield quiet(service_id, said, next_on=expires_on(checked))


RULES = (
    Rule(
        "unsupported_assurance",
        1,
        "Unsupported assurance, weak source records, claims that do not match records",
        "Rules 3.3; step S2-3.4",
        (
            fixed("matches", "Fewer of the sample match than", MATCH_PERCENT, "%"),
            fixed("critical", "Or critical mismatches", 1),
            fixed("days", "Validated within", RECENT_DAYS, "days"),
        ),
        frozenset({"services", "claims"}),
        _unsupported,
    ),
)
