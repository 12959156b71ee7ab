"""What a recovery plan is made of, as a template says it; the built-in ones are data.

Nothing here knows the name of any template: a fourth is a fourth entry of `plan_templates.json`,
and an organisation's own have the same shape. Source: steps S1-1, S1-2 and S1-3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from careboard.errors import NotFound
from careboard.recovery.measures import MEASURES


@dataclass(frozen=True, slots=True)
class IndicatorSpec:
    """An indicator of the plan: a measure of the catalogue, or (empty) one of the organisation's
    own, told by name, domain, unit and better direction. `goal`: the plan is to bring it to its
    target; the others are read beside it."""

    measure: str = ""
    name: str = ""
    domain: str = ""
    unit: str = ""
    good: str = ""
    target: float | None = None
    goal: bool = False

    @property
    def key(self) -> str:
        """What tells it from the others of its service; as `Indicator.measure`."""
        return self.measure or " ".join(self.name.casefold().split())

    @property
    def title(self) -> str:
        return self.name or MEASURES[self.measure].name

    @property
    def shown_unit(self) -> str:
        return self.unit or MEASURES[self.measure].unit

    @property
    def better(self) -> str:
        """`up` or `down`."""
        return self.good or MEASURES[self.measure].good


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A structured check that the plan asks for; `days` is the longest gap between two."""

    kind: str
    often: str
    days: int


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source that is read, by whom, each `cadence` (week or month)."""

    what: str
    by: str
    cadence: str = "week"


@dataclass(frozen=True, slots=True)
class ReviewSpec:
    """A review of the plan each `cadence` (week or month), and the record that it is kept in."""

    cadence: str
    by: str
    record: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a plan keeps of its template beside the indicators."""

    checks: tuple[CheckSpec, ...] = ()
    sources: tuple[SourceSpec, ...] = ()
    reviews: tuple[ReviewSpec, ...] = ()
    watch: tuple[str, ...] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Content:
        """As it was stored; parts that are not there are empty."""
        return cls(
            tuple(CheckSpec(**part) for part in stored.get("checks", ())),
            tuple(SourceSpec(**part) for part in stored.get("sources", ())),
            tuple(ReviewSpec(**part) for part in stored.get("reviews", ())),
            tuple(stored.get("watch", ())),
        )

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return json.loads(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class Template:
    """A whole plan but for its service, lead, start and baselines. `version` None: built in."""

    code: str
    name: str
    title: str
    domain: str
    baseline_issue: str
    improvement: str
    horizon_weeks: int
    indicators: tuple[IndicatorSpec, ...] = ()
    content: Content = Content()
    version: int | None = None

    @classmethod
    def read(
        cls, stored: Mapping[str, Any], *, code: str, name: str, version: int | None = None
    ) -> Template:
        return cls(
            code=code,
            name=name,
            title=stored["title"],
            domain=stored["domain"],
            baseline_issue=stored["baseline_issue"],
            improvement=stored["improvement"],
            horizon_weeks=stored["horizon_weeks"],
            indicators=tuple(IndicatorSpec(**part) for part in stored.get("indicators", ())),
            content=Content.read(stored),
            version=version,
        )

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it, without code, name and version."""
        parts = asdict(replace(self, content=Content()))
        for name in ("code", "name", "version", "content"):
            del parts[name]
        return json.loads(json.dumps(parts)) | self.content.stored()


@lru_cache(maxsize=1)
def built_in() -> dict[str, Template]:
    """The templates that come with CareBoard, by code."""
    stored = json.loads((Path(__file__).parent / "plan_templates.json").read_text())
    return {
        part["code"]: Template.read(part, code=part["code"], name=part["name"]) for part in stored
    }


def built_in_template(code: str) -> Template:
    """Raises NotFound."""
    if code not in built_in():
        raise NotFound()
    return built_in()[code]
