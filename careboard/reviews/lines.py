"""A line that a feature puts on the agenda of a sitting.

Each feature with matters for a sitting has `agenda.py` with
`lines(*, actor, service_id, on, since) -> Iterator[Line]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Line:
    """One matter. `detail` keeps what stood there when the agenda was made, in plain values; its
    `what` names the kind of matter and `id` the row that it is about."""

    section: str
    title: str
    service_id: UUID | None
    detail: Mapping[str, Any] = field(default_factory=dict)
    action_id: UUID | None = None
    risk_id: UUID | None = None
