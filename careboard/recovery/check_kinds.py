"""The five structured checks: their names, what they ask, and what follows from the answers. Pure.

Source: steps S1-1.3, S1-1.4, S1-2.2, S1-2.4 and S1-3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from careboard.clock import day_words

SHORT_OF = 0.10  # more than a tenth fewer hours than people need does not match (rules 3.3)
ROUNDS = ("morning", "midday", "teatime", "night")
SHIFT_WORDS = {"early": "Early", "late": "Late", "night": "Night", "long_day": "Long day"}
DISCREPANCIES = (
    "No entry on the record",
    "Count does not match",
    "Given late or early",
    "Wrong medicine or dose",
    "Out of stock",
    "Something else",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` as a heading; `short` in lists; `words` of each verdict. `staff` says whose code is
    asked for (empty: nobody's), and `part` what that person had to do with it. `record` is the
    record that the check belongs to."""

    code: str
    name: str
    short: str
    asks: str
    record: str
    steps: str
    words: dict[str, str]
    staff: str = ""
    part: str = ""


_PRACTICE = {
    "as_agreed": "As agreed",
    "not_as_agreed": "Not as agreed",
    "unsafe": "Unsafe",
}
KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "medicines_shift",
            "End-of-shift medicines check",
            "Medicines check",
            "Look through the records of the shift, and note every discrepancy.",
            "dashboard evidence sheet",
            "S1-1.3",
            {"ok": "No discrepancy", "discrepancies": "Discrepancies"},
            "Staff code of whoever made the check, if not you",
            "made by",
        ),
        Kind(
            "practice_observation",
            "Practice observation",
            "Observation",
            "Watch a piece of support or a medicines round, and compare it with what was agreed.",
            "observation log",
            "S1-1.4 S1-2.4",
            _PRACTICE,
            "Staff code of the person observed",
            "observed:",
        ),
        Kind(
            "competency",
            "Competency check",
            "Competency",
            "Check that a colleague is competent, and until when that holds.",
            "workforce assurance file",
            "S1-1.4",
            {"as_agreed": "Competent", "not_as_agreed": "Not yet competent", "unsafe": "Unsafe"},
            "Staff code of the person checked",
            "checked:",
        ),
        Kind(
            "deployment",
            "Deployment on a sampled shift",
            "Deployment",
            "Who was really there, against the plan and what people need.",
            "daily management log",
            "S1-3.3",
            {"as_agreed": "Matches need", "not_as_agreed": "Does not match need"},
        ),
        Kind(
            "review_actions",
            "Sampled actions of care reviews",
            "Review actions",
            "Take some actions of recent care reviews: is each one specific and owned?",
            "care planning evidence file",
            "S1-2.2",
            {"ok": "All specific and owned", "not_as_agreed": "Some are vague"},
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Deployment:
    """Hours of a shift: planned, worked, and those that people's dependency asks for (None: not
    assessed); `delays` counts calls that waited too long."""

    planned: float
    actual: float
    required: float | None = None
    delays: int = 0
    unmet_need: str = ""

    @property
    def short(self) -> bool | None:
        """Whether the hours worked fall short of those required by more than a tenth; None where
        nobody has assessed what is required."""
        return None if self.required is None else falls_short(self.actual, self.required)

    @property
    def verdict(self) -> str:
        """Against what is required, or where that is not known, what was planned."""
        needed = self.planned if self.required is None else self.required
        matches = not falls_short(self.actual, needed) and not self.unmet_need
        return "as_agreed" if matches else "not_as_agreed"


def falls_short(actual: float, required: float) -> bool:
    """Whether the hours are fewer than required by more than a tenth. Source: rules 3.3."""
    return actual < required * (1 - SHORT_OF) - 1e-9


@dataclass(frozen=True, slots=True)
class SampledAction:
    """An action of a care review, by its own reference: is it specific, owned, and dated?"""

    reference: str
    specific: bool
    owned: bool
    dated: bool = True

    @property
    def gaps(self) -> tuple[str, ...]:
        words = (("specific", self.specific), ("owned", self.owned), ("dated", self.dated))
        return tuple(word for word, there in words if not there)

    @property
    def said(self) -> str:
        """What is wrong with it: `AR-14: not owned, not dated`."""
        return f"{self.reference}: {', '.join(f'not {word}' for word in self.gaps)}"


def verdict_of_actions(actions: Sequence[SampledAction]) -> str:
    """Of a sample, which must not be empty."""
    return "not_as_agreed" if any(action.gaps for action in actions) else "ok"


def told(kind: str, result: Mapping[str, Any]) -> str:
    """The figures of a check in words."""
    if kind == "medicines_shift":
        charts = result.get("charts")
        return "" if charts is None else f"{charts} record{'' if charts == 1 else 's'} looked at"
    if kind == "deployment":
        required = result.get("required")
        hours = f"{result['planned']:g} hours planned, {result['actual']:g} worked"
        needed = "need not assessed" if required is None else f"{required:g} needed"
        delays = result.get("delays", 0)
        return f"{hours}, {needed}; {delays} delay{'' if delays == 1 else 's'}"
    if kind == "review_actions":
        names = ", ".join(action["reference"] for action in result["actions"])
        return f"{result['sampled']} sampled: {names}"
    until = result.get("valid_until")
    held = f"; holds until {day_words(date.fromisoformat(until))}" if until else ""
    return f"{result.get('what', '')}{held}"
