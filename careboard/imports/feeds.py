"""What each feed holds: its fields, the titles they go by, and the codes they take.

Field names are the canonical ones of the sample's expected.json. A dot joins the parts of one
thing: `service.id`, `service.name` and `service.la` all tell of one service; `occurred_at.d` and
`occurred_at.t` are the date and the time of one moment.

Rule source: domain/data-shapes.md 6.1 and 6.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Literal

Kind = Literal[
    "text", "free_text", "id", "ref", "service", "date", "datetime", "time", "number", "code",
    "bool", "person", "email", "url", "phone", "list",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a feed.

    `required`: no cell of its column may be empty. `essential`: the column itself must be there.
    `codes`: source words (any case) to canonical ones; `strict`: other words are refused.
    `maximum`: the field that holds a number's maximum. `refers_to`: the feed whose keys it names.
    `answer`: a coded answer, where 999 means no answer. `warn_empty`: warning for an empty cell.
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

    def names(self) -> tuple[str, ...]:
        """Return every title this field answers to."""
        return (self.label, self.name.replace(".", " ").replace("_", " "), *self.aliases)


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of file: `keys` make a row's source key; `service_bound` rows must name a service;
    `own_provider` rows must be of the organisation's own provider (the services feed)."""

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

    def has(self, name: str | None) -> bool:
        """Return whether the feed knows a field of this name."""
        return any(item.name == name for item in self.fields)


FEEDS: dict[str, Feed] = {}
# The sample and some sources name the feed after the file it comes from.
FEED_ALIASES = {
    "action_tracker": "actions",
    "safeguarding_concerns": "safeguarding",
    "queries": "commissioner_queries",
    "concerns": "audit_concerns",
}


def register(feed: Feed) -> Feed:
    """Add a feed to FEEDS, as data: later feeds (visits, tasks, medicines) come the same way."""
    FEEDS[feed.name] = feed
    return feed


def get_feed(name: str) -> Feed:
    """Return a feed by its name or by the name its source gives it; raises KeyError."""
    return FEEDS[FEED_ALIASES.get(name, name)]


# The definitions need the classes above, and whoever imports FEEDS needs the definitions.
from careboard.imports import feed_definitions  # noqa: E402, F401
