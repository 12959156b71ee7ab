"""The decision to share what is known, not to share it, or to seek advice first. All are kept.

Source: DESIGN section 4, sharing decision; steps S3-1.2 and S3-2.3; rules 3.3, uncertainty about
threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from careboard import audit, clock
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.separation import somebody_else
from careboard.sharing import pattern_review, subjects, thresholds
from careboard.sharing.models import (
    ANSWERS,
    DECISIONS,
    FACTORS,
    RECIPIENTS,
    SharingConsideration,
    SharingDecision,
)
from careboard.sharing.subjects import Subject
from careboard.sharing.thresholds import Standing
from careboard.sharing.words import FACTOR_WORDS
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """How one threshold was answered: yes, no or uncertain, and why."""

    affected: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided, as written. All but the rationale is left empty where nothing is shared.

    `control_on` is the day on which controls began: four weeks later they are checked.
    """

    decision: str
    rationale: str
    what: str = ""
    recipients: Sequence[str] = ()
    to_whom: str = ""
    action_under_way: str = ""
    control_on: date | None = None
    tell_by: date | None = None
    factors: Mapping[str, Answer] = field(default_factory=dict)
    own: Mapping[UUID, Answer] = field(default_factory=dict)


def decide(*, actor: Actor, kind: str, subject_id: UUID, choice: Choice) -> UUID:
    """Record the decision with everything that was considered for it; returns its id.

    `kind` and `subject_id` say what it is about (see `subjects`). Raises Invalid (a field of the
    form), Forbidden, NotFound.
    """
    about = subjects.subject(actor=actor, kind=kind, subject_id=subject_id)
    actor.require(Permission.DECIDE_SHARING, about.service_id)
    if kind == "trigger":
        pattern_review.refuse_own(actor=actor, trigger_id=subject_id)
    _check_factors(choice)
    standings = thresholds.standings(actor=actor, service_id=about.service_id)
    _check_own(choice, standings)
    _check_decision(actor, about, choice)
    made = _row(actor, about, choice)
    db.session.add(made)
    db.session.flush()
    _consider(actor, made.id, choice, standings)
    audit.record(
        actor=actor,
        tag="sharing:decided",
        subject_id=made.id,
        after={
            "decision": choice.decision,
            kind: subject_id,
            "service": about.service_id,
            "first_identified_on": made.first_identified_on,
            "tell_by": made.tell_by,
            "affected": sorted(
                code for code, answer in choice.factors.items() if answer.affected != "no"
            ),
        },
    )
    return made.id


def _check_factors(choice: Choice) -> None:
    for code in FACTORS:
        answer = choice.factors.get(code)
        if answer is None or answer.affected not in ANSWERS:
            raise Invalid(f"Say whether it affects {_named(code)}.", f"factor_{code}")


def _check_own(choice: Choice, standings: Sequence[Standing]) -> None:
    for one in standings:
        answer = choice.own.get(one.threshold.id)
        if answer is None or answer.affected not in ANSWERS:
            message = f"Say whether {one.threshold.reference} is reached."
            raise Invalid(message, f"threshold_{one.threshold.id.hex}")


def _check_decision(actor: Actor, about: Subject, choice: Choice) -> None:
    if choice.decision not in DECISIONS:
        raise Invalid("Choose whether it is shared.", "decision")
    if not choice.rationale.strip():
        raise Invalid("Say why. The reasons are kept, whichever way you decide.", "rationale")
    if choice.decision == "do_not_share":
        _check_kept(actor, about, choice)
    else:
        _check_told(actor, choice)


def _check_kept(actor: Actor, about: Subject, choice: Choice) -> None:
    """Not sharing asks for somebody else than the manager, and for certainty on safeguarding."""
    if choice.factors["safeguarding"].affected == "uncertain":
        raise Invalid(
            "Whether it is a matter of safeguarding is uncertain: seek advice today.", "decision"
        )
    if actor.membership_id == about.manager_id:
        other = somebody_else(
            actor=actor, permission=Permission.DECIDE_SHARING, service_id=about.service_id
        )
        if other is not None:
            raise Forbidden(f"You manage this service. {other} can decide that it is not shared.")


def _check_told(actor: Actor, choice: Choice) -> None:
    answers = [*choice.factors.values(), *choice.own.values()]
    if all(one.affected == "no" for one in answers):
        raise Invalid("No threshold is affected: say which, or decide not to share it.", "decision")
    if not choice.what.strip():
        raise Invalid("Say what exactly they are told or asked.", "what")
    if not choice.recipients or set(choice.recipients) - set(RECIPIENTS):
        raise Invalid("Choose who is told or asked.", "recipients")
    if "other" in choice.recipients and not choice.to_whom.strip():
        raise Invalid("Name the other authority or team.", "to_whom")
    if not choice.action_under_way.strip():
        raise Invalid("Say what operational action is under way already.", "action_under_way")
    if choice.tell_by is None or choice.tell_by < actor.today:
        raise Invalid("Say by which day they are told: today or later.", "tell_by")


def _row(actor: Actor, about: Subject, choice: Choice) -> SharingDecision:
    kept = choice.decision == "do_not_share"
    return SharingDecision(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "SHD"),
        service_id=about.service_id,
        **{f"{about.kind}_id": about.id},
        first_identified_on=about.identified_on,
        decision=choice.decision,
        rationale=choice.rationale.strip(),
        what="" if kept else choice.what.strip(),
        recipients=[] if kept else [one for one in RECIPIENTS if one in choice.recipients],
        to_whom="" if kept else choice.to_whom.strip(),
        action_under_way=choice.action_under_way.strip(),
        control_on=choice.control_on,
        tell_by=None if kept else choice.tell_by,
        decided_by_id=actor.membership_id,
        decided_on=actor.today,
        decided_at=clock.now(),
    )


def _consider(
    actor: Actor, decision_id: UUID, choice: Choice, standings: Sequence[Standing]
) -> None:
    for code in FACTORS:
        answer = choice.factors[code]
        db.session.add(
            SharingConsideration(
                org_id=actor.org_id,
                decision_id=decision_id,
                factor=code,
                affected=answer.affected,
                note=answer.note.strip(),
            )
        )
    for one in standings:
        answer = choice.own[one.threshold.id]
        db.session.add(
            SharingConsideration(
                org_id=actor.org_id,
                decision_id=decision_id,
                threshold_id=one.threshold.id,
                affected=answer.affected,
                reading=one.reading,
                note=answer.note.strip(),
            )
        )
    db.session.flush()


def _named(code: str) -> str:
    return FACTOR_WORDS[code][0].lower()
