"""What experience puts before a sitting: themes that repeat or that complaints confirm, and
summaries that are missing. Source: steps S0-2.4 and S0-2.5; rules N2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from careboard import figures
from careboard.db import db
from careboard.experience.findings import ThemeFindings, in_month
from careboard.experience.months import last_complete
from careboard.reviews.lines import Line
from careboard.services.models import Service
from careboard.tenancy import Actor

MOST_NAMED = 12


def lines(*, actor: Actor, service_id: UUID | None, on: date, since: datetime) -> Iterator[Line]:
    """Themes first that nobody answered; then the summaries that were not in time.

    `since` is of no account: a theme stays on agendas for as long as its rule fires.
    """
    own = None if service_id is None else [service_id]
    found = [
        theme
        for theme in in_month(actor=actor, month=last_complete(on), service_ids=own, on=on)
        if theme.fires
    ]
    services = _services(actor, found)
    found.sort(
        key=lambda one: (not one.response.fires, services.get(one.service_id, ""), one.theme)
    )
    for theme in found:
        if theme.service_id in services:
            yield _theme_line(theme, services[theme.service_id])
    yield from _missing(actor, own, service_id, on)


def _services(actor: Actor, found: list[ThemeFindings]) -> dict[UUID, str]:
    wanted = {theme.service_id for theme in found}
    statement = select(Service.id, Service.name).where(
        Service.org_id == actor.org_id, Service.id.in_(wanted), Service.active
    )
    return {row.id: row.name for row in db.session.execute(statement)}


def _theme_line(found: ThemeFindings, service: str) -> Line:
    said = (found.repeated, found.overlap, found.response)
    return Line(
        section="experience",
        title=f"{found.theme.capitalize()}, {service}",
        service_id=found.service_id,
        detail={
            "what": "theme",
            "id": found.service_id,
            "theme": found.theme,
            "service": service,
            "unanswered": found.response.fires,
            "reason": " ".join(finding.sentence for finding in said if finding.fires),
        },
    )


def _missing(
    actor: Actor, own: list[UUID] | None, service_id: UUID | None, on: date
) -> Iterator[Line]:
    figure = figures.compute(
        actor=actor,
        code="experience_monthly",
        on=on,
        service_ids=own,
        everything=False,
        page_rows=None,
    )
    if not figure.rows:
        return
    names = sorted(f"{row.reference} ({row.status.replace('_', ' ')})" for row in figure.rows)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    count = figure.count
    yield Line(
        section="experience",
        title=f"{figure.rows[0].title}: {count.numerator} of {count.denominator} in time",
        service_id=service_id,
        detail={
            "what": "summaries",
            "id": "experience_monthly",
            "reason": f"{', '.join(names[:MOST_NAMED])}{more}.",
        },
    )
