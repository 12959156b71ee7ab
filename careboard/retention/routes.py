"""Routes below /o/<org>/retention: the schedule, legal holds, disposals and their log."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.retention import queries, service
from careboard.retention.classes import CLASSES, KEPT
from careboard.retention.forms import HoldForm, PeriodForm, ReasonForm
from careboard.services.filters import Filters

blueprint = Blueprint("retention", __name__, url_prefix="/o/<org>/retention")
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ_AUDIT_LOG)
def index():
    return _index(HoldForm(formdata=None))


def _index(form: HoldForm, status: int = 200):
    periods = queries.periods(actor=g.actor)
    page = render_template(
        "retention/index.html",
        classes=CLASSES,
        kept=KEPT,
        periods=periods,
        due=queries.due(actor=g.actor, periods=periods),
        holds=queries.holds(actor=g.actor),
        disposals=queries.disposals(actor=g.actor, page=Filters(request.args).page),
        form=form,
        lifting=ReasonForm(formdata=None),
    )
    return page, status


@blueprint.get("/classes/<record_class>")
@requires(Permission.READ_AUDIT_LOG)
def show(record_class: str):
    if record_class not in CLASSES:
        abort(404)
    return _class_page(record_class)


def _class_page(code: str, form: FlaskForm | None = None, status: int = 200):
    """The page of one class; `form` is the one of its two forms that was refused."""
    periods = queries.periods(actor=g.actor)
    period = form if isinstance(form, PeriodForm) else PeriodForm(formdata=None)
    if period is not form:
        period.days.data = periods[code].days
    page = render_template(
        "retention/class.html",
        record_class=CLASSES[code],
        period=periods[code],
        due=queries.due(actor=g.actor, periods=periods)[code],
        holds=queries.holds_of(actor=g.actor, code=code),
        form=period,
        disposing=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        refused=form or period,
        at_once=service.AT_ONCE,
    )
    return page, status


@blueprint.post("/classes/<record_class>")
@requires(Permission.MANAGE_RETENTION)
@commits
def set_period(record_class: str):
    form = PeriodForm()
    if record_class not in CLASSES:
        abort(404)
    if not form.validate_on_submit():
        return _class_page(record_class, form, 422)
    try:
        service.set_period(
            actor=g.actor, code=record_class, days=form.days.data, reason=form.reason.data
        )
    except Invalid as error:
        show_error(form, error)
        return _class_page(record_class, form, 422)
    flash("The time that they are kept is changed.", "success")
    return redirect(url_for("retention.index"), 303)


@blueprint.post("/classes/<record_class>/disposal")
@requires(Permission.MANAGE_RETENTION)
@commits
def dispose(record_class: str):
    form = ReasonForm()
    if record_class not in CLASSES:
        abort(404)
    if not form.validate_on_submit():
        return _class_page(record_class, form, 422)
    try:
        reference, number = service.dispose(
            actor=g.actor, code=record_class, reason=form.reason.data
        )
    except Invalid as error:
        show_error(form, error)
        return _class_page(record_class, form, 422)
    flash(f"{number:,} records were disposed of; the log has it as {reference}.", "success")
    return redirect(url_for("retention.index"), 303)


@blueprint.post("/holds")
@requires(Permission.MANAGE_RETENTION)
@commits
def hold():
    form = HoldForm()
    if not form.validate_on_submit():
        return _index(form, 422)
    service.place_hold(actor=g.actor, code=form.record_class.data or "", reason=form.reason.data)
    flash("The hold stands: nothing that it covers can be disposed of.", "success")
    return redirect(url_for("retention.index"), 303)


@blueprint.post("/holds/<uuid:hold_id>/end")
@requires(Permission.MANAGE_RETENTION)
@commits
def lift(hold_id: UUID):
    form = ReasonForm()
    try:
        service.lift_hold(actor=g.actor, hold_id=hold_id, reason=form.reason.data or "")
    except Invalid as error:
        refused = HoldForm(formdata=None)
        refused.form_errors.append(error.message)
        return _index(refused, 422)
    flash("The hold is lifted.", "success")
    return redirect(url_for("retention.index"), 303)
