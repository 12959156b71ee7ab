"""Documents as accessible PDF (PDF/UA-1), and what of people's words can stand in one.

The template sees people's words as JSON strings and never evaluates them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

SECONDS = 120
# Without a break a run of more characters than this would leave its column.
LONGEST_RUN = 24
# Lines of a text in a list, whose rows are not broken over pages.
MOST_LINES = 12
_BREAK = "\u200b"
_UNSHOWN = "□"
# Characters that the fonts within typst have, in every weight that the templates use: PDF/UA
# refuses a document with a single character that cannot be shown.
_SHOWN = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x36F), (0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C)),
    *((0x38E, 0x3A1), (0x3A3, 0x482), (0x48A, 0x4FF), (0x531, 0x556), (0x561, 0x587)),
    *((0x5D0, 0x5EA), (0x621, 0x63A), (0x641, 0x64A), (0x660, 0x669), (0x10D0, 0x10FA)),
    *((0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x203A), (0x2070, 0x2071), (0x2074, 0x208E)),
    *((0x20A0, 0x20C0), (0x2116, 0x2116), (0x2122, 0x2122), (0x2126, 0x2126), (0x2153, 0x215E)),
    *((0x2190, 0x21FF), (0x2200, 0x22FF), (0x2500, 0x25FF), (0x2713, 0x2713), (0x2717, 0x2717)),
)
_CANNOT = re.compile("[^\n" + "".join(f"{chr(a)}-{chr(z)}" for a, z in _SHOWN) + "]")
_RUN = re.compile(rf"[^\s]{{{LONGEST_RUN}}}(?=[^\s])")


class NotSet(Exception):
    """The document could not be set; the message is the typesetter's, for the log."""


def printable(words: str, most: int | None = None) -> str:
    """The words as a PDF can show them: one kind of line end, no control or direction characters,
    □ for what the fonts lack, a place to break in long runs; cut with “…” after `most` characters
    or twelve lines, where `most` is given."""
    words = unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))
    words = "".join(
        char if char == "\n" else " " if char.isspace() else char
        for char in words
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    words = _CANNOT.sub(_UNSHOWN, words).strip()
    if most is not None:
        kept = "\n".join(words[:most].split("\n")[:MOST_LINES])
        words = words if kept == words else kept.rstrip() + " …"
    return _RUN.sub(lambda run: run.group() + _BREAK, words)


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """The document of that template in templates/board_packs. Raises NotSet."""
    typesetter = Path(__file__).with_name("typesetter.py")
    try:
        done = subprocess.run(
            [sys.executable, "-I", typesetter, template],
            env={},
            input=json.dumps(data).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotSet(f"{template} took more than {SECONDS} s") from error
    if done.returncode != 0:
        raise NotSet(done.stderr.decode(errors="replace")[-2_000:])
    return done.stdout
