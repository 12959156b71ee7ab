"""The check four weeks after controls began."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.risks import sittings
from careboard.services.filters import Filters
from careboard.sharing import control_check as service
from careboard.sharing import control_check_queries
from careboard.sharing.blueprint import blueprint
from careboard.sharing.control_check_forms import CheckForm
from careboard.vocabulary import FORUMS


@blueprint.get("/decisions/<uuid:decision_id>/check")
@requires(Permission.READ)
def control_check(decision_id: UUID):
    form = CheckForm(formdata=None)
    form.sitting.data = Filters(request.args).identity("sitting")
    return _page(form, decision_id)


@blueprint.post("/decisions/<uuid:decision_id>/check")
@requires(Permission.DECIDE_SHARING)
@commits
def record_control_check(decision_id: UUID):
    form = CheckForm()
    found = _offer(form, decision_id)
    if form.validate_on_submit():
        try:
            service.record(
                actor=g.actor,
                decision_id=decision_id,
                figures=form.figures(),
                findings=form.findings.data,
                sitting_id=form.sitting.data,
            )
            flash("The four-week check is recorded.", "success")
            return redirect(url_for("sharing.control_check", decision_id=decision_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _render(form, found, 422)


def _offer(form: CheckForm, decision_id: UUID) -> control_check_queries.Whole:
    found = control_check_queries.whole(actor=g.actor, decision_id=decision_id)
    form.indicator_id.offer([one for one, _ in found.readings], "No indicator: counts of my own")
    form.sitting.offer(
        [
            SimpleNamespace(id=row.id, name=f"{row.reference}, {FORUMS[row.forum]}")
            for row in sittings.open_sittings(g.actor)
        ],
        "No sitting: it goes on the next agenda",
    )
    return found


def _page(form: CheckForm, decision_id: UUID):
    return _render(form, _offer(form, decision_id))


def _render(form: CheckForm, found: control_check_queries.Whole, status: int = 200):
    may = g.actor.may(Permission.DECIDE_SHARING) and g.actor.reaches(found.decision.service_id)
    return render_template(
        "sharing/control_check.html",
        form=form,
        found=found,
        may=may and found.due_on is not None and found.due_on <= g.actor.today,
        outcomes=service.OUTCOME_WORDS,
        tones=service.OUTCOME_TONES,
    ), status
