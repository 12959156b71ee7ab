"""A random sample that anyone can draw again from its seed and its population.

The population has a line `kind id` for every row that could be drawn. A line's number is the
SHA-256 of the seed, a line feed and the line; the sample is the lines with the smallest numbers,
in that order. No random generator is needed to check it: `sha256sum` and `sort` will do.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

MOST = 50


def new_seed() -> str:
    """32 hexadecimal digits that nobody chose."""
    return secrets.token_hex(16)


def population_text(lines: Iterable[str]) -> str:
    """The population as it is kept: each line once, sorted, each ended by a line feed."""
    return "".join(f"{line}\n" for line in sorted(set(lines)))


def fingerprint(population: str) -> str:
    """SHA-256 of the population as it is kept, in hexadecimal."""
    return hashlib.sha256(population.encode()).hexdigest()


def draw(*, seed: str, population: str, size: int) -> list[str]:
    """The sample's lines in the order drawn; all of them where there are no more than `size`."""
    return sorted(population.splitlines(), key=lambda line: _number(seed, line))[:size]


def _number(seed: str, line: str) -> str:
    return hashlib.sha256(f"{seed}\n{line}".encode()).hexdigest()
