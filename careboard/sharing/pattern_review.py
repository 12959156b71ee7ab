"""A manager's check of the care records and staff notes behind a pattern.

Source: step S3-2.2 (safeguarding review note).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, text

from careboard import audit, separation
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.rules.models import Trigger
from careboard.services.models import Service
from careboard.sharing.communication_models import ESCALATING, PatternReview
from careboard.sharing.sql import ANSWERED, PATTERN_CODES
from careboard.tenancy import Actor

ESCALATING_WORDS = {
    "yes": "Yes, it is escalating",
    "no": "No, it is not escalating",
    "uncertain": "It is uncertain",
}
CHECKS = Permission.RUN_MANAGER_REVIEW


def record(
    *,
    actor: Actor,
    service_id: UUID,
    on: date,
    care_records: str,
    staff_notes: str,
    escalating: str,
    findings: str,
    trigger_id: UUID | None = None,
    same_person_reason: str = "",
) -> UUID:
    """Record what was checked and found; returns the note's id.

    Whoever checks a pattern does not decide on it, unless nobody else could check it, with a
    reason. Raises Invalid (any field), Forbidden, NotFound. Source: step S3-2.2.
    """
    load(Service, actor.org_id, service_id)
    actor.require(CHECKS, service_id)
    if actor.membership_id is None:
        raise Forbidden("A pattern is checked by a person.")
    words = {"care_records": care_records, "staff_notes": staff_notes, "findings": findings}
    for name, value in words.items():
        if not value.strip():
            raise Invalid("Say it in a few words.", name)
    if escalating not in ESCALATING:
        raise Invalid("Say whether it is escalating.", "escalating")
    if on > actor.today:
        raise Invalid("It is noted once it was checked: give a day up to today.", "on")
    if trigger_id is not None:
        trigger = load(Trigger, actor.org_id, trigger_id)
        if trigger.service_id != service_id:
            raise Invalid("This trigger belongs to another service.", "trigger_id")
    reason = _exception(actor, service_id, trigger_id, same_person_reason.strip())
    row = PatternReview(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "SRN"),
        service_id=service_id,
        trigger_id=trigger_id,
        on_date=on,
        escalating=escalating,
        by_id=actor.membership_id,
        same_person_reason=reason,
        **{name: value.strip() for name, value in words.items()},
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="pattern_review:recorded",
        subject_id=row.id,
        after={
            "service": service_id,
            "trigger": trigger_id,
            "on": on,
            "escalating": escalating,
            "same_person": bool(reason),
        },
    )
    return row.id


_BOTH = f"o.rule_code IN ({PATTERN_CODES}) AND t.rule_code IN ({PATTERN_CODES})"
# The latest check of each pattern that a decision on `o` answers, by somebody who may not take it:
# of `o` itself, and of the patterns that stand beside it on which nobody has decided.
_CHECKED = text(f"""
SELECT p.reference, p.by_id, t.reference AS pattern, t.id = o.id AS itself
FROM pattern_review p
JOIN trigger t ON t.org_id = p.org_id AND t.id = p.trigger_id
JOIN trigger o ON o.org_id = p.org_id AND o.id = :trigger
WHERE p.org_id = :org AND p.same_person_reason = ''
  AND NOT EXISTS (SELECT FROM pattern_review l
    WHERE l.org_id = p.org_id AND l.trigger_id = p.trigger_id AND l.id > p.id)
  AND (t.id = o.id OR o.service_id = t.service_id AND t.closed_on IS NULL AND {_BOTH}
    AND NOT EXISTS ({ANSWERED}))
ORDER BY itself DESC, p.reference
""")
_OWN_DECISION = text(f"""
SELECT d.reference FROM sharing_decision d
JOIN trigger o ON o.org_id = d.org_id AND o.id = d.trigger_id
JOIN trigger t ON t.org_id = d.org_id AND t.id = :trigger
WHERE d.org_id = :org AND d.decided_by_id = :me AND (o.id = t.id
  OR o.service_id = t.service_id AND d.decided_on >= t.fired_on AND {_BOTH})
LIMIT 1
""")


def refuse_own(*, actor: Actor, trigger_id: UUID | None) -> None:
    """Let nobody decide on a pattern that they checked themselves, nor on one beside it by whose
    decision that is answered too: raises Forbidden.

    Where the note gives its reason, nobody else could; a later check of the same pattern takes the
    place of an earlier one. Source: domain/records.md 2.2.
    """
    if trigger_id is None or actor.membership_id is None:
        return
    checked = _checked(actor, trigger_id)
    own = next((one for one in checked if one.by_id == actor.membership_id), None)
    if own is None:
        return
    if own.itself:
        raise Forbidden(f"You checked this pattern ({own.reference}): somebody else decides on it.")
    raise Forbidden(
        f"A decision here answers {own.pattern} too, which you checked ({own.reference}): somebody "
        "else decides."
    )


def _checked(actor: Actor, trigger_id: UUID) -> Sequence[Row]:
    values = {"org": actor.org_id, "trigger": trigger_id}
    return db.session.execute(_CHECKED, values).all()


def _exception(actor: Actor, service_id: UUID, trigger_id: UUID | None, reason: str) -> str:
    """The reason to keep, where the person also decides on the pattern; else nothing."""
    if trigger_id is None:
        return ""
    given = {"actor": actor, "service_id": service_id}
    values = {"org": actor.org_id, "me": actor.membership_id, "trigger": trigger_id}
    if db.session.execute(_OWN_DECISION, values).first() is None:
        beside = [one.by_id for one in _checked(actor, trigger_id) if not one.itself]
        if not actor.may(Permission.DECIDE_SHARING) or separation.somebody_else(
            permission=Permission.DECIDE_SHARING, involved=beside, **given
        ):
            return ""
    separation.check_exception(
        other=separation.somebody_else(permission=CHECKS, **given),
        reason=reason,
        own="decide on this pattern",
        step="check it",
    )
    return reason
