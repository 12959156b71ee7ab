"""What the rules say of themes: of one at a service, and of all in a month (the experience
intelligence log). Source: step S0-2.2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import text

from careboard import patterns
from careboard.db import db
from careboard.errors import NotFound
from careboard.experience import rules
from careboard.experience.months import first_of, last_complete, last_day
from careboard.experience.rows import Responses, Voices, responses, voices
from careboard.experience.rules import Finding
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class ThemeFindings:
    """What is found of a theme at a service, as at `on`. The overlap is of `month`."""

    service_id: UUID
    theme: str
    month: date
    on: date
    repeated: Finding
    overlap: Finding
    response: Finding

    @property
    def fires(self) -> bool:
        return self.repeated.fires or self.overlap.fires

    @property
    def sentence(self) -> str:
        return f"{self.repeated.sentence} {self.overlap.sentence}"


_KNOWN = text("""
SELECT EXISTS (SELECT FROM concern c WHERE c.org_id = :org AND c.service_id = :service
    AND c.kind IN ('feedback', 'complaint') AND lower(c.theme) = :theme)
  OR EXISTS (SELECT FROM experience_summary p
    JOIN experience_theme t ON t.org_id = p.org_id AND t.summary_id = p.id
    WHERE p.org_id = :org AND p.service_id = :service AND t.theme = :theme)
""")


def require_theme(*, actor: Actor, service_id: UUID, theme: str) -> None:
    """Raise NotFound unless somebody ever spoke of the theme at the service."""
    values = {"org": actor.org_id, "service": service_id, "theme": theme}
    if not theme or not db.session.scalar(_KNOWN, values):
        raise NotFound()


def as_at(month: date, today: date) -> date:
    """The day on which a month is looked at: its last, or today until the next month has ended."""
    return today if month >= last_complete(today) else last_day(month)


def of_theme(*, actor: Actor, service_id: UUID, theme: str, month: date) -> ThemeFindings:
    """The findings on one theme. Three statements."""
    on = as_at(month, actor.today)
    said = voices(actor=actor, until=on, service_ids=[service_id])
    done = responses(actor=actor, service_ids=[service_id], theme=theme)
    return judge(said, done, service_id, theme, month, on)


def judge(
    said: Voices, done: Responses, service_id: UUID, theme: str, month: date, on: date
) -> ThemeFindings:
    """What the rules say; `said` is of that service alone."""
    repeated = rules.repeated_comments(said.answers, theme, on)
    answered = done.to(service_id, theme, repeated.since)
    return ThemeFindings(
        service_id=service_id,
        theme=theme,
        month=month,
        on=on,
        repeated=repeated,
        overlap=rules.complaint_overlap(said.answers, said.complaints, theme, month),
        response=rules.lack_of_response(repeated, answered, on),
    )


def in_month(
    *,
    actor: Actor,
    month: date,
    service_ids: Collection[UUID] | None = None,
    on: date | None = None,
) -> list[ThemeFindings]:
    """The findings on every theme with a negative comment or complaint in the month, or with
    comments that repeat at its end; by service and theme. Three statements for all services."""
    on = on or as_at(month, actor.today)
    said = voices(actor=actor, until=on, service_ids=service_ids, negative_only=True)
    done = responses(actor=actor, service_ids=service_ids)
    return [
        judge(own, done, service_id, theme, month, on)
        for service_id, own in _by_service(said)
        for theme in sorted(_themes(own, month, on))
    ]


def _by_service(said: Voices) -> Iterator[tuple[UUID, Voices]]:
    def service(item) -> str:
        return item.service

    answers = {k: list(v) for k, v in groupby(sorted(said.answers, key=service), key=service)}
    complaints = {k: list(v) for k, v in groupby(sorted(said.complaints, key=service), service)}
    for key in sorted(answers.keys() | complaints.keys()):
        yield UUID(key), Voices(answers.get(key, []), complaints.get(key, []))


def _themes(said: Voices, month: date, on: date) -> set[str]:
    since = min(month, on - timedelta(days=patterns.POOR_FEEDBACK[1] - 1))
    negative = [answer for answer in said.answers if answer.negative and answer.on >= since]
    counts = {answer.theme: 0 for answer in negative}
    for answer in negative:
        counts[answer.theme] += 1
    of_month = {item.theme for item in (*negative, *said.complaints) if first_of(item.on) == month}
    repeating = {theme for theme, count in counts.items() if count >= rules.least_for(theme)}
    return {theme for theme in of_month | repeating if theme}
