"""The external assurance tracker: what is due, one tracked concern, its start and its end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid, NotFound
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.updates import ending, page, queries, service
from careboard.updates.blueprint import blueprint
from careboard.updates.forms import CloseForm, EndForm, StartForm, TrackForm


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = Filters(request.args)
    show = filters.choice("show", queries.SHOWN) or "open"
    found = queries.tracker(
        actor=g.actor, show=show, service_id=filters.identity("service"), page=filters.page
    )
    return render_template(
        "updates/index.html",
        asked_for=queries.asked(actor=g.actor),
        waiting=queries.unanswered(actor=g.actor),
        found=found,
        show=show,
        asked=filters.asked,
        problems=filters.problems,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
    )


@blueprint.get("/service-assurance-file")
@requires(Permission.READ)
def evidence_sets():
    found = queries.evidence_sets(actor=g.actor, page=Filters(request.args).page)
    return render_template("updates/file.html", found=found)


@blueprint.get("/assurance-review-note")
@requires(Permission.READ)
def notes():
    asked = Filters(request.args)
    found = queries.evidence_sets(actor=g.actor, validated=True, page=asked.page)
    return render_template("updates/notes.html", found=found)


@blueprint.get("/tracked/new")
@requires(service.TRACKS)
def track():
    concern = _concern()
    if concern is None:
        found = page.untracked(g.actor, Filters(request.args).page)
        return render_template("updates/choose.html", found=found)
    known = service.tracked_already(g.actor, concern.id)
    if known is not None:
        return redirect(url_for("updates.tracked", tracked_id=known))
    return _track_page(page.track_form(g.actor, concern), concern)


@blueprint.post("/tracked/new")
@requires(service.TRACKS)
@commits
def add_tracked():
    concern, form = _concern(), TrackForm()
    if concern is None:
        raise NotFound()
    page.offer_people(g.actor, concern, form)
    if form.validate_on_submit():
        try:
            tracked_id = service.track(actor=g.actor, concern_id=concern.id, **form.values())
            flash("The concern is on the external assurance tracker.", "success")
            return redirect(url_for("updates.tracked", tracked_id=tracked_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _track_page(form, concern, 422)


def _concern():
    concern_id = Filters(request.args).identity("concern")
    if concern_id is None:
        return None
    return service.concern_to_track(actor=g.actor, concern_id=concern_id)


def _track_page(form: TrackForm, concern, status: int = 200):
    return render_template("updates/track.html", form=form, concern=concern), status


@blueprint.get("/tracked/<uuid:tracked_id>")
@requires(Permission.READ)
def tracked(tracked_id: UUID):
    return render_template("updates/tracked.html", **page.of_tracked(g.actor, tracked_id))


@blueprint.get("/tracked/<uuid:tracked_id>/schedule")
@requires(Permission.WRITE_UPDATE)
def start(tracked_id: UUID):
    form = StartForm(formdata=None, anchor_on=g.actor.today + timedelta(days=1))
    return _start_page(form, tracked_id)


@blueprint.post("/tracked/<uuid:tracked_id>/schedule")
@requires(Permission.WRITE_UPDATE)
@commits
def begin(tracked_id: UUID):
    form = StartForm()
    if form.validate_on_submit():
        try:
            service.start(actor=g.actor, tracked_id=tracked_id, anchor_on=form.anchor_on.data)
            flash("The updates begin. The first one drafts itself at 09:00 on its day.", "success")
            return redirect(url_for("updates.tracked", tracked_id=tracked_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _start_page(form, tracked_id, 422)


def _start_page(form: StartForm, tracked_id: UUID, status: int = 200):
    row = queries.tracked(actor=g.actor, tracked_id=tracked_id)
    g.actor.require(Permission.WRITE_UPDATE, row.service_id)
    return render_template("updates/start.html", form=form, row=row), status


@blueprint.get("/tracked/<uuid:tracked_id>/end")
@requires(Permission.APPROVE_UPDATE)
def end(tracked_id: UUID):
    return _end_page(EndForm(formdata=None), tracked_id)


@blueprint.post("/tracked/<uuid:tracked_id>/end")
@requires(Permission.APPROVE_UPDATE)
@commits
def finish(tracked_id: UUID):
    form = EndForm()
    page.offer_decisions(g.actor, tracked_id, form)
    if form.validate_on_submit():
        try:
            values = {"entry_id": form.entry.data, "reason": form.reason.data}
            ending.end(actor=g.actor, tracked_id=tracked_id, **values)
            flash("The updates have ended: the required assurance is met.", "success")
            return redirect(url_for("updates.tracked", tracked_id=tracked_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _end_page(form, tracked_id, 422)


def _end_page(form: EndForm, tracked_id: UUID, status: int = 200):
    shown = page.of_tracked(g.actor, tracked_id)
    g.actor.require(Permission.APPROVE_UPDATE, shown["row"].service_id)
    page.offer_decisions(g.actor, tracked_id, form)
    return render_template("updates/end.html", form=form, **shown), status


@blueprint.post("/tracked/<uuid:tracked_id>/closing")
@requires(Permission.WRITE_UPDATE)
@commits
def close(tracked_id: UUID):
    form = CloseForm()
    if form.validate_on_submit():
        ending.close_unmet(actor=g.actor, tracked_id=tracked_id, reason=form.reason.data)
        flash("The concern is closed; its assurance was not met.", "success")
        return redirect(url_for("updates.tracked", tracked_id=tracked_id), 303)
    shown = page.of_tracked(g.actor, tracked_id) | {"close_form": form}
    return render_template("updates/tracked.html", **shown), 422
