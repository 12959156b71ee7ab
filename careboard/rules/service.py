"""Changing an organisation's thresholds. Source: rules 3.1, versioned rule table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.db import db
from careboard.errors import Conflict, Invalid, NotFound
from careboard.permissions import Permission
from careboard.rules import queries, registry
from careboard.rules.models import RuleSetting
from careboard.rules.rule import Rule, Value
from careboard.rules.settings import in_use, refusal
from careboard.tenancy import Actor


def rule(code: str) -> Rule:
    """The rule of that code. Raises NotFound."""
    found = registry.rule(code)
    if found is None:
        raise NotFound()
    return found


def change(
    *, actor: Actor, code: str, values: Mapping[str, Value], in_use_from: date, reason: str
) -> RuleSetting:
    """Set thresholds from a day on, today or later; what was in use before is kept.

    `values` by parameter; one left out is as CareBoard has it. Raises NotFound for an unknown
    rule, Invalid (field: the parameter's name, in_use_from, reason) and Conflict when somebody
    else set the same rule meanwhile.
    """
    actor.require(Permission.MANAGE_RULES)
    changed = rule(code)
    kept = _checked(changed, values)
    if in_use_from < actor.today:
        raise Invalid(
            "Choose today or a later day: past days keep their thresholds.", "in_use_from"
        )
    if not reason.strip():
        raise Invalid("Say why the thresholds change.", "reason")
    settings = [s for s in queries.settings(actor=actor) if s.rule_code == code]
    before = in_use(changed, settings, in_use_from).parameters
    if before == {**changed.defaults, **kept}:
        raise Invalid("These are the thresholds already in use on that day.")
    row = RuleSetting(
        org_id=actor.org_id,
        rule_code=code,
        number=max((setting.number for setting in settings), default=0) + 1,
        parameters=kept,
        in_use_from=in_use_from,
        reason=reason.strip(),
        set_by_id=actor.membership_id,
        set_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict("Somebody else changed this rule before you. Look at it again.") from error
    audit.record(
        actor=actor,
        tag="rule:changed",
        subject_id=row.id,
        before={"rule": code, "parameters": dict(before)},
        after={"number": row.number, "parameters": dict(kept), "in_use_from": in_use_from},
    )
    return row


def _checked(changed: Rule, values: Mapping[str, Value]) -> dict[str, Value]:
    """Those that differ from CareBoard's own."""
    parameters = {parameter.name: parameter for parameter in changed.parameters}
    for name, value in values.items():
        if name not in parameters:
            raise NotFound()
        told = refusal(parameters[name], value)
        if told:
            raise Invalid(told, name)
    whole = {**changed.defaults, **values}
    if "least" in values and "last" in whole and whole["least"] > whole["last"]:
        raise Invalid("More than there are to count among.", "least")
    return {name: value for name, value in values.items() if value != parameters[name].value}
