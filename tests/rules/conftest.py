"""The calendar of these tests, given back to the others as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from careboard import clock

TODAY = date(2026, 11, 20)


@pytest.fixture
def calendar() -> Iterator[None]:
    yield
    clock.freeze(TODAY)
