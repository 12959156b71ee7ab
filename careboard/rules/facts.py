"""What the rules look at: the rows of one organisation, by name, as known at one instant. Pure.

`Facts` reads a name when a rule first asks for it. In a test give the rows themselves:

    Facts.of(audits=[Audit(…)], services={service_id: "Alder House"})

Every reading is flat: as many statements as names, whatever the number of services and rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from careboard.actions.outcomes import Position
from careboard.experience.rows import Responses, Voices
from careboard.recovery.check_rules import Check
from careboard.recovery.decline import Read
from careboard.risks.assurance import Support


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit of a theme; `score` in percent, `rag` "" where the audit gave none."""

    id: UUID
    service_id: UUID
    theme: str
    cycle: str
    on: date
    score: float
    rag: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class AuditConcern:
    """A finding of an audit; `severity` green, amber or red."""

    id: UUID
    service_id: UUID
    theme: str
    on: date
    severity: str
    status: str = "open"
    audit_id: UUID | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern. `score` is of 5, `person` a keyed hash, `details` what its kind alone has, by
    canonical field name. `recorded_on` and `recorded_at`: when it became known here."""

    id: UUID
    kind: str
    service_id: UUID
    on: date
    reference: str = ""
    domain: str = ""
    theme: str = ""
    place: str = ""
    source_role: str = ""
    person: str = ""
    level: str = ""
    status: str = ""
    closed_on: date | None = None
    score: float | None = None
    recorded_on: date | None = None
    recorded_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """An action. `closed_on` is the day on which it was verified, `theme` that of the audit
    concern that it answers, else that of its measure.

    `evidence` counts the supporting items in date that are attached to it, `evidence_until` is the
    last day on which one of them is. `priority`: it answers a red audit concern, a risk rated high
    or very high or a safeguarding concern, or an episode made it one.
    """

    id: UUID
    reference: str
    service_id: UUID
    status: str
    domain: str = ""
    theme: str = ""
    due_on: date | None = None
    original_due_on: date | None = None
    opened_on: date | None = None
    started_on: date | None = None
    completed_on: date | None = None
    closed_on: date | None = None
    extensions: int = 0
    owned: bool = True
    outcome_measure: str = ""
    baseline: str = ""
    evidence_required: str = ""
    evidence: int = 0
    evidence_until: date | None = None
    priority: bool = False
    audit_concern_id: UUID | None = None
    concern_id: UUID | None = None
    risk_id: UUID | None = None
    plan_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """An open risk with its present rating and what that rests on (`risks.rated.support_of`).

    `expires_on`: the first later day on which an item of its evidence is no longer valid.
    """

    id: UUID
    reference: str
    service_id: UUID
    domain: str
    rating: str
    rated_on: date
    rating_review_id: UUID | None = None
    support: Support = field(default_factory=Support)
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class RatingChange:
    """A decision on a rating; `decision` set, raise, hold, lower or moderated."""

    id: UUID
    risk_id: UUID
    reference: str
    service_id: UUID
    domain: str
    decision: str
    rating_from: str | None
    rating_to: str
    on: date


@dataclass(frozen=True, slots=True)
class Dispute:
    """A service's dispute of a rating; `status` open, upheld, changed or withdrawn."""

    id: UUID
    reference: str
    service_id: UUID
    risk_id: UUID
    rating_review_id: UUID
    on: date
    due_on: date
    status: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with its validation, where that is completed; `sampled` rows of which `matched`
    agree with their source and `critical` contradict a claim of safety."""

    id: UUID
    reference: str
    service_id: UUID
    kind: str
    status: str
    on: date
    domain: str = ""
    risk_id: UUID | None = None
    outcome: str | None = None
    unsupported: bool = False
    validated_on: date | None = None
    sampled: int = 0
    matched: int = 0
    critical: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """A month's experience summary as it stands; `month` its first day. `themes` gives, by theme,
    how many said good and bad things."""

    id: UUID
    service_id: UUID
    month: date
    sample_size: int
    invited: int | None = None
    people: int | None = None
    themes: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Indicator:
    """An active indicator with its latest readings, judged; `delays`: a weekly share of delayed
    responses. `turns_on`: the day after its present period, when that counts as read or not."""

    id: UUID
    reference: str
    service_id: UUID
    domain: str
    name: str
    reads: Sequence[Read] = ()
    delays: bool = False
    turns_on: date | None = None


@dataclass(frozen=True, slots=True)
class CareReview:
    """A review of one person's care, due or done."""

    id: UUID
    service_id: UUID
    due_on: date
    completed_on: date | None = None
    high_risk: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ConfidenceNote:
    """Somebody of the provider has lost confidence in a service's own controls."""

    id: UUID
    service_id: UUID
    on: date


@dataclass(frozen=True, slots=True)
class Episode:
    """An open episode of enhanced monitoring; `reviewed_on` is the day of its latest review,
    `looked_at` the moment of it, or of its start."""

    id: UUID
    reference: str
    service_id: UUID
    started_on: date
    reviewed_on: date | None = None
    looked_at: datetime | None = None


class Facts:
    """The rows of an organisation by name; each is read once, and only if it is asked for."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read

    @classmethod
    def of(cls, **rows: Any) -> Facts:
        """Facts that are given; a name that is not has no rows."""
        return cls(lambda name: rows.get(name, _EMPTY.get(name, ())))

    @cached_property
    def services(self) -> Mapping[UUID, str]:
        """The names of active services."""
        return self._read("services")

    @cached_property
    def audits(self) -> Sequence[Audit]:
        return self._read("audits")

    @cached_property
    def audit_concerns(self) -> Sequence[AuditConcern]:
        return self._read("audit_concerns")

    @cached_property
    def concerns(self) -> Sequence[Concern]:
        """Incidents, safeguarding concerns and commissioner queries of the last two years, and
        older ones that are still open. Feedback and complaints are in `voices`."""
        return self._read("concerns")

    def concerns_of(self, kind: str) -> list[Concern]:
        """Those of one kind."""
        return [concern for concern in self.concerns if concern.kind == kind]

    @cached_property
    def voices(self) -> Voices:
        """Feedback and complaints with what summaries count beyond them, as the pages on
        experience read them."""
        return self._read("voices")

    @cached_property
    def actions(self) -> Sequence[Action]:
        return self._read("actions")

    @cached_property
    def outcomes(self) -> Mapping[UUID, Position]:
        """By action: where those with a named measure that were verified stand."""
        return self._read("outcomes")

    @cached_property
    def risks(self) -> Sequence[Risk]:
        return self._read("risks")

    @cached_property
    def rating_changes(self) -> Sequence[RatingChange]:
        return self._read("rating_changes")

    @cached_property
    def disputes(self) -> Sequence[Dispute]:
        return self._read("disputes")

    @cached_property
    def claims(self) -> Sequence[Claim]:
        """Submitted and validated ones."""
        return self._read("claims")

    @cached_property
    def summaries(self) -> Sequence[Summary]:
        return self._read("summaries")

    @cached_property
    def indicators(self) -> Sequence[Indicator]:
        return self._read("indicators")

    @cached_property
    def checks(self) -> Mapping[UUID, Sequence[Check]]:
        """By service, the structured checks that stand and that the rules look at."""
        return self._read("checks")

    @cached_property
    def care_reviews(self) -> Sequence[CareReview]:
        """Those that wait, and those done within a quarter."""
        return self._read("care_reviews")

    @cached_property
    def responses(self) -> Responses:
        """What was done about themes of experience, as its pages read it."""
        return self._read("responses")

    @cached_property
    def episodes(self) -> Sequence[Episode]:
        return self._read("episodes")

    @cached_property
    def confidence_notes(self) -> Sequence[ConfidenceNote]:
        return self._read("confidence_notes")


_EMPTY: dict[str, Any] = {
    "services": {},
    "outcomes": {},
    "checks": {},
    "voices": Voices([], []),
    "responses": Responses((), ()),
}
NAMES = frozenset(name for name, kept in vars(Facts).items() if isinstance(kept, cached_property))
