"""Templates of recovery plans: the built-in ones, and those that an organisation makes itself.

An edit is the next version; plans keep the version that they were made from.
"""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit
from careboard.db import db, load
from careboard.errors import Conflict, Invalid, NotFound
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery.check_kinds import KINDS
from careboard.recovery.check_rules import RULES
from careboard.recovery.models import Indicator
from careboard.recovery.plan_content import Content, Template, built_in
from careboard.recovery.plan_models import PlanIndicator, PlanTemplate, RecoveryPlan
from careboard.recovery.plan_service import LONGEST, MOST_WEEKS, NO_GOAL, spec_of
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

MOST_NAME = 100
TAKEN = "There is a template of this name. Choose another name, or edit that one."


def templates(*, actor: Actor) -> list[Template]:
    """The built-in ones, then the organisation's own that are in use, by name. One statement."""
    rows = db.session.scalars(
        select(PlanTemplate)
        .where(PlanTemplate.org_id == actor.org_id)
        .order_by(PlanTemplate.version)
    )
    latest = {row.code: row for row in rows}
    own = [_read(row) for row in latest.values() if row.in_use]
    return [*built_in().values(), *sorted(own, key=lambda one: one.name.casefold())]


def template(*, actor: Actor, code: str) -> Template:
    """One of `templates`, as it holds now. Raises NotFound."""
    for one in templates(actor=actor):
        if one.code == code:
            return one
    raise NotFound()


def from_plan(*, actor: Actor, plan_id: UUID, name: str) -> str:
    """Make a template of a plan as it stands; returns its code.

    Raises Invalid (name), NotFound, Forbidden.
    """
    plan = load(RecoveryPlan, actor.org_id, plan_id)
    actor.require(Permission.MANAGE_RECOVERY, plan.service_id)
    rows = db.session.execute(
        select(PlanIndicator, Indicator)
        .join(
            Indicator,
            (Indicator.org_id == PlanIndicator.org_id)
            & (Indicator.id == PlanIndicator.indicator_id),
        )
        .where(PlanIndicator.org_id == actor.org_id, PlanIndicator.plan_id == plan.id)
        .order_by(PlanIndicator.place)
    )
    made = Template(
        code="",
        name=name,
        title=plan.title,
        domain=plan.domain,
        baseline_issue=plan.baseline_issue,
        improvement=plan.improvement,
        horizon_weeks=plan.horizon_weeks,
        indicators=tuple(
            replace(spec_of(indicator), target=line.target, goal=line.is_goal)
            for line, indicator in rows
        ),
        content=Content.read(plan.content),
    )
    return save(actor=actor, made=made)


def save(*, actor: Actor, made: Template) -> str:
    """Keep a template: with an empty code as a new one, with one of the organisation's own as its
    next version (`version` being that which the person saw); returns its code.

    Raises Invalid (a field of `Template`), Conflict, NotFound, Forbidden.
    """
    actor.require(Permission.MANAGE_RECOVERY)
    _check(made)
    if made.code and template(actor=actor, code=made.code).version is None:
        raise Invalid("A template that comes with CareBoard is copied, not changed.", "name")
    code = made.code or _code_of(made.name)
    if not made.code and (code in built_in() or _versions(actor, code)):
        raise Invalid(TAKEN, "name")
    version = (made.version or 0) + 1
    row = PlanTemplate(
        org_id=actor.org_id,
        code=code,
        version=version,
        name=made.name.strip(),
        content=made.stored(),
        in_use=True,
        made_by_id=actor.membership_id,
    )
    _add(row)
    audit.record(
        actor=actor,
        tag="plan_template:saved",
        subject_id=row.id,
        after={"version": version, "indicators": len(made.indicators)},
    )
    return code


def retire(*, actor: Actor, code: str) -> None:
    """Offer one of the organisation's own no longer. Raises NotFound, Invalid, Forbidden."""
    actor.require(Permission.MANAGE_RECOVERY)
    held = template(actor=actor, code=code)
    if held.version is None:
        raise Invalid("A template that comes with CareBoard stays.")
    row = PlanTemplate(
        org_id=actor.org_id,
        code=code,
        version=held.version + 1,
        name=held.name,
        content=held.stored(),
        in_use=False,
        made_by_id=actor.membership_id,
    )
    _add(row)
    audit.record(actor=actor, tag="plan_template:retired", subject_id=row.id)


def _add(row: PlanTemplate) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict("Someone changed this template before you.") from error


def _versions(actor: Actor, code: str) -> bool:
    statement = select(PlanTemplate.id).where(
        PlanTemplate.org_id == actor.org_id, PlanTemplate.code == code
    )
    return db.session.scalar(statement.limit(1)) is not None


def _read(row: PlanTemplate) -> Template:
    return Template.read(row.content, code=row.code, name=row.name, version=row.version)


def _code_of(name: str) -> str:
    """`Night checks` → `night-checks`."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60]


def _check(made: Template) -> None:
    if not _code_of(made.name) or len(made.name) > MOST_NAME:
        raise Invalid(f"Give the template a name of at most {MOST_NAME} characters.", "name")
    refuse_personal_data(made.name, "name")
    refuse_personal_data(made.title, "title")
    for field in ("title", "baseline_issue", "improvement"):
        words = getattr(made, field)
        if not words.strip() or len(words) > LONGEST[field]:
            raise Invalid(f"Say it, in at most {LONGEST[field]:,} characters.", field)
    if made.domain not in DOMAINS:
        raise Invalid("Choose a domain.", "domain")
    if not 1 <= made.horizon_weeks <= MOST_WEEKS:
        raise Invalid(f"Give from 1 to {MOST_WEEKS} weeks.", "horizon_weeks")
    if not any(spec.goal and spec.target is not None for spec in made.indicators):
        raise Invalid(NO_GOAL, "lines")
    unknown = {check.kind for check in made.content.checks} - set(KINDS)
    if unknown or set(made.content.watch) - set(RULES):
        raise Invalid("Choose among the checks.", "checks")
