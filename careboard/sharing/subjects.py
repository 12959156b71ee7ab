"""What a decision on sharing is about: a risk, a trigger, a concern or enhanced monitoring.

Source: DESIGN section 4, sharing decision; S3, "when first identified".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.sharing.sql import HIGH_SINCE, KNOWN_SINCE, PATTERNS
from careboard.tenancy import Actor

_SIGNAL = "jsonb_build_object('on', {on}, 'words', {words})"


def _signal(on: str, words: str) -> str:
    return _SIGNAL.format(on=on, words=words)


# Each gives reference, title, service_id, safeguarding, status and signals: the days on which it
# made itself known, with words. A raised rating is known since the manager raised the risk that it
# answers, and since the triggers fired that this rests on.
_OF = {
    "risk": f"""
SELECT r.reference, initcap(r.domain) || ': ' || r.original_cause AS title, r.service_id,
  r.domain = 'safeguarding' AS safeguarding, r.rating AS status,
  (SELECT jsonb_agg(x.signal) FROM (
    SELECT {_signal("h.on_date", "'rated ' || replace(r.rating, '_', ' ')")} AS signal
      WHERE r.rating IN ('high', 'very_high')
    UNION ALL SELECT {_signal("k.on_date", "'rated high, and not decided on'")}
      WHERE r.rating = 'very_high' AND k.on_date < h.on_date
    UNION ALL SELECT {_signal("r.opened_on", "'entered on the risk profile'")}
      WHERE r.rating NOT IN ('high', 'very_high')
    UNION ALL SELECT {_signal("w.raised_on", "'raised by the manager as ' || w.reference")}
      FROM raised_risk w WHERE w.org_id = r.org_id AND w.risk_id = r.id
        AND w.answered_on >= k.on_date
    UNION ALL SELECT {_signal("t.fired_on", "'trigger ' || t.reference || ' fired'")}
      FROM raised_risk w
      JOIN raised_risk_ground g ON g.org_id = w.org_id AND g.raised_id = w.id
      JOIN trigger t ON t.org_id = g.org_id AND t.id = g.trigger_id
      WHERE w.org_id = r.org_id AND w.risk_id = r.id AND w.answered_on >= k.on_date
  ) x) AS signals
FROM risk r CROSS JOIN {HIGH_SINCE} h CROSS JOIN {KNOWN_SINCE} k
WHERE r.org_id = :org AND r.id = :id""",
    "trigger": f"""
SELECT t.reference, t.sentence AS title, t.service_id,
  t.rule_code = ANY(:patterns) AS safeguarding,
  CASE WHEN t.closed_on IS NULL THEN 'open' ELSE 'closed' END AS status,
  jsonb_build_array({_signal("t.fired_on", "'the rule fired'")}) AS signals
FROM trigger t WHERE t.org_id = :org AND t.id = :id""",
    "concern": f"""
SELECT c.source_key AS reference, concat_ws(': ', replace(c.kind, '_', ' '),
    nullif(c.theme, '')) AS title, c.service_id, c.kind = 'safeguarding' AS safeguarding,
  c.status, jsonb_build_array({_signal("c.occurred_on", "'it occurred'")}) AS signals
FROM concern c WHERE c.org_id = :org AND c.id = :id""",
    "episode": f"""
SELECT e.reference, e.title, e.service_id, e.kind = 'safeguarding' AS safeguarding, e.status,
  (SELECT jsonb_agg(x.signal) FROM (
    SELECT {_signal("e.started_on", "'enhanced monitoring began'")} AS signal
    UNION ALL SELECT {_signal("t.fired_on", "'trigger ' || t.reference || ' fired'")}
      FROM monitoring_decision d
      JOIN decision_trigger x ON x.org_id = d.org_id AND x.decision_id = d.id
      JOIN trigger t ON t.org_id = x.org_id AND t.id = x.trigger_id
      WHERE d.org_id = e.org_id AND d.episode_id = e.id
  ) x) AS signals
FROM monitoring_episode e WHERE e.org_id = :org AND e.id = :id""",
}
KINDS = tuple(_OF)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about. `signals` are the days on which it made itself known, with words, the
    first first; `safeguarding` as its own record says."""

    kind: str
    id: UUID
    reference: str
    title: str
    service_id: UUID
    service: str
    manager_id: UUID | None
    safeguarding: bool
    status: str
    signals: Sequence[tuple[date, str]]

    @property
    def identified_on(self) -> date:
        """When it was first identified: computed, never typed."""
        return self.signals[0][0]


def subject(*, actor: Actor, kind: str, subject_id: UUID) -> Subject:
    """The subject with its signals up to today. One statement.

    Raises NotFound, also for what concerns no one service; Forbidden beyond the person's services.
    """
    if kind not in _OF:
        raise NotFound()
    values: dict[str, Any] = {"org": actor.org_id, "id": subject_id}
    if kind == "trigger":
        values["patterns"] = list(PATTERNS)
    found = db.session.execute(
        text(
            f"SELECT x.*, s.name AS service, s.manager_id FROM ({_OF[kind]}) x "
            "JOIN service s ON s.org_id = :org AND s.id = x.service_id"
        ),
        values,
    ).one_or_none()
    if found is None:
        raise NotFound()
    if not actor.reaches(found.service_id):
        raise Forbidden("This belongs to a service outside your own.")
    return Subject(
        kind=kind,
        id=subject_id,
        reference=found.reference,
        title=found.title,
        service_id=found.service_id,
        service=found.service,
        manager_id=found.manager_id,
        safeguarding=found.safeguarding,
        status=found.status,
        signals=_signals(found.signals, actor.today),
    )


def _signals(said: Sequence[Mapping[str, str]], today: date) -> list[tuple[date, str]]:
    """What is dated later than today is known today at the latest."""
    return sorted((min(date.fromisoformat(one["on"]), today), one["words"]) for one in said)
