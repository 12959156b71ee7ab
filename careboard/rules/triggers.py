"""Looking at an organisation with every rule: what fires is kept once, what is over is closed.

A state of affairs (rule, service, key) fires once and stands until it is no longer true; should it
come again, that is a new trigger. Source: DESIGN section 4; rules 3.1, 3.3, 3.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.dialects.postgresql import insert

from careboard import audit, clock
from careboard.clock import add_working_days
from careboard.db import db, new_id
from careboard.references import next_references
from careboard.rules import fact_rows, queries
from careboard.rules.evaluate import Answer, evaluate, fingerprint, next_on
from careboard.rules.models import RulePass, Trigger, TriggerChange
from careboard.rules.registry import all_rules
from careboard.rules.rule import FIRES, QUIET, Finding, RowRef
from careboard.tenancy import Actor

DECIDE_WORKING_DAYS = 5
NO_LONGER = "It is no longer so."
Key = tuple[str, UUID | None, str]


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look changed."""

    fired: int = 0
    changed: int = 0
    closed: int = 0

    def __add__(self, other: Looked) -> Looked:
        return Looked(
            self.fired + other.fired, self.changed + other.changed, self.closed + other.closed
        )


_TO_EVALUATE = text("SELECT org_id FROM app.providers_to_evaluate(:day, :rules)")


def providers_to_evaluate(on: date | None = None) -> list[UUID]:
    """Providers where something was recorded since the last look, or where time may have changed
    an answer by that day (None: today). One statement for all."""
    values = {"day": on or clock.today(), "rules": fingerprint(all_rules())}
    return [row.org_id for row in db.session.execute(_TO_EVALUATE, values)]


_TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('rules:' || :org, 0))")
_SEQ = text("SELECT coalesce(max(seq), 0) FROM audit_head WHERE org_id = :org")


def look(*, actor: Actor, on: date) -> Looked:
    """Ask every rule about the whole organisation as at that day, and keep what they say.

    Safe to repeat and to run twice at once: looks of an organisation take turns. A day before the
    latest look is not looked at again.
    """
    db.session.execute(_TAKE_TURN, {"org": str(actor.org_id)})
    if _looked_after(actor, on):
        return Looked()
    seq = db.session.execute(_SEQ, {"org": actor.org_id}).scalar_one()
    known_at, settings = clock.now(), queries.settings(actor=actor)
    facts = fact_rows.read(actor=actor, on=on)
    answers = evaluate(all_rules(), facts=facts, settings=settings, on=on)
    looked = _keep(actor, answers, on)
    _note(actor, answers, on, known_at=known_at, seq=seq, next_day=next_on(answers, settings, on))
    db.session.flush()
    return looked


def _looked_after(actor: Actor, on: date) -> bool:
    later = exists().where(RulePass.org_id == actor.org_id, RulePass.on_date > on)
    return bool(db.session.scalar(select(later)))


def _keep(actor: Actor, answers: Sequence[Answer], on: date) -> Looked:
    standing = {
        (row.rule_code, row.service_id, row.key): row
        for row in db.session.scalars(
            select(Trigger).where(Trigger.org_id == actor.org_id, Trigger.closed_on.is_(None))
        )
    }
    rows_now = _latest_rows(actor, standing.values())
    found: dict[Key, tuple[Answer, Finding]] = {
        (answer.rule.code, finding.service_id, finding.key): (answer, finding)
        for answer in answers
        for finding in answer.findings
    }
    new = [
        (answer, finding)
        for key, (answer, finding) in found.items()
        if finding.outcome == FIRES and key not in standing
    ]
    changed = closed = 0
    for key, trigger in standing.items():
        finding = found[key][1] if key in found else None
        if finding is None or finding.outcome == QUIET:
            closed += _close(actor, trigger, on, finding.sentence if finding else NO_LONGER)
        elif finding.outcome == FIRES and _ids(finding.rows) != rows_now[trigger.id]:
            changed += _change(actor, trigger, on, finding)
    _fire(actor, new, on)
    return Looked(len(new), changed, closed)


def _latest_rows(actor: Actor, standing: Iterable[Trigger]) -> dict[UUID, frozenset[str]]:
    """The ids of the rows that each trigger rests on by its latest change."""
    rows = {trigger.id: trigger.rows for trigger in standing}
    changes = select(TriggerChange).where(
        TriggerChange.org_id == actor.org_id, TriggerChange.trigger_id.in_(rows)
    )
    for change in db.session.scalars(changes.order_by(TriggerChange.created_at, TriggerChange.id)):
        rows[change.trigger_id] = change.rows
    return {key: frozenset(row["id"] for row in kept) for key, kept in rows.items()}


def _ids(rows: Iterable[RowRef]) -> frozenset[str]:
    return frozenset(str(row.id) for row in rows)


def as_kept(rows: Iterable[RowRef]) -> list[dict[str, Any]]:
    """Rows as a trigger keeps them, the oldest first."""
    return [
        {"kind": row.kind, "id": str(row.id), "reference": row.reference, "on": str(row.on)}
        for row in sorted(set(rows), key=lambda row: (row.on, row.kind, row.reference, str(row.id)))
    ]


def _fire(actor: Actor, new: Sequence[tuple[Answer, Finding]], on: date) -> None:
    references = next_references(actor.org_id, "TRG", len(new)) if new else []
    for (answer, finding), reference in zip(new, references, strict=True):
        rule, used = answer.rule, answer.used
        trigger = Trigger(
            org_id=actor.org_id,
            id=new_id(),
            reference=reference,
            rule_code=rule.code,
            rule_version=rule.version,
            setting_id=used.setting_id,
            parameters=dict(used.parameters),
            service_id=finding.service_id,
            key=finding.key,
            fired_on=on,
            sentence=finding.sentence,
            rows=as_kept(finding.rows),
            suggests=rule.suggests,
            decide_by=add_working_days(on, DECIDE_WORKING_DAYS) if rule.suggests else None,
        )
        db.session.add(trigger)
        audit.record(
            actor=actor,
            tag="trigger:fired",
            subject_id=trigger.id,
            after={
                "rule": rule.code,
                "version": rule.version,
                "setting": used.number,
                "service": finding.service_id,
                "rows": [row["id"] for row in trigger.rows],
            },
        )


def _change(actor: Actor, trigger: Trigger, on: date, finding: Finding) -> int:
    change = TriggerChange(
        org_id=actor.org_id,
        trigger_id=trigger.id,
        on_date=on,
        sentence=finding.sentence,
        rows=as_kept(finding.rows),
    )
    db.session.add(change)
    audit.record(
        actor=actor,
        tag="trigger:changed",
        subject_id=trigger.id,
        after={"rows": [row["id"] for row in change.rows]},
    )
    return 1


def _close(actor: Actor, trigger: Trigger, on: date, why: str) -> int:
    trigger.closed_on, trigger.closed_why = on, why
    audit.record(actor=actor, tag="trigger:closed", subject_id=trigger.id, after={"on": on})
    return 1


def _note(
    actor: Actor, answers: Sequence[Answer], on: date, *, known_at: Any, seq: int, next_day: Any
) -> None:
    """That the organisation was looked at; a later look of the same day takes its place."""
    says: Mapping[str, Any] = {
        "known_at": known_at,
        "audit_seq": seq,
        "rules": fingerprint(answer.rule for answer in answers),
        "next_on": next_day,
        "outcomes": {answer.rule.code: answer.counts for answer in answers},
    }
    statement = insert(RulePass).values(org_id=actor.org_id, id=new_id(), on_date=on, **says)
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["org_id", "on_date"], set_=says)
    )
