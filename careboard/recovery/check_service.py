"""Recording structured checks, reviewing what they found, and withdrawing one made in error.

Source: steps S1-1.3, S1-1.4, S1-2.2, S1-2.4 and S1-3.3. A check is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from careboard import audit, clock
from careboard.db import db, load, lock, new_id
from careboard.errors import Conflict, Invalid
from careboard.imports.lookups import person_key
from careboard.imports.projected_rows import person_ref
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery.check_kinds import (
    KINDS,
    ROUNDS,
    Deployment,
    SampledAction,
    verdict_of_actions,
)
from careboard.recovery.check_models import SHIFTS, CheckFinding, PracticeCheck
from careboard.recovery.plan_models import RecoveryPlan
from careboard.references import next_reference
from careboard.services.models import Service
from careboard.tenancy import Actor

OLDEST_DAYS = 31  # a check is written while it is fresh
MOST_HOURS = 1_000
MOST_TEXT = 500
# Letters, then digits: S14, CW-0032. A name has no digit, and so is never taken for a code.
_CODE = re.compile(r"[A-Za-z]{0,5}[-/ ]?[0-9]{1,8}[A-Za-z]?")


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that a check found, as written: without names."""

    kind: str
    what: str
    round: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """What every check begins with. `staff` is a staff code (not a name), or empty."""

    service_id: UUID
    on: date
    shift: str = ""
    staff: str = ""
    note: str = ""
    plan_id: UUID | None = None


def medicines_check(
    *, actor: Actor, header: Header, found: Sequence[Found] = (), charts: int | None = None
) -> UUID:
    """An end-of-shift medicines check with its discrepancies; returns its id. Source: S1-1.3.

    Raises Invalid (on, shift, staff, note, charts, `found-<place>`), NotFound, Forbidden.
    """
    if charts is not None and charts < 0:
        raise Invalid("This cannot be less than nought.", "charts")
    verdict = "discrepancies" if found else "ok"
    return _record(actor, "medicines_shift", header, verdict, {"charts": charts}, found)


def observation(
    *,
    actor: Actor,
    header: Header,
    what: str,
    verdict: str,
    found: Sequence[Found] = (),
) -> UUID:
    """A practice observation; returns its id. Source: S1-1.4, S1-2.4.

    What is not as agreed is told in at least one finding. Raises Invalid (what, verdict, staff,
    `found-<place>` …), NotFound, Forbidden.
    """
    return _practice(actor, "practice_observation", header, what, verdict, found, {})


def competency(
    *,
    actor: Actor,
    header: Header,
    what: str,
    verdict: str,
    valid_until: date | None = None,
    found: Sequence[Found] = (),
) -> UUID:
    """A competency check of a colleague, by staff code; returns its id. Source: S1-1.4.

    Raises Invalid (staff, what, verdict, valid_until, `found-<place>` …), NotFound, Forbidden.
    """
    if not header.staff.strip():
        raise Invalid("Enter the staff code of the person checked.", "staff")
    if verdict == "as_agreed" and valid_until is None:
        raise Invalid("Say until when this holds.", "valid_until")
    if valid_until is not None and valid_until <= header.on:
        raise Invalid("This must be after the day of the check.", "valid_until")
    until = valid_until.isoformat() if valid_until and verdict == "as_agreed" else None
    more = {"valid_until": until}
    return _practice(actor, "competency", header, what, verdict, found, more)


def deployment(*, actor: Actor, header: Header, hours: Deployment, delays: str = "") -> UUID:
    """Who was really deployed on a sampled shift; returns its id. Source: S1-3.3.

    Raises Invalid (planned, actual, required, delays, unmet_need …), NotFound, Forbidden.
    """
    for name in ("planned", "actual", "required"):
        value = getattr(hours, name)
        if value is not None and not 0 <= value <= MOST_HOURS:
            raise Invalid(f"Enter hours from 0 to {MOST_HOURS:,}.", name)
    if hours.delays < 0:
        raise Invalid("This cannot be less than nought.", "delays")
    found = []
    if hours.unmet_need.strip():
        found.append(Found("unmet_need", hours.unmet_need))
    if delays.strip():
        found.append(Found("delay", delays))
    result = {
        "planned": hours.planned,
        "actual": hours.actual,
        "required": hours.required,
        "delays": hours.delays,
    }
    return _record(actor, "deployment", header, hours.verdict, result, found)


def review_actions(*, actor: Actor, header: Header, actions: Sequence[SampledAction]) -> UUID:
    """Sampled actions of care reviews: specific? owned?; returns its id. Source: S1-2.2.

    Raises Invalid (actions, …), NotFound, Forbidden.
    """
    if not actions:
        raise Invalid("Enter at least one action that you sampled.", "actions")
    for action in actions:
        _check_text(action.reference, "actions")
    found = [Found("vague_action", action.said) for action in actions if action.gaps]
    result = {
        "sampled": len(actions),
        "actions": [
            {"reference": action.reference, "gaps": list(action.gaps)} for action in actions
        ],
    }
    return _record(actor, "review_actions", header, verdict_of_actions(actions), result, found)


def _practice(actor, kind, header, what, verdict, found, more) -> UUID:
    if verdict not in KINDS[kind].words:
        raise Invalid("Say what you saw.", "verdict")
    if not what.strip():
        raise Invalid("Say what was looked at.", "what")
    _check_text(what, "what")
    if verdict != "as_agreed" and not found:
        raise Invalid("Say what differed.", "found-0")
    return _record(actor, kind, header, verdict, {"what": what.strip(), **more}, found)


def _record(
    actor: Actor,
    kind: str,
    header: Header,
    verdict: str,
    result: dict,
    found: Sequence[Found],
) -> UUID:
    load(Service, actor.org_id, header.service_id)
    actor.require(Permission.RECORD_READINGS, header.service_id)
    _check_header(actor, header)
    check = PracticeCheck(
        org_id=actor.org_id,
        id=new_id(),
        reference=next_reference(actor.org_id, "CHK"),
        kind=kind,
        service_id=header.service_id,
        plan_id=header.plan_id,
        on_date=header.on,
        shift=header.shift,
        checked_by_id=actor.membership_id,
        staff_ref=staff_ref(actor=actor, code=header.staff),
        result=result,
        verdict=verdict,
        note=header.note.strip(),
    )
    db.session.add(check)
    db.session.flush()
    _add_findings(actor, check, found)
    audit.record(
        actor=actor,
        tag="check:recorded",
        subject_id=check.id,
        after={
            "kind": kind,
            "service": check.service_id,
            "on": check.on_date,
            "verdict": verdict,
            "findings": len(found),
        },
    )
    return check.id


def _add_findings(actor: Actor, check: PracticeCheck, found: Sequence[Found]) -> None:
    for place, one in enumerate(found):
        if one.round and one.round not in ROUNDS:
            raise Invalid("Choose a round.", f"found-{place}")
        if not one.what.strip():
            raise Invalid("Say what was found.", f"found-{place}")
        _check_text(one.what, f"found-{place}")
        db.session.add(
            CheckFinding(
                org_id=actor.org_id,
                check_id=check.id,
                place=place,
                kind=one.kind,
                round=one.round,
                what=one.what.strip(),
                critical=one.critical,
                detected_at=_detected(actor, check.on_date),
            )
        )
    db.session.flush()


def _detected(actor: Actor, on: date) -> datetime:
    """Now for a check of today; for an earlier day the end of it, so that no wait is overstated."""
    now = clock.now()
    if on >= actor.today:
        return now
    ended = datetime.combine(on + timedelta(days=1), time.min, ZoneInfo(actor.time_zone))
    return min(now, ended)


def _check_header(actor: Actor, header: Header) -> None:
    if header.on > actor.today:
        raise Invalid("A check is written once it has been made: give a day up to today.", "on")
    if header.on < actor.today - timedelta(days=OLDEST_DAYS):
        raise Invalid(f"A check is written within {OLDEST_DAYS} days.", "on")
    if header.shift and header.shift not in SHIFTS:
        raise Invalid("Choose a shift.", "shift")
    _check_text(header.note, "note")
    if header.plan_id is not None:
        plan = load(RecoveryPlan, actor.org_id, header.plan_id)
        if plan.service_id != header.service_id:
            raise Invalid("This plan belongs to another service.", "plan_id")


def staff_ref(*, actor: Actor, code: str) -> str:
    """The keyed hash of a staff code, as imports keep people; empty for none.

    Raises Invalid (staff) for what is no code, so that a name is never taken for one.
    """
    tidy = " ".join(code.split())
    if not tidy:
        return ""
    if not _CODE.fullmatch(tidy):
        raise Invalid("Use a staff code with a number, such as S14, not a name.", "staff")
    return person_ref(tidy, person_key(actor))


def review_finding(*, actor: Actor, finding_id: UUID, outcome: str) -> None:
    """Say what came of a discrepancy, now. Raises Invalid (outcome), Conflict, NotFound, Forbidden.

    Source: rules 3.3, delayed review.
    """
    finding = lock(CheckFinding, actor.org_id, finding_id)
    check = load(PracticeCheck, actor.org_id, finding.check_id)
    actor.require(Permission.RECORD_READINGS, check.service_id)
    if finding.kind != "discrepancy" or check.withdrawn_at is not None:
        raise Invalid("Only a discrepancy of a check that stands is reviewed.", "outcome")
    if finding.reviewed_at is not None:
        raise Conflict("This has been reviewed already.")
    if not outcome.strip():
        raise Invalid("Say what came of it.", "outcome")
    _check_text(outcome, "outcome")
    finding.reviewed_at = max(clock.now(), finding.detected_at)
    finding.reviewed_by_id = actor.membership_id
    finding.outcome = outcome.strip()
    db.session.flush()
    audit.record(
        actor=actor,
        tag="check_finding:reviewed",
        subject_id=finding.id,
        after={"check": check.id, "reviewed_at": finding.reviewed_at},
    )


def withdraw(*, actor: Actor, check_id: UUID, reason: str) -> None:
    """Take back a check that was recorded in error; it stays, and no longer counts.

    Whoever made it may, and who manages recovery. Raises Invalid (reason), Conflict, NotFound,
    Forbidden.
    """
    check = lock(PracticeCheck, actor.org_id, check_id)
    own = check.checked_by_id == actor.membership_id
    right = Permission.RECORD_READINGS if own else Permission.MANAGE_RECOVERY
    actor.require(right, check.service_id)
    if check.withdrawn_at is not None:
        raise Conflict("This has been withdrawn already.")
    if not reason.strip():
        raise Invalid("Say why it is withdrawn.", "reason")
    _check_text(reason, "reason")
    check.withdrawn_at, check.withdrawn_by_id = clock.now(), actor.membership_id
    check.withdrawn_reason = reason.strip()
    db.session.flush()
    audit.record(
        actor=actor, tag="check:withdrawn", subject_id=check.id, after={"by": actor.membership_id}
    )


def _check_text(text: str, field: str) -> None:
    if len(text) > MOST_TEXT:
        raise Invalid(f"Say it in at most {MOST_TEXT:,} characters.", field)
    refuse_personal_data(text, field)
