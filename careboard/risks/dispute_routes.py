"""Disputes of a rating: filed by the service, moderated by somebody who took no part.

Source: DESIGN section 4; rules 3.3, disputed.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.permissions import Permission
from careboard.risks import disputes, forms, history, queries, sittings
from careboard.risks.blueprint import blueprint
from careboard.risks.rated import assurance_of


@blueprint.get("/<uuid:risk_id>/dispute")
@requires(Permission.DISPUTE_RATING)
def dispute(risk_id: UUID):
    risk = queries.find(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    return _dispute_page(forms.DisputeForm(formdata=None), risk)


@blueprint.post("/<uuid:risk_id>/dispute")
@requires(Permission.DISPUTE_RATING)
@commits
def file_dispute(risk_id: UUID):
    risk = queries.find(actor=g.actor, risk_id=risk_id, on=g.actor.today)
    form = forms.DisputeForm()
    _offer(form, risk)
    if form.validate_on_submit():
        try:
            return _filed(form, risk_id)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _dispute_page(form, risk, 422)


def _filed(form: forms.DisputeForm, risk_id: UUID):
    dispute_id = disputes.file(
        actor=g.actor,
        risk_id=risk_id,
        reason=form.reason.data,
        basis=form.basis(),
        same_person_reason=form.same_person_reason.data or "",
    )
    flash("The rating is disputed, and is shown so until it was moderated.", "success")
    return redirect(url_for("risks.moderate", dispute_id=dispute_id), 303)


def _offer(form: forms.DisputeForm, risk) -> list:
    items = queries.usable_evidence(actor=g.actor, service_id=risk.service_id, on=g.actor.today)
    form.offer(items)
    return items


def _dispute_page(form: forms.DisputeForm, risk, status: int = 200):
    reviews = history.reviews(actor=g.actor, risk_id=risk.id)
    return render_template(
        "risks/dispute.html",
        form=form,
        risk=risk,
        items=_offer(form, risk),
        rating=reviews[0] if reviews else None,
        took_part=bool(reviews) and history.had_part(reviews[0], g.actor.membership_id),
        assurance=assurance_of(risk, g.actor.today),
    ), status


@blueprint.get("/disputes/<uuid:dispute_id>")
@requires(Permission.READ)
def moderate(dispute_id: UUID):
    form = forms.ModerationForm(
        formdata=None, sitting=forms.id_of(request.args.get("review")), outcome=None
    )
    return _moderation_page(form, dispute_id)


@blueprint.post("/disputes/<uuid:dispute_id>")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def moderation(dispute_id: UUID):
    form = forms.ModerationForm()
    form.offer_sittings(sittings.open_sittings(g.actor), "No sitting")
    if form.validate_on_submit():
        try:
            return _moderated(form, dispute_id)
        except Invalid as error:
            form.refuse(error.message, error.field)
    return _moderation_page(form, dispute_id, 422)


def _moderated(form: forms.ModerationForm, dispute_id: UUID):
    disputes.moderate(
        actor=g.actor,
        dispute_id=dispute_id,
        outcome=form.outcome.data,
        rating=form.rating.data,
        moderation=form.moderation.data,
        sitting_id=form.sitting.data,
        same_person_reason=form.same_person_reason.data or "",
    )
    flash(f"The rating is {form.outcome.data}.", "success")
    return redirect(url_for("risks.moderate", dispute_id=dispute_id), 303)


@blueprint.post("/disputes/<uuid:dispute_id>/withdrawal")
@requires(Permission.DISPUTE_RATING)
@commits
def withdrawal(dispute_id: UUID):
    disputes.withdraw(actor=g.actor, dispute_id=dispute_id)
    flash("The dispute is withdrawn.", "success")
    return redirect(url_for("risks.moderate", dispute_id=dispute_id), 303)


def _moderation_page(form: forms.ModerationForm, dispute_id: UUID, status: int = 200):
    row = history.dispute(actor=g.actor, dispute_id=dispute_id)
    form.offer_sittings(sittings.open_sittings(g.actor), "No sitting")
    may = g.actor.may(Permission.VALIDATE_EVIDENCE) and row.status == "open"
    return render_template(
        "risks/moderate.html",
        form=form,
        dispute=row,
        may_moderate=may,
        took_part=history.took_part(actor=g.actor, row=row),
        late=row.status == "open" and g.actor.today > row.due_on,
    ), status
