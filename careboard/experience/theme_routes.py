"""Addresses of one theme at one service: what was said, the notes on it, and what is done."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Invalid
from careboard.experience import plan as improvement
from careboard.experience import service, theme_page
from careboard.experience.forms import NoteForm, PlanForm, RatingForm
from careboard.experience.months import last_complete, parse
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.queries import service_within_reach

blueprint = Blueprint("experience", __name__, url_prefix="/o/<org>/experience")
THEMES = "/services/<uuid:service_id>/themes"


def _theme() -> str:
    """The theme of the address; what the database cannot hold is a theme of nobody."""
    return service.folded(request.args.get("theme", "").replace("\x00", ""))


def _month() -> date:
    return parse(request.args.get("month")) or last_complete(g.actor.today)


@blueprint.get(THEMES)
@requires(Permission.READ)
def theme(service_id: UUID):
    return _theme_page(service_id)


def _theme_page(service_id: UUID, *, status: int = 200, **forms):
    page = theme_page.theme_page(
        actor=g.actor,
        service=service_within_reach(actor=g.actor, service_id=service_id),
        theme=_theme(),
        month=_month(),
    )
    note = forms.get("note") or NoteForm(formdata=None, prefix="note-")
    rating = forms.get("rating") or RatingForm(formdata=None, prefix="board-")
    return render_template(
        "experience/theme.html", page=page, note_form=note, rating_form=rating
    ), status


def _back(service_id: UUID):
    asked = {name: request.args[name] for name in ("theme", "month") if name in request.args}
    return redirect(url_for("experience.theme", service_id=service_id, **asked), 303)


@blueprint.post(f"{THEMES}/notes")
@requires(Permission.RECORD_EXPERIENCE)
@commits
def note(service_id: UUID):
    form = NoteForm(prefix="note-")
    if form.validate_on_submit():
        try:
            service.add_note(
                actor=g.actor,
                service_id=service_id,
                theme=_theme(),
                month=_month(),
                overlap=form.overlap.data,
                text=form.text.data,
                acknowledged=form.acknowledged.data,
            )
            flash("Recorded in the experience intelligence log.", "success")
            return _back(service_id)
        except Invalid as error:
            show_error(form, error)
    return _theme_page(service_id, status=422, note=form)


@blueprint.post(f"{THEMES}/ratings")
@requires(Permission.RATE_RISK)
@commits
def rate(service_id: UUID):
    form = RatingForm(prefix="board-")
    if form.validate_on_submit():
        try:
            service.rate_theme(
                actor=g.actor,
                service_id=service_id,
                theme=_theme(),
                month=_month(),
                rating=form.rating.data or None,
                rationale=form.rationale.data,
            )
            flash("The theme stands on the board, with its reasons.", "success")
            return _back(service_id)
        except Invalid as error:
            show_error(form, error)
    return _theme_page(service_id, status=422, rating=form)


@blueprint.get(f"{THEMES}/plan")
@requires(Permission.ASSIGN_ACTION)
def plan(service_id: UUID):
    return _plan_page(service_id)


@blueprint.post(f"{THEMES}/plan")
@requires(Permission.ASSIGN_ACTION)
@commits
def open_action(service_id: UUID):
    start, form = _started(service_id, PlanForm())
    if form.validate_on_submit():
        try:
            action_id = improvement.open_action(
                actor=g.actor, service_id=service_id, theme=_theme(), **form.values()
            )
            flash("Action opened. Its owner has been told.", "success")
            return redirect(url_for("actions.show", action_id=action_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _plan_page(service_id, start, form)


def _started(service_id: UUID, form: PlanForm) -> tuple[improvement.Start, PlanForm]:
    start = improvement.start(actor=g.actor, service_id=service_id, theme=_theme())
    return start, form.fit(start, sources.owners(actor=g.actor, service_id=service_id))


def _plan_page(service_id: UUID, start=None, form: PlanForm | None = None):
    found = service_within_reach(actor=g.actor, service_id=service_id)
    status = 200 if form is None else 422
    if form is None:
        start, form = _started(service_id, PlanForm(formdata=None))
        form.begin(start)
    return render_template(
        "experience/plan.html", service=found, theme=_theme(), start=start, form=form
    ), status
