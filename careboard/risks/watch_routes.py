"""The watch over a lowered rating: its page, its notes and its decision.

Source: steps S0-3.4 (risk profile tracker) and S0-3.5.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.permissions import Permission
from careboard.risks import forms, history, sittings, watching
from careboard.risks.blueprint import blueprint


@blueprint.get("/watches/<uuid:watch_id>")
@requires(Permission.READ)
def watch(watch_id: UUID):
    deciding = forms.WatchForm(formdata=None, sitting=forms.id_of(request.args.get("review")))
    return _page(watch_id, deciding, forms.NoteForm(formdata=None))


@blueprint.post("/watches/<uuid:watch_id>/notes")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def watch_note(watch_id: UUID):
    form = forms.NoteForm()
    if form.validate_on_submit():
        try:
            watching.note(
                actor=g.actor,
                watch_id=watch_id,
                text=form.note.data,
                concern_reference=form.concern.data or "",
            )
            flash("The note is on the risk profile tracker.", "success")
            return redirect(url_for("risks.watch", watch_id=watch_id), 303)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _page(watch_id, forms.WatchForm(formdata=None), form, 422)


@blueprint.post("/watches/<uuid:watch_id>")
@requires(Permission.RATE_RISK)
@commits
def watch_decision(watch_id: UUID):
    form = forms.WatchForm()
    form.offer_sittings(sittings.open_sittings(g.actor), "Choose a sitting")
    if form.validate_on_submit():
        try:
            return _decided(form, watch_id)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _page(watch_id, form, forms.NoteForm(formdata=None), 422)


def _decided(form: forms.WatchForm, watch_id: UUID):
    watching.decide(
        actor=g.actor,
        watch_id=watch_id,
        outcome=form.outcome.data,
        reason=form.reason.data,
        sitting_id=form.sitting.data,
    )
    flash(f"The improvement is recorded as {form.outcome.data.replace('_', ' ')}.", "success")
    return redirect(url_for("reviews.show", review_id=form.sitting.data), 303)


def _page(watch_id: UUID, deciding: forms.WatchForm, noting: forms.NoteForm, status: int = 200):
    detail = history.watch(actor=g.actor, watch_id=watch_id, on=g.actor.today)
    deciding.offer_sittings(sittings.open_sittings(g.actor), "Choose a sitting")
    reached = g.actor.reaches(detail.row.service_id) and detail.watch.outcome is None
    return render_template(
        "risks/watch.html",
        detail=detail,
        row=detail.row,
        this_month=g.actor.today.replace(day=1),
        deciding=deciding,
        noting=noting,
        may_decide=reached and g.actor.may(Permission.RATE_RISK),
        may_note=reached and g.actor.may(Permission.SUBMIT_EVIDENCE),
    ), status
