"""The risk profile: the list, one risk, a new one, and the review of a rating."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.permissions import Permission
from careboard.risks import forms, queries, service
from careboard.risks.chart import history_chart

blueprint = Blueprint("risks", __name__, url_prefix="/o/<org>/risks")
blueprints = (blueprint,)

DECISIONS = {"raise": "raised", "hold": "held", "lower": "lowered"}


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = forms.read_filters(request.args)
    profile = queries.profile(actor=g.actor, filters=filters, on=g.actor.today)
    return render_template("risks/index.html", profile=profile, filters=filters)


@blueprint.get("/<uuid:risk_id>")
@requires(Permission.READ)
def show(risk_id: UUID):
    detail = queries.risk(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    chart = history_chart(detail.reviews, g.actor.today)
    return render_template("risks/show.html", detail=detail, risk=detail.risk, chart=chart)


@blueprint.get("/new")
@requires(Permission.RATE_RISK)
def new():
    wanted = forms.service_asked_for(request.args)
    form = forms.RiskForm(formdata=None, service_id=wanted, domain=request.args.get("domain", ""))
    return _new_page(form, wanted)


@blueprint.post("/new")
@requires(Permission.RATE_RISK)
@commits
def create():
    form = forms.RiskForm()
    wanted = forms.service_asked_for(request.form)
    _offer(form, wanted)
    if form.validate_on_submit():
        try:
            return _opened(form)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _new_page(form, wanted, 422)


def _opened(form: forms.RiskForm):
    risk_id = service.open_risk(
        actor=g.actor,
        service_id=form.service_id.data,
        domain=form.domain.data,
        original_cause=form.original_cause.data,
        rating=form.rating.data,
        rationale=form.rationale.data,
        outcome_position=form.outcome_position.data,
        basis=form.basis(),
    )
    flash("The risk is on the profile, with its rating.", "success")
    return redirect(url_for("risks.show", risk_id=risk_id), 303)


@blueprint.get("/<uuid:risk_id>/rate")
@requires(Permission.RATE_RISK)
def rate(risk_id: UUID):
    risk = queries.find(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    form = forms.RatingForm(formdata=None, seen=risk.rating_review_id)
    return _rate_page(form, risk)


@blueprint.post("/<uuid:risk_id>/rate")
@requires(Permission.RATE_RISK)
@commits
def review(risk_id: UUID):
    risk = queries.find(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    form = forms.RatingForm()
    form.offer(queries.usable_evidence(actor=g.actor, service_id=risk.service_id, on=g.actor.today))
    if form.validate_on_submit():
        try:
            return _reviewed(form, risk_id)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _rate_page(form, risk, 422)


def _reviewed(form: forms.RatingForm, risk_id: UUID):
    decision = service.rate(
        actor=g.actor,
        risk_id=risk_id,
        rating=form.rating.data,
        rationale=form.rationale.data,
        outcome_position=form.outcome_position.data,
        basis=form.basis(),
        seen_review_id=form.seen_review(),
    )
    flash(f"The rating is {DECISIONS[decision]}.", "success")
    return redirect(url_for("risks.show", risk_id=risk_id), 303)


def _offer(form: forms.RiskForm, service_id: UUID | None) -> list:
    form.offer_services(queries.services(actor=g.actor))
    items = queries.usable_evidence(actor=g.actor, service_id=service_id, on=g.actor.today)
    form.offer(items)
    return items


def _new_page(form: forms.RiskForm, service_id: UUID | None, status: int = 200):
    items = _offer(form, service_id)
    return render_template(
        "risks/new.html", form=form, items=items, service_chosen=service_id is not None
    ), status


def _rate_page(form: forms.RatingForm, risk, status: int = 200):
    items = queries.usable_evidence(actor=g.actor, service_id=risk.service_id, on=g.actor.today)
    form.offer(items)
    assurance = queries.assurance_of(risk, g.actor.today)
    return render_template(
        "risks/rate.html", form=form, risk=risk, items=items, assurance=assurance
    ), status
