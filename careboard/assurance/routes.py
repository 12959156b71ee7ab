"""Claims: the queue, the list, a new claim, one claim, and same-person exceptions."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.assurance import check_routes, forms, origin, queries, service
from careboard.assurance import exceptions as recorded
from careboard.assurance.page import blueprint, show_claim, take
from careboard.errors import Invalid
from careboard.htmx import page_or_fragment, wants_fragment
from careboard.permissions import Permission
from careboard.services.filters import Filters

blueprints = (check_routes.blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def index():
    number = request.args.get("page", 1, type=int)
    found = queries.waiting(g.actor, number=number)
    return page_or_fragment(
        "assurance/index.html",
        "assurance/_queue.html",
        found=found,
        may_return=service.may_return(g.actor),
    )


@blueprint.get("/claims")
@requires(Permission.READ)
def claims():
    filters = forms.filters_from(request.args)
    number = request.args.get("page", 1, type=int)
    return render_template(
        "assurance/claims.html",
        filters=filters,
        asked=forms.asked(request.args),
        found=queries.claims(actor=g.actor, filters=filters, number=number),
        services=sources.services(actor=g.actor),
        states=forms.STATES,
        nouns=forms.NOUNS,
    )


@blueprint.get("/exceptions")
@requires(Permission.READ)
def exceptions():
    found = recorded.exceptions(actor=g.actor, page=Filters(request.args).page)
    return render_template("assurance/exceptions.html", found=found)


@blueprint.get("/new")
@requires(Permission.SUBMIT_EVIDENCE)
def new():
    start = _origin()
    if start is None:
        return render_template("assurance/place.html", services=sources.services(actor=g.actor))
    form = forms.ClaimForm(
        formdata=None, domain=start.domain or request.args.get("domain", ""), evidence=start.chosen
    )
    return _new_page(form, start)


@blueprint.post("/new")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def create():
    start, form = _origin(), forms.ClaimForm()
    if start is None:
        return render_template("assurance/place.html", services=sources.services(actor=g.actor))
    _fit(form, start)
    if form.validate_on_submit():
        try:
            return _made(form, start)
        except Invalid as error:
            form.refuse(error)
    return _new_page(form, start, 422)


def _made(form: forms.ClaimForm, start: origin.Origin):
    draft = request.form.get("intent") == "draft"
    values = form.values() | start.place
    claim_id = service.submit_claim(actor=g.actor, draft=draft, **values)
    flash("Draft saved." if draft else "Handed in. Someone else has to validate it.", "success")
    return redirect(url_for("assurance.show", claim_id=claim_id), 303)


def _origin() -> origin.Origin | None:
    asked = {
        f"{name}_id": forms.row_of(request.args, name) for name in ("risk", "action", "service")
    }
    return origin.origin(actor=g.actor, plain=request.args.get("kind") == "claim", **asked)


def _fit(form: forms.ClaimForm, start: origin.Origin) -> None:
    form.offer(origin.evidence_to_choose(actor=g.actor, service_id=start.service_id))
    if start.risk is not None:
        del form.domain


def _new_page(form: forms.ClaimForm, start: origin.Origin, status: int = 200):
    if not form.is_submitted():
        _fit(form, start)
    cause = start.risk.original_cause if start.risk is not None else None
    return render_template("assurance/new.html", form=form, start=start, cause=cause), status


@blueprint.get("/<uuid:claim_id>")
@requires(Permission.READ)
def show(claim_id: UUID):
    return show_claim(claim_id, focus=wants_fragment())


@blueprint.get("/<uuid:claim_id>/draft")
@requires(Permission.SUBMIT_EVIDENCE)
def edit(claim_id: UUID):
    row = queries.own_draft(actor=g.actor, claim_id=claim_id)
    return _edit_page(forms.ClaimForm(formdata=None, obj=row), row)


@blueprint.post("/<uuid:claim_id>/draft")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def save(claim_id: UUID):
    row, form = queries.own_draft(actor=g.actor, claim_id=claim_id), forms.ClaimForm()
    _fit_draft(form, row)
    if form.validate_on_submit():
        try:
            draft = request.form.get("intent") == "draft"
            service.edit_draft(actor=g.actor, claim_id=claim_id, draft=draft, **form.values())
            flash("Draft saved." if draft else "Handed in.", "success")
            return redirect(url_for("assurance.show", claim_id=claim_id), 303)
        except Invalid as error:
            form.refuse(error)
    return _edit_page(form, row, 422)


def _fit_draft(form: forms.ClaimForm, row: queries.ClaimRow) -> None:
    del form.domain
    form.offer(origin.evidence_to_choose(actor=g.actor, service_id=row.service_id))


def _edit_page(form: forms.ClaimForm, row: queries.ClaimRow, status: int = 200):
    if not form.is_submitted():
        _fit_draft(form, row)
    held = origin.evidence_held(actor=g.actor, claim_id=row.id)
    form.leave_out(held)
    return render_template(
        "assurance/new.html", form=form, start=row, draft=row, held=held, cause=row.original_cause
    ), status


@blueprint.post("/<uuid:claim_id>/submission")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def submit(claim_id: UUID):
    def hand_in():
        service.submit_draft(actor=g.actor, claim_id=claim_id)

    return take(claim_id, "plain_form", forms.PlainForm(), hand_in, "Handed in.")


@blueprint.post("/<uuid:claim_id>/withdrawal")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def withdraw(claim_id: UUID):
    form = forms.WithdrawalForm()

    def take_back():
        service.withdraw_claim(actor=g.actor, claim_id=claim_id, reason=form.reason.data)

    return take(claim_id, "withdrawal_form", form, take_back, "Withdrawn.")
