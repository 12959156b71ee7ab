"""What each feed holds: its fields, the titles they go by, and the codes they take.

Field names are the canonical ones of the sample's expected.json. A dot joins the parts of one
thing: `service.id`, `service.name` and `service.la` all tell of one service; `occurred_at.d` and
`occurred_at.t` are the date and the time of one moment.

Rule source: domain/data-shapes.md 6.1 and 6.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as default
from typing import Literal

Kind = Literal[
    "text", "free_text", "id", "ref", "service", "date", "datetime", "time", "number", "amount",
    "code", "bool", "person", "email", "url", "phone", "list",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a feed.

    `required`: no cell of its column may be empty. `essential`: the column itself must be there.
    `codes`: source words (any case) to canonical ones; `strict`: other words are refused.
    `maximum`: the field that holds a number's maximum. `refers_to`: the feed whose keys it names.
    `answer`: a coded answer, where 999 means no answer. `warn_empty`: warning for an empty cell.
    `unit`: the field with the unit of an amount. `systems`: words that only one source system
    uses so, by the system's name.
    """

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    essential: bool = False
    aliases: tuple[str, ...] = ()
    codes: Mapping[str, str] = default(default_factory=dict)
    strict: bool = False
    maximum: str | None = None
    refers_to: str | None = None
    answer: bool = False
    warn_empty: str | None = None
    unit: str | None = None
    systems: Mapping[str, Mapping[str, str]] = default(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Return every title this field answers to."""
        return (self.label, self.name.replace(".", " ").replace("_", " "), *self.aliases)


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of file: `keys` make a row's source key; `service_bound` rows must name a service;
    `own_provider` rows must be of the organisation's own provider (the services feed).

    One key is taken as the source writes it; of several, each is taken for what it means."""

    name: str
    label: str
    keys: tuple[str, ...]
    fields: tuple[Field, ...]
    service_bound: bool = True
    own_provider: bool = False

    def field(self, name: str) -> Field:
        """Return the field called `name`; raises KeyError."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    def spoken_by(self, source: str, own: Mapping[str, Mapping[str, str]]) -> "Feed":
        """Return the feed with the words of that source system, and the organisation's own, by
        field."""
        fields = (_spoken(item, source, own.get(item.name, {})) for item in self.fields)
        return replace(self, fields=tuple(fields))

    def has(self, name: str | None) -> bool:
        """Return whether the feed knows a field of this name."""
        return any(item.name == name for item in self.fields)


def _spoken(item: Field, source: str, own: Mapping[str, str]) -> Field:
    squeezed = "".join(source.casefold().split())
    words = {**own, **item.codes}
    for system, said in item.systems.items():
        if "".join(system.split()) in squeezed:
            words |= said
    return item if words == item.codes else replace(item, codes=words)


FEEDS: dict[str, Feed] = {}
# Fields that are kept as keyed hashes alone, so that no page shows what stands in the file.
HASHED = ("person", "staff", "recorder", "witness")
# The sample and some sources name the feed after the file it comes from.
FEED_ALIASES = {
    "action_tracker": "actions",
    "safeguarding_concerns": "safeguarding",
    "queries": "commissioner_queries",
    "concerns": "audit_concerns",
    "care_reviews": "reviews",
    "medicines": "emar",
}


def register(feed: Feed) -> Feed:
    """Add a feed to FEEDS, as data: later feeds (visits, tasks) come the same way."""
    FEEDS[feed.name] = feed
    return feed


def get_feed(name: str) -> Feed:
    """Return a feed by its name or by the name its source gives it; raises KeyError."""
    return FEEDS[FEED_ALIASES.get(name, name)]


# The definitions need the classes above, and whoever imports FEEDS needs the definitions.
from careboard.imports import feed_definitions  # noqa: E402, F401
