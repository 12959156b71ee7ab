"""Everything on one theme at one service: the rules, the rows behind them, notes and actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from careboard.errors import NotFound
from careboard.experience import queries, rules
from careboard.experience.findings import ThemeFindings, as_at, judge, require_theme
from careboard.experience.months import last_complete, run
from careboard.experience.rows import responses, voices
from careboard.experience.rules import Finding, Said
from careboard.experience.trends import MONTHS, Series, of_theme
from careboard.services.models import Service
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class ThemePage:
    """`comments` are the negative ones and `complaints` those of the last half year, newest first;
    `noted` the ratings and notes, newest first; `rating` the one that stands on the board."""

    service: Service
    theme: str
    month: date
    found: ThemeFindings
    acknowledged: Finding
    series: Series
    comments: list[Said]
    complaints: list[Said]
    noted: list[Row]

    @property
    def rating(self) -> Any | None:
        return next((row for row in self.noted if row.kind == "rating"), None)

    @property
    def findings(self) -> list[tuple[str, Finding]]:
        """Each rule with its name in the words of the field."""
        return [
            ("Repeated comments", self.found.repeated),
            ("Complaint overlap", self.found.overlap),
            ("Lack of response", self.found.response),
            ("Complaints acknowledged late", self.acknowledged),
        ]


def theme_page(*, actor: Actor, service: Service, theme: str, month: date) -> ThemePage:
    """The page of a theme. Eight statements at most.

    Raises NotFound for a theme that nobody spoke of, or a month to come.
    """
    require_theme(actor=actor, service_id=service.id, theme=theme)
    if month > actor.today:
        raise NotFound()
    on = as_at(month, actor.today)
    said = voices(actor=actor, until=on, service_ids=[service.id])
    done = responses(actor=actor, service_ids=[service.id], theme=theme)
    comments = [answer for answer in said.answers if answer.theme == theme and answer.negative]
    complaints = [complaint for complaint in said.complaints if complaint.theme == theme]
    return ThemePage(
        service=service,
        theme=theme,
        month=month,
        found=judge(said, done, service.id, theme, month, on),
        acknowledged=rules.late_acknowledgement(complaints, on),
        series=of_theme(
            actor=actor,
            service_id=service.id,
            service=service.name,
            theme=theme,
            months=run(last_complete(actor.today), MONTHS),
        ),
        comments=sorted(comments, key=lambda said: said.on, reverse=True),
        complaints=sorted(complaints, key=lambda said: said.on, reverse=True),
        noted=queries.noted(actor=actor, service_id=service.id, theme=theme),
    )
