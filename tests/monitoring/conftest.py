"""The calendar of tests about enhanced monitoring."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from careboard import clock
from tests.monitoring.making import START


@pytest.fixture
def calendar() -> Iterator[None]:
    """It begins at START, and is put back afterwards."""
    held = clock.frozen_day()
    clock.freeze(START)
    yield
    clock.freeze(held)
