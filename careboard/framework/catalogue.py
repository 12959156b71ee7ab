"""The regulator's frameworks, as versioned data: what is in force, what is drafted, what follows.

A new version is a new entry of `cqc.json`; nothing here knows the name of any topic except the
suggestions by domain. Source: domain/framework.md 1.1 and 1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careboard.errors import NotFound

KEY_QUESTIONS = ("Safe", "Effective", "Caring", "Responsive", "Well-led")


@dataclass(frozen=True, slots=True)
class Topic:
    """A quality statement or key line of enquiry. `slug` is unique within its framework."""

    framework: str
    slug: str
    key_question: str
    title: str
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """One version. `status` in the regulator's words: in force, draft."""

    code: str
    name: str
    status: str
    topics: dict[str, Topic]

    @property
    def by_key_question(self) -> dict[str, list[Topic]]:
        found: dict[str, list[Topic]] = {question: [] for question in KEY_QUESTIONS}
        for topic in self.topics.values():
            found[topic.key_question].append(topic)
        return found


@dataclass(frozen=True, slots=True)
class Pair:
    """Two topics of different frameworks that say the same by their names."""

    one: Topic
    other: Topic


def slug_of(title: str) -> str:
    """The title in lower case, its words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.casefold().replace("'", "")).strip("-")


def _framework(data: dict) -> Framework:
    topics = [
        Topic(
            data["code"], slug_of(each["title"]), question, each["title"],
            tuple(each.get("scope", ())),
        )
        for question, listed in data["topics"].items()
        for each in listed
    ]  # fmt: skip
    return Framework(
        data["code"], data["name"], data["status"], {topic.slug: topic for topic in topics}
    )


def _pairs(data: dict, frameworks: dict[str, Framework]) -> Iterator[Pair]:
    first, second = frameworks[data["from"]], frameworks[data["to"]]
    for title, answers in data["map"].items():
        for answer in answers:
            yield Pair(first.topics[slug_of(title)], second.topics[slug_of(answer)])


_DATA = json.loads((Path(__file__).parent / "cqc.json").read_text(encoding="utf-8"))
FRAMEWORKS = {data["code"]: _framework(data) for data in _DATA["frameworks"]}
PAIRS = tuple(_pairs(_DATA["crosswalk_by_name"], FRAMEWORKS))
IN_FORCE = next(each.code for each in FRAMEWORKS.values() if each.status == "in force")

# Where a domain of risk belongs, in the framework in force; a suggestion to a person, no more.
_BY_DOMAIN = {
    "safety": "involving-people-to-manage-risks",
    "medicines": "medicines-optimisation",
    "safeguarding": "safeguarding",
    "staffing": "safe-and-effective-staffing",
    "complaints": "listening-to-and-involving-people",
    "experience": "person-centred-care",
    "records": "governance-management-and-sustainability",
    "audits": "learning-improvement-and-innovation",
}


def topic(framework: str, slug: str) -> Topic:
    """Raises NotFound for what no framework has."""
    try:
        return FRAMEWORKS[framework].topics[slug]
    except KeyError:
        raise NotFound() from None


def suggested(framework: str, domain: str | None) -> Topic | None:
    """The topic that a domain of risk most likely belongs to; None where none is known."""
    if domain not in _BY_DOMAIN:
        return None
    found = FRAMEWORKS[IN_FORCE].topics[_BY_DOMAIN[domain]]
    if framework == IN_FORCE:
        return found
    return next((p.other for p in PAIRS if p.one == found and p.other.framework == framework), None)


def pair(number: int) -> Pair:
    """A pair of the crosswalk by its place. Raises NotFound."""
    if not 0 <= number < len(PAIRS):
        raise NotFound()
    return PAIRS[number]
