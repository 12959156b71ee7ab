"""What a page would print, as blocks of words: minutes on paper say what their page says.

Only the application's own templates are read, after Jinja has made them: headings, paragraphs,
lists of facts, entries within entries. Links become their words; marks, forms and whatever is not
for print are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input", "meta", "link", "use", "path"}
_DROPPED_TAGS = {"svg", "form", "nav", "button", "script"}
_DROPPED_CLASSES = {"no-print", "visually-hidden"}
_KINDS = {"h2": "heading", "h3": "matter", "dt": "term", "dd": "value"}
_BREAKING = {"p", "div", "section", "ul", "ol", "li", "dl", *_KINDS}


@dataclass(frozen=True, slots=True)
class Block:
    """Some words. `kind` is heading, matter, term, value or words; `depth` counts the entries
    that it stands in."""

    kind: str
    text: str
    depth: int


@dataclass(slots=True)
class _Element:
    tag: str
    classes: frozenset[str]


@dataclass(slots=True)
class _Run:
    """Words being gathered, until a block begins or ends."""

    parts: list[str] = field(default_factory=list)

    def take(self) -> str:
        lines = ("".join(self.parts)).split("\n")
        self.parts.clear()
        return "\n".join(" ".join(line.split()) for line in lines).strip("\n ·")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[_Element] = []
        self.run = _Run()
        self.blocks: list[Block] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = frozenset((dict(attrs).get("class") or "").split())
        if tag in _BREAKING or "d-block" in classes:
            self._flush()
        elif self.open and "cluster" in self.open[-1].classes:
            self.run.parts.append(" · ")
        if tag == "br":
            self.run.parts.append("\n")
        if tag not in _VOID:
            self.open.append(_Element(tag, classes))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.open:
            return
        if tag in _BREAKING or "d-block" in self.open[-1].classes:
            self._flush()
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if any(e.tag in _DROPPED_TAGS or e.classes & _DROPPED_CLASSES for e in self.open):
            return
        if self._inside("card-header") and self._inside("quiet"):
            return  # how many lines follow
        self.run.parts.append(data if self._inside("pre-line") else data.replace("\n", " "))

    def _inside(self, name: str) -> bool:
        return any(name in element.classes for element in self.open)

    def _flush(self) -> None:
        text = self.run.take()
        if not text:
            return
        kind = next((_KINDS[e.tag] for e in reversed(self.open) if e.tag in _KINDS), "words")
        depth = sum("entry" in element.classes for element in self.open)
        self.blocks.append(Block(kind, text, depth))


def blocks(html: str) -> list[Block]:
    """The words of a rendered partial, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader._flush()
    return reader.blocks
