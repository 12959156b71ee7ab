"""The page of one action, and how a step is taken on it: in place or as a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, g, url_for
from flask_wtf import FlaskForm

from careboard.actions import queries, rights, sources
from careboard.actions.forms import ActionForm, GapsForm, MeasureFields, VerificationForm
from careboard.actions.lateness import GAP_WORDS, gaps, lateness
from careboard.actions.measure_form import asks_for_baseline, show_baseline
from careboard.actions.measures import title
from careboard.errors import Conflict, Invalid
from careboard.evidence import queries as evidence
from careboard.forms import show_error
from careboard.htmx import page_or_fragment, redirect_or_fragment, wants_fragment

blueprint = Blueprint("actions", __name__, url_prefix="/o/<org>/actions")
PAGE, WHOLE, STEP = "actions/show.html", "actions/_action.html", "actions/_step.html"


def show_action(action_id: UUID) -> Response:
    """The whole page, or its main part as a fragment."""
    return page_or_fragment(PAGE, WHOLE, **_context(action_id))


def open_step(action_id: UUID, name: str, form: FlaskForm) -> Response:
    """The form of a step: alone for a fragment, else on the action's page."""
    if not wants_fragment():
        return page_or_fragment(PAGE, WHOLE, **_context(action_id, name, form))
    view = queries.action_view(actor=g.actor, action_id=action_id)
    _prepare(form, view.action)
    step = rights.STEPS[name]
    context = {"view": view, "step": step, "form": form, "focus": True}
    return page_or_fragment(PAGE, STEP, **context, **_of_measure(form, view.action))


def take_step(
    action_id: UUID, name: str, form: FlaskForm, service_call: Callable[[], None], done: str
) -> Response:
    """Take the step if its form holds; else show the form again with what was typed."""
    status = 422
    _prepare(form, queries.action_view(actor=g.actor, action_id=action_id).action)
    if asks_for_baseline():
        status = 200
    elif form.validate_on_submit():
        try:
            service_call()
            return moved(action_id, done)
        except Invalid as error:
            show_error(form, error)
        except Conflict as error:
            form.form_errors.append(error.message)
            status = 409
    context = _context(action_id, name, form)
    form.lock_version.process_data(context["view"].action.lock_version)
    form.lock_version.raw_data = None
    return page_or_fragment(PAGE, WHOLE, status=status, **context)


def moved(action_id: UUID, done: str) -> Response:
    """After a change: the action as it is now, with the news."""
    if not wants_fragment():
        flash(done, "success")
        url = url_for("actions.show", action_id=action_id)
        return redirect_or_fragment(url, WHOLE, announce=done)
    return redirect_or_fragment("", WHOLE, announce=done, **_context(action_id), focus=True)


def _context(action_id: UUID, name: str = "", form: FlaskForm | None = None) -> dict:
    actor = g.actor
    view = queries.action_view(actor=actor, action_id=action_id)
    items = evidence.for_targets(actor=actor, action_ids=[action_id])[action_id]
    if form is not None and not form.is_submitted():
        _prepare(form, view.action)
    return {
        "view": view,
        "action": view.action,
        "late": lateness(due_on=view.action.due_on, status=view.action.status, on=actor.today),
        "measure_title": title(view.action.measure or "", view.action.measure_theme),
        "gaps": gaps(view.action),
        "gap_words": GAP_WORDS,
        "evidence": items,
        "coverage": evidence.coverage(items, on=actor.today),
        "updates": queries.updates(actor=actor, action_id=action_id),
        "steps": rights.steps_for(actor, view.action),
        "may_confirm": rights.may_confirm(actor, view.action),
        "step": rights.STEPS.get(name),
        "form": form,
        **_of_measure(form, view.action),
    }


def service_of(action_id: UUID) -> UUID:
    """The service of an action that the person may see."""
    return queries.action_view(actor=g.actor, action_id=action_id).action.service_id


def _of_measure(form: FlaskForm | None, action) -> dict:
    if not isinstance(form, MeasureFields):
        return {}
    return {"known": show_baseline(form, action.service_id), "service_id": action.service_id}


def _prepare(form: FlaskForm, action) -> None:
    """Fit a form to the action: choices, what is to be left out, the version that is shown."""
    if isinstance(form, ActionForm) and not form.is_submitted():
        form.process(obj=action)
    if isinstance(form, GapsForm):
        form.only_gaps_of(action)
    if isinstance(form, VerificationForm) and not rights.marks_own_work(g.actor, action):
        del form.same_person_reason
    if "owner_id" in form:
        owners = sources.owners(actor=g.actor, service_id=action.service_id)
        form.owner_id.offer(owners, "Choose an owner")
    if not form.is_submitted():
        form.lock_version.data = action.lock_version
