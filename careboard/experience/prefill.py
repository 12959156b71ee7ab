"""What the imported feedback of a month says of a service, as the start of its summary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.experience import sql
from careboard.experience.months import last_day
from careboard.tenancy import Actor

_COUNTED = text(f"""
SELECT lower(c.theme) AS theme, count(*) AS answers,
  count(*) FILTER (WHERE {sql.POSITIVE}) AS positive,
  count(*) FILTER (WHERE {sql.NEGATIVE}) AS negative
FROM concern c
WHERE c.org_id = :org AND c.service_id = :service AND {sql.FEEDBACK}
  AND c.occurred_on BETWEEN :first AND :last
GROUP BY 1 ORDER BY negative DESC, positive DESC, theme
""")


@dataclass(frozen=True, slots=True)
class Counted:
    """Imported answers of a month: how many, and (positive, negative) by theme."""

    answers: int = 0
    themes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def says(self, sample_size: int, themes: Iterable) -> bool:
        """Whether a summary has exactly these counts."""
        given = {theme.theme.lower(): (theme.positive, theme.negative) for theme in themes}
        return bool(self.answers) and self.answers == sample_size and given == self.themes


def counted(*, actor: Actor, service_id: UUID, month: date) -> Counted:
    """What was imported of the month, those themes first that most complained of. One statement."""
    values = {
        "org": actor.org_id, "service": service_id, "first": month, "last": last_day(month)
    }  # fmt: skip
    rows = db.session.execute(_COUNTED, values).all()
    return Counted(
        sum(row.answers for row in rows),
        {row.theme: (row.positive, row.negative) for row in rows if row.theme},
    )
