"""Addresses of risks that managers raise: the form, the list, one of them, and its answer."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.monitoring.links import record_url
from careboard.permissions import Permission
from careboard.risks import raising
from careboard.risks.blueprint import blueprint
from careboard.risks.raise_forms import AnswerForm, RaiseForm
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.vocabulary import DOMAINS


@blueprint.get("/raised")
@requires(Permission.READ)
def raised():
    filters = Filters(request.args)
    found = raising.raised(
        actor=g.actor,
        service_id=filters.identity("service"),
        domain=filters.choice("domain", DOMAINS),
        page=filters.page,
    )
    return render_template(
        "risks/raised_list.html",
        found=found,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
        domains=list(DOMAINS),
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/raise")
@requires(Permission.SUBMIT_RETURN)
def raise_risk():
    filters = Filters(request.args)
    form = RaiseForm(formdata=None)
    form.service_id.data = filters.identity("service")
    form.domain.data = filters.choice("domain", DOMAINS)
    return _raise_page(form)


@blueprint.post("/raise")
@requires(Permission.SUBMIT_RETURN)
@commits
def record_raised():
    form = RaiseForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            return _recorded(form)
        except Invalid as error:
            show_error(form, error)
    return _raise_page(form, status=422)


def _recorded(form: RaiseForm):
    raised_id = raising.raise_risk(
        actor=g.actor,
        service_id=form.service_id.data,
        domain=form.domain.data,
        original_cause=form.original_cause.data,
        controls=form.controls.data or "",
        keys=form.keys(),
    )
    flash("The risk is raised. A governance lead rates it.", "success")
    return redirect(url_for("risks.raised_risk", raised_id=raised_id), 303)


@blueprint.get("/raised/<uuid:raised_id>")
@requires(Permission.READ)
def raised_risk(raised_id: UUID):
    return _one_page(raised_id, AnswerForm(formdata=None))


@blueprint.post("/raised/<uuid:raised_id>")
@requires(Permission.RATE_RISK)
@commits
def answer_raised(raised_id: UUID):
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            raising.answer(actor=g.actor, raised_id=raised_id, reasons=form.reasons.data)
            flash("Your reasons are recorded.", "success")
            return redirect(url_for("risks.raised_risk", raised_id=raised_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _one_page(raised_id, form, status=422)


def _offer(form: RaiseForm) -> None:
    services = [one for one in service_choices(actor=g.actor) if g.actor.reaches(one.id)]
    chosen = form.service_id.data
    known = chosen in {one.id for one in services}
    grounds = raising.grounds(actor=g.actor, service_id=chosen) if known else []
    form.offer(services, grounds)


def _raise_page(form: RaiseForm, *, status: int = 200):
    _offer(form)
    return render_template("risks/raise.html", form=form), status


def _one_page(raised_id: UUID, form: AnswerForm, *, status: int = 200):
    row = raising.one_raised(actor=g.actor, raised_id=raised_id)
    return render_template("risks/raised.html", row=row, form=form, record_url=record_url), status
