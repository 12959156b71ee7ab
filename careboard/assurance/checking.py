"""Validating a claim: by someone else, against its cause, by a sample drawn at random.

Source: steps S0-3.2 (dashboard review log) and S2-3.4; rules 3.3, unsupported assurance.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from careboard import audit, clock
from careboard.assurance import population, sampling
from careboard.assurance.models import Claim, Sample, SampleItem, Validation
from careboard.assurance.standing import SUPPORTING, tally
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence import queries as evidence
from careboard.evidence.queries import Item
from careboard.permissions import Permission
from careboard.reminders import outcomes
from careboard.separation import check_exception, somebody_else
from careboard.tenancy import Actor

DEGREES = ("yes", "partly", "no")
QUESTIONS = ("relevant", "is_current", "sufficient")
OUTCOMES = ("proves", "partly", "does_not_prove")
RESULTS = ("matches", "mismatch", "not_found")


def start_validation(*, actor: Actor, claim_id: UUID, same_person_reason: str = "") -> UUID:
    """Take a submitted claim to validate it; returns the validation's id.

    One that somebody else began and did not complete is taken over, with what was drawn; one's
    own is taken again with the reason, where it became one's own work meanwhile. Raises Invalid
    (same_person_reason) for one's own claim or evidence, Forbidden, NotFound.
    """
    claim = _submitted(actor, claim_id)
    items = evidence.for_targets(actor=actor, claim_ids=[claim_id])[claim_id]
    own = marks_own_work(actor=actor, claim=claim, items=items)
    reason = same_person_reason.strip()
    if own:
        _require_exception(actor, claim, items, reason)
    validation = _validation_of(actor, claim_id)
    taken = validation is not None and validation.validated_by_id == actor.membership_id
    if taken and (not own or validation.same_person_reason):
        return validation.id
    before = validation.validated_by_id if validation is not None else None
    if validation is None:
        validation = Validation(
            org_id=actor.org_id,
            claim_id=claim_id,
            submitted_by_id=claim.submitted_by_id,
            started_on=actor.today,
        )
        db.session.add(validation)
    validation.validated_by_id = actor.membership_id
    validation.same_person_reason = reason if own else ""
    db.session.flush()
    audit.record(
        actor=actor,
        tag="validation:started",
        subject_id=claim_id,
        before={"by": before},
        after={"by": actor.membership_id, "same_person": own},
    )
    return validation.id


def draw_sample(
    *,
    actor: Actor,
    claim_id: UUID,
    size: int,
    kinds: Collection[str] = tuple(population.KINDS),
    redraw_reason: str = "",
) -> UUID:
    """Draw a random sample of the rows that the claim speaks of; returns its id.

    Seed, population and what was drawn are kept. Drawing again needs a reason, and the earlier
    draw stays as it was. Raises Invalid (size, kinds, redraw_reason), Forbidden, NotFound.
    """
    claim, validation = _in_hand(actor, claim_id)
    if not 1 <= size <= sampling.MOST:
        raise Invalid(f"Choose a size from 1 to {sampling.MOST}.", "size")
    chosen = [kind for kind in population.KINDS if kind in kinds]
    if not chosen:
        raise Invalid("Choose what to draw from.", "kinds")
    number = _draws(actor, validation) + 1
    if number > 1 and not redraw_reason.strip():
        raise Invalid("Say why it is drawn again. The earlier draw stays on show.", "redraw_reason")
    rows = {row.line: row for row in population.rows(actor=actor, claim=claim, kinds=chosen)}
    if not rows:
        raise Invalid("There is no such row in the service and period of this claim.", "kinds")
    sample = Sample(
        org_id=actor.org_id,
        validation_id=validation.id,
        number=number,
        kinds=chosen,
        size=min(size, len(rows)),
        seed=sampling.new_seed(),
        population=sampling.population_text(rows),
        population_size=len(rows),
        redraw_reason=redraw_reason.strip() if number > 1 else "",
        drawn_by_id=actor.membership_id,
        drawn_at=clock.now(),
    )
    sample.population_sha256 = sampling.fingerprint(sample.population)
    db.session.add(sample)
    db.session.flush()
    _keep_drawn(actor, sample, rows)
    return sample.id


def _keep_drawn(actor: Actor, sample: Sample, rows: dict[str, population.Row]) -> None:
    drawn = sampling.draw(seed=sample.seed, population=sample.population, size=sample.size)
    db.session.add_all(
        SampleItem(
            org_id=actor.org_id,
            sample_id=sample.id,
            position=position,
            record_kind=rows[line].kind,
            record_id=rows[line].id,
            label=rows[line].label,
        )
        for position, line in enumerate(drawn, 1)
    )
    db.session.flush()
    # The chained event is the proof that seed and population were not chosen afterwards.
    audit.record(
        actor=actor,
        tag="sample:drawn",
        subject_id=sample.id,
        after={
            "number": sample.number,
            "seed": sample.seed,
            "population": sample.population_sha256,
            "rows": sample.population_size,
            "size": sample.size,
        },
    )


def record_item(
    *,
    actor: Actor,
    claim_id: UUID,
    item_id: UUID,
    result: str,
    description: str = "",
    critical: bool = False,
) -> None:
    """Record what the source says of one drawn row: matches, mismatch or not_found.

    Raises Invalid (result, description, critical), Conflict for a row of an earlier draw,
    Forbidden, NotFound.
    """
    _, validation = _in_hand(actor, claim_id)
    item = lock(SampleItem, actor.org_id, item_id)
    sample = load(Sample, actor.org_id, item.sample_id)
    if sample.validation_id != validation.id or sample.number != _draws(actor, validation):
        raise Conflict("Another sample has been drawn since. Reload the page.")
    if result not in RESULTS:
        raise Invalid("Say whether the source agrees.", "result")
    agrees = result == "matches"
    if not agrees and not description.strip():
        raise Invalid("Describe what the source says instead.", "description")
    if agrees and critical:
        raise Invalid("What matches its source is no critical mismatch.", "critical")
    before = item.result
    item.result, item.critical = result, critical
    item.description = description.strip()
    item.checked_by_id, item.checked_at = actor.membership_id, clock.now()
    db.session.flush()
    audit.record(
        actor=actor,
        tag="sample:checked",
        subject_id=item.sample_id,
        before={"item": item.id, "result": before},
        after={"item": item.id, "result": result, "critical": critical},
    )


def complete_validation(
    *,
    actor: Actor,
    claim_id: UUID,
    relevant: str,
    is_current: str,
    sufficient: str,
    findings: str,
    outcome: str,
    relevant_note: str = "",
    is_current_note: str = "",
    sufficient_note: str = "",
) -> None:
    """Complete the validation, for good; the claim takes over its outcome.

    A match rate under 90 % or one critical mismatch makes it unsupported assurance, whatever the
    outcome says. Raises Invalid (relevant, is_current, sufficient, their notes, findings,
    outcome, sample), Forbidden, NotFound.
    """
    claim, validation = _in_hand(actor, claim_id)
    answers = {"relevant": relevant, "is_current": is_current, "sufficient": sufficient}
    notes = {
        "relevant_note": relevant_note.strip(),
        "is_current_note": is_current_note.strip(),
        "sufficient_note": sufficient_note.strip(),
    }
    _check_answers(answers, notes, findings, outcome)
    items = evidence.for_targets(actor=actor, claim_ids=[claim_id])[claim_id]
    _check_still_another(actor, claim, validation, items)
    if outcome in SUPPORTING and not any(item.stands(actor.today) for item in items):
        raise Invalid("None of its evidence is in date, so it proves nothing.", "outcome")
    counted = _checked_sample(actor, validation, outcome)
    for name, value in (answers | notes).items():
        setattr(validation, name, value)
    validation.findings, validation.outcome = findings.strip(), outcome
    validation.sampled, validation.matched = counted.sampled, counted.matched
    validation.critical, validation.unsupported = counted.critical, counted.unsupported
    validation.completed_on = actor.today
    db.session.flush()
    claim.status, claim.outcome, claim.unsupported = "validated", outcome, counted.unsupported
    claim.validated_by_id, claim.validated_on = actor.membership_id, actor.today
    db.session.flush()
    audit.record(
        actor=actor,
        tag="claim:validated",
        subject_id=claim_id,
        before={"status": "submitted"},
        after={
            **answers,
            "status": "validated",
            "outcome": outcome,
            "sampled": counted.sampled,
            "matched": counted.matched,
            "critical": counted.critical,
            "unsupported": counted.unsupported,
            "validated_by": actor.membership_id,
        },
    )
    outcomes.claim_validated(actor=actor, claim=claim)


def marks_own_work(*, actor: Actor, claim: Any, items: Collection[Item]) -> bool:
    """Whether validating would be marking one's own homework: the claim, or evidence of it."""
    return actor.membership_id in _makers(claim, items)


def somebody_else_for(*, actor: Actor, claim: Any, items: Collection[Item]) -> str | None:
    """The name of someone else who could validate the claim; None when there is nobody."""
    return somebody_else(
        actor=actor,
        permission=Permission.VALIDATE_EVIDENCE,
        service_id=claim.service_id,
        involved=_makers(claim, items),
    )


def _makers(claim: Any, items: Collection[Item]) -> set[UUID | None]:
    return {claim.submitted_by_id}.union(*(item.makers for item in items))


def _submitted(actor: Actor, claim_id: UUID) -> Claim:
    claim = lock(Claim, actor.org_id, claim_id)
    actor.require(Permission.VALIDATE_EVIDENCE, claim.service_id)
    if actor.membership_id is None:
        raise Forbidden("A claim is validated by a person.")
    if claim.status != "submitted":
        raise Invalid(f"{claim.reference} is {claim.status}, so it cannot be validated.")
    return claim


def _in_hand(actor: Actor, claim_id: UUID) -> tuple[Claim, Validation]:
    """The claim and its validation, held, if it is this person's to go on with."""
    claim = _submitted(actor, claim_id)
    validation = _validation_of(actor, claim_id)
    if validation is None or validation.validated_by_id != actor.membership_id:
        raise Invalid("Take the claim first: somebody else may be validating it.")
    return claim, validation


def _validation_of(actor: Actor, claim_id: UUID) -> Validation | None:
    return db.session.scalar(
        select(Validation)
        .where(Validation.org_id == actor.org_id, Validation.claim_id == claim_id)
        .with_for_update()
    )


def drawn(actor: Actor, claim_id: UUID) -> bool:
    """Whether a sample was drawn for the claim."""
    statement = (
        select(Sample.id)
        .join(
            Validation,
            (Validation.org_id == Sample.org_id) & (Validation.id == Sample.validation_id),
        )
        .where(Validation.org_id == actor.org_id, Validation.claim_id == claim_id)
    )
    return db.session.scalar(statement.limit(1)) is not None


def _draws(actor: Actor, validation: Validation) -> int:
    return db.session.scalar(
        select(func.count()).where(
            Sample.org_id == actor.org_id, Sample.validation_id == validation.id
        )
    )


def _check_answers(
    answers: dict[str, str], notes: dict[str, str], findings: str, outcome: str
) -> None:
    for name, answer in answers.items():
        if answer not in DEGREES:
            raise Invalid("Choose yes, partly or no.", name)
        if answer != "yes" and not notes[f"{name}_note"]:
            raise Invalid("Say what is lacking.", f"{name}_note")
    if not findings.strip():
        raise Invalid("Say what was looked at and found.", "findings")
    if outcome not in OUTCOMES:
        raise Invalid("Choose whether the evidence proves the claim.", "outcome")
    if outcome == "proves" and set(answers.values()) != {"yes"}:
        raise Invalid("It proves the claim only where all three answers are yes.", "outcome")
    if answers["relevant"] == "no" and outcome != "does_not_prove":
        raise Invalid("Evidence that is not relevant proves nothing.", "outcome")


def _check_still_another(
    actor: Actor, claim: Claim, validation: Validation, items: list[Item]
) -> None:
    """Evidence may have been added, by the validator too, since the claim was taken."""
    if not validation.same_person_reason and marks_own_work(actor=actor, claim=claim, items=items):
        _require_exception(actor, claim, items, reason="")


def _require_exception(actor: Actor, claim: Claim, items: Collection[Item], reason: str) -> None:
    check_exception(
        other=somebody_else_for(actor=actor, claim=claim, items=items),
        reason=reason,
        own="submitted this claim or some of its evidence",
        step="validate it",
    )


def _checked_sample(actor: Actor, validation: Validation, outcome: str) -> Any:
    """The tally of all draws, once every row of the latest is checked. What was compared counts,
    in whichever draw, so that drawing again makes no mismatch unseen."""
    rows = list(
        db.session.execute(
            select(SampleItem.result, SampleItem.critical, Sample.number)
            .join(
                Sample,
                (Sample.org_id == SampleItem.org_id) & (Sample.id == SampleItem.sample_id),
            )
            .where(SampleItem.org_id == actor.org_id, Sample.validation_id == validation.id)
        )
    )
    last = max((row.number for row in rows), default=0)
    if any(row.number == last and row.result is None for row in rows):
        raise Invalid("Compare every row of the sample with its source first.", "sample")
    counted = tally(rows)
    if outcome in SUPPORTING and not counted.sampled:
        raise Invalid("Draw a sample and compare it with its source first.", "sample")
    return counted
