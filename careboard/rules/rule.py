"""What a rule is, and what it finds. Pure.

A rule reads facts by name, looks at them as on one day, and says of each state of affairs whether
it fires, is quiet, or cannot tell. Its thresholds are data: an organisation sets its own.
Source: rules 3.1, 3.3 and 3.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

if TYPE_CHECKING:
    from careboard.rules.facts import Facts

Value = int | float | tuple[str, ...]
Parameters = Mapping[str, Value]
Outcome = Literal["fires", "quiet", "too_little_data"]
FIRES: Outcome = "fires"
QUIET: Outcome = "quiet"
TOO_LITTLE: Outcome = "too_little_data"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold: `words` name it in a form, `value` is our default, `unit` such as "days" or
    "%" (a share is in percent, not of 1). A number stays between `least` and `most`, both
    allowed; a tuple of words has no bounds."""

    name: str
    words: str
    value: Value
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def fixed(self) -> bool:
        """Whether nobody may change it, since the board counts by it elsewhere too."""
        return self.least is not None and self.least == self.most

    def said(self, value: Value) -> str:
        """The threshold in words, such as `Within: 61 days`."""
        if isinstance(value, tuple):
            told = ", ".join(value).replace("_", " ")
        else:
            told = f"{value:g}{'' if self.unit == '%' else ' '}{self.unit}".strip()
        return f"{self.words}: {told}"


@dataclass(frozen=True, slots=True, order=True)
class RowRef:
    """A record that made a rule say what it says. `kind` as careboard/rules/facts.py names it."""

    kind: str
    on: date
    reference: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one state of affairs: a service and a `key` within it (a theme, a
    place; "" is the service itself; service None is the whole organisation).

    `next_on` is the first later day on which time alone may change the answer, None if none can.
    """

    service_id: UUID | None
    key: str
    outcome: Outcome
    sentence: str
    rows: tuple[RowRef, ...] = ()
    next_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` are the seed's wording, `version` goes up whenever `find` may answer otherwise.

    `find` is given the facts named in `reads`, the parameters in use and the day; it writes
    nothing and asks no clock. With `suggests`, a firing asks for a decision on enhanced
    monitoring (rule 3.4)."""

    code: str
    version: int
    words: str
    source: str
    parameters: tuple[Parameter, ...]
    reads: frozenset[str]
    find: Callable[[Facts, Parameters, date], Iterator[Finding]]
    suggests: bool = False

    @property
    def defaults(self) -> dict[str, Value]:
        """Our own thresholds, by name."""
        return {parameter.name: parameter.value for parameter in self.parameters}
