"""Rules on structured checks of practice, as recovery plans watch them. Source: rules 3.3; S1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from careboard.clock import LONDON
from careboard.recovery import check_rules
from careboard.recovery.check_rules import Check
from careboard.rules.facts import Facts
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
from careboard.rules.telling import DAY, fixed, next_of, words

OUTCOMES: dict[str, Outcome] = {"fires": FIRES, "clear": QUIET, "not_enough_data": TOO_LITTLE}
_WINDOWS = (check_rules.WEEK, check_rules.DAYS, check_rules.SAMPLES_DAYS)
_WITHIN = fixed("days", "Within", check_rules.DAYS, "days")
_SAMPLED = fixed("days", "Sampled within", check_rules.SAMPLES_DAYS, "days")
THRESHOLDS = {
    "repeated_discrepancies": (
        fixed("least", "Discrepancies of one round", check_rules.REPEATED),
        _WITHIN,
    ),
    "delayed_review": (fixed("hours", "Reviewed after", check_rules.REVIEW_HOURS, "hours"),),
    "practice_not_matching": (
        fixed("least", "Not as agreed", check_rules.NOT_AS_AGREED, "observations"),
        fixed("last", "Of the last", check_rules.LAST_OBSERVATIONS, "observations"),
    ),
    "one_senior": (
        fixed("share", "Checks by one person", 100 * check_rules.ONE_PERSON, "%"),
        fixed("least", "Of at least", check_rules.FEWEST_CHECKS, "checks"),
        _WITHIN,
    ),
    "vague_actions": (_SAMPLED,),
    "deployment_mismatch": (
        fixed("least", "Shifts over a tenth short", check_rules.SHIFTS_SHORT, "shifts"),
        fixed("days", "Within", check_rules.WEEK, "days"),
    ),
    "unmet_need": (_SAMPLED,),
}


def _turns(checks: tuple[Check, ...]) -> Iterator[date]:
    """The days on which a check leaves a window, or a discrepancy has waited too long."""
    for check in checks:
        yield from (check.on + days * DAY for days in _WINDOWS)
        for finding in check.findings:
            if finding.reviewed_at is None:
                late = finding.detected_at + timedelta(hours=check_rules.REVIEW_HOURS)
                yield late.astimezone(ZoneInfo(LONDON)).date()


def _watched(
    judge: Callable[..., check_rules.Trigger], title: str
) -> Callable[[Facts, Parameters, date], Iterator[Finding]]:
    def find(facts: Facts, given: Parameters, on: date) -> Iterator[Finding]:
        night = datetime.combine(on + DAY, time.min, ZoneInfo(LONDON))
        for service_id, name in sorted(facts.services.items()):
            checks = facts.checks.get(service_id, ())
            ordered = tuple(sorted(checks, key=lambda check: (check.on, check.id)))
            found = judge(ordered, on, night)
            made = {check.id: check for check in ordered}
            yield Finding(
                service_id,
                "",
                OUTCOMES[found.state],
                f"{title} at {name}: {found.sentence}",
                tuple(sorted(_ref(made[row]) for row in found.rows)),
                next_of(on, *_turns(ordered)),
            )

    return find


def _ref(check: Check) -> RowRef:
    return RowRef("check", check.on, words(check.kind), check.id)


RULES = tuple(
    Rule(
        code if code != "vague_actions" else "sampled_actions_vague",
        check_rules.VERSION,
        title if code != "vague_actions" else "Vague actions in sampled care reviews",
        "Rules 3.3; S1",
        THRESHOLDS[code],
        frozenset({"services", "checks"}),
        _watched(judge, title),
    )
    for code, (title, judge) in check_rules.RULES.items()
)
