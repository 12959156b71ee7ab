"""A record by the name that the field's guidance gives it, and the view that holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecordName:
    """`endpoint` None: held by `module`, which is not part of this version. `steps` are the steps
    that write or read it."""

    name: str
    module: str
    endpoint: str | None
    note: str
    steps: tuple[str, ...] = ()
    params: dict[str, str] = field(default_factory=dict)


def held(
    module: str, endpoint: str | None, *records: tuple[str, str, str], **params: str
) -> Iterator[RecordName]:
    """Names of one view: (name, steps apart by spaces, what it is)."""
    for name, steps, note in records:
        yield RecordName(name, module, endpoint, note, tuple(steps.split()), params)
