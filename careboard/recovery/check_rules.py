"""The triggers that rest on structured checks. Pure.

Each fires, does not, or has too little to say so; silence is never good news by default. It names
the checks or findings that made it fire. Source: rules 3.3, S1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from careboard.recovery.check_kinds import falls_short

VERSION = 1
DAYS = 14  # discrepancies, and who makes the checks
REPEATED = 2
REVIEW_HOURS = 72
LAST_OBSERVATIONS = 5
NOT_AS_AGREED = 2
ONE_PERSON = 0.60
FEWEST_CHECKS = 5  # a share of fewer says nothing
SHIFTS_SHORT = 3
WEEK = 7
SAMPLES_DAYS = 28  # unmet need, and sampled actions of care reviews

State = Literal["fires", "clear", "not_enough_data"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `reviewed_at` None: nobody has reviewed it."""

    id: UUID
    kind: str
    what: str
    detected_at: datetime
    round: str = ""
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A check that stands. `who` is who made it: a hash of a staff code, or a membership's id.
    `result` as the kind keeps it."""

    id: UUID
    kind: str
    on: date
    verdict: str
    who: str = ""
    result: dict = field(default_factory=dict)
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a rule says. `rows` are the ids of the checks that made it fire."""

    code: str
    state: State
    sentence: str
    rows: tuple[UUID, ...] = ()


def repeated_discrepancies(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """At least 2 discrepancies of the same medicine round in 14 days."""
    own = _of("medicines_shift", checks, on, DAYS)
    if not own:
        return _nothing("repeated_discrepancies", f"No medicines check in the last {DAYS} days.")
    found = [(f.round, check.id) for check in own for f in check.findings]
    counted = Counter(name for name, _ in found)
    repeated = [name for name, number in counted.most_common() if number >= REPEATED]
    if not repeated:
        told = _counted(len(found), "discrepancy", "discrepancies")
        told += f" in {_checks(own)} over {DAYS} days"
        more = ", no two of the same round" if len(found) > 1 else ""
        return _clear("repeated_discrepancies", f"{told}{more}.")
    told = ", ".join(f"{counted[name]} in {_round(name)}" for name in repeated)
    rows = tuple(dict.fromkeys(check for name, check in found if name in repeated))
    return _fires("repeated_discrepancies", f"{told} over {DAYS} days.", rows)


def delayed_review(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """A discrepancy reviewed more than 72 hours after it was found, or waiting longer than that.

    One that waits counts however old it is; one that was reviewed, for 14 days.
    """
    own = [check for check in checks if check.kind == "medicines_shift" and check.on <= on]
    recent = {check.id for check in _of("medicines_shift", own, on, DAYS)}
    late = [
        (f, check.id)
        for check in own
        for f in check.findings
        if (f.reviewed_at is None or check.id in recent) and _hours(f, now) > REVIEW_HOURS
    ]
    if late:
        waiting = sum(f.reviewed_at is None for f, _ in late)
        longest = max(_hours(f, now) for f, _ in late)
        return _fires(
            "delayed_review",
            f"{_counted(len(late), 'discrepancy', 'discrepancies')} past {REVIEW_HOURS} hours, "
            f"{waiting} still waiting; the longest {longest:.0f} hours.",
            tuple(dict.fromkeys(check for _, check in late)),
        )
    if not recent:
        return _nothing("delayed_review", f"No medicines check in the last {DAYS} days.")
    return _clear("delayed_review", f"No discrepancy waited longer than {REVIEW_HOURS} hours.")


def practice_not_matching(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """Not as agreed in at least 2 of the last 5 observations, or any of them unsafe."""
    own = [c for c in checks if c.kind == "practice_observation" and c.on <= on]
    last = sorted(own, key=lambda check: check.on)[-LAST_OBSERVATIONS:]
    wrong = [check for check in last if check.verdict in ("not_as_agreed", "unsafe")]
    unsafe = [check for check in last if check.verdict == "unsafe"]
    told = f"{len(wrong)} of the last {_counted(len(last), 'observation')} not as agreed"
    if unsafe or len(wrong) >= NOT_AS_AGREED:
        more = f", {len(unsafe)} unsafe" if unsafe else ""
        return _fires("practice_not_matching", f"{told}{more}.", tuple(c.id for c in wrong))
    if len(last) < NOT_AS_AGREED:
        return _nothing(
            "practice_not_matching",
            f"{_counted(len(last), 'observation')}; {NOT_AS_AGREED} are needed.",
        )
    return _clear("practice_not_matching", f"{told}.")


def one_senior(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """At least 60% of the medicines checks of 14 days made by one person."""
    own = [check for check in _of("medicines_shift", checks, on, DAYS) if check.who]
    if len(own) < FEWEST_CHECKS:
        return _nothing(
            "one_senior",
            f"{_checks(own)} over {DAYS} days; {FEWEST_CHECKS} are needed to tell a share.",
        )
    who, number = Counter(check.who for check in own).most_common(1)[0]
    told = f"{number} of {len(own)} checks ({100 * number / len(own):.0f}%) by one person"
    if number / len(own) >= ONE_PERSON - 1e-9:
        rows = tuple(check.id for check in own if check.who == who)
        return _fires("one_senior", f"{told} over {DAYS} days.", rows)
    return _clear("one_senior", f"At most {told} over {DAYS} days.")


def vague_actions(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """A sampled action of a care review without owner or date, or that is not specific."""
    own = _of("review_actions", checks, on, SAMPLES_DAYS)
    if not own:
        return _nothing("vague_actions", f"No action was sampled in the last {SAMPLES_DAYS} days.")
    sampled = sum(check.result.get("sampled", 0) for check in own)
    vague = sum(len(check.findings) for check in own)
    told = f"{vague} of {sampled} sampled actions lack something over {SAMPLES_DAYS} days."
    if vague:
        return _fires("vague_actions", told, tuple(c.id for c in own if c.findings))
    return _clear("vague_actions", told)


def deployment_mismatch(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """Hours worked more than a tenth below those that people's dependency asks for, in at least 3
    shifts of a week."""
    own = [
        check
        for check in _of("deployment", checks, on, WEEK)
        if check.result.get("required") is not None
    ]
    short = [c for c in own if falls_short(c.result["actual"], c.result["required"])]
    told = f"{len(short)} of {_counted(len(own), 'sampled shift')} over {WEEK} days more than a "
    told += "tenth below the hours that people need"
    if len(short) >= SHIFTS_SHORT:
        return _fires("deployment_mismatch", f"{told}.", tuple(check.id for check in short))
    if len(own) < SHIFTS_SHORT:
        return _nothing("deployment_mismatch", f"{told}; {SHIFTS_SHORT} samples are needed.")
    return _clear("deployment_mismatch", f"{told}.")


def unmet_need(checks: Sequence[Check], on: date, now: datetime) -> Trigger:
    """Any unmet need that a shift leader noted."""
    own = _of("deployment", checks, on, SAMPLES_DAYS)
    if not own:
        return _nothing("unmet_need", f"No shift was sampled in the last {SAMPLES_DAYS} days.")
    found = [c for c in own if any(f.kind == "unmet_need" for f in c.findings)]
    told = f"Unmet need in {len(found)} of {_counted(len(own), 'sampled shift')}"
    told += f" over {SAMPLES_DAYS} days."
    if found:
        return _fires("unmet_need", told, tuple(check.id for check in found))
    return _clear("unmet_need", told)


Rule = Callable[[Sequence[Check], date, datetime], Trigger]
# What a plan may watch, with the words of the field.
RULES: dict[str, tuple[str, Rule]] = {
    "repeated_discrepancies": ("Repeated discrepancies", repeated_discrepancies),
    "delayed_review": ("Delayed review of discrepancies", delayed_review),
    "practice_not_matching": ("Practice not matching the agreed process", practice_not_matching),
    "one_senior": ("Staff relying on one senior", one_senior),
    "vague_actions": ("Vague actions", vague_actions),
    "deployment_mismatch": ("Deployment does not match dependency", deployment_mismatch),
    "unmet_need": ("Unmet need", unmet_need),
}


def evaluate(
    watch: Sequence[str], checks: Sequence[Check], on: date, now: datetime
) -> list[Trigger]:
    """What each watched rule says of a service's checks on that day; unknown ones are left out."""
    return [RULES[code][1](checks, on, now) for code in watch if code in RULES]


def _of(kind: str, checks: Sequence[Check], on: date, days: int) -> list[Check]:
    """Those of a kind in the days that end with `on`."""
    first = on - timedelta(days=days - 1)
    return [check for check in checks if check.kind == kind and first <= check.on <= on]


def _hours(finding: Finding, now: datetime) -> float:
    return ((finding.reviewed_at or now) - finding.detected_at).total_seconds() / 3600


def _round(name: str) -> str:
    return f"the {name} round" if name else "rounds that were not named"


def _checks(own: Sequence[Check]) -> str:
    return _counted(len(own), "check")


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _fires(code: str, sentence: str, rows: tuple[UUID, ...]) -> Trigger:
    return Trigger(code, "fires", sentence, rows)


def _clear(code: str, sentence: str) -> Trigger:
    return Trigger(code, "clear", sentence)


def _nothing(code: str, sentence: str) -> Trigger:
    return Trigger(code, "not_enough_data", sentence)
