"""The story of an episode, from the first signal to stepping down: one statement, oldest first.

The page and the paper tell the same. Source: S2 ("good governance records why enhanced monitoring
started, what it requires and when it can safely reduce").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.monitoring.entry import CHANGE_WORDS
from careboard.monitoring.reviews import DECISION_WORDS, ESCALATION_WORDS
from careboard.tenancy import Actor
from careboard.vocabulary import in_words

KIND_WORDS = {
    "signal": "First signals",
    "trigger": "Trigger",
    "decision": "Decision",
    "change": "Operational change",
    "action": "Priority action",
    "concern": "New safeguarding concern",
    "visit": "Provider visit",
    "monitoring_return": "Weekly return",
    "validation": "Assurance validation",
    "report": "Enhanced monitoring report",
    "judgement": "Criterion judged",
    "statement": "Commissioner's statement",
    "contract_note": "Shared with the commissioner",
    "review": "Review",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened. `kind` of KIND_WORDS; `link` is the kind and id of its record;
    `rows` what it rests on, as {kind, id, reference, on}; `tone` good, warn, bad or None."""

    kind: str
    on: date
    moment: datetime | None
    title: str
    text: str
    who: str | None
    link: tuple[str, UUID] | None
    rows: tuple[Mapping[str, Any], ...] = ()
    tone: str | None = None


_STORY = text("""
WITH e AS (SELECT * FROM monitoring_episode WHERE org_id = :org AND id = :episode),
d AS (SELECT * FROM monitoring_decision WHERE org_id = :org AND episode_id = :episode)
SELECT 'trigger' AS kind, t.id, t.fired_on AS on_date, t.created_at AS moment, t.rule_code AS code,
  t.reference AS name, t.sentence AS words, NULL AS who, t.rows AS detail
FROM d JOIN decision_trigger x ON x.org_id = d.org_id AND x.decision_id = d.id
JOIN trigger t ON t.org_id = x.org_id AND t.id = x.trigger_id
UNION ALL
SELECT 'trigger', t.id, c.on_date, c.created_at, t.rule_code, t.reference, c.sentence, NULL, c.rows
FROM d JOIN decision_trigger x ON x.org_id = d.org_id AND x.decision_id = d.id
JOIN trigger t ON t.org_id = x.org_id AND t.id = x.trigger_id
JOIN trigger_change c ON c.org_id = t.org_id AND c.trigger_id = t.id
UNION ALL
SELECT 'decision', d.id, d.decided_on, d.decided_at, d.decision, d.reference, d.reason, m.name, NULL
FROM d JOIN membership m ON m.org_id = d.org_id AND m.id = d.decided_by_id
UNION ALL
SELECT 'change', c.id, c.done_on, NULL, c.kind, c.what, '', m.name, NULL
FROM episode_change c JOIN membership m ON m.org_id = c.org_id AND m.id = c.done_by_id
WHERE c.org_id = :org AND c.episode_id = :episode
UNION ALL
SELECT 'action', a.id, CAST(timezone(:zone, u.happened_at) AS date), u.happened_at, u.kind,
  a.reference || ' ' || a.title, u.note, m.name, NULL
FROM action a JOIN action_update u ON u.org_id = a.org_id AND u.action_id = a.id
LEFT JOIN membership m ON m.org_id = u.org_id AND m.id = u.by_id
WHERE a.org_id = :org AND a.episode_id = :episode
  AND u.kind IN ('created', 'opened', 'completed', 'verified', 'returned', 'extended', 'cancelled')
UNION ALL
SELECT 'concern', c.id, c.occurred_on, NULL, '', coalesce(c.source_key, ''), c.theme, NULL, NULL
FROM e JOIN concern c ON c.org_id = e.org_id AND c.service_id = e.service_id
WHERE c.kind = 'safeguarding' AND c.occurred_on >= e.started_on
  AND c.occurred_on <= coalesce(e.ended_on, :on)
UNION ALL
SELECT 'visit', v.id, v.on_date, NULL, CASE WHEN v.independent THEN 'independent' ELSE '' END,
  v.verifies, v.findings, m.name, NULL
FROM monitoring_visit v JOIN membership m ON m.org_id = v.org_id AND m.id = v.visited_by_id
WHERE v.org_id = :org AND v.episode_id = :episode
UNION ALL
SELECT 'monitoring_return', r.id, r.submitted_on, NULL,
  CASE WHEN r.submitted_on > r.due_on THEN 'late' ELSE '' END,
  r.reference || ', week ' || r.week, r.narrative, m.name, NULL
FROM monitoring_return r JOIN membership m ON m.org_id = r.org_id AND m.id = r.submitted_by_id
WHERE r.org_id = :org AND r.episode_id = :episode
UNION ALL
SELECT 'validation', k.id, k.validated_on, NULL,
  CASE WHEN k.unsupported THEN 'unsupported' ELSE k.outcome END,
  k.reference || ' of week ' || r.week, coalesce(v.findings, ''), m.name, NULL
FROM monitoring_return r JOIN claim k ON k.org_id = r.org_id AND k.id = r.claim_id
JOIN membership m ON m.org_id = k.org_id AND m.id = k.validated_by_id
LEFT JOIN validation v ON v.org_id = k.org_id AND v.claim_id = k.id
WHERE r.org_id = :org AND r.episode_id = :episode AND k.status = 'validated'
UNION ALL
SELECT 'report', p.id, p.written_on, p.created_at, p.decision,
  p.reference || ', week ' || p.week, p.assessment, m.name, NULL
FROM monitoring_report p JOIN membership m ON m.org_id = p.org_id AND m.id = p.written_by_id
WHERE p.org_id = :org AND p.episode_id = :episode
UNION ALL
SELECT 'judgement', c.id, j.judged_on, NULL, CASE WHEN j.met THEN 'met' ELSE 'not_met' END,
  c.words, j.reason, m.name, NULL
FROM episode_criterion c
JOIN criterion_judgement j ON j.org_id = c.org_id AND j.criterion_id = c.id
JOIN membership m ON m.org_id = j.org_id AND m.id = j.judged_by_id
WHERE c.org_id = :org AND c.episode_id = :episode
UNION ALL
SELECT 'statement', s.id, s.stated_on, NULL, CASE WHEN s.restored THEN 'restored' ELSE '' END,
  '', s.text, m.name, NULL
FROM commissioner_statement s JOIN membership m ON m.org_id = s.org_id AND m.id = s.recorded_by_id
WHERE s.org_id = :org AND s.episode_id = :episode
UNION ALL
SELECT 'contract_note', n.id, n.on_date, NULL, '', n.reference, n.shared, m.name, NULL
FROM contract_note n JOIN membership m ON m.org_id = n.org_id AND m.id = n.by_id
WHERE n.org_id = :org AND n.episode_id = :episode
UNION ALL
SELECT 'review', r.id, r.held_on, r.decided_at, r.decision || '|' || coalesce(r.escalated_to, ''),
  r.kind || '|' || r.number, r.reason, m.name, r.criteria
FROM episode_review r JOIN membership m ON m.org_id = r.org_id AND m.id = r.decided_by_id
WHERE r.org_id = :org AND r.episode_id = :episode
""")
# What comes first on one day, where no time is known.
_ORDER = (
    *("signal", "concern", "trigger", "decision", "change", "action", "visit", "judgement"),
    *("monitoring_return", "validation", "report", "statement", "contract_note", "review"),
)
_TONES = {
    "late": "warn",
    "unsupported": "bad",
    "does_not_prove": "bad",
    "proves": "good",
    "more_needed": "warn",
    "review_now": "bad",
    "met": "good",
    "restored": "good",
    "verified": "good",
    "returned": "warn",
    "start": "warn",
}
_REVIEW_TONES = {"step_down": "good", "sustained": "good", "escalate": "bad"}
_REVIEWS = {"scheduled": "Review", "out_of_cycle": "Out-of-cycle review", "follow_up": "Follow-up"}


def story(*, actor: Actor, episode_id: UUID, on: date) -> list[Told]:
    """Everything that happened, oldest first, with the first signals before the triggers."""
    values = {"org": actor.org_id, "episode": episode_id, "on": on, "zone": actor.time_zone}
    found = db.session.execute(_STORY, values).all()
    told = [*_signals(found), *(_told(row) for row in found)]
    return sorted(told, key=_place)


def _place(one: Told) -> tuple:
    rank = _ORDER.index(one.kind) if one.kind in _ORDER else len(_ORDER)
    return one.on, rank, one.title


def _signals(found: Iterable[Any]) -> Iterator[Told]:
    """The rows of the triggers, by day: what was seen before any rule fired."""
    rows = {
        one["id"]: one
        for row in found
        if row.kind == "trigger"
        for one in row.detail
        if one.get("on")
    }
    days: dict[str, list[Mapping[str, Any]]] = {}
    for one in sorted(rows.values(), key=lambda one: (one["on"], one["reference"])):
        days.setdefault(one["on"], []).append(one)
    for day, own in days.items():
        kinds = sorted({in_words(one["kind"]) for one in own})
        names = ", ".join(one["reference"] for one in own if one["reference"])
        title = f"{', '.join(kinds).capitalize()} {names}".strip()
        yield Told("signal", date.fromisoformat(day), None, title, "", None, None, tuple(own))


def _told(row: Any) -> Told:
    title, tone = _title(row), _TONES.get(row.code)
    if row.kind == "review":
        tone = _REVIEW_TONES.get(row.code.split("|")[0])
    detail = tuple(row.detail or ()) if row.kind == "trigger" else ()
    if row.kind == "trigger":
        tone = "warn"
    return Told(
        row.kind,
        row.on_date,
        row.moment,
        title,
        row.words,
        row.who,
        _link(row),
        detail,
        tone,
    )


def _title(row: Any) -> str:
    code, name = row.code, row.name
    if row.kind == "review":
        (decision, to), (kind, number) = code.split("|"), name.split("|")
        words = f"{_REVIEWS[kind]} {number}: {DECISION_WORDS[decision].lower()}"
        return f"{words} to {ESCALATION_WORDS[to].lower()}" if to else words
    return {
        "trigger": f"{name} fired",
        "decision": f"{name}: enhanced monitoring starts",
        "change": f"{CHANGE_WORDS.get(code, '')} in place: {name}",
        "action": f"{name}, {code}",
        "concern": f"New safeguarding concern {name}".strip(),
        "visit": f"{'Independent visit' if code else 'Provider visit'}"
        + (f", verified: {name}" if name else ""),
        "monitoring_return": f"Return {name}{', late' if code else ''}",
        "validation": f"Return {name} validated: {code.replace('_', ' ')}",
        "report": f"Report {name}: {code.replace('_', ' ')}",
        "judgement": f"{'Met' if code == 'met' else 'Not met'}: {name}",
        "statement": "The commissioner's confidence is restored"
        if code
        else "The commissioner's statement",
        "contract_note": f"{name}: shared with the commissioner",
    }[row.kind]


def _link(row: Any) -> tuple[str, UUID] | None:
    """The record that it tells of, where that has a page of its own."""
    linked = {"trigger", "action", "concern", "monitoring_return", "report"}
    if row.kind == "validation":
        return "claim", row.id
    return (row.kind, row.id) if row.kind in linked else None
