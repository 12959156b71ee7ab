"""Counts of 1 to 4 people in running words, which `content.suppressed` cannot hide. Pure.

Looked for are people who are cared for and those close to them, counted in digits or in words:
“two residents”, “3 of the people”, “both families”. What only looks so is left alone: “2 weeks”,
“step 3”, days, references, “a two person hoist”, “one in four people”.
Source: DESIGN section 4, Packs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ONE = r"1|one|a\s+single|only\s+one"
_FEW = r"[2-4]|two|three|four|both|a\s+couple\s+of|a\s+pair\s+of"
_PERSON = (
    r"resident|person|individual|service[\s-]user|client|patient|tenant|customer|man|woman|"
    r"gentleman|lady|child|adult|family|relative|couple"
)
_PEOPLE = (
    r"residents|people|persons|individuals|service[\s-]users|clients|patients|tenants|customers|"
    r"men|women|gentlemen|ladies|children|adults|families|relatives|couples"
)
# Between the number and the people: “two of the other residents”, “three of twelve people”.
_NUMBER = (
    r"\d+|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty"
)
_BETWEEN = (
    rf"(?:\s+(?:(?:out\s+)?of|the|our|its|their|these|those|{_NUMBER}|other|more|further|new|"
    r"different|same|such|older|elderly|young|younger|frail|vulnerable|female|male|former|"
    r"current|present|sampled|named)){0,4}"
)
# A number after one of these counts nobody: “step 3”, “unit 2 residents”, “one in four people”.
_LABEL = (
    r"(?:step|phase|stage|week|day|month|unit|wing|floor|room|flat|house|level|section|figure|"
    r"table|number|no\.?|version|part|line|page|question|action|standard|group|grade|type|tier|"
    r"category|ward|regulation|(?:one|1)\s+in|1\s+to|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\s+"
)
_COUNT = re.compile(
    rf"(?P<label>\b{_LABEL})?(?<![\w.,:/£$%#-])"
    rf"(?:(?:{_FEW}){_BETWEEN}\s+(?:{_PEOPLE})|(?:{_ONE}){_BETWEEN}\s+(?:{_PERSON}|{_PEOPLE}))\b",
    re.IGNORECASE,
)


def small_counts(text: str) -> Iterator[str]:
    """The words of each."""
    for match in _COUNT.finditer(text):
        if match["label"] is None:
            yield " ".join(match[0].split())
