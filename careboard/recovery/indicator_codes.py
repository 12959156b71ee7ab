"""What each source's medicines codes stand for, and whether a dose with one counts as a gap.

Source: rule N4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from careboard.db import db
from careboard.imports.feed_codes import MEDICINE_OUTCOME, MEDICINE_SYSTEMS
from careboard.imports.models import DataMap
from careboard.recovery.measure_rows import GAPS
from careboard.tenancy import Actor

FEED, FIELD = "emar", "outcome"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a dose, and the codes that a source writes for it."""

    outcome: str
    written: Sequence[str]

    @property
    def gap(self) -> bool:
        """Whether the dose is neither given nor accounted for."""
        return self.outcome in GAPS


@dataclass(frozen=True, slots=True)
class CodeMap:
    """The codes of one source. `version` is that of its data map; None: CareBoard knows them by
    themselves."""

    source: str
    version: int | None
    outcomes: Sequence[Outcome]


def code_maps(*, actor: Actor) -> list[CodeMap]:
    """Those that the organisation has settled for its sources, by name, then those known by
    themselves. One statement."""
    latest = (
        select(DataMap.source, DataMap.version, DataMap.mapping)
        .where(DataMap.org_id == actor.org_id, DataMap.feed == FEED)
        .ext(distinct_on(DataMap.source))
        .order_by(DataMap.source, DataMap.version.desc())
    )
    settled = [
        CodeMap(source, version, _outcomes((mapping.get("codes") or {}).get(FIELD, {})))
        for source, version, mapping in db.session.execute(latest)
    ]
    known = {"Any source": MEDICINE_OUTCOME} | {
        name.title(): codes for name, codes in MEDICINE_SYSTEMS.items()
    }
    return settled + [CodeMap(name, None, _outcomes(codes)) for name, codes in known.items()]


def _outcomes(words: dict[str, str]) -> list[Outcome]:
    """Gaps first, then by name."""
    written: dict[str, dict[str, None]] = {}
    for word, outcome in words.items():
        written.setdefault(outcome, {})[word.replace("_", " ")] = None
    found = [Outcome(outcome, sorted(codes)) for outcome, codes in written.items()]
    return sorted(found, key=lambda one: (not one.gap, one.outcome))
