"""Addresses of the thresholds of contracts."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.sharing import thresholds as service
from careboard.sharing.blueprint import blueprint
from careboard.sharing.threshold_forms import ThresholdForm


@blueprint.get("/thresholds")
@requires(Permission.READ)
def thresholds():
    return render_template(
        "sharing/thresholds.html",
        found=service.all_thresholds(actor=g.actor),
        measures=service.measures(actor=g.actor),
        may_set=service.may_set(g.actor),
        amount=service.amount,
    )


@blueprint.get("/thresholds/new")
@requires(Permission.READ)
def new_threshold():
    form, replaced = ThresholdForm(formdata=None), _replaced()
    form.in_use_from.data = g.actor.today
    if replaced:
        form.begin(replaced)
        form.in_use_from.data = max(g.actor.today, replaced.in_use_from)
    return _page(form, replaced)


@blueprint.post("/thresholds/new")
@requires(Permission.READ)
@commits
def set_threshold():
    form, replaced = ThresholdForm(), _replaced()
    form.offer(service.measures(actor=g.actor))
    if form.validate_on_submit():
        try:
            service.set_threshold(
                actor=g.actor, facts=form.facts(), replaces_id=replaced and replaced.id
            )
            flash("The threshold is set.", "success")
            return redirect(url_for("sharing.thresholds"), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(form, replaced, status=422)


def _replaced():
    """The threshold that the address names to be replaced, if any."""
    if not service.may_set(g.actor):
        abort(403)
    wanted: UUID | None = Filters(request.args).identity("replaces")
    if wanted is None:
        return None
    rows = {row.id: row for row in service.all_thresholds(actor=g.actor)}
    return rows.get(wanted) or abort(404)


def _page(form: ThresholdForm, replaced, *, status: int = 200):
    form.offer(service.measures(actor=g.actor))
    return render_template("sharing/threshold_form.html", form=form, replaced=replaced), status
