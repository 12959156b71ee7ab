"""What is known of episodes, read in one statement however many there are.

Source: DESIGN section 4, monitoring episode; rules 3.4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from careboard.clock import day_words
from careboard.db import db
from careboard.monitoring import criteria
from careboard.monitoring.criteria import Known, Row, Standing
from careboard.monitoring.weeks import weeks
from careboard.recovery import queries as indicators
from careboard.recovery.models import Indicator
from careboard.recovery.points import holds
from careboard.tenancy import Actor
from careboard.trend import figure
from careboard.vocabulary import INDICATOR_UNITS

_EPISODES = """
SELECT e.id, e.reference, e.service_id, e.title, e.kind, e.started_on, e.frequency_days,
  e.planned_review_on, e.governance_lead_id, e.manager_id, e.requires, e.status, e.ended_on,
  e.re_escalation, e.follow_up_on, e.same_person_reason, e.created_at, s.name AS service,
  g.name AS governance_lead, m.name AS manager,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'code', c.code,
      'parameters', c.parameters, 'words', c.words, 'met', j.met, 'judged_on', j.judged_on,
      'reason', j.reason, 'by', j.by_name, 'evidence_id', j.evidence_id,
      'evidence', j.evidence) ORDER BY c.number), '[]')
    FROM episode_criterion c LEFT JOIN LATERAL (
      SELECT j.met, j.judged_on, j.reason, j.evidence_id, b.name AS by_name,
        v.reference AS evidence
      FROM criterion_judgement j
      JOIN membership b ON b.org_id = j.org_id AND b.id = j.judged_by_id
      LEFT JOIN evidence v ON v.org_id = j.org_id AND v.id = j.evidence_id
      WHERE j.org_id = c.org_id AND j.criterion_id = c.id AND j.judged_on <= :on
      ORDER BY j.judged_on DESC, j.id DESC LIMIT 1) j ON true
    WHERE c.org_id = e.org_id AND c.episode_id = e.id AND c.withdrawn_on IS NULL) AS criteria,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'on', c.occurred_on, 'theme', c.theme,
      'reference', coalesce(c.source_key, ''), 'low', c.level = 'low',
      'created_at', c.created_at,
      'known_on', CAST(c.created_at AT TIME ZONE 'Europe/London' AS date))
      ORDER BY c.occurred_on, c.id), '[]')
    FROM concern c WHERE c.org_id = e.org_id AND c.service_id = e.service_id
      AND c.kind = 'safeguarding'
      AND c.occurred_on BETWEEN least(e.started_on, :on) - 200 AND :on) AS concerns,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'on', a.completed_on,
      'theme', a.theme, 'reference', coalesce(a.source_key, ''), 'rag', coalesce(a.rag, ''),
      'score', round(100.0 * a.score / nullif(a.max_score, 0), 1))
      ORDER BY a.completed_on, a.recorded_at), '[]')
    FROM audit a WHERE a.org_id = e.org_id AND a.service_id = e.service_id
      AND a.completed_on BETWEEN e.started_on - 800 AND :on) AS audits,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'on', a.due_on,
      'reference', a.reference, 'says', a.title) ORDER BY a.due_on, a.reference), '[]')
    FROM action a WHERE a.org_id = e.org_id AND a.service_id = e.service_id
      AND a.status IN ('open', 'in_progress', 'completed') AND a.due_on < :on) AS late,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'week', r.week,
      'reference', r.reference, 'on', r.submitted_on, 'due_on', r.due_on,
      'outcome', k.outcome, 'unsupported', k.unsupported) ORDER BY r.week), '[]')
    FROM monitoring_return r JOIN claim k ON k.org_id = r.org_id AND k.id = r.claim_id
    WHERE r.org_id = e.org_id AND r.episode_id = e.id AND r.submitted_on <= :on) AS returns,
  (SELECT jsonb_build_object('id', t.id, 'on', t.stated_on, 'says', t.text,
      'restored', t.restored)
    FROM commissioner_statement t WHERE t.org_id = e.org_id AND t.episode_id = e.id
      AND t.stated_on <= :on ORDER BY t.stated_on DESC, t.id DESC LIMIT 1) AS statement,
  (SELECT jsonb_build_object('number', r.number, 'held_on', r.held_on, 'all_met', r.all_met,
      'decided_at', r.decided_at, 'criteria', r.criteria)
    FROM episode_review r WHERE r.org_id = e.org_id AND r.episode_id = e.id
    ORDER BY r.number DESC LIMIT 1) AS last_review,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('held_on', r.held_on, 'all_met', r.all_met,
      'numbers', jsonb_path_query_array(r.criteria, '$[*].number')) ORDER BY r.number DESC), '[]')
    FROM episode_review r WHERE r.org_id = e.org_id AND r.episode_id = e.id) AS reviewed,
  ARRAY(SELECT v.visited_by_id FROM monitoring_visit v WHERE v.org_id = e.org_id
    AND v.episode_id = e.id AND v.independent AND v.verifies <> '' AND v.on_date <= :on
    AND v.visited_by_id <> e.manager_id AND NOT EXISTS (SELECT FROM action a
      WHERE a.org_id = e.org_id AND a.episode_id = e.id AND a.status <> 'cancelled'
        AND v.visited_by_id IN (a.owner_id, a.completed_by_id))) AS verified_by
FROM monitoring_episode e
JOIN service s ON s.org_id = e.org_id AND s.id = e.service_id
JOIN membership g ON g.org_id = e.org_id AND g.id = e.governance_lead_id
JOIN membership m ON m.org_id = e.org_id AND m.id = e.manager_id
WHERE e.org_id = :org AND {which}
  AND (CAST(:services AS uuid[]) IS NULL OR e.service_id = ANY(:services))
ORDER BY e.status <> 'open', e.started_on, e.id
"""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion with where it stands. `code` None: a person judges it."""

    id: UUID
    number: int
    code: str | None
    words: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode with what is known of it; `row` has the columns of its table and the names
    `service`, `governance_lead` and `manager`, and `verified_by`: whose independent visits
    verified it, unless they have a part in its work by now; `reviewed`: its reviews, the latest
    first."""

    row: Any
    known: Known
    criteria: tuple[Criterion, ...]
    last_review: Mapping[str, Any] | None
    new_concerns: tuple[Row, ...]

    @property
    def met(self) -> int:
        return sum(one.standing.state == "met" for one in self.criteria)

    @property
    def all_met(self) -> bool:
        return bool(self.criteria) and self.met == len(self.criteria)

    @property
    def added_since(self) -> list[Criterion]:
        """The criteria that the last review did not look at; none before the first review."""
        seen = {one["number"] for one in (self.last_review or {}).get("criteria", ())}
        return [one for one in self.criteria if self.last_review and one.number not in seen]

    @property
    def held_since(self) -> date | None:
        """The first of the latest reviews running that found all present criteria met."""
        numbers, since = {one.number for one in self.criteria}, None
        for one in self.row.reviewed:
            if not one["all_met"] or numbers - set(one["numbers"]):
                break
            since = _day(one["held_on"])
        return since

    @property
    def verified(self) -> bool:
        return bool(self.row.verified_by)

    def verified_by_another(self, member_id: UUID | None) -> bool:
        """Whether somebody else than the member verified it."""
        return bool(set(self.row.verified_by) - {member_id})

    @property
    def week(self) -> int:
        """The number of the week that the day is in, the first being 1. The day of the planned
        review closes the last week."""
        day = self.known.on - timedelta(days=self.known.on == self.row.planned_review_on)
        return (day - self.row.started_on).days // 7 + 1

    @property
    def weeks(self) -> int:
        """The weeks up to the planned review."""
        return -(-(self.row.planned_review_on - self.row.started_on).days // 7)


def under_monitoring(*, actor: Actor, on: date) -> list[Episode]:
    """Those that are open or await their follow-up review, the longest first."""
    return _read(actor, "e.status <> 'closed'", {}, on)


def episodes(*, actor: Actor, ids: Collection[UUID], on: date) -> list[Episode]:
    """Those with these ids within the person's services. One statement, and those of indicators
    where a criterion names one."""
    return _read(actor, "e.id = ANY(:ids)", {"ids": list(ids)}, on)


def _read(actor: Actor, which: str, more: Mapping[str, Any], on: date) -> list[Episode]:
    values = {
        "org": actor.org_id,
        "on": on,
        "services": None if actor.service_ids is None else list(actor.service_ids),
        **more,
    }
    rows = db.session.execute(text(_EPISODES.format(which=which)), values).all()
    kept = _kept(actor, rows, on)
    return [_episode(row, kept, on) for row in rows]


def _episode(row: Any, kept: Mapping, on: date) -> Episode:
    known = _known(row, kept, on)
    found = tuple(
        Criterion(UUID(one["id"]), one["number"], one["code"], one["words"], _standing(one, known))
        for one in row.criteria
    )
    fresh = tuple(_row("concern", one) for one in row.concerns if _is_new(one, row))
    return Episode(row, known, found, row.last_review, fresh)


def _is_new(concern: Mapping[str, Any], row: Any) -> bool:
    """Whether a concern of any level came up during the episode, and became known after it began
    and after its last review. The rule of new safeguarding information asks the same."""
    moment, seen = datetime.fromisoformat, row.last_review
    looked_at = moment(seen["decided_at"]) if seen else row.created_at
    return _day(concern["on"]) >= row.started_on and moment(concern["created_at"]) > looked_at


def _standing(one: Mapping[str, Any], known: Known) -> Standing:
    if one["code"]:
        return criteria.judge(one["code"], one["parameters"], known)
    if one["met"] is None:
        return Standing("cannot_tell", "Nobody has judged it yet.")
    judged = f"{one['by']}, {day_words(_day(one['judged_on']))}: {one['reason']}"
    rows = (
        (Row("evidence", UUID(one["evidence_id"]), one["evidence"], None),)
        if one["evidence_id"]
        else ()
    )
    return Standing("met" if one["met"] else "not_met", judged, rows)


def _known(row: Any, kept: Mapping, on: date) -> Known:
    returned = {one["week"]: one for one in row.returns}
    due = [week for week in weeks(row.started_on, on, row.ended_on) if week.due_on <= on]
    said = row.statement
    return Known(
        started_on=row.started_on,
        on=on,
        concerns=[_row("concern", one) for one in row.concerns if not one["low"]],
        audits=[_row("audit", one) for one in row.audits],
        late=[_row("action", one) for one in row.late],
        weeks=[_week(week, returned.get(week.number)) for week in due],
        statement=_row("commissioner_statement", said) if said else None,
        restored=said["restored"] if said else None,
        kept=kept,
    )


def _week(week: Any, came: Mapping[str, Any] | None) -> criteria.Week:
    if came is None:
        return criteria.Week(week.number, week.due_on, None, None, False, None)
    return criteria.Week(
        week.number,
        _day(came["due_on"]),
        _day(came["on"]),
        came["outcome"],
        came["unsupported"],
        _row("monitoring_return", came),
    )


def _row(kind: str, one: Mapping[str, Any]) -> Row:
    return Row(
        kind,
        UUID(one["id"]),
        one.get("reference", ""),
        _day(one["on"]),
        says=one.get("says", ""),
        theme=one.get("theme", ""),
        score=None if one.get("score") is None else float(one["score"]),
        rag=one.get("rag", ""),
        known_on=_day(one["known_on"]) if one.get("known_on") else None,
    )


def _day(written: str) -> date:
    return date.fromisoformat(written)


def _kept(actor: Actor, rows: Collection[Any], on: date) -> dict:
    """Whether indicators that criteria name met their targets, as `Known.kept`."""
    wanted = {
        (one["parameters"]["indicator"], int(one["parameters"]["periods"]))
        for row in rows
        for one in row.criteria
        if one["code"] == "indicator_target"
    }
    if not wanted:
        return {}
    ids = {UUID(written) for written, _ in wanted}
    own = select(Indicator).where(Indicator.org_id == actor.org_id, Indicator.id.in_(ids))
    known = db.session.scalars(own).all()
    points = indicators.points(
        actor=actor, wanted=known, on=on, count=max(periods for _, periods in wanted)
    )
    targets = indicators.targets(actor=actor, indicator_ids=ids)
    by_id = {indicator.id: indicator for indicator in known}
    return {
        (written, periods): _held(by_id[UUID(written)], points, targets, periods, on)
        for written, periods in wanted
        if UUID(written) in points
    }


def _held(indicator: Indicator, points, targets, periods: int, on: date):
    target = indicators.target_on(targets[indicator.id], on)
    last = points[indicator.id][-periods:]
    aim = None if target is None else float(target.value)
    kept = None if aim is None else holds(last, aim, good=indicator.good, periods=periods)
    said = ", ".join(point.words(indicator.unit) for point in last) or "no reading"
    unit = INDICATOR_UNITS[indicator.unit]
    told = "it has no target" if aim is None else f"the target is {figure(aim, unit)}"
    row = Row("indicator", indicator.id, indicator.reference, None, says=indicator.name)
    return kept, f"{said}; {told}.", row
