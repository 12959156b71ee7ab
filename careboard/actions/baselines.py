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
from careboard.clock import day_words
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


@dataclass(frozen=True, slots=True)
class Known:
    """What records tell about a measure at a service: its baseline (None: taken by hand), and the
    themes that there are."""

    standing: Standing | None
    themes: list[str]


_KNOWN = text("""
SELECT ARRAY(
    SELECT DISTINCT lower(x.theme) FROM (
      SELECT theme FROM audit WHERE org_id = :org AND service_id = :service
      UNION SELECT theme FROM concern WHERE org_id = :org AND service_id = :service) x
    WHERE x.theme <> '' ORDER BY 1 LIMIT :most) AS themes,
  a.score, a.completed_on, a.source_key, c.count
FROM (VALUES (1)) AS one
LEFT JOIN LATERAL (
  SELECT round(100.0 * u.score / coalesce(nullif(u.max_score, 0), 10000), 2) AS score,
    u.completed_on, u.source_key
  FROM audit u
  WHERE u.org_id = :org AND u.service_id = :service AND lower(u.theme) = lower(:theme)
    AND u.score IS NOT NULL AND u.completed_on <= :on
  ORDER BY u.completed_on DESC, u.id DESC LIMIT 1) a ON :measure = 'audit_score'
LEFT JOIN LATERAL (
  SELECT count(*) AS count FROM concern n
  WHERE n.org_id = :org AND n.service_id = :service AND n.kind = :kind
    AND (:theme = '' OR lower(n.theme) = lower(:theme))
    AND (n.kind <> 'feedback' OR n.score * 5 <= n.max_score * 2)
    AND n.occurred_on BETWEEN :since AND :on) c ON :kind <> ''
""")


def known(
    *, actor: Actor, service_id: UUID | None, measure: Measure | None, theme: str, on: date
) -> Known:
    """What records tell on a day. One statement; none without a service.

    The baseline of an audit score is the latest one; that of a count is what the 61 days up to
    the day held, halved.
    """
    if service_id is None:
        return Known(None, [])
    values = {
        "org": actor.org_id,
        "service": service_id,
        "measure": measure.code if measure else "",
        "kind": measure.kind if measure else "",
        "theme": theme,
        "since": on - timedelta(days=COUNT_DAYS - 1),
        "on": on,
        "most": MOST_THEMES,
    }
    row = db.session.execute(_KNOWN, values).one()
    return Known(_standing(measure, row, on), row.themes)


def _standing(measure: Measure | None, row: Any, on: date) -> Standing | None:
    if measure is None or measure.by_hand:
        return None
    if measure.kind:
        found = Decimal(row.count) / 2
        said = (
            f"{row.count} in the {COUNT_DAYS} days to {day_words(on)}, so {amount(measure, found)}."
        )
        return Standing(found, said)
    if row.score is None:
        return Standing(None, "No audit of this theme has a score here. Enter where it stands.")
    of = f" ({row.source_key})" if row.source_key else ""
    said = f"Latest audit{of}, {day_words(row.completed_on)}: {amount(measure, row.score)}."
    return Standing(row.score, said)


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
    found = known(
        actor=actor, service_id=service_id, measure=measure, theme=theme, on=actor.today
    ).standing
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
