"""Reading structured checks: lists, what the rules look at, and how often they are made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.recovery import check_rules
from careboard.recovery.check_models import CheckFinding, PracticeCheck
from careboard.recovery.check_records import CheckRecord
from careboard.recovery.plan_models import RecoveryPlan
from careboard.services.lists import Page, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class CheckFilter:
    """None and empty: any. `staff_ref` is a hash. `ids` are those that made a rule fire."""

    service_id: UUID | None = None
    kinds: tuple[str, ...] = ()
    plan_id: UUID | None = None
    staff_ref: str = ""
    record: CheckRecord | None = None
    unreviewed: bool = False
    ids: tuple[UUID, ...] = ()


def list_checks(*, actor: Actor, wanted: CheckFilter, page: int) -> Page:
    """Rows (PracticeCheck, service, by, plan, findings), the newest first; `findings` are rows
    (id, kind, round, what, critical, detected_at, reviewed_at, outcome, reviewed_by). Two
    statements."""
    found = fetch_page(_listed(actor, wanted), page=page)
    findings = _findings(actor, [row.PracticeCheck.id for row in found.rows])
    rows = [
        {**row._mapping, "findings": findings.get(row.PracticeCheck.id, [])} for row in found.rows
    ]
    return Page(rows, found.number, found.total, found.size)


def _listed(actor: Actor, wanted: CheckFilter) -> Select:
    statement = (
        select(
            PracticeCheck,
            Service.name.label("service"),
            Membership.name.label("by"),
            RecoveryPlan.reference.label("plan"),
        )
        .join(
            Service,
            (Service.org_id == PracticeCheck.org_id) & (Service.id == PracticeCheck.service_id),
        )
        .outerjoin(
            Membership,
            (Membership.org_id == PracticeCheck.org_id)
            & (Membership.id == PracticeCheck.checked_by_id),
        )
        .outerjoin(
            RecoveryPlan,
            (RecoveryPlan.org_id == PracticeCheck.org_id)
            & (RecoveryPlan.id == PracticeCheck.plan_id),
        )
        .where(PracticeCheck.org_id == actor.org_id, within(actor, PracticeCheck.service_id))
        .order_by(PracticeCheck.on_date.desc(), PracticeCheck.id.desc())
    )
    for column, value in (
        (PracticeCheck.service_id, wanted.service_id),
        (PracticeCheck.plan_id, wanted.plan_id),
        (PracticeCheck.staff_ref, wanted.staff_ref),
    ):
        if value:
            statement = statement.where(column == value)
    kinds = wanted.kinds or (wanted.record.kinds if wanted.record else ())
    if kinds:
        statement = statement.where(PracticeCheck.kind.in_(kinds))
    if wanted.ids:
        statement = statement.where(PracticeCheck.id.in_(wanted.ids))
    if wanted.record and wanted.record.discrepancies:
        statement = statement.where(PracticeCheck.verdict == "discrepancies")
    if wanted.record and wanted.record.assessed:
        statement = statement.where(PracticeCheck.result["required"].astext.is_not(None))
    if wanted.unreviewed:
        statement = statement.where(
            PracticeCheck.withdrawn_at.is_(None),
            PracticeCheck.id.in_(
                select(CheckFinding.check_id).where(
                    CheckFinding.org_id == actor.org_id,
                    CheckFinding.kind == "discrepancy",
                    CheckFinding.reviewed_at.is_(None),
                )
            ),
        )
    return statement


def _findings(actor: Actor, check_ids: Collection[UUID]) -> dict[UUID, list[Row]]:
    if not check_ids:
        return {}
    reviewer = aliased(Membership)
    statement = (
        select(
            CheckFinding.check_id,
            CheckFinding.id,
            CheckFinding.kind,
            CheckFinding.round,
            CheckFinding.what,
            CheckFinding.critical,
            CheckFinding.detected_at,
            CheckFinding.reviewed_at,
            CheckFinding.outcome,
            reviewer.name.label("reviewed_by"),
        )
        .outerjoin(
            reviewer,
            (reviewer.org_id == CheckFinding.org_id) & (reviewer.id == CheckFinding.reviewed_by_id),
        )
        .where(CheckFinding.org_id == actor.org_id, CheckFinding.check_id.in_(check_ids))
        .order_by(CheckFinding.place)
    )
    found: dict[UUID, list[Row]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.check_id, []).append(row)
    return found


# What the rules look at: the samples' days, the last observations whenever they were, and every
# discrepancy that waits for its review.
_FOR_RULES = text("""
SELECT c.service_id, c.id, c.kind, c.on_date, c.verdict,
  coalesce(nullif(c.staff_ref, ''), c.checked_by_id::text, '') AS who, c.result,
  coalesce((SELECT jsonb_agg(jsonb_build_array(f.id, f.kind, f.what, f.detected_at, f.round,
      f.reviewed_at) ORDER BY f.place)
    FROM check_finding f WHERE f.org_id = c.org_id AND f.check_id = c.id), '[]') AS findings
FROM (
  SELECT p.*, row_number() OVER (PARTITION BY p.service_id, p.kind
    ORDER BY p.on_date DESC, p.id DESC) AS place
  FROM practice_check p
  WHERE p.org_id = :org AND p.service_id = ANY(:services) AND p.withdrawn_at IS NULL
    AND p.on_date <= :on
) c
WHERE c.on_date > CAST(:on AS date) - :days
  OR c.kind = 'practice_observation' AND c.place <= :observations
  OR c.id IN (SELECT f.check_id FROM check_finding f
    WHERE f.org_id = :org AND f.kind = 'discrepancy' AND f.reviewed_at IS NULL)
ORDER BY c.on_date, c.id
""")


def for_rules(
    *, actor: Actor, service_ids: Collection[UUID], on: date
) -> dict[UUID, list[check_rules.Check]]:
    """By service, the checks that stand and that the rules look at on that day, oldest first.

    One statement. Services beyond the person's are left out; every other is a key.
    """
    own = [service_id for service_id in service_ids if actor.reaches(service_id)]
    found: dict[UUID, list[check_rules.Check]] = {service_id: [] for service_id in own}
    if not own:
        return found
    values = {
        "org": actor.org_id,
        "services": own,
        "on": on,
        "days": check_rules.SAMPLES_DAYS,
        "observations": check_rules.LAST_OBSERVATIONS,
    }
    for service_id, row_id, kind, day, verdict, who, result, findings in db.session.execute(
        _FOR_RULES, values
    ):
        found[service_id].append(
            check_rules.Check(
                row_id, kind, day, verdict, who, result, [_finding(*part) for part in findings]
            )
        )
    return found


def _finding(row_id, kind, what, detected_at, round_, reviewed_at) -> check_rules.Finding:
    return check_rules.Finding(
        UUID(row_id),
        kind,
        what,
        datetime.fromisoformat(detected_at),
        round_,
        reviewed_at and datetime.fromisoformat(reviewed_at),
    )


def latest(*, actor: Actor, service_id: UUID) -> dict[str, date]:
    """{kind: the day of the latest check that stands} of a service. One statement."""
    statement = (
        select(PracticeCheck.kind, func.max(PracticeCheck.on_date))
        .where(
            PracticeCheck.org_id == actor.org_id,
            PracticeCheck.service_id == service_id,
            PracticeCheck.withdrawn_at.is_(None),
        )
        .group_by(PracticeCheck.kind)
    )
    return {kind: day for kind, day in db.session.execute(statement)}


def open_plans(*, actor: Actor, service_id: UUID) -> list[RecoveryPlan]:
    """The open plans of a service, the newest first. One statement."""
    statement = (
        select(RecoveryPlan)
        .where(
            RecoveryPlan.org_id == actor.org_id,
            RecoveryPlan.service_id == service_id,
            RecoveryPlan.status == "open",
        )
        .order_by(RecoveryPlan.started_on.desc(), RecoveryPlan.id.desc())
    )
    return list(db.session.scalars(statement))
