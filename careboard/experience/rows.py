"""The rows that the rules of experience judge, each kind in one statement for all services."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.experience import sql
from careboard.experience.months import first_of, last_day
from careboard.experience.rules import Said, counted_only
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Voices:
    """What was said. `answers` is feedback, `complaints` are complaints; the service of each is
    its id as text."""

    answers: list[Said]
    complaints: list[Said]

    def of(self, service_id: UUID) -> Voices:
        """Those of one service."""
        key = str(service_id)
        return Voices(
            [answer for answer in self.answers if answer.service == key],
            [complaint for complaint in self.complaints if complaint.service == key],
        )


_SAID = """
SELECT c.kind, c.id, c.service_id, c.occurred_on AS day, coalesce(c.source_key, '') AS reference,
  lower(c.theme) AS theme, 5.0 * c.score / nullif(c.max_score, 0) AS score, c.level,
  coalesce(CAST(c.details->>'formal' AS boolean), false) AS formal,
  c.details->>'ack_on' AS acknowledged_on, {text} AS text, 0 AS counted
FROM concern c
WHERE c.org_id = :org AND c.occurred_on BETWEEN :said_from AND :until {within}
  AND ({feedback} OR c.kind = 'complaint')
{heard}UNION ALL
SELECT 'summary', c.id, c.service_id, c.month, '', coalesce(t.theme, ''), NULL, '', false, NULL, '',
  coalesce(t.negative, 0)
FROM experience_summary c
LEFT JOIN experience_theme t ON t.org_id = c.org_id AND t.summary_id = c.id
WHERE c.org_id = :org AND c.superseded_at IS NULL AND c.sample_size > 0
  AND c.month >= :said_from AND c.month + interval '1 month - 1 day' <= :until {within}
ORDER BY day, reference
"""
# That somebody was heard in a month, where only the negative answers are read.
_HEARD = f"""UNION ALL
SELECT 'feedback', NULL, c.service_id, max(c.occurred_on), '', '', NULL, '', false, NULL, '', 0
FROM concern c
WHERE c.org_id = :org AND {sql.FEEDBACK} AND c.occurred_on BETWEEN :said_from AND :until {{within}}
GROUP BY c.service_id, date_trunc('month', c.occurred_on)
"""


def voices(
    *,
    actor: Actor,
    until: date,
    service_ids: Collection[UUID] | None = None,
    negative_only: bool = False,
) -> Voices:
    """Feedback and complaints from the beginning of the month half a year before `until`.

    Comments that a month's summary counts beyond the imported ones stand on its last day.
    `negative_only` reads of the rest only that somebody was heard. One statement.
    """
    within, values = scope(actor, service_ids)
    feedback = sql.FEEDBACK + (f" AND {sql.NEGATIVE}" if negative_only else "")
    words = "''" if negative_only else "c.text"
    heard = _HEARD.format(within=within) if negative_only else ""
    statement = _SAID.format(within=within, feedback=f"({feedback})", text=words, heard=heard)
    values |= {"until": until, "said_from": sql.days(until)["said_from"]}
    found = Voices([], [])
    counted: dict[tuple[str, str, date], int] = {}
    for row in db.session.execute(text(statement), values):
        if row.kind == "summary":
            counted[str(row.service_id), row.theme, row.day] = row.counted
        else:
            (found.answers if row.kind == "feedback" else found.complaints).append(_said(row))
    found.answers.extend(counted_only(counted, found.answers))
    return found


def _said(row: Any) -> Said:
    return Said(
        service=str(row.service_id),
        on=row.day,
        reference=row.reference,
        theme=row.theme,
        level=row.level,
        score=None if row.score is None else float(row.score),
        formal=row.formal,
        id=row.id,
        text=row.text,
        acknowledged_on=_day(row.acknowledged_on),
    )


def _day(words: str | None) -> date | None:
    try:
        return date.fromisoformat(words) if words else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ThemeMonth:
    """How many said good and bad things of a theme in a month."""

    service_id: UUID
    theme: str
    month: date
    positive: int
    negative: int


def monthly(
    *,
    actor: Actor,
    first: date,
    until: date,
    service_ids: Collection[UUID] | None = None,
) -> list[ThemeMonth]:
    """Counts by service, theme and month, from the month `first` up to the month of `until`: the
    summary's, or where there is none the imported answers'. One statement."""
    within, values = scope(actor, service_ids)
    statement = f"SELECT * FROM ({sql.MONTHLY}) c WHERE true {within}"
    values |= {"said_from": first, "on": last_day(first_of(until))}
    return [ThemeMonth(*row) for row in db.session.execute(text(statement), values)]


_RESPONSES = f"""
SELECT * FROM ({sql.ACTIONS}) c WHERE true {{within}} {{theme}}
ORDER BY opened_on DESC, reference DESC
"""
_ACKNOWLEDGED = """
SELECT c.service_id, c.theme, c.noted_on FROM intelligence_note c
WHERE c.org_id = :org AND c.acknowledged {within} {theme}
"""


@dataclass(frozen=True, slots=True)
class Responses:
    """Actions for themes (rows of `sql.ACTIONS`), and days of acknowledgement."""

    actions: Sequence[Any]
    acknowledged: Sequence[Any]

    def to(self, service_id: UUID, theme: str, since: date | None) -> date | None:
        """The day of the first answer to a theme flagged since then; an action verified, or an
        acknowledgement given, before that answers nothing."""
        if since is None:
            return None
        key = (service_id, theme)
        days = [
            action.opened_on
            for action in self.actions
            if (action.service_id, action.theme) == key
            and (action.status != "verified" or (action.verified_on or since) >= since)
        ]
        days += [
            note.noted_on
            for note in self.acknowledged
            if (note.service_id, note.theme) == key and note.noted_on >= since
        ]
        return min(days, default=None)


def responses(
    *, actor: Actor, service_ids: Collection[UUID] | None = None, theme: str = ""
) -> Responses:
    """What was done about themes (about one, if given). Two statements."""
    within, values = scope(actor, service_ids)
    values |= {"theme": theme}
    parts = {"within": within, "theme": "AND c.theme = :theme" if theme else ""}
    actions, acknowledged = (
        db.session.execute(text(statement.format(**parts)), values).all()
        for statement in (_RESPONSES, _ACKNOWLEDGED)
    )
    return Responses(actions, acknowledged)


def scope(actor: Actor, service_ids: Collection[UUID] | None) -> tuple[str, dict[str, Any]]:
    """A condition on `c.service_id`: those asked for that the person reaches; and the values."""
    values: dict[str, Any] = {"org": actor.org_id}
    if service_ids is None and actor.service_ids is None:
        return "", values
    wanted = actor.service_ids if service_ids is None else service_ids
    return "AND c.service_id = ANY(:services)", values | {
        "services": [service_id for service_id in wanted if actor.reaches(service_id)]
    }
