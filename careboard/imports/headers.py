"""Header words: how column titles are compared, and where in a sheet the header row stands.

Rule source: domain/data-shapes.md 6.3 points 1 and 12 (title rows, renamed and repeated headers).
"""

import re
from collections.abc import Iterable, Mapping, Sequence

# A preamble longer than this is a report, not an export with a title.
SEARCH_ROWS = 200

_SAME_WORD = {
    "reference": "ref",
    "refs": "ref",
    "identifier": "id",
    "ids": "id",
    "number": "no",
    "num": "no",
    "nr": "no",
    "organisation": "org",
    "organization": "org",
    "programme": "program",
}
REFERENCE_WORDS = {"ref", "id", "no", "code"}
_FILLER = {"the", "of", "a", "an", "for", "please"}


def normalise(header: str) -> str:
    """Return the words of a header in lower case, without marks: `'RAG '` -> `'rag'`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    words = re.findall(r"[a-z0-9]+", spaced.casefold().replace("’", "").replace("'", ""))
    return " ".join(_SAME_WORD.get(word, word) for word in words)


def key(header: str) -> str:
    """Return a header's words in a fixed order, so `Date of incident` equals `Incident date`."""
    words = [word for word in normalise(header).split() if word not in _FILLER]
    # `Incident reference number` is an incident reference: one such word says it all.
    marks = [word for word in words if word in REFERENCE_WORDS]
    words = [word for word in words if word not in marks[1:]]
    return " ".join(sorted(words))


def unique(headers: Sequence[str]) -> list[str]:
    """Return headers made distinct for people: a second `Location` becomes `Location (2)`."""
    seen: dict[str, int] = {}
    result = []
    for position, header in enumerate(headers, start=1):
        name = header.strip() or f"Column {position}"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def score(cells: Sequence[str], known: Mapping[str, float] | set[str]) -> float:
    """Return how much a row looks like a header: distinct known titles, less strangers.

    `known` holds keys made by `key()`. A cell longer than a title or made of digits counts against.
    """
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 2:
        return 0.0
    hits = {key(cell) for cell in filled} & set(known)
    strangers = sum(1 for cell in filled if _is_value(cell))
    return len(hits) - 0.5 * strangers + 0.2 * len(hits) / len(filled)


def find(rows: Iterable[tuple[int, Sequence[str]]], known: set[str]) -> tuple[int, float] | None:
    """Return (row number, score) of the best header among `rows` (number, cells), or None.

    Where no title is known the first full row of text above rows of the same width is taken, so
    that a person can still map a file whose headers nobody has seen before.
    """
    candidates = [(number, cells) for number, cells in rows if any(c.strip() for c in cells)]
    best: tuple[int, float] | None = None
    for number, cells in candidates[:SEARCH_ROWS]:
        found = score(cells, known)
        if found > 0 and (best is None or found > best[1]):
            best = (number, found)
    if best is not None and best[1] >= 1.5:
        return best
    by_shape = _by_shape(candidates)
    if by_shape is None:
        return best
    # One lone known word in a title must not beat a full row of titles nobody knows.
    return (by_shape, best[1] if best and best[0] == by_shape else 0.1)


def _by_shape(candidates: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    widths = [sum(1 for cell in cells if cell.strip()) for _, cells in candidates]
    if not widths or max(widths) < 2:
        return None
    common = max(widths[:SEARCH_ROWS])
    for (number, cells), width in zip(candidates, widths, strict=True):
        filled = [cell for cell in cells if cell.strip()]
        titles = not any(_is_value(cell) for cell in filled)
        if width >= max(2, common - common // 4) and titles and len(set(filled)) >= width - 2:
            return number
    return None


def _is_value(cell: str) -> bool:
    text = cell.strip()
    # Titles hold letters; dates, codes with long digit runs and sums are data.
    return len(text) > 80 or not re.search(r"[A-Za-z]", text) or bool(re.search(r"\d{4,}", text))
