"""Where an indicator stands: better or worse, static, or unsupported by enough evidence. Pure.

Source: S1 ("risks are static, worsening or unsupported by enough evidence"); rules 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from careboard.clock import day_words
from careboard.recovery.periods import Cadence, full_periods
from careboard.trend import Band, Direction

# Without a reading for so many periods nobody knows where the indicator stands.
CADENCES_WITHOUT = 2

State = Literal["worsening", "unsupported", "not_enough_data", "changed", "stable", "improving"]
# The gravest first.
STATES: tuple[State, ...] = (
    *("worsening", "unsupported", "not_enough_data", "changed", "stable", "improving"),
)
# What asks for someone's attention; an indicator may stand in more than one of these.
Concern = Literal["worsening", "unsupported", "static"]
CONCERNS: tuple[Concern, ...] = ("worsening", "unsupported", "static")


@dataclass(frozen=True, slots=True)
class Support:
    """Whether an indicator rests on enough current evidence, and the sentence that says so."""

    state: Literal["supported", "unsupported", "not_enough_data"]
    sentence: str


@dataclass(frozen=True, slots=True)
class Reads:
    """When an indicator was opened, how often it is read, and the end of the latest period that
    has a reading (None: it was never read)."""

    opened_on: date
    cadence: Cadence
    last_end: date | None = None


def support(reads: Reads, *, evidence_until: date | None, on: date) -> Support:
    """Unsupported without a reading for two full periods, or without evidence in date.

    `evidence_until` is the latest day on which any evidence of the indicator's service and domain
    is valid; None: there is none at all. Too little to say while the first reading is not due.
    """
    first = full_periods(on, reads.cadence, CADENCES_WITHOUT)[0]
    if reads.last_end is None and reads.opened_on > first.start:
        said = f"Opened on {day_words(reads.opened_on)} and not read yet."
        return Support("not_enough_data", said)
    lacking = []
    if reads.last_end is None:
        lacking.append("it was never read")
    elif reads.last_end < first.start:
        lacking.append(
            f"no reading for the last {CADENCES_WITHOUT} {reads.cadence}s, the latest is of "
            f"{day_words(reads.last_end)}"
        )
    if evidence_until is None:
        lacking.append("no evidence for this service and domain")
    elif evidence_until < on:
        lacking.append(f"the evidence was valid until {day_words(evidence_until)}")
    if lacking:
        return Support("unsupported", f"Unsupported: {'; '.join(lacking)}.")
    return Support("supported", f"Read to {day_words(reads.last_end)}, with evidence in date.")


def state(direction: Direction | None, rests: Support) -> State:
    """The one word for an indicator: what nobody can support is neither better nor worse."""
    if rests.state == "unsupported":
        return "unsupported"
    return direction or "not_enough_data"


def concerns(direction: Direction | None, band: Band, rests: Support) -> Sequence[Concern]:
    """The lists that it stands in. A decline is one whether or not it is supported; static is
    what neither moves nor meets its target."""
    found: dict[Concern, bool] = {
        "worsening": direction == "worsening",
        "unsupported": rests.state == "unsupported",
        "static": direction == "stable" and band != "green",
    }
    return [name for name in CONCERNS if found[name]]
