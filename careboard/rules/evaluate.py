"""Every rule, asked what it says of an organisation's facts on a day. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from careboard.rules.facts import Facts
from careboard.rules.rule import FIRES, QUIET, TOO_LITTLE, Finding, Outcome, Rule
from careboard.rules.settings import InUse, in_use


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule says with the parameters in use; one finding for each state of affairs."""

    rule: Rule
    used: InUse
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """The gravest of its findings. Without any there was nothing to look at."""
        found = {finding.outcome for finding in self.findings}
        return next((one for one in (FIRES, QUIET) if one in found), TOO_LITTLE)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings of each outcome."""
        return dict(sorted(Counter(finding.outcome for finding in self.findings).items()))


def evaluate(
    rules: Iterable[Rule], *, facts: Facts, settings: Sequence[Any], on: date
) -> list[Answer]:
    """The answer of each rule, in one order whatever the order of the rows. Services that are not
    active are left out."""
    answers = []
    for rule in rules:
        used = in_use(rule, settings, on)
        found = [
            finding
            for finding in rule.find(facts, used.parameters, on)
            if finding.service_id is None or finding.service_id in facts.services
        ]
        found.sort(key=lambda finding: (str(finding.service_id or ""), finding.key))
        answers.append(Answer(rule, used, tuple(found)))
    return answers


def next_on(answers: Iterable[Answer], settings: Iterable[Any], on: date) -> date | None:
    """The next day on which time alone may change an answer, or other thresholds come in use."""
    days = [f.next_on for answer in answers for f in answer.findings if f.next_on is not None]
    days += [setting.in_use_from for setting in settings]
    return min((day for day in days if day > on), default=None)


def fingerprint(rules: Iterable[Rule]) -> str:
    """One word for a set of rules in their versions."""
    named = " ".join(f"{rule.code}:{rule.version}" for rule in rules)
    return hashlib.sha256(named.encode()).hexdigest()[:16]
