"""The risk profile: the list, one risk, a new one, and the decision on a rating."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.monitoring import trigger_queries
from careboard.monitoring.episode_rows import under_monitoring
from careboard.permissions import Permission
from careboard.risks import (
    dispute_routes,
    forms,
    history,
    queries,
    raise_routes,
    raising,
    service,
    sittings,
    watch_routes,
)
from careboard.risks.blueprint import blueprint
from careboard.risks.chart import history_chart
from careboard.risks.rated import assurance_of

__all__ = ["dispute_routes", "raise_routes", "watch_routes"]
blueprints = (blueprint,)

DECISIONS = {"raise": "raised", "hold": "held", "lower": "lowered"}


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = forms.read_filters(request.args)
    profile = queries.profile(actor=g.actor, filters=filters, on=g.actor.today)
    return render_template(
        "risks/index.html",
        profile=profile,
        filters=filters,
        suggested=trigger_queries.undecided(actor=g.actor),
        rules=trigger_queries.rule_words(),
        monitored=under_monitoring(actor=g.actor, on=g.actor.today),
    )


@blueprint.get("/<uuid:risk_id>")
@requires(Permission.READ)
def show(risk_id: UUID):
    detail = queries.risk(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    chart = history_chart(detail.reviews, g.actor.today)
    return render_template(
        "risks/show.html",
        detail=detail,
        risk=detail.risk,
        chart=chart,
        raised=raising.answered_by(actor=g.actor, risk_id=risk_id),
    )


@blueprint.get("/<uuid:risk_id>/history", endpoint="history")
@requires(Permission.READ)
def history_page(risk_id: UUID):
    risk = queries.find(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    reviews = history.reviews(actor=g.actor, risk_id=risk_id)
    return render_template(
        "risks/history.html",
        risk=risk,
        assurance=assurance_of(risk, g.actor.today),
        reviews=reviews,
        around=history.around(actor=g.actor, risk_id=risk_id),
        chart=history_chart(reviews, g.actor.today),
    )


@blueprint.get("/changes")
@requires(Permission.READ)
def changes():
    asked = forms.read_changes(request.args, g.actor.today)
    found = history.changes(actor=g.actor, on=g.actor.today, **asked)
    return render_template("risks/changes.html", changes=found, **asked)


@blueprint.get("/new")
@requires(Permission.RATE_RISK)
def new():
    wanted = forms.service_asked_for(request.args)
    form = forms.RiskForm(formdata=None, service_id=wanted, domain=request.args.get("domain", ""))
    raised_id = forms.id_of(request.args.get("raised"))
    if raised_id is not None:
        raised = raising.one_raised(actor=g.actor, raised_id=raised_id)
        form.original_cause.data = raised.original_cause
        form.evidence.data = [one["id"] for one in raised.grounds if one["kind"] == "evidence"]
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
    form = forms.DecisionForm(
        formdata=None,
        seen=risk.rating_review_id,
        sitting=forms.id_of(request.args.get("review")),
        claim=forms.id_of(request.args.get("claim")),
    )
    return _rate_page(form, risk)


@blueprint.post("/<uuid:risk_id>/rate")
@requires(Permission.RATE_RISK)
@commits
def review(risk_id: UUID):
    risk = queries.find(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    form = forms.DecisionForm()
    _offer_grounds(form, risk)
    if form.validate_on_submit():
        try:
            return _reviewed(form, risk_id)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _rate_page(form, risk, 422)


def _reviewed(form: forms.DecisionForm, risk_id: UUID):
    decision = service.rate(
        actor=g.actor,
        risk_id=risk_id,
        rating=form.rating.data,
        rationale=form.rationale.data,
        outcome_position=form.outcome_position.data,
        basis=form.basis(),
        seen_review_id=form.seen_review(),
        sitting_id=form.sitting.data,
        claim_id=form.claim.data,
        same_person_reason=form.same_person_reason.data or "",
    )
    flash(f"The rating is {DECISIONS[decision]}.", "success")
    if form.sitting.data:
        return redirect(url_for("reviews.show", review_id=form.sitting.data), 303)
    return redirect(url_for("risks.show", risk_id=risk_id), 303)


def _offer(form: forms.RiskForm, service_id: UUID | None) -> list:
    form.offer_services(queries.services(actor=g.actor))
    items = queries.usable_evidence(actor=g.actor, service_id=service_id, on=g.actor.today)
    form.offer(items)
    return items


def _offer_grounds(form: forms.DecisionForm, risk) -> tuple[list, list]:
    """The evidence on record and the checked returns that a decision may rest on."""
    items = queries.usable_evidence(actor=g.actor, service_id=risk.service_id, on=g.actor.today)
    returns = history.checked_returns(actor=g.actor, risk_id=risk.id)
    form.offer(items)
    form.offer_grounds(sittings.open_sittings(g.actor), returns)
    return items, returns


def _new_page(form: forms.RiskForm, service_id: UUID | None, status: int = 200):
    items = _offer(form, service_id)
    return render_template(
        "risks/new.html", form=form, items=items, service_chosen=service_id is not None
    ), status


def _rate_page(form: forms.DecisionForm, risk, status: int = 200):
    items, returns = _offer_grounds(form, risk)
    return render_template(
        "risks/rate.html",
        form=form,
        risk=risk,
        items=items,
        returns=returns,
        took_part=history.shares_ground(actor=g.actor, items=items, returns=returns),
        assurance=assurance_of(risk, g.actor.today),
    ), status
