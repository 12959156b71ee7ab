"""Which of the organisation's services a cell names: by name, CQC location id or ODS code.

A near spelling is never matched by guess (`conventions.services` of the sample's expected.json).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServiceRef:
    """A service as an import needs to know it. `id` is CareBoard's own key, as text."""

    id: str
    name: str
    cqc_location_id: str | None = None
    ods_code: str | None = None
    local_authority: str | None = None
    other_names: tuple[str, ...] = field(default=())


class ServiceIndex:
    """Finds services by what a source calls them."""

    def __init__(self, services: Iterable[ServiceRef]) -> None:
        self.by_id = {service.id: service for service in services}
        self._ids: dict[str, set[str]] = {}
        for service in self.by_id.values():
            labels = (service.name, service.cqc_location_id, service.ods_code, *service.other_names)
            for label in labels:
                if label and plain(label):
                    self._ids.setdefault(plain(label), set()).add(service.id)

    def find(self, text: str | None) -> set[str]:
        """Return the ids of services that `text` names: none, one, or several of one name."""
        return self._ids.get(plain(text), set()) if text else set()


def plain(text: str) -> str:
    """Return a name without case, spaces and typographic variants of its apostrophes."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[’‘`´]", "'", text)
    return re.sub(r"[\s\u200b\ufeff]+", "", text)


def calmer(name: str) -> str:
    """Return a name in capitals as it is usually written: `THE LARCHES` -> `The Larches`."""
    small = {"of", "and", "at", "in", "on", "the", "for", "by"}
    words = name.lower().split()
    return " ".join(
        word
        if word in small and position
        else "-".join(p[:1].upper() + p[1:] for p in word.split("-"))
        for position, word in enumerate(words)
    )


def same_provider(left: str, right: str) -> bool:
    """Return whether two provider names are one, whatever the legal form is written as."""
    return _company(left) == _company(right)


def _company(name: str) -> str:
    words = re.sub(r"[^\w\s&]", "", unicodedata.normalize("NFKC", name).casefold())
    words = re.sub(r"\b(limited|ltd|plc|llp|cic|the)\b", "", words.replace("&", " and "))
    return re.sub(r"\s+", "", words)
