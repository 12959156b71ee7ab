"""Where what was known inside and what was told outside do not fit. Pure functions over events.

Source: S3, commissioner and inspector expectations ("when first identified, why communication
happened when it did"); rules N13 and 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from careboard.clock import add_working_days
from careboard.sharing.clock import Times
from careboard.sharing.sql import PATTERNS
from careboard.vocabulary import RATINGS

HIGH = ("high", "very_high")
TELLING = ("told", "update", "pack")
# A fortnightly update may be one working day late. Source: rule N13.
GRACE_WORKING_DAYS = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, `inside` or `outside`; `link` and `id` name its page."""

    side: str
    kind: str
    reference: str
    on: date
    words: str
    link: str
    id: UUID
    facts: Mapping[str, Any] = field(default_factory=dict)

    def day(self, name: str) -> date | None:
        """A day among its facts."""
        said = self.facts.get(name)
        return date.fromisoformat(said) if isinstance(said, str) else said

    @property
    def happened(self) -> bool:
        """Not an update that is merely due."""
        return self.kind != "update" or self.facts.get("status") in ("published", "missed")


@dataclass(frozen=True, slots=True)
class Gap:
    """Between `from_on` and `until_on` (None: it goes on) something was not said or decided."""

    kind: str
    reference: str
    from_on: date
    until_on: date | None
    words: str
    link: str
    id: UUID

    def days(self, on: date) -> int:
        """How long it lasted, or has lasted by that day."""
        return ((self.until_on or on) - self.from_on).days


def gaps(events: Sequence[Event], *, since: date, until: date) -> list[Gap]:
    """The gaps that touch the period, the longest first, as they stood at its end.

    `events` are all up to `until`, the first first, with the updates that were due by then.
    """
    known = [event for event in events if event.on <= until]
    found = [
        *_undecided(known, until),
        *_untold(known, until),
        *_unanswered(known, until),
        *_fortnights(events, until),
        *_raised_since_told(known, until),
    ]
    touching = [gap for gap in found if gap.until_on is None or gap.until_on >= since]
    return sorted(touching, key=lambda gap: (-gap.days(until), gap.reference, gap.kind))


def _of(events: Iterable[Event], *kinds: str) -> list[Event]:
    return [event for event in events if event.kind in kinds]


def _undecided(events: Sequence[Event], until: date) -> Iterator[Gap]:
    """Known high, or a safeguarding pattern, and nobody decided in time whether to share it. A
    decision on one pattern looks at all that stood there by then."""
    patterns = _patterns(events)
    alike = {str(event.id) for _, _, _, event, _ in patterns}
    for started, ended, safeguarding, event, words in (*_highs(events), *patterns):
        about = alike if str(event.id) in alike else {str(event.id)}
        on = next(
            (
                one.on
                for one in _of(events, "decision")
                if one.facts["subject"] in about and one.on >= started
            ),
            None,
        )
        over = min((day for day in (on, ended, until) if day is not None), default=until)
        if Times(started, over, safeguarding=safeguarding).late(until):
            closed = on is not None or (ended is not None and ended <= until)
            said = f"{words}, and nobody decided whether to share it"
            yield Gap("undecided", event.reference, started, over if closed else None, said,
                      event.link, event.id)  # fmt: skip


def _highs(events: Sequence[Event]):
    """(from, until, safeguarding, event, words) of each time that a risk stood high, anew when it
    rose to very high, until it was lowered or closed."""
    history = sorted(_of(events, "rating", "closed"), key=lambda event: str(event.id))
    for _, own in groupby(history, key=lambda event: event.id):
        start: Event | None = None
        for event in own:
            level = event.facts.get("to")
            if start is not None and (level not in HIGH or _rose(event)):
                yield _high(start, event.on)
                start = None
            if start is None and level in HIGH:
                start = event
        if start is not None:
            yield _high(start, None)


def _high(start: Event, ended: date | None):
    level = start.facts["to"].replace("_", " ")
    return start.on, ended, start.facts["domain"] == "safeguarding", start, f"Rated {level}"


def _rose(event: Event) -> bool:
    before = event.facts.get("from")
    return before is not None and RATINGS.index(event.facts["to"]) > RATINGS.index(before)


def _patterns(events: Sequence[Event]):
    return [
        (event.on, event.day("closed_on"), True, event, "A safeguarding pattern")
        for event in _of(events, "trigger")
        if event.facts["rule"] in PATTERNS
    ]


def _untold(events: Sequence[Event], until: date) -> Iterator[Gap]:
    """Decided to be told, and not told by the day that was set, nor decided anew by then. Whatever
    is decided anew ends it: that decision has a day of its own."""
    decided, told = _of(events, "decision"), _of(events, "told")
    for place, event in enumerate(decided):
        tell_by = event.day("tell_by")
        if tell_by is None:
            continue
        anew = [one.on for one in decided[place + 1 :] if _alike(one, event)]
        said = [one.on for one in told if one.facts.get("decision") == str(event.id)]
        over = min((*anew, *said), default=None)
        if (over or until) > tell_by:
            words = "Decided to be told, and not told by the day that was set"
            yield Gap("untold", event.reference, tell_by, over, words, event.link, event.id)


def _alike(one: Event, other: Event) -> bool:
    return one.facts["subject"] == other.facts["subject"]


def _unanswered(events: Sequence[Event], until: date) -> Iterator[Gap]:
    """Asked from outside, and not answered by the day asked for."""
    for event in _of(events, "asked", "tracked", "heard"):
        due, answered = event.day("due_on"), event.day("answered_on")
        if answered is not None and answered > until:
            answered = None
        if due is not None and (answered or until) > due:
            words = "Asked for from outside, and not answered by the day it was due"
            yield Gap("unanswered", event.reference, due, answered, words, event.link, event.id)


def _fortnights(events: Sequence[Event], until: date) -> Iterator[Gap]:
    """A fortnightly update that was missed, until the next one came, or came later than it may."""
    updates = _of(events, "update")
    for event in updates:
        due, published = event.day("due_on"), event.day("published_on")
        if published is not None and published > until:
            published = None
        last = add_working_days(due, GRACE_WORKING_DAYS)
        if event.facts["status"] == "missed":
            words = "A fortnight went by without its recovery update"
            came = _next_publication(updates, event, until)
            yield Gap("fortnight", event.reference, due, came, words, event.link, event.id)
        elif (published or until) > last:
            words = "A recovery update came late" if published else "A recovery update is late"
            yield Gap("fortnight", event.reference, due, published, words, event.link, event.id)


def _next_publication(updates: Sequence[Event], missed: Event, until: date) -> date | None:
    """When an update of the same fortnights came after that, if by that day."""
    days = (one.day("published_on") for one in updates
            if one.facts.get("schedule") == missed.facts.get("schedule"))  # fmt: skip
    after = missed.day("due_on")
    return min((day for day in days if day is not None and after < day <= until), default=None)


def _raised_since_told(events: Sequence[Event], until: date) -> Iterator[Gap]:
    """A rating was raised to where it stands, or beyond, and nothing that still stands has been
    said outside since; unless it was decided not to share it. A risk stands until it is closed."""
    said = [event.on for event in _of(events, *TELLING) if _stands(event, until)]
    kept = _of(events, "decision")
    ends = {event.id: event.on for event in _of(events, "closed")}
    ratings = sorted(_of(events, "rating"), key=lambda event: str(event.id))
    for _, history in groupby(ratings, key=lambda event: event.id):
        own = list(history)
        raised = next((event for event in reversed(own) if _rose_to(event, own[-1])), None)
        if raised is None:
            continue
        told = any(day >= raised.on for day in said)
        withheld = any(
            one.facts["decision"] == "do_not_share"
            and one.facts["subject"] == str(raised.id)
            and one.on >= raised.on
            for one in kept
        )
        closed_on = ends.get(raised.id)
        if raised.on < until and not told and not withheld:
            level = raised.facts["to"].replace("_", " ")
            words = f"Rating raised to {level}, and nothing was said outside since"
            yield Gap("raised", raised.reference, raised.on, closed_on, words,
                      raised.link, raised.id)  # fmt: skip


def _rose_to(event: Event, last: Event) -> bool:
    """Whether it brought the rating from below where it stands at last to there, or beyond."""
    before = event.facts.get("from")
    if before is None:
        return False
    below, stands, reached = map(RATINGS.index, (before, last.facts["to"], event.facts["to"]))
    return below < stands <= reached


def _stands(event: Event, until: date) -> bool:
    """Whether that was said, and not taken back by then."""
    if event.facts.get("status", "published") != "published":
        return False
    taken_back = event.day("withdrawn_on")
    return taken_back is None or taken_back > until
