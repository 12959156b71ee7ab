"""The commissioner intelligence log and the contract governance notes."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.monitoring import intelligence_queries, intelligence_service, return_queries
from careboard.monitoring.blueprint import blueprint
from careboard.monitoring.intelligence_forms import ConcernForm, NoteForm
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices

RECORDS = Permission.RECORD_COMMISSIONER_CONCERN


@blueprint.get("/intelligence")
@requires(Permission.READ)
def intelligence():
    filters = Filters(request.args)
    wanted = intelligence_queries.LogFilter(filters.identity("service"), filters.text("text"))
    return render_template(
        "monitoring/intelligence.html",
        found=intelligence_queries.log(actor=g.actor, wanted=wanted, page=filters.page),
        asked=filters.asked,
        problems=filters.problems,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
    )


@blueprint.get("/intelligence/new")
@requires(RECORDS)
def new_concern():
    form = ConcernForm(formdata=None, on=g.actor.today)
    form.service_id.data = Filters(request.args).identity("service")
    return _concern_page(form)


@blueprint.post("/intelligence/new")
@requires(RECORDS)
@commits
def record_concern():
    form = ConcernForm()
    form.service_id.offer(service_choices(actor=g.actor), "Choose a service")
    if form.validate_on_submit():
        try:
            intelligence_service.record_concern(actor=g.actor, **form.values())
            flash("The concern is on the log. Rules look at it tonight at the latest.", "success")
            return redirect(url_for("monitoring.intelligence"), 303)
        except Invalid as error:
            show_error(form, error)
    return _concern_page(form, 422)


def _concern_page(form: ConcernForm, status: int = 200):
    form.service_id.offer(service_choices(actor=g.actor), "Choose a service")
    return render_template("monitoring/concern_form.html", form=form), status


@blueprint.get("/contract-notes")
@requires(Permission.READ)
def contract_notes():
    filters = Filters(request.args)
    service_id, episode_id = filters.identity("service"), filters.identity("episode")
    return render_template(
        "monitoring/contract_notes.html",
        found=intelligence_queries.notes(
            actor=g.actor, page=filters.page, service_id=service_id, episode_id=episode_id
        ),
        asked=filters.asked,
        problems=filters.problems,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
    )


@blueprint.get("/contract-notes/new")
@requires(RECORDS)
def new_contract_note():
    asked = Filters(request.args)
    form = NoteForm(formdata=None, on=g.actor.today)
    form.service_id.data, form.episode_id.data = (
        asked.identity("service"),
        asked.identity("episode"),
    )
    return _note_page(form)


@blueprint.post("/contract-notes/new")
@requires(RECORDS)
@commits
def add_contract_note():
    form = NoteForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            intelligence_service.add_note(actor=g.actor, **form.values())
            flash("The note is kept.", "success")
            return redirect(url_for("monitoring.contract_notes"), 303)
        except Invalid as error:
            show_error(form, error)
    return _note_page(form, 422)


def _offer(form: NoteForm) -> None:
    form.service_id.offer(service_choices(actor=g.actor), "Choose a service")
    episodes = intelligence_queries.episode_choices(actor=g.actor)
    form.episode_id.offer(episodes, "Not about an episode")
    of_episode = {one.id: one.service_id for one in episodes}
    if form.service_id.data is None:
        form.service_id.data = of_episode.get(form.episode_id.data)


def _note_page(form: NoteForm, status: int = 200):
    _offer(form)
    weeks = return_queries.verified(actor=g.actor, episode_id=form.episode_id.data)
    return render_template("monitoring/contract_note_form.html", form=form, weeks=weeks), status
