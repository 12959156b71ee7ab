"""The rows that rules look at, each kind as the pure rules of its topic take it. No database.

`Facts` has a sequence for each name of KINDS: rows of the whole organisation, of active services
alone, dated up to the day and known at the instant `Facts.known_at`. References to people are keyed
hashes; no free text is among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from careboard.actions import triggers
from careboard.actions.outcomes import Position
from careboard.experience.rules import Said
from careboard.patterns import AuditScore
from careboard.recovery import check_rules
from careboard.recovery.decline import Read
from careboard.risks.assurance import Support


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """An active service."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow(AuditScore):
    """An audit with a score; `service` is an id, `rag` may be empty."""

    id: UUID
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernRow(Said):
    """A concern of any kind; `service` is an id, themes of feedback and complaints are in lower
    case. Feedback of staff is left out. `reg18` and `reg20` are what its source flagged."""

    closed_on: date | None = None
    due_on: date | None = None
    reg18: bool = False
    reg20: bool = False
    recorded_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """The present experience summary of a month that has ended. `negative` is by theme."""

    id: UUID
    service_id: UUID
    month: date
    sample_size: int
    invited: int | None = None
    people: int | None = None
    negative: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeActionRow:
    """An action that answers a theme, as a row of `experience.sql.ACTIONS`."""

    id: UUID
    service_id: UUID
    theme: str
    opened_on: date
    status: str = "open"
    verified_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedRow:
    """That those who spoke of a theme were told that they were heard."""

    id: UUID
    service_id: UUID
    theme: str
    noted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow(triggers.Row):
    """An action of any status but draft. `theme` is what it works on: that of its audit concern,
    else of its measure, else empty. `lacks` has those of `lateness.GAPS` that are empty; an owner
    known by name alone is an owner.

    `priority`: it answers a red audit concern, a risk rated high or very high or a safeguarding
    concern, or an episode of enhanced monitoring made it one. `evidence_until` is the last day on
    which an item of its evidence is valid, None where it has none that supports it.
    """

    service_id: UUID
    reference: str = ""
    theme: str = ""
    opened_on: date | None = None
    completed_on: date | None = None
    lacks: Sequence[str] = ()
    priority: bool = False
    evidence_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """A verified action with a measure, and where it stands with it on the day."""

    id: UUID
    service_id: UUID
    reference: str
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    """An open risk, and what its rating rests on on the day (a row of `risks.rated.rated`).

    `since`: the day from which it has stood at its present rating without a break. `expires_on`:
    the first later day on which an item of its evidence is no longer valid.
    """

    id: UUID
    service_id: UUID
    reference: str
    domain: str
    rating: str
    rated_on: date
    since: date
    support: Support = field(default_factory=Support)
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """A validated claim or return."""

    id: UUID
    service_id: UUID
    reference: str
    validated_on: date
    unsupported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """An active indicator, read as `recovery.response_rounds.reads_of` does.

    `turns_on`: the day after its present period, from which that period counts as read or not.
    """

    id: UUID
    service_id: UUID
    reference: str
    name: str
    reads: Sequence[Read]
    counts_delays: bool = False
    turns_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow(check_rules.Check):
    """A structured check that stands, of those that `check_queries.for_rules` looks at."""

    service_id: UUID
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareReviewRow:
    """A review of someone's care that is not completed, or fell due in the last 92 days."""

    id: UUID
    service_id: UUID
    reference: str
    due_on: date
    completed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeRow:
    """An open episode of enhanced monitoring; `reviewed_on` is the day of its latest review."""

    id: UUID
    service_id: UUID
    reference: str
    started_on: date
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceRow:
    """A note that somebody of the provider has lost confidence in a service's own controls."""

    id: UUID
    service_id: UUID
    on: date


KINDS: dict[str, type] = {
    "services": ServiceRow,
    "audits": AuditRow,
    "safeguarding": ConcernRow,
    "incidents": ConcernRow,
    "complaints": ConcernRow,
    "feedback": ConcernRow,
    "queries": ConcernRow,
    "summaries": SummaryRow,
    "theme_actions": ThemeActionRow,
    "acknowledged": AcknowledgedRow,
    "actions": ActionRow,
    "outcomes": OutcomeRow,
    "ratings": RatingRow,
    "claims": ClaimRow,
    "indicators": IndicatorRow,
    "checks": CheckRow,
    "care_reviews": CareReviewRow,
    "episodes": EpisodeRow,
    "confidence": ConfidenceRow,
}
