"""Boards that were rendered a moment ago, kept while nothing in the organisation changes.

Every important write leaves an audit event, so the number of the latest event tells whether a
board still holds; a short life bounds the rest. One person's board is never another's.
Source: DESIGN section 9, requests a second of the risk board.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from careboard.dashboards.queries import Frame
from careboard.tenancy import Actor

SECONDS = 60.0
MOST_KEPT = 64

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A few values by key, each for `seconds` (0: none is kept). Safe between threads."""

    def __init__(self, *, seconds: float = SECONDS, most: int = MOST_KEPT) -> None:
        self.seconds, self.most = seconds, most
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._values.clear()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value kept for the key, or the one that `make` makes."""
        now = time.monotonic()
        with self._lock:
            made_at, value = self._values.get(key, (float("-inf"), None))
        if now - made_at < self.seconds:
            return value
        value = make()
        with self._lock:
            self._values[key] = now, value
            self._values.move_to_end(key)
            while len(self._values) > self.most:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class Rendered:
    """The body of a board as it is sent, what its frame said, and when."""

    frame: Frame
    body: bytes
    taken_at: datetime


def version(actor: Actor) -> tuple[Hashable, ...]:
    """What a page of this person depends on: changes with any event of the organisation, with
    the day, and with the person's roles and services."""
    return (
        actor.org_id,
        actor.last_event,
        actor.today,
        actor.membership_id,
        actor.roles,
        actor.service_ids,
    )
