"""What in a pack looks like personal data, before anybody else sees it.

Source: domain/expectations.md, UK GDPR: block, override with reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from careboard.imports.privacy import scan
from careboard.packs.content import Content, Section
from careboard.packs.small_counts import small_counts

UNREAD, COLLEAGUE, FEW = "unread", "colleague", "few"
_KINDS = {
    "nhs_number": "NHS number",
    "postcode": "postcode",
    "key_safe": "entry code",
    "phone": "telephone number",
    "dob": "date of birth",
    "name": "name",
    "name_untitled": "name",
    "email": "e-mail address",
    COLLEAGUE: "name of somebody of the provider's own",
    FEW: "count of fewer than five people, or of what happened to them",
    UNREAD: "cannot be read over",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something at one place. `kind` as of careboard.imports.privacy.scan, `colleague` for one of
    the provider's own people, `few` for a count of 1 to 4 people in words or of what happened to
    them, or `unread` for a file that only a person can read over; `words` are what was found, for
    the publisher's eyes."""

    where: str
    kind: str
    words: str

    @property
    def key(self) -> str:
        """What its override is filed under; the same for the same finding in the next preview."""
        return f"{self.kind}: {self.where}"

    @property
    def kind_words(self) -> str:
        return _KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along. `text` is what it says, None where it is no plain text."""

    name: str
    text: str | None


def findings(
    content: Content, attachments: Iterable[Attached] = (), people: Iterable[str] = ()
) -> list[Finding]:
    """What is found at each place, one finding for each kind there, in reading order. `people` are
    the names of the provider's own."""
    places = [*_places(content)]
    unread = []
    for attached in attachments:
        places.append((f"Name of file “{attached.name}”", attached.name))
        if attached.text is None:
            words = "Somebody has to look: it may name a person who is cared for."
            unread.append(Finding(f"File “{attached.name}”", UNREAD, words))
        else:
            places.append((f"File “{attached.name}”", attached.text))
    known = matching(people)
    found: dict[tuple[str, str], list[str]] = {}
    for where, text in places:
        for kind, words in _in(text, known):
            said = found.setdefault((where, kind), [])
            if words not in said:
                said.append(words)
    return [
        *(Finding(where, kind, ", ".join(words)) for (where, kind), words in found.items()),
        *unread,
    ]


def matching(names: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of the names as whole words, whatever their case."""
    known = sorted({re.escape(name.strip()) for name in names if name.strip()})
    return re.compile(rf"\b(?:{'|'.join(known)})\b", re.I) if known else None


def _in(text: str, known: re.Pattern[str] | None) -> Iterator[tuple[str, str]]:
    scanned = scan(text)
    for one in scanned:
        yield one.kind, text[one.start : one.end].strip()
    for one in known.finditer(text) if known else ():
        if all(one.end() <= other.start or other.end <= one.start() for other in scanned):
            yield COLLEAGUE, one[0]
    for words in small_counts(text):
        yield FEW, words


def _places(content: Content) -> Iterator[tuple[str, str]]:
    yield "Title", content.title
    yield "Provider", content.provider
    yield "Service", content.service or ""
    for section in content.sections:
        for where, text in _of_section(section):
            yield f"{section.heading}: {where}", text
    for line in content.evidence:
        yield f"Evidence {line.reference}: title", line.title
        yield f"Evidence {line.reference}: validated by", line.validated_by_role or ""


def _of_section(section: Section) -> Iterator[tuple[str, str]]:
    yield "heading", section.heading
    yield "words", section.words
    for figure in section.figures:
        yield f"figure “{figure.label}”", _text(figure.label, figure.value, figure.definition)
    for table in section.tables:
        yield f"table “{table.caption}”, heading", _text(table.caption, *table.columns)
        for number, row in enumerate(table.rows, 1):
            yield f"table “{table.caption}”, row {number}", _text(*row)
    for chart in section.charts:
        said = (chart.caption, chart.sentence, chart.unit, *(label for label, _ in chart.points))
        yield f"chart “{chart.caption}”", _text(*said)


def _text(*parts: Any) -> str:
    """The texts among them, each on a line of its own so that two do not read as one."""
    return "\n".join(part for part in parts if isinstance(part, str))
