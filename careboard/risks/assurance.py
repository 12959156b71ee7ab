"""How far a rating may be relied upon, and the sentence that says why.

Source: rules 3.3 (disputed, improvement not sustained, unsupported assurance, missing evidence,
changed evidence, stale rating, green without test).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from careboard.clock import add_working_days, day_words
from careboard.risks.sustained import Watch, finding
from careboard.vocabulary import in_words

REVIEW_DAYS = 35
EVIDENCE_DAYS = 92
CURRENT_DAYS = 62
CHANGED_WORKING_DAYS = 5
# An item that is a draft, was refused or withdrawn, or was sent back supports nothing.
SUPPORTING = ("submitted", "in_review", "accepted")
# The audit band that each rating stands for.
IMPLIED = {"low": "green", "moderate": "amber", "high": "red", "very_high": "red"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a state rests on. `kind` is dispute, watch, audit, claim or risk."""

    kind: str
    id: UUID | None
    label: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """The oldest open dispute of a rating."""

    id: UUID | None
    reference: str
    due_on: date
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class NewAudit:
    """The newest audit of the domain since the rating was reviewed. `band` green, amber, red."""

    id: UUID | None
    reference: str
    band: str
    on_date: date


@dataclass(frozen=True, slots=True)
class Support:
    """What a rating rests on, and what speaks against it: counts and days, None where there is
    none.

    `items` counts its evidence; `in_date` that of it still valid; `newest_on` is the last day the
    valid items speak of; `valid_until` the last day any item was valid; `tested_on` the last day
    on which someone else accepted an item or found a return on it proved. `refuted` is a return
    since the review whose check found it unsupported.
    """

    items: int = 0
    in_date: int = 0
    newest_on: date | None = None
    valid_until: date | None = None
    tested_on: date | None = None
    dispute: Dispute | None = None
    watch: Watch | None = None
    refuted: Row | None = None
    audit: NewAudit | None = None


@dataclass(frozen=True, slots=True)
class Assurance:
    """A state of `vocabulary.ASSURANCE_STATES`, one sentence, and the rows that it rests on."""

    state: str
    reason: str
    rows: tuple[Row, ...] = ()


def assess(*, rating: str, rated_on: date, support: Support, on: date) -> Assurance:
    """The assurance state of a rating on a day. The gravest finding wins."""
    return (
        _disputed(support, on)
        or _not_sustained(support)
        or unsupported(support)
        or review_needed(rating, support, on)
        or stale(rated_on, support, on)
        or untested(rating, support, on)
        or _assured(rated_on, support, on)
    )


def tested(support: Support, on: date) -> bool:
    """Whether someone else accepted an item of its evidence in the last 92 days."""
    return support.tested_on is not None and (on - support.tested_on).days <= EVIDENCE_DAYS


def review_due(audit: NewAudit) -> date:
    """The day by which changed evidence is to be answered by a review."""
    return add_working_days(audit.on_date, CHANGED_WORKING_DAYS)


def _disputed(support: Support, on: date) -> Assurance | None:
    dispute = support.dispute
    if dispute is None:
        return None
    late = "was due" if on > dispute.due_on else "due"
    group = " It is not the first in 90 days: the governance group decides."
    return Assurance(
        "disputed",
        f"The service disputes this rating; moderation {late} by {day_words(dispute.due_on)}."
        + (group if dispute.escalated else ""),
        (Row("dispute", dispute.id, f"dispute {dispute.reference}"),),
    )


def _not_sustained(support: Support) -> Assurance | None:
    watch = support.watch
    if watch is None or not (found := finding(watch)).fires:
        return None
    rows = [Row("watch", watch.id, f"watch since {day_words(watch.started_on)}")]
    if watch.red_audit is not None:
        rows.append(Row("audit", watch.red_audit.id, f"audit {watch.red_audit.reference}".strip()))
    return Assurance("not_sustained", found.sentence, tuple(rows))


def unsupported(support: Support) -> Assurance | None:
    """Whether nothing in date stands behind a rating, or what does was found not to be so."""
    if support.refuted is not None:
        label = support.refuted.label
        return Assurance(
            "unsupported",
            f"The check of return {label} found that it does not match its source.",
            (Row("claim", support.refuted.id, f"return {label}"),),
        )
    if support.in_date:
        return None
    if support.items == 0:
        return Assurance("unsupported", "No evidence stands behind this rating.")
    last = day_words(support.valid_until) if support.valid_until else ""
    return Assurance(
        "unsupported", f"Its evidence is out of date: the last item was valid until {last}."
    )


def review_needed(rating: str, support: Support, on: date) -> Assurance | None:
    """Whether a newer audit says something else than a rating. Rules 3.3, changed evidence."""
    audit = support.audit
    if audit is None or audit.band == IMPLIED[rating]:
        return None
    due = review_due(audit)
    words = in_words(rating)
    return Assurance(
        "review_needed",
        f"The audit of {day_words(audit.on_date)} is {audit.band}, and {words} stands for "
        f"{IMPLIED[rating]}: review {'was due' if on > due else 'due'} by {day_words(due)}.",
        (Row("audit", audit.id, f"audit {audit.reference}".strip()),),
    )


def stale(rated_on: date, support: Support, on: date) -> Assurance | None:
    """Whether a rating, or the newest of its evidence, is too old to rely upon."""
    since_review = (on - rated_on).days
    if since_review > REVIEW_DAYS:
        return Assurance(
            "stale", f"Last reviewed {since_review} days ago; a rating holds for {REVIEW_DAYS}."
        )
    age = (on - support.newest_on).days if support.newest_on else 0
    if age > EVIDENCE_DAYS:
        return Assurance(
            "stale", f"The newest evidence is {age} days old; it holds for {EVIDENCE_DAYS}."
        )
    return None


def untested(rating: str, support: Support, on: date) -> Assurance | None:
    """Whether a low rating was tested by nobody else of late. Rules 3.3, green without test."""
    if rating != "low" or tested(support, on):
        return None
    if support.tested_on is None:
        reason = "Rated low, but nobody else has checked and accepted its evidence."
    else:
        reason = (
            f"Rated low, but its evidence was last checked on {day_words(support.tested_on)}, "
            f"over {EVIDENCE_DAYS} days ago."
        )
    return Assurance("untested", reason)


def _assured(rated_on: date, support: Support, on: date) -> Assurance:
    count = f"{support.in_date} item{'s' if support.in_date != 1 else ''} of evidence in date"
    return Assurance("assured", f"{count}, reviewed {_ago((on - rated_on).days)}.")


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
