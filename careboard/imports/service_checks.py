"""Whose row is it: which service it belongs to, and whether the provider is the organisation's own.

Rule source: `conventions.services`, unknown_service and other_provider of the sample's
expected.json; domain/data-shapes.md 6.3 point 18 (never create a service by guess).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from careboard.imports.services_matching import (
    ServiceIndex,
    ServiceRef,
    calmer,
    plain,
    same_provider,
)

Cells = Mapping[str, pl.Series]


@dataclass(slots=True)
class ServiceFindings:
    """`ids`: the service of each row, or None where no column names one; `shown`: its name and
    CQC id for the mapped fields; `unknown`: (field, mask) of the rows whose service is in doubt."""

    ids: pl.Series | None = None
    shown: dict[str, pl.Series] = field(default_factory=dict)
    unknown: list[tuple[str, pl.Series]] = field(default_factory=list)


def find_services(cells: Cells, services: Sequence[ServiceRef]) -> ServiceFindings:
    """Return the services that `service.name` and `service.id` of each row name."""
    index = ServiceIndex(services)
    columns = [name for name in ("service.name", "service.id") if name in cells]
    found = {name: _service_of(cells[name], cells.get("service.la"), index) for name in columns}
    result = ServiceFindings()
    if not found:
        return result
    unknown = {name: cells[name].is_not_null() & ids.is_null() for name, ids in found.items()}
    if len(found) == 1:
        name = columns[0]
        result.ids, result.unknown = found[name], [(name, unknown[name])]
    else:
        by_name, by_id = found["service.name"], found["service.id"]
        # The id speaks for a service whose name a source writes differently, but two known
        # services in one row are a doubt, and so is an unknown name with no id.
        differ = (by_id != by_name).fill_null(False)
        alone = unknown["service.name"] & cells["service.id"].is_null()
        result.ids = by_id.fill_null(by_name)
        result.unknown = [
            ("service.id", unknown["service.id"]),
            ("service.name", differ | alone),
        ]
    labels = {
        "service.name": {service.id: service.name for service in services},
        "service.id": {service.id: service.cqc_location_id for service in services},
    }
    for name in columns:
        result.shown[name] = result.ids.replace_strict(
            labels[name], default=None, return_dtype=pl.String
        )
    return result


def _service_of(cells: pl.Series, authority: pl.Series | None, index: ServiceIndex) -> pl.Series:
    ids: dict[str, str] = {}
    for word in cells.drop_nulls().unique().to_list():
        matches = index.find(word)
        if len(matches) == 1:
            ids[word] = next(iter(matches))
        elif len(matches) > 1 and authority is not None:
            return _by_authority(cells, authority, index)
    return cells.replace_strict(ids, default=None, return_dtype=pl.String)


def _by_authority(cells: pl.Series, authority: pl.Series, index: ServiceIndex) -> pl.Series:
    found: list[str | None] = []
    for word, place in zip(cells.to_list(), authority.to_list(), strict=True):
        matches = index.find(word)
        if len(matches) > 1 and place:
            places = {one: index.by_id[one].local_authority or "" for one in matches}
            matches = {one for one, at in places.items() if plain(at) == plain(place)}
        found.append(next(iter(matches)) if len(matches) == 1 else None)
    return pl.Series(found, dtype=pl.String)


def foreign_rows(cells: Cells, *, own_id: str | None, own_name: str) -> list[tuple[str, pl.Series]]:
    """Return (field, mask) of the rows of another provider, told by its CQC id, else its name.

    Where most rows of the organisation's own id bear one name, that is its registered name, however
    it is called in CareBoard; a stray name among them is still a stranger's.
    """
    ids, names = cells.get("provider_id"), cells.get("provider")
    result: list[tuple[str, pl.Series]] = []
    ours = {own_name}
    if ids is not None and own_id:
        own = (ids.str.to_lowercase() == own_id.strip().lower()).fill_null(False)
        result.append(("provider_id", ids.is_not_null() & ~own))
        if names is not None:
            ours |= _registered_names(names.filter(own))
    if names is not None and own_name:
        words = names.drop_nulls().unique().to_list()
        strange = [word for word in words if not any(same_provider(word, one) for one in ours)]
        result.append(("provider", names.is_in(strange).fill_null(False)))
    return result


def _registered_names(names: pl.Series) -> set[str]:
    counts = names.drop_nulls().alias("name").value_counts(sort=True)
    # Fewer than three rows are no custom, and one corrected row must not vouch for itself.
    if not counts.height or counts["count"][0] < 3 or counts["count"][0] * 2 <= names.len():
        return set()
    return {counts["name"][0]}


def quiet_names(names: pl.Series, services: Sequence[ServiceRef]) -> pl.Series:
    """Return service names with those in capitals among others that are not written as usual."""
    known = {plain(service.name): service.name for service in services}
    words = names.drop_nulls().unique().to_list()
    shouted = [word for word in words if word.isupper() and len(word) > 4]
    style = len(shouted) * 2 > len(words)
    means = {word: known.get(plain(word)) or (word if style else calmer(word)) for word in shouted}
    return names.replace(means) if means else names
