"""Whether an improvement was sustained after a rating was lowered: pure, from a watch's rows.

Until a service has indicators with targets, the rule follows the monthly signal that the board
shows for the domain. It is back when it stands where it stood, or worse, when the higher rating
was given. Source: rules 3.3, improvement not sustained; step S0-3.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from careboard.clock import day_words

WATCH_DAYS = 92
PERIODS = 3
LEAST_BACK = 2
# Signals of which more is better; of the others fewer is.
RISING = ("audit", "feedback")
SIGNAL_WORDS = {
    "audit": "mean audit score",
    "feedback": "answers scored 4 or 5 of 5",
    "incident": "incidents a month",
    "safeguarding": "safeguarding concerns a month",
    "complaint": "complaints a month",
}


@dataclass(frozen=True, slots=True)
class RedAudit:
    id: UUID | None
    reference: str
    on_date: date


@dataclass(frozen=True, slots=True)
class Watch:
    """The watch over a lowered rating.

    `before` and `lowered_at` are the signal's monthly values when the higher rating was given and
    when it was lowered; `months` those of the three full months after, None for one without a
    value or not over. `stands`: the rating has not been reviewed since the watch was decided.
    """

    id: UUID | None
    started_on: date
    until: date
    signal: str = ""
    before: Decimal | None = None
    lowered_at: Decimal | None = None
    months: Sequence[Decimal | None] = field(default=(None, None, None))
    red_audit: RedAudit | None = None
    outcome: str | None = None
    decided_on: date | None = None
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """`fires` when the improvement was not sustained; `enough`: there is data to tell."""

    fires: bool
    enough: bool
    sentence: str


def watched_months(started_on: date) -> list[date]:
    """The first days of the three full months after a rating was lowered."""
    first = started_on.year * 12 + started_on.month
    return [date(n // 12, n % 12 + 1, 1) for n in range(first, first + PERIODS)]


def finding(watch: Watch) -> Finding:
    """What the watch shows; once a person decided on it, what they decided."""
    if watch.outcome is not None:
        lost = watch.outcome == "not_sustained"
        found = f"The improvement was found {'not ' if lost else ''}sustained"
        when = f" on {day_words(watch.decided_on)}" if watch.decided_on else ""
        return Finding(lost and watch.stands, True, f"{found}{when}.")
    if watch.red_audit is not None:
        day = watch.red_audit.on_date
        return Finding(
            True,
            True,
            f"Lowered on {day_words(watch.started_on)}, then a red audit on {day_words(day)}.",
        )
    return _by_signal(watch)


def recovered(watch: Watch) -> bool:
    """Whether the signal was better when the rating was lowered than when the higher was given."""
    if not watch.signal or watch.before is None or watch.lowered_at is None:
        return False
    return _better(watch.signal, watch.lowered_at, watch.before)


def months_back(watch: Watch) -> int:
    """In how many of the three months the signal was back where it stood, or worse."""
    return sum(
        1
        for value in watch.months
        if value is not None and not _better(watch.signal, value, watch.before)
    )


def _by_signal(watch: Watch) -> Finding:
    if not recovered(watch):
        return Finding(
            False,
            False,
            "Not enough data: no signal of this domain improved before the rating was lowered.",
        )
    known = sum(1 for value in watch.months if value is not None)
    back = months_back(watch)
    words = SIGNAL_WORDS[watch.signal]
    if back >= LEAST_BACK:
        return Finding(
            True,
            True,
            f"Lowered on {day_words(watch.started_on)}, but {words} went back to "
            f"{number(watch.before)} or worse in {back} of {PERIODS} months.",
        )
    if known < LEAST_BACK:
        return Finding(False, False, f"Not enough data: {known} of {PERIODS} months are known.")
    return Finding(False, True, f"{words.capitalize()}: back in {back} of {known} known months.")


def _better(signal: str, value: Decimal, than: Decimal) -> bool:
    return value > than if signal in RISING else value < than


def number(value: Any) -> str:
    """As people write it: without needless decimals."""
    return f"{value:.1f}".removesuffix(".0")


# A month's value of a watch's signal, for a risk `r`, a watch `w` and a month `m.month`; rounded
# as it is shown. A month without any record of the kind in the whole organisation is unknown.
_MONTH = """
CASE w.signal
WHEN 'audit' THEN (SELECT round(avg(100.0 * a.score / coalesce(nullif(a.max_score, 0), 10000)), 1)
  FROM audit a WHERE a.org_id = r.org_id AND a.service_id = r.service_id AND a.score IS NOT NULL
    AND (a.domain = r.domain OR r.domain = 'audits')
    AND a.completed_on >= m.month AND a.completed_on < m.after)
WHEN 'feedback' THEN (SELECT CASE WHEN count(c.score) >= 10 THEN
    round(100.0 * count(*) FILTER (WHERE c.score * 5 >= c.max_score * 4) / count(c.score), 1) END
  FROM concern c WHERE c.org_id = r.org_id AND c.service_id = r.service_id AND c.kind = w.signal
    AND c.level <> 'staff' AND c.occurred_on >= m.month AND c.occurred_on < m.after)
ELSE (SELECT CASE WHEN count(*) > 0 OR EXISTS (SELECT FROM concern o WHERE o.org_id = r.org_id
    AND o.kind = w.signal AND o.occurred_on >= m.month AND o.occurred_on < m.after)
    THEN round(count(*), 1) END
  FROM concern c WHERE c.org_id = r.org_id AND c.service_id = r.service_id AND c.kind = w.signal
    AND c.occurred_on >= m.month AND c.occurred_on < m.after)
END
"""

# The values of :signal in some :months, for one :service and :domain.
MONTH_VALUES = f"""
SELECT m.month, {_MONTH} AS value
FROM (SELECT CAST(:org AS uuid) AS org_id, CAST(:service AS uuid) AS service_id,
    CAST(:domain AS text) AS domain) r,
  (SELECT CAST(:signal AS text) AS signal) w,
  (SELECT month, CAST(month + interval '1 month' AS date) AS after
    FROM unnest(CAST(:months AS date[])) AS given (month)) m
ORDER BY m.month
"""

# What the watch `w` over a risk `r` shows: joins that bring `months` and `red`.
_SHOWS = f"""
LEFT JOIN LATERAL (
  SELECT array_agg(v.value ORDER BY v.month) AS months, count(*) FILTER (WHERE
      CASE WHEN w.signal IN ('audit', 'feedback') THEN w.lowered_at > w.before
        AND v.value <= w.before
      ELSE w.lowered_at < w.before AND v.value >= w.before END) AS back
  FROM (SELECT m.month, CASE WHEN m.after <= :on THEN {_MONTH} END AS value
    FROM (SELECT CAST(date_trunc('month', w.started_on) + n * interval '1 month' AS date) AS month,
        CAST(date_trunc('month', w.started_on) + (n + 1) * interval '1 month' AS date) AS after
      FROM generate_series(1, {PERIODS}) n) m) v
) months ON true
LEFT JOIN LATERAL (
  SELECT a.id, a.source_key, a.completed_on FROM audit a
  WHERE a.org_id = r.org_id AND a.service_id = r.service_id
    AND a.domain = r.domain AND a.rag = 'red' AND a.completed_on > w.started_on
    AND a.completed_on <= least(:on, w.until)
  ORDER BY a.completed_on, a.id LIMIT 1
) red ON true
"""

_COLUMNS = """
w.id AS watch_id, w.started_on AS watch_from, w.until AS watch_until, w.signal AS watch_signal,
w.before AS watch_before, w.lowered_at AS watch_lowered_at, months.months AS watch_months,
w.outcome AS watch_outcome, w.decided_on AS watch_decided_on,
w.standing_review_id = r.rating_review_id AS watch_stands, red.id AS red_id,
red.source_key AS red_audit, red.completed_on AS red_on
"""


def latest_watches(where: str = "") -> str:
    """A SELECT of the latest watch of each open risk `r` that meets `where`, with what it shows and
    `watch_fires`; parameters :org and :on. A join of its own: few risks are watched."""
    return f"""
SELECT w.risk_id, {_COLUMNS}, CASE w.outcome WHEN 'sustained' THEN false
  WHEN 'not_sustained' THEN w.standing_review_id = r.rating_review_id
  ELSE red.id IS NOT NULL OR months.back >= {LEAST_BACK} END AS watch_fires
FROM (SELECT DISTINCT ON (w.risk_id) w.* FROM rating_watch w
  WHERE w.org_id = :org AND w.started_on <= :on
  ORDER BY w.risk_id, w.started_on DESC, w.id DESC) w
JOIN risk r ON r.org_id = w.org_id AND r.id = w.risk_id AND r.status = 'open' {where} {_SHOWS}
"""


# Every watch of the organisation; parameters :org and :on.
WATCHES = f"""
SELECT w.risk_id, w.rating_review_id AS review_id, w.reason, w.decided_by_id,
  w.sitting_id, {_COLUMNS}
FROM rating_watch w JOIN risk r ON r.org_id = w.org_id AND r.id = w.risk_id {_SHOWS}
WHERE w.org_id = :org
"""
