"""What a pack can be made of. Each feature registers its own kind, once, when it is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from careboard.errors import NotFound
from careboard.packs.content import Content


def _nobody(*, actor: Any, subject_id: UUID) -> Sequence[UUID]:
    return ()


def _itself(*, actor: Any, subject_id: UUID) -> Sequence[UUID]:
    return (subject_id,)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of subject. Every function takes `actor` and `subject_id` by name.

    `place`: its service, None for the whole organisation; raises NotFound.
    `draft`: its content as it stands now, small numbers not yet hidden.
    `ready`: raises Invalid or Forbidden when it may not be published by this person now.
    `published`: called with `pack_id` too, in the transaction that publishes.
    `trail`: the subjects whose audit events go along.
    `meant`: the links of the commissioners that it is made for; another may be chosen.
    """

    kind: str
    place: Callable[..., UUID | None]
    draft: Callable[..., Content]
    ready: Callable[..., None]
    published: Callable[..., None]
    trail: Callable[..., Sequence[UUID]] = _itself
    meant: Callable[..., Sequence[UUID]] = _nobody


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make that kind publishable."""
    _sources[source.kind] = source


def of(kind: str) -> Source:
    """The source of that kind. Raises NotFound."""
    try:
        return _sources[kind]
    except KeyError as error:
        raise NotFound() from error
