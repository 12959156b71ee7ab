"""What the rules share: rows by service, references to rows, and the words of a sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from careboard.patterns import Item
from careboard.rules.facts import Concern, Facts
from careboard.rules.rule import QUIET, TOO_LITTLE, Finding, Outcome, Parameter, RowRef

Row = TypeVar("Row")
DAY = timedelta(days=1)


def of_services(facts: Facts, rows: Iterable[Row]) -> Iterator[tuple[UUID, str, list[Row]]]:
    """Every active service with its name and its own rows; these in an order of their own, so that
    the order in which they were read changes nothing."""
    groups: dict[UUID, list[Row]] = {service_id: [] for service_id in facts.services}
    for row in sorted(rows, key=lambda row: row.id):
        if row.service_id in groups:
            groups[row.service_id].append(row)
    for service_id, name in sorted(facts.services.items()):
        yield service_id, name, groups[service_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Item):
    """A concern as patterns look at it, with its id."""

    id: UUID


def seen(concern: Concern) -> Seen:
    """Words are compared without case and further spaces. The service is left out: patterns are
    looked for within one."""
    return Seen(
        id=concern.id,
        service="",
        on=concern.on,
        reference=concern.reference,
        theme=_folded(concern.theme),
        place=_folded(concern.place),
        source_role=_folded(concern.source_role),
        person=concern.person,
        level=concern.level,
        status=concern.status,
    )


def _folded(said: str) -> str:
    return " ".join(said.casefold().split())


def refs(
    kind: str, rows: Iterable[Any], on: Callable[[Any], date | None] | None = None
) -> tuple[RowRef, ...]:
    """References to rows, by day: their id, and their reference if they have one. `on` gives a
    row's day; without it, its own `on`."""
    return tuple(
        sorted(
            RowRef(
                kind,
                (on(row) if on else row.on) or date.min,
                getattr(row, "reference", ""),
                row.id,
            )
            for row in rows
        )
    )


def fixed(name: str, words: str, value: float, unit: str = "") -> Parameter:
    """A threshold that also counts elsewhere on the board, or that the database enforces: it is
    shown with the rule, and nobody changes it for one and not for the other."""
    return Parameter(name, words, value, unit, value, value)


def answer(outcome: Outcome, service_id: UUID, sentence: str, **more: Any) -> Finding:
    """A finding; `more` may be key, rows and next_on."""
    return Finding(service_id, more.pop("key", ""), outcome, sentence, **more)


def too_little(service_id: UUID, sentence: str, **more: Any) -> Finding:
    """That there is not enough to say."""
    return answer(TOO_LITTLE, service_id, f"Not enough data: {sentence}", **more)


def quiet(service_id: UUID, sentence: str, **more: Any) -> Finding:
    """That there is nothing to answer."""
    return answer(QUIET, service_id, sentence, **more)


def leaves_on(rows: Sequence[Any], days: int) -> date | None:
    """The day on which the first of a window's rows is no longer in it."""
    return min((row.on + days * DAY for row in rows), default=None)


def next_of(on: date, *days: date | None) -> date | None:
    """The first of the days that is still to come."""
    return min((day for day in days if day is not None and day > on), default=None)


def count(number: int, one: str, many: str = "") -> str:
    """`1 concern`, `12 concerns`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def words(code: str) -> str:
    """A code in words: `source_role` is source role."""
    return code.replace("_", " ")


def day(value: date) -> str:
    """3 Nov 2026."""
    return f"{value.day} {value:%b %Y}"


def listed(parts: Sequence[str]) -> str:
    """`medicines, care records and staffing`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
