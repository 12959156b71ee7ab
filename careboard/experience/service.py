"""Recording people's experience: a month's summary and its corrections, ratings of themes, and
notes on where feedback and complaints say the same.

Source: steps S0-2.1 to S0-2.3. Nothing recorded here is ever changed; a correction supersedes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.db import db, load
from careboard.errors import Conflict, Invalid
from careboard.experience import findings, prefill
from careboard.experience.models import (
    ExperienceSummary,
    ExperienceTheme,
    IntelligenceNote,
    ThemeRating,
)
from careboard.experience.months import first_of, last_day
from careboard.imports.privacy import scan
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import RATINGS

MOST_THEMES = 60
OVERLAPS = ("matches", "partly", "none")
MOVED_ON = "Someone submitted this month while you were writing. Compare before you correct it."


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How many said good and bad things of a theme, and in short what."""

    theme: str
    positive: int
    negative: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """A month's summary. `invited` and `people` are None where nobody counted them."""

    sample_size: int
    invited: int | None = None
    people: int | None = None
    themes: Sequence[ThemeCount] = ()
    note: str = ""


def submit_summary(
    *,
    actor: Actor,
    service_id: UUID,
    month: date,
    facts: SummaryFacts,
    seen: int = 0,
    correction_reason: str = "",
) -> UUID:
    """Submit a month's summary of a service, or correct it; returns the new row's id.

    `seen` is the number of the summary that the person had before them, 0 for none: Conflict when
    there has been another since. Raises Invalid (sample_size, invited, people, correction_reason,
    note, or `themes-<place>-<theme, positive, negative or comment>`), NotFound, Forbidden.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_EXPERIENCE, service_id)
    _check_month(actor, month)
    before = _present(actor, service_id, month)
    if (before.number if before else 0) != seen:
        raise Conflict(MOVED_ON)
    _check(facts)
    if before is not None:
        if not correction_reason:
            raise Invalid("Say why the summary is corrected.", "correction_reason")
        before.superseded_at = clock.now()
        db.session.flush()
    counted = prefill.counted(actor=actor, service_id=service_id, month=month)
    row = ExperienceSummary(
        org_id=actor.org_id,
        service_id=service_id,
        month=month,
        number=seen + 1,
        sample_size=facts.sample_size,
        invited=facts.invited,
        people=facts.people,
        source="imported" if counted.says(facts.sample_size, facts.themes) else "entered",
        note=facts.note,
        correction_reason=correction_reason if before else "",
        submitted_by_id=actor.membership_id,
        submitted_on=actor.today,
    )
    _add(row, facts.themes)
    audit.record(
        actor=actor,
        tag="experience:corrected" if before else "experience:submitted",
        subject_id=row.id,
        before={"summary": before.id, "sample_size": before.sample_size} if before else {},
        after={
            "service": service_id,
            "month": month,
            "sample_size": row.sample_size,
            "invited": row.invited,
            "source": row.source,
            "themes": len(facts.themes),
        },
    )
    return row.id


def _present(actor: Actor, service_id: UUID, month: date) -> ExperienceSummary | None:
    return db.session.scalar(
        select(ExperienceSummary)
        .where(
            ExperienceSummary.org_id == actor.org_id,
            ExperienceSummary.service_id == service_id,
            ExperienceSummary.month == month,
            ExperienceSummary.superseded_at.is_(None),
        )
        .with_for_update()
    )


def _add(row: ExperienceSummary, themes: Sequence[ThemeCount]) -> None:
    """Two who submit at once: the database keeps the first."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict(MOVED_ON) from error
    for theme in themes:
        db.session.add(
            ExperienceTheme(
                org_id=row.org_id,
                summary_id=row.id,
                theme=folded(theme.theme),
                positive=theme.positive,
                negative=theme.negative,
                comment=theme.comment,
            )
        )
    db.session.flush()


def folded(theme: str) -> str:
    """A theme as it is compared: in lower case, with single blanks."""
    return " ".join(theme.split()).lower()


def refuse_names(text: str, field: str) -> None:
    """As for records, and a name without a title too: feedback tempts to quote who gave it."""
    refuse_personal_data(text, field)
    for found in scan(text):
        if found.kind == "name_untitled":
            said = text[found.start : found.end]
            raise Invalid(
                f"“{said}” looks like a person's name. Write it without naming anyone.", field
            )


def _check_month(actor: Actor, month: date) -> None:
    if month != first_of(month):
        raise Invalid("A summary is of a calendar month.", "month")
    if last_day(month) > actor.today:
        raise Invalid(f"{month:%B %Y} has not ended. Submit its summary once it has.", "month")


def _check(facts: SummaryFacts) -> None:
    if facts.sample_size < 0:
        raise Invalid("Enter how many were heard: 0 or more.", "sample_size")
    if facts.invited is not None and facts.invited < facts.sample_size:
        raise Invalid(
            "More were heard than invited. Leave it empty where people came unasked.", "invited"
        )
    if facts.people is not None and facts.people < 1:
        raise Invalid("Enter how many people use the service: 1 or more.", "people")
    if len(facts.themes) > MOST_THEMES:
        raise Invalid(f"Enter at most {MOST_THEMES} themes.")
    seen: set[str] = set()
    for place, theme in enumerate(facts.themes):
        _check_theme(theme, f"themes-{place}", facts.sample_size, seen)


def _check_theme(theme: ThemeCount, place: str, sample_size: int, seen: set[str]) -> None:
    name = folded(theme.theme)
    if not name:
        raise Invalid("Name the theme.", f"{place}-theme")
    if name in seen:
        raise Invalid(f"“{name}” stands twice. Put its counts together.", f"{place}-theme")
    seen.add(name)
    for field in ("positive", "negative"):
        if not 0 <= getattr(theme, field) <= sample_size:
            raise Invalid(
                f"Enter a number from 0 to {sample_size}, how many were heard.", f"{place}-{field}"
            )
    refuse_names(theme.theme, f"{place}-theme")
    refuse_names(theme.comment, f"{place}-comment")


def rate_theme(
    *,
    actor: Actor,
    service_id: UUID,
    theme: str,
    month: date,
    rating: str | None,
    rationale: str,
) -> UUID:
    """Put a theme on the board, with a rating where one is needed and the reasons; returns the
    note's id. The latest note of a theme is the one that is shown.

    Raises Invalid (rating, rationale), NotFound for a theme that nobody spoke of, Forbidden.
    Source: step S0-2.3.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RATE_RISK, service_id)
    findings.require_theme(actor=actor, service_id=service_id, theme=theme)
    if rating is not None and rating not in RATINGS:
        raise Invalid("Choose a rating, or none.", "rating")
    if not rationale:
        raise Invalid("Give the reasons.", "rationale")
    row = ThemeRating(
        org_id=actor.org_id,
        service_id=service_id,
        theme=theme,
        month=first_of(month),
        rating=rating,
        rationale=rationale,
        rated_by_id=actor.membership_id,
        rated_on=actor.today,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="theme:rated",
        subject_id=row.id,
        after={"service": service_id, "month": row.month, "rating": rating},
    )
    return row.id


def add_note(
    *,
    actor: Actor,
    service_id: UUID,
    theme: str,
    month: date,
    overlap: str,
    text: str,
    acknowledged: bool = False,
) -> UUID:
    """Record what the comparison of feedback with complaints found; returns the note's id.

    What the rules say of the theme on that day is kept with it. Raises Invalid (overlap, text),
    NotFound for a theme that nobody spoke of, Forbidden. Source: step S0-2.2.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_EXPERIENCE, service_id)
    findings.require_theme(actor=actor, service_id=service_id, theme=theme)
    if overlap not in OVERLAPS:
        raise Invalid("Say whether feedback and complaints match.", "overlap")
    if not text:
        raise Invalid("Write what you found.", "text")
    said = findings.of_theme(actor=actor, service_id=service_id, theme=theme, month=month)
    row = IntelligenceNote(
        org_id=actor.org_id,
        service_id=service_id,
        theme=theme,
        month=first_of(month),
        finding=said.sentence,
        overlap=overlap,
        text=text,
        acknowledged=acknowledged,
        noted_by_id=actor.membership_id,
        noted_on=actor.today,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="theme:noted",
        subject_id=row.id,
        after={
            "service": service_id,
            "month": row.month,
            "overlap": overlap,
            "acknowledged": acknowledged,
        },
    )
    return row.id
