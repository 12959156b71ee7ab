"""Feedback, complaints and summaries that the tests of experience start from."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from careboard.experience import service
from careboard.experience.service import SummaryFacts, ThemeCount
from careboard.records.models import Concern
from careboard.tenancy import Actor
from tests.dashboards.rows import add

TODAY = date(2026, 11, 20)
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
_numbers = iter(range(1, 1_000_000))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def say(actor: Actor, service_id: UUID, *days: date, theme="rushed care", score=1, **values):
    """Feedback of 5 on those days; by default negative."""
    facts = {"level": "person", "text": "Always in a hurry"} | values
    return [
        add(
            actor,
            Concern,
            kind="feedback",
            service_id=service_id,
            domain="experience",
            occurred_on=day,
            theme=theme,
            score=score * 100,
            max_score=500,
            source_key=f"FB-{next(_numbers):04d}",
            **facts,
        )
        for day in days
    ]


def complain(actor: Actor, service_id: UUID, day: date, theme="rushed care", **details) -> Concern:
    """A formal complaint."""
    return add(
        actor,
        Concern,
        kind="complaint",
        service_id=service_id,
        domain="complaints",
        occurred_on=day,
        theme=theme,
        source_key=f"CP-{next(_numbers):04d}",
        text="They rush",
        details={"formal": "true"} | details,
    )


def facts(*themes: tuple[str, int, int], sample_size=20, **values) -> SummaryFacts:
    """A summary with themes as (name, positive, negative)."""
    return SummaryFacts(
        sample_size=sample_size, themes=[ThemeCount(*theme) for theme in themes], **values
    )


def submit(actor: Actor, service_id: UUID, month: date = OCTOBER, *themes, **values) -> UUID:
    given = {name: values.pop(name) for name in ("seen", "correction_reason") if name in values}
    return service.submit_summary(
        actor=actor, service_id=service_id, month=month, facts=facts(*themes, **values), **given
    )
