"""What the pages of recovery updates show, and what their forms offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from careboard.actions.sources import Option
from careboard.assurance import origin
from careboard.assurance import queries as claims
from careboard.db import db, load
from careboard.errors import NotFound
from careboard.evidence.queries import coverage
from careboard.monitoring.people import people
from careboard.packs.content import Section, from_json
from careboard.permissions import Permission
from careboard.records.models import Concern
from careboard.risks import sittings
from careboard.services.lists import Page, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.updates import (
    ending,
    fortnights,
    queries,
    recipients,
    service,
    standing,
    steps,
    words,
)
from careboard.updates.forms import (
    CloseForm,
    EndForm,
    RecipientForm,
    StepForm,
    TrackForm,
    WordsForm,
)
from careboard.updates.improvement import improved, reasons
from careboard.updates.models import RecoveryUpdate, TrackedConcern, UpdateSchedule
from careboard.vocabulary import FORUMS

NOBODY = "Nobody yet"


def track_form(actor: Actor, concern: Concern) -> TrackForm:
    """A new line of the tracker, with what the concern tells filled in."""
    due = concern.details.get("due_on") or ""
    manager_id = load(Service, actor.org_id, concern.service_id).manager_id
    form = TrackForm(formdata=None, theme=concern.theme or "", manager_id=manager_id)
    form.due_on.process_formdata([due])
    if actor.may(Permission.WRITE_UPDATE):
        form.lead_id.data = actor.membership_id
    offer_people(actor, concern, form)
    return form


def offer_people(actor: Actor, concern: Concern, form: TrackForm) -> None:
    """To whom updates may go, who may write them, and who may gather evidence for that service."""
    where = {"actor": actor, "service_id": concern.service_id}
    form.link_id.offer(recipients.choices(actor=actor), NOBODY)
    form.lead_id.offer(people(permission=Permission.WRITE_UPDATE, **where), "Choose a person")
    form.manager_id.offer(people(permission=service.GATHERS, **where), "Choose a person")


def offer_recipients(actor: Actor, row: Any, form: RecipientForm) -> None:
    """To whom the updates of a line of the tracker may go, and to whom they go now."""
    form.link_id.offer(recipients.choices_for(actor=actor, row=row), NOBODY)


def untracked(actor: Actor, page: int = 1) -> Page:
    """A page of the commissioners' open concerns that are not on the tracker, the latest first:
    rows of Concern and the service's name. One statement."""
    on_it = exists().where(
        TrackedConcern.org_id == Concern.org_id, TrackedConcern.concern_id == Concern.id
    )
    statement = (
        select(Concern, Service.name.label("service"))
        .join(Service, (Service.org_id == Concern.org_id) & (Service.id == Concern.service_id))
        .where(
            Concern.org_id == actor.org_id,
            Concern.kind == "commissioner_query",
            Concern.closed_on.is_(None),
            within(actor, Concern.service_id),
            ~on_it,
        )
        .order_by(Concern.occurred_on.desc(), Concern.id.desc())
    )
    return fetch_page(statement, page=page)


def of_tracked(actor: Actor, tracked_id: UUID) -> dict[str, Any]:
    """One tracked concern with its updates, feedback, queries and what speaks for an end."""
    row = queries.tracked(actor=actor, tracked_id=tracked_id)
    asked = queries.queries_on(actor=actor, tracked=row)
    lines = queries.updates_of(actor=actor, tracked_id=tracked_id)
    said = queries.feedback_on(actor=actor, tracked_id=tracked_id)
    found = []
    if row.schedule == "running":
        found = reasons(
            updates=[standing.told(line.row) for line in lines[::-1]],
            content=said[0].row.content if said else None,
            queries=[query.occurred_on for query in asked],
            on=actor.today,
        )
    return {
        "row": row,
        "recipient_barred": recipients.barred(row),
        "asked_before": asked,
        "lines": lines,
        "feedback": said,
        "reasons": found,
        "improved": bool(found) and improved(found),
        "next_due": next_due(actor, row),
        "close_form": CloseForm(formdata=None),
    }


def next_due(actor: Actor, row: Any) -> date | None:
    """The day of the next fortnight that has not begun; None where no updates run."""
    if row.schedule != "running":
        return None
    come = fortnights.number_of(row.anchor_on, actor.today)
    return fortnights.day_of(row.anchor_on, come + 1)


def offer_decisions(actor: Actor, tracked_id: UUID, form: EndForm) -> None:
    """The decisions of the governance group that may end the updates."""
    schedule = db.session.scalar(
        select(UpdateSchedule).where(
            UpdateSchedule.org_id == actor.org_id, UpdateSchedule.tracked_id == tracked_id
        )
    )
    found = ending.decisions(actor=actor, schedule=schedule) if schedule else []
    form.entry.offer(
        [
            Option(row.id, f"{row.reference}, {FORUMS[row.forum].lower()}: {row.text[:120]}")
            for row in found
        ],
        "Choose a decision",
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A step that the person may take now: `other` is somebody who could where they may not."""

    own: bool
    other: str | None

    @property
    def barred(self) -> bool:
        return self.own and self.other is not None


def of_update(actor: Actor, update_id: UUID) -> dict[str, Any]:
    """One update as it stands: its content with people's words, its evidence set, its steps."""
    line = queries.line(actor=actor, update_id=update_id)
    update = load(RecoveryUpdate, actor.org_id, update_id)
    written = words.written(actor=actor, update_id=update_id)
    found = from_json(update.content) if update.content else None
    detail = None
    if update.claim_id is not None:
        detail = claims.detail(actor=actor, claim_id=update.claim_id)
    step = line.row.step
    return {
        "line": line,
        "update": update,
        "content": words.with_words(found, written) if found else None,
        "written": written,
        "claim": detail,
        "coverage": coverage(detail.items, on=actor.today) if detail else None,
        "may_gather": update.status == "draft"
        and actor.may(Permission.SUBMIT_EVIDENCE)
        and actor.may(Permission.RUN_MANAGER_REVIEW)
        and steps.may_gather(update, detail.row if detail else None),
        "may_write": update.status not in ("published", "missed")
        and actor.may(Permission.WRITE_UPDATE),
        "validates": _step(actor, line, update, Permission.VALIDATE_EVIDENCE)
        if step == "confirmation"
        else None,
        "approves": _step(actor, line, update, Permission.APPROVE_UPDATE)
        if step == "approval"
        else None,
        "feedback": queries.feedback_on(actor=actor, update_id=update_id)
        if update.status == "published"
        else [],
        "validate_form": StepForm(formdata=None),
        "approve_form": StepForm(formdata=None),
    }


def _step(actor: Actor, line: queries.Line, update: RecoveryUpdate, permission: Permission):
    """The step where the person has the right to it, None where they do not."""
    if not actor.may(permission):
        return None
    validating = permission is Permission.VALIDATE_EVIDENCE
    out = (steps.validators_out if validating else steps.approvers_out)(actor, update)
    own = actor.membership_id in out
    other = steps.other_for(actor, line.row, permission, out) if own else None
    return Step(own, other)


def of_section(actor: Actor, update_id: UUID, code: str) -> dict[str, Any]:
    """One section of an update that is not at its end. Raises NotFound, Forbidden, Conflict."""
    line = queries.line(actor=actor, update_id=update_id)
    actor.require(Permission.WRITE_UPDATE, line.row.service_id)
    update = load(RecoveryUpdate, actor.org_id, update_id)
    found = from_json(update.content).sections if update.content else ()
    section: Section | None = next((one for one in found if one.code == code), None)
    if section is None:
        raise NotFound()
    stands = words.written(actor=actor, update_id=update_id).get(code)
    return {"line": line, "section": section, "stands": stands}


def seen(shown: dict[str, Any]) -> str:
    """The id of the words that stand in a section; empty for none."""
    return str(shown["stands"].id) if shown["stands"] else ""


def words_form(shown: dict[str, Any]) -> WordsForm:
    """The form with the words that stand."""
    stands = shown["stands"]
    return WordsForm(formdata=None, words=stands.words if stands else "", seen=seen(shown))


def to_gather(actor: Actor, update_id: UUID) -> dict[str, Any]:
    """What an evidence set is gathered for."""
    line = queries.line(actor=actor, update_id=update_id)
    actor.require(Permission.SUBMIT_EVIDENCE, line.row.service_id)
    tracked = load(TrackedConcern, actor.org_id, line.row.tracked_id)
    return {"line": line, "required": tracked.required_assurance}


def evidence_to_choose(actor: Actor, update_id: UUID) -> list[Any]:
    """The evidence in date of the service that an update is about."""
    line = queries.line(actor=actor, update_id=update_id)
    return origin.evidence_to_choose(actor=actor, service_id=line.row.service_id)


def sittings_to_choose(actor: Actor) -> list[Option]:
    """The open sittings of the governance group that the person runs."""
    return [
        Option(row.id, f"{row.reference}, {FORUMS[row.forum].lower()}")
        for row in sittings.open_sittings(actor)
    ]
