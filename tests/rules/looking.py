"""Facts for the rules of one house, and what a rule says of them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from careboard.rules.facts import Action, Audit, Concern, Facts
from careboard.rules.registry import rule
from careboard.rules.rule import Finding

ON = date(2026, 11, 20)  # a Friday
HOUSE = UUID(int=1)
LODGE = UUID(int=2)
NAMES = {HOUSE: "Alder House", LODGE: "Birch Lodge"}


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def ask(code: str, *, on: date = ON, given: dict | None = None, **rows) -> list[Finding]:
    """What the rule says of Alder House."""
    asked = rule(code)
    facts = Facts.of(services={HOUSE: "Alder House"}, **rows)
    return list(asked.find(facts, {**asked.defaults, **(given or {})}, on))


def outcomes(code: str, **how) -> set[str]:
    return {finding.outcome for finding in ask(code, **how)}


def says(code: str, **how) -> str:
    """The outcome of a rule as a whole: it fires when one of its findings does."""
    found = outcomes(code, **how)
    return next(one for one in ("fires", "quiet", "too_little_data") if one in found)


def concerns(*days: int, kind: str = "safeguarding", **facts) -> list[Concern]:
    """One for each number of days ago."""
    return [Concern(uuid4(), kind, HOUSE, ago(day), reference=f"C{day}", **facts) for day in days]


def audits(bands: str, theme: str = "medicines", *, gap: int = 30, scores=None) -> list[Audit]:
    """One for each letter (g, a, r, or - for none), the last on the day; `scores` in percent."""
    names = {"g": "green", "a": "amber", "r": "red", "-": ""}
    last = len(bands) - 1
    return [
        Audit(
            uuid4(),
            HOUSE,
            theme,
            f"cycle {place - last}",
            ago((last - place) * gap),
            scores[place] if scores else 90.0,
            names[letter],
            f"A{place}",
        )
        for place, letter in enumerate(bands)
    ]


def action(status: str = "open", **facts) -> Action:
    """An action that lacks nothing, unless the facts say so."""
    whole = {
        "due_on": ago(-20),
        "original_due_on": ago(-20),
        "opened_on": ago(30),
        "outcome_measure": "Fewer gaps",
        "baseline": "12 gaps",
        "evidence_required": "The charts",
    }
    reference = facts.pop("reference", f"ACT-{uuid4().hex[:4]}")
    return Action(uuid4(), reference, HOUSE, status, **{**whole, **facts})
