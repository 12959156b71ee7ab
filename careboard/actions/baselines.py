"""Where a measure stands when it is named: its baseline, worked out from records where it can be.

Source: domain rules 3.3, no improvement after action (needs the baseline at the start).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.actions.measures import (
    DEFAULT_LAG,
    MEASURES,
    MOST_LAG,
    MOST_VALUE,
    Measure,
    amount,
)
from careboard.db import db
from careboard.errors import Invalid
from careboard.tenancy import Actor

# A count's baseline is what 61 days held, halved: a month's worth, as rule N8 counts.
COUNT_DAYS = 61
MOST_THEME = 200
MOST_THEMES = 100
FIELDS = ("measure", "measure_theme", "baseline_value", "target_value", "lag_days")


@dataclass(frozen=True, slots=True)
class Standing:
    """A baseline worked out from records (None: they do not tell), and the sentence about it."""

    value: Decimal | None
    sentence: str


_LATEST_AUDIT = text("""
SELECT round(100.0 * u.score / coalesce(nullif(u.max_score, 0), 10000), 2) AS score,
  u.completed_on, u.source_key
FROM audit u
WHERE u.org_id = :org AND u.service_id = :service AND lower(u.theme) = lower(:theme)
  AND u.score IS NOT NULL AND u.completed_on <= :on
ORDER BY u.completed_on DESC, u.id DESC LIMIT 1
""")
_COUNT = text("""
SELECT count(*) FILTER (WHERE (:theme = '' OR lower(c.theme) = lower(:theme))
    AND (c.kind <> 'feedback' OR c.score * 5 <= c.max_score * 2))
FROM concern c
WHERE c.org_id = :org AND c.service_id = :service AND c.kind = :kind
  AND c.occurred_on BETWEEN :since AND :on
""")


def standing(
    *, actor: Actor, service_id: UUID, measure: Measure, theme: str, on: date
) -> Standing | None:
    """The baseline as records have it on a day; None for a measure that is entered by hand.

    An audit score is the latest one; a count is that of the 61 days up to the day, halved.
    """
    values = {"org": actor.org_id, "service": service_id, "theme": theme, "on": on}
    if measure.by_hand:
        return None
    if measure.kind:
        since = on - timedelta(days=COUNT_DAYS - 1)
        values |= {"kind": measure.kind, "since": since}
        count = db.session.execute(_COUNT, values).scalar_one()
        found = Decimal(count) / 2
        return Standing(found, f"{count} in the {COUNT_DAYS} days to {_day(on)}: "
                               f"{amount(measure, found)}.")  # fmt: skip
    row = db.session.execute(_LATEST_AUDIT, values).one_or_none()
    if row is None:
        return Standing(None, "No audit of this theme has a score here yet. Enter where it stands.")
    of = f" ({row.source_key})" if row.source_key else ""
    return Standing(
        row.score, f"Latest audit{of}, {_day(row.completed_on)}: {amount(measure, row.score)}."
    )


_THEMES = text("""
SELECT DISTINCT lower(x.theme) AS theme FROM (
  SELECT theme FROM audit WHERE org_id = :org AND service_id = :service
  UNION SELECT theme FROM concern WHERE org_id = :org AND service_id = :service) x
WHERE x.theme <> '' ORDER BY 1 LIMIT :most
""")


def themes(*, actor: Actor, service_id: UUID | None) -> list[str]:
    """The themes of a service's audits and other records, to be offered."""
    if service_id is None:
        return []
    values = {"org": actor.org_id, "service": service_id, "most": MOST_THEMES}
    return list(db.session.execute(_THEMES, values).scalars())


def checked(
    *, actor: Actor, service_id: UUID, vague: bool, values: dict[str, Any]
) -> dict[str, Any]:
    """The columns of the measure that an action names, once nothing speaks against them.

    Without a measure all are empty. A baseline that records tell is theirs: leaving it out takes
    it, another one is refused. With `vague` (a draft) values may be missing. Raises Invalid at
    the field.
    """
    code = values.get("measure") or None
    if code is None:
        return dict.fromkeys(FIELDS) | {"measure_theme": "", "lag_days": DEFAULT_LAG}
    measure = MEASURES.get(code)
    if measure is None:
        raise Invalid("Choose a measure.", "measure")
    theme = " ".join((values.get("measure_theme") or "").split()) if measure.theme != "none" else ""
    if len(theme) > MOST_THEME:
        raise Invalid(f"Say it in at most {MOST_THEME} characters.", "measure_theme")
    if measure.theme == "needed" and not theme and not vague:
        raise Invalid("Say which theme's audits are meant.", "measure_theme")
    lag = DEFAULT_LAG if values.get("lag_days") is None else values["lag_days"]
    if not 0 <= lag <= MOST_LAG:
        raise Invalid(f"Give between 0 and {MOST_LAG} days.", "lag_days")
    found = standing(
        actor=actor, service_id=service_id, measure=measure, theme=theme, on=actor.today
    )
    baseline = _baseline(measure, values.get("baseline_value"), found, vague)
    target = values.get("target_value")
    for name, value in (("baseline_value", baseline), ("target_value", target)):
        check_value(measure, value, name)
    if not vague:
        _check_aim(measure, baseline, target)
    return dict(zip(FIELDS, (code, theme, baseline, target, lag), strict=True))


def check_value(measure: Measure, value: Decimal | None, field: str) -> None:
    """Raise Invalid at the field for a value that the measure cannot have."""
    if value is None:
        return
    if measure.percent and not 0 <= value <= 100:
        raise Invalid("A percentage is between 0 and 100.", field)
    if measure.kind and value < 0:
        raise Invalid("A count is not below 0.", field)
    if abs(value) > MOST_VALUE:
        raise Invalid("This number is too large.", field)


def _baseline(
    measure: Measure, given: Decimal | None, found: Standing | None, vague: bool
) -> Decimal | None:
    if found is not None and found.value is not None:
        if given not in (None, found.value) and not vague:
            raise Invalid(f"Records say: {found.sentence}", "baseline_value")
        return found.value
    if given is None and not vague:
        raise Invalid("Say where it stands today, as a number.", "baseline_value")
    return given


def _check_aim(measure: Measure, baseline: Decimal, target: Decimal | None) -> None:
    if target is None:
        raise Invalid("Give the value to be reached.", "target_value")
    if measure.good == "up" and target <= baseline:
        raise Invalid(f"It stands at {amount(measure, baseline)}: aim higher.", "target_value")
    if measure.good == "down" and baseline == 0:
        raise Invalid("There is nothing to bring down. Choose another measure.", "measure")
    if measure.good == "down" and target >= baseline:
        raise Invalid(f"It stands at {amount(measure, baseline)}: aim lower.", "target_value")
    if target == baseline:
        raise Invalid("The target is where it stands already.", "target_value")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
