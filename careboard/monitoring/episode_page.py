"""What the page of an episode needs, and what its forms offer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from sqlalchemy import select

from careboard.actions.lateness import LIVE
from careboard.actions.models import Action
from careboard.actions.sources import Option
from careboard.db import db, load
from careboard.evidence.models import Evidence
from careboard.evidence.queries import NO_SUPPORT, makers
from careboard.monitoring import episode_queries, offers, return_queries
from careboard.monitoring.criteria import STATE_WORDS
from careboard.monitoring.entry import CHANGE_WORDS, KIND_WORDS
from careboard.monitoring.episode_forms import (
    CriterionForm,
    JudgementForm,
    OfCriterion,
    StatementForm,
    TakeUpForm,
    WithdrawalForm,
)
from careboard.monitoring.links import kind_words, record_url
from careboard.monitoring.models import EpisodeCriterion
from careboard.monitoring.people import people
from careboard.monitoring.reviews import DECISION_WORDS, ESCALATION_WORDS
from careboard.monitoring.story import KIND_WORDS as STORY_WORDS
from careboard.monitoring.story import story
from careboard.monitoring.trigger_queries import rule_words
from careboard.permissions import Permission
from careboard.services.queries import service_within_reach
from careboard.tenancy import Actor

_FORMS = {
    "criterion_form": CriterionForm,
    "statement_form": StatementForm,
    "take_up_form": TakeUpForm,
}


def context(
    *,
    actor: Actor,
    episode_id: UUID,
    form: FlaskForm | None = None,
    criterion_id: UUID | None = None,
) -> dict[str, Any]:
    """The names that the templates use; `form` came back with errors, of that criterion."""
    whole = episode_queries.whole(actor=actor, episode_id=episode_id)
    row = whole.episode.row
    head = return_queries.head(actor=actor, episode_id=episode_id)
    found = {
        "whole": whole,
        "episode": whole.episode,
        "row": row,
        "weeks": return_queries.week_lines(actor=actor, heads=[head])[episode_id],
        "story": story(actor=actor, episode_id=episode_id, on=actor.today),
        "kinds": KIND_WORDS,
        "changes": CHANGE_WORDS,
        "state_words": STATE_WORDS,
        "decision_words": DECISION_WORDS,
        "escalation_words": ESCALATION_WORDS,
        "story_words": STORY_WORDS,
        "rules": rule_words(),
        "record_url": record_url,
        "kind_words": kind_words,
        "wrong": form,
        "open": row.status == "open",
    }
    for name, made in _FORMS.items():
        found[name] = form if isinstance(form, made) else made(formdata=None)
    found["forms"] = {
        name: {
            one.id: _placed(form if one.id == criterion_id else None, made, one.id)
            for one in whole.episode.criteria
        }
        for name, made in (("judgement", JudgementForm), ("withdrawal", WithdrawalForm))
    }
    if found["open"]:
        _offer(actor, row.service_id, found)
    return found


def _placed(form: FlaskForm | None, made: type[OfCriterion], criterion_id: UUID) -> OfCriterion:
    """The form that came back, if it is of that kind, else a new one."""
    return (form if isinstance(form, made) else made(formdata=None)).place(criterion_id)


def _offer(actor: Actor, service_id: UUID, found: dict[str, Any]) -> None:
    """The choices of those forms that the person may use."""
    if actor.may(Permission.DECIDE_MONITORING):
        found["criterion_form"].offer_criteria(**_measured(actor, service_id))
    if actor.may(Permission.VALIDATE_EVIDENCE):
        evidence = _evidence(actor, service_id)
        ids = [option.id for option in evidence]
        own = actor.membership_id in makers(actor, Evidence.id.in_(ids))
        for form in found["forms"]["judgement"].values():
            form.evidence_id.offer(evidence, "Choose evidence")
            if not own:
                del form.same_person_reason
    if actor.may(Permission.ASSIGN_ACTION):
        found["take_up_form"].action_id.offer(_actions(actor, service_id), "Choose an action")


def visit(*, actor: Actor, episode_id: UUID) -> dict[str, Any]:
    """An episode and who may have visited it."""
    one = episode_queries.episode(actor=actor, episode_id=episode_id)
    actor.require(Permission.VALIDATE_EVIDENCE, one.row.service_id)
    may = Permission.VALIDATE_EVIDENCE
    return {
        "row": one.row,
        "visitors": people(actor=actor, permission=may, service_id=one.row.service_id),
    }


def episode_of(*, actor: Actor, criterion_id: UUID) -> UUID:
    """The episode of a criterion. Raises NotFound."""
    return load(EpisodeCriterion, actor.org_id, criterion_id).episode_id


def offer_criteria(*, actor: Actor, episode_id: UUID, form: CriterionForm) -> None:
    form.offer_criteria(**_measured(actor, _service(actor, episode_id)))


def offer_evidence(*, actor: Actor, episode_id: UUID, form: JudgementForm) -> None:
    form.evidence_id.offer(_evidence(actor, _service(actor, episode_id)), "Choose evidence")


def offer_actions(*, actor: Actor, episode_id: UUID, form: TakeUpForm) -> None:
    form.action_id.offer(_actions(actor, _service(actor, episode_id)), "Choose an action")


def _service(actor: Actor, episode_id: UUID) -> UUID:
    return episode_queries.episode(actor=actor, episode_id=episode_id).row.service_id


def _measured(actor: Actor, service_id: UUID) -> dict[str, Any]:
    service_within_reach(actor=actor, service_id=service_id)
    return offers.measured(actor=actor, service_id=service_id)


def _evidence(actor: Actor, service_id: UUID) -> list[Option]:
    rows = db.session.execute(
        select(Evidence.id, Evidence.reference, Evidence.title)
        .where(
            Evidence.org_id == actor.org_id,
            Evidence.service_id == service_id,
            Evidence.valid_until >= actor.today,
            Evidence.status.not_in(NO_SUPPORT),
        )
        .order_by(Evidence.created_at.desc())
        .limit(100)
    )
    return [Option(row.id, f"{row.reference} {row.title}") for row in rows]


def _actions(actor: Actor, service_id: UUID) -> list[Option]:
    rows = db.session.execute(
        select(Action.id, Action.reference, Action.title)
        .where(
            Action.org_id == actor.org_id,
            Action.service_id == service_id,
            Action.episode_id.is_(None),
            Action.status.in_(LIVE),
        )
        .order_by(Action.due_on, Action.reference)
        .limit(100)
    )
    return [Option(row.id, f"{row.reference} {row.title[:90]}") for row in rows]
