"""Personal data in free text, and cells that a spreadsheet would run as a formula.

Rule source: domain/data-shapes.md 6.3 points 14 and 15; the NHS number check is modulus 11.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from careboard.imports.cleaning import FORMULA_START
from careboard.imports.first_names import FIRST_NAMES


class Finding(NamedTuple):
    """Personal data of one kind at text[start:end]."""

    kind: str
    start: int
    end: int


_REMOVED = {
    "nhs_number": "[NHS number removed]",
    "postcode": "[postcode removed]",
    "key_safe": "[entry code removed]",
    "phone": "[phone number removed]",
    "dob": "[date of birth removed]",
    "name": "[name removed]",
    "name_untitled": "[name removed]",
    "email": "[email removed]",
}

# Looked for where a word begins only: at each letter, a long word would be read over once a letter.
_EMAIL = re.compile(r"(?<![\w.+\-'])(?:[\w.+\-']+@[\w\-]+(?:\.[\w\-]+)+)+")
_NHS = re.compile(r"(?<![\d£.])\d{3}[ \-.]?\d{3}[ \-.]?\d{4}(?![\d])")
_PHONE = re.compile(
    r"(?<![\w/.\-])(?:\+44[\s\-]?(?:\(0\)\s?)?|0044[\s\-]?|\(?0)(?=[1-9])(?:[\s\-()]{0,2}\d){9,10}(?!\d|[\-/]\d)"
    r"|(?<![\w/.\-])(?:\+44[\s\-]?|\(?0)(?=[1-9])(?:[\s\-()]{0,2}\d){8}(?!\d|[\-/]\d)"
)
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}|GIR ?0AA)\b"
    r"|\b[a-z]{1,2}\d[a-z\d]?\s\d(?!st\b|nd\b|rd\b|th\b)[abd-hjlnp-uw-z]{2}\b"
)
_LOCK = (
    r"(?:key[\s\-]?safe|key[\s\-]?code|lock[\s\-]?box|keypad|pin"
    r"|(?:door|entry|access|alarm|gate|keypad|house)[\s\-]codes?)"
)
_KEY_SAFE = re.compile(rf"\b{_LOCK}\b[^\d\n.;]{{0,25}}?\b([A-Z]?\d[\d\s]{{1,6}}\d[A-Z]?)\b", re.I)
_CODE_FIRST = re.compile(
    rf"\bcode\b[^\d\n.;]{{0,12}}(\d{{3,8}})\b[^\n.;]{{0,25}}\b{_LOCK}\b"
    rf"|\b(\d{{4,6}})\b[^\d\n.;]{{0,20}}\b{_LOCK}\b",
    re.I,
)
_DATE = (
    r"\d{1,2}(?:st|nd|rd|th)?[\s/.\-]+(?:\d{1,2}|[A-Za-z]{3,9})[\s/.\-,]+\d{2,4}|\d{4}-\d{2}-\d{2}"
)
_DOB = re.compile(
    r"\b(?:d\.?\s?o\.?\s?b\b\.?|date of birth|birth\s?date|born(?:\s+on)?)"
    rf"[\s:,\-–]{{0,4}}(?:is|was)?\s?(?:{_DATE})",
    re.I,
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Rev|Sir|Dame|Fr|MR|MRS|MS|MISS|MX|DR|mr|mrs|ms|dr)"
_SURNAME = r"(?:(?:[A-Z]\.?\s)?(?:(?:Mac|Mc|O['’]|D['’]|de |van |von )?[A-Z][\w’'\-]*[\w]))"
_NAME = re.compile(
    rf"(?<![\w]){_TITLE}\.?\s{_SURNAME}(?:\s[A-Z][a-z’'\-]+)?|\b(?:mr|mrs)\.?\s[a-z’'\-]{{3,}}"
)
_FIRST = "|".join(sorted(name.capitalize() for name in FIRST_NAMES))
_TWO_WORDS = re.compile(
    rf"(?<![\w.’'])(?:{_FIRST})\s((?:Mac|Mc|O['’])?[A-Z][a-z]+(?:-[A-Z][a-z]+)?)(?![\w])"
)
_NOT_SURNAMES = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January",
    "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December", "Road", "Street", "Lane", "Close", "Court", "House", "Lodge", "Ward",
    "Unit", "Wing", "Floor", "Suite", "Grange", "Bank", "Avenue", "Drive", "Hospital", "Surgery",
    "Centre", "Care", "Home", "Homecare", "Services", "Team", "Council", "Trust", "Room", "Gardens",
    "Hall", "Manor", "View", "Way", "Place", "Park", "Clinic", "School", "Church", "Day", "Café",
    "Curie", "Review", "Medical", "Practice", "Living", "Flats", "Mews", "Crescent", "Terrace",
}  # fmt: skip

# Nothing above can match a text that this does not; it runs over whole columns at once.
SUSPICIOUS = (
    r"(?:\d[\s\-().]{0,2}){8}\d|[A-Za-z]\d[A-Za-z\d]?\s?\d[A-Za-z]{2}\b|@\w"
    r"|(?i:key[\s\-]?safe|key[\s\-]?code|lock[\s\-]?box|keypad|\bcodes?\b|\bpin\b)"
    r"|(?i:\bd\.?\s?o\.?\s?b\b|birth|\bborn\b)"
    rf"|\b{_TITLE}\.?\s"
    rf"|\b(?:{_FIRST})\s[A-Z]"
)


def scan(text: str) -> list[Finding]:
    """Return the personal data found in `text`, in order of place, without overlaps.

    Kinds: nhs_number, postcode, key_safe, phone, dob, name, name_untitled, email.
    """
    found: list[Finding] = []
    taken = bytearray(len(text))
    for kind, pattern, holds in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]) and (holds is None or holds(match)):
                taken[start:end] = b"\1" * (end - start)
                found.append(Finding(kind, start, end))
    return sorted(found, key=lambda finding: finding.start)


def _is_name(match: re.Match[str]) -> bool:
    words = [re.split(r"[’']", word)[0] for word in match[0].split()]
    return words[1] not in _NOT_SURNAMES or words[-1] not in _NOT_SURNAMES


def _is_surname(match: re.Match[str]) -> bool:
    return match[1] not in _NOT_SURNAMES


def redact(text: str) -> str:
    """Return `text` with what `scan` finds replaced by what it was: `[name removed]`."""
    for finding in reversed(scan(text)):
        text = text[: finding.start] + _REMOVED[finding.kind] + text[finding.end :]
    return text


def is_nhs_number(text: str) -> bool:
    """Return whether ten digits pass the NHS number check (modulus 11)."""
    digits = [int(char) for char in text if char.isdigit()]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = (
        11
        - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    )
    return check != 10 and check % 11 == digits[9]


# What comes first keeps its place: a lock code near a telephone number is not part of it.
_PATTERNS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool] | None], ...] = (
    ("email", _EMAIL, None),
    ("key_safe", _KEY_SAFE, None),
    ("dob", _DOB, None),
    ("nhs_number", _NHS, lambda match: is_nhs_number(match[0])),
    ("phone", _PHONE, None),
    ("key_safe", _CODE_FIRST, None),
    ("postcode", _POSTCODE, None),
    ("name", _NAME, _is_name),
    ("name_untitled", _TWO_WORDS, _is_surname),
)

_FORMULA = re.compile(FORMULA_START)


def neutralise_formula(cell: str) -> str:
    """Return a cell that no spreadsheet will run: an apostrophe goes before `=`, `+`, `-`, `@`,
    a tab or a line break at its start, also in their full-width forms and after spaces."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
