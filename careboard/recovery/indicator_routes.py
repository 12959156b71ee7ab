"""Addresses of indicators: one with its chart, a point of it, a new one, changing it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Invalid, NotFound
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.recovery import (
    indicator_codes,
    indicator_queries,
    indicator_service,
    readings,
    service,
)
from careboard.recovery.blueprint import blueprint
from careboard.recovery.indicator_forms import (
    CADENCE_WORDS,
    GOOD_WORDS,
    UNIT_WORDS,
    CorrectForm,
    IndicatorForm,
    RebaseForm,
    TargetForm,
    measure_choices,
)
from careboard.recovery.measure_rows import ROWS
from careboard.recovery.measures import MEASURES, Measure
from careboard.recovery.series import PAGE_ROWS
from careboard.services.filters import Filters
from careboard.services.lists import Page
from careboard.services.queries import service_within_reach
from careboard.vocabulary import INDICATOR_UNITS

_MOST_REASON = 2_000


@blueprint.get("/indicators/<uuid:indicator_id>")
@requires(Permission.READ)
def indicator(indicator_id: UUID):
    return _indicator_page(indicator_id)


def _indicator_page(
    indicator_id: UUID, *, target=None, change=None, withdrawal=(None, ""), status: int = 200
):
    """The page, with the form that was refused; `withdrawal` is (rebase's id, what is wrong)."""
    whole = indicator_queries.whole(
        actor=g.actor,
        indicator_id=indicator_id,
        on=g.actor.today,
        action_url=lambda action_id: url_for("actions.show", action_id=action_id),
    )
    fresh = TargetForm(formdata=None, prefix="target-", effective_from=g.actor.today)
    return render_template(
        "recovery/indicator.html",
        whole=whole,
        indicator=whole.indicator,
        measure=MEASURES.get(whole.indicator.measure),
        target=whole.target_on(g.actor.today),
        target_form=target or fresh,
        change_form=change or RebaseForm(formdata=None, prefix="change-"),
        refused={"target": target is not None, "change": change is not None},
        withdrawal=withdrawal,
        typed=request.form,
        manages=g.actor.may(Permission.MANAGE_RECOVERY),
        records=g.actor.may(Permission.RECORD_READINGS),
        **_words(),
    ), status


def _words() -> dict:
    return {
        "units": INDICATOR_UNITS,
        "unit_words": UNIT_WORDS,
        "good_words": GOOD_WORDS,
        "cadence_words": CADENCE_WORDS,
    }


@blueprint.get("/indicators/new")
@requires(Permission.RECORD_READINGS)
def new_indicator():
    where, measure = _service_asked(), _measure_asked()
    if where is None or measure is ...:
        return _choose_page(where)
    form = IndicatorForm(formdata=None).of_measure(measure, sets_target=_manages())
    form.baseline_on.data = None
    return _form_page(form.begin(measure), where, measure)


@blueprint.post("/indicators/new")
@requires(Permission.RECORD_READINGS)
@commits
def open_indicator():
    where, measure = _service_asked(), _measure_asked()
    if where is None or measure is ...:
        return _choose_page(where, status=422)
    form = IndicatorForm().of_measure(measure, sets_target=_manages())
    _offer(form, where)
    if form.validate_on_submit():
        try:
            indicator_id = _opened(form, where.id, measure)
            flash("The indicator is open.", "success")
            return redirect(url_for("recovery.indicator", indicator_id=indicator_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _form_page(form, where, measure, status=422)


def _opened(form: IndicatorForm, service_id: UUID, measure: Measure | None) -> UUID:
    indicator_id = service.open_indicator(
        actor=g.actor, service_id=service_id, shape=form.shape(measure)
    )
    if "target" not in form:
        return indicator_id
    if form.target.data is None and form.target_due_on.data is not None:
        raise Invalid("Say what is to be met by then.", "target")
    if form.target.data is not None:
        _set_first_target(form, indicator_id)
    return indicator_id


def _set_first_target(form: IndicatorForm, indicator_id: UUID) -> None:
    try:
        service.set_target(
            actor=g.actor,
            indicator_id=indicator_id,
            value=form.target.data,
            due_on=form.target_due_on.data,
            effective_from=min(form.baseline_on.data or g.actor.today, g.actor.today),
        )
    except Invalid as error:
        fields = {"value": "target", "due_on": "target_due_on"}
        raise Invalid(error.message, fields.get(error.field)) from error


def _manages() -> bool:
    return g.actor.may(Permission.MANAGE_RECOVERY)


def _service_asked():
    """The service of the address; without one, the only one that the person has."""
    service_id = Filters(request.args).identity("service")
    if service_id is None:
        own = sources.services(actor=g.actor)
        service_id = own[0].id if len(own) == 1 else None
    return service_id and service_within_reach(actor=g.actor, service_id=service_id)


def _measure_asked():
    """The measure of the address, None for one of the organisation's own, ... where none is."""
    code = request.args.get("measure", "")
    if code and code != "own" and code not in MEASURES:
        raise NotFound()
    return MEASURES.get(code) if code else ...


def _choose_page(where, *, status: int = 200):
    return render_template(
        "recovery/indicator_choose.html",
        service=where,
        services=[(option.id, option.name) for option in sources.services(actor=g.actor)],
        measures=measure_choices(),
        computed=ROWS,
        measure=request.args.get("measure", ""),
    ), status


def _offer(form: IndicatorForm, where) -> None:
    owners = sources.owners(actor=g.actor, service_id=where.id)
    form.review_owner_id.offer(owners, "Nobody named")


def _form_page(form, where, measure: Measure | None, *, held=None, status: int = 200):
    _offer(form, where)
    return render_template(
        "recovery/indicator_form.html",
        form=form,
        service=where,
        measure=measure,
        indicator=held,
        **_words(),
    ), status


@blueprint.get("/indicators/<uuid:indicator_id>/edit")
@requires(Permission.MANAGE_RECOVERY)
def edit_indicator(indicator_id: UUID):
    held, where = _held(indicator_id)
    form = IndicatorForm(formdata=None).of_indicator().show(held)
    return _form_page(form, where, MEASURES.get(held.measure), held=held)


@blueprint.post("/indicators/<uuid:indicator_id>/edit")
@requires(Permission.MANAGE_RECOVERY)
@commits
def change_indicator(indicator_id: UUID):
    held, where = _held(indicator_id)
    form = IndicatorForm().of_indicator()
    _offer(form, where)
    if form.validate_on_submit():
        try:
            indicator_service.change_indicator(
                actor=g.actor,
                indicator_id=indicator_id,
                shape=form.shape(),
                active=form.active.data,
                seen=form.seen.data,
            )
            flash("The indicator is changed.", "success")
            return redirect(url_for("recovery.indicator", indicator_id=indicator_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _form_page(form, where, MEASURES.get(held.measure), held=held, status=422)


def _held(indicator_id: UUID):
    held, _, _ = indicator_queries.about(actor=g.actor, indicator_id=indicator_id)
    return held, service_within_reach(actor=g.actor, service_id=held.service_id)


@blueprint.post("/indicators/<uuid:indicator_id>/targets")
@requires(Permission.MANAGE_RECOVERY)
@commits
def set_target(indicator_id: UUID):
    form = TargetForm(prefix="target-")
    if form.validate_on_submit():
        try:
            service.set_target(
                actor=g.actor,
                indicator_id=indicator_id,
                value=form.value.data,
                due_on=form.due_on.data,
                effective_from=form.effective_from.data,
                reason=form.reason.data or "",
            )
            flash("The target is set.", "success")
            return redirect(url_for("recovery.indicator", indicator_id=indicator_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _indicator_page(indicator_id, target=form, status=422)


@blueprint.post("/indicators/<uuid:indicator_id>/rebases")
@requires(Permission.MANAGE_RECOVERY)
@commits
def rebase(indicator_id: UUID):
    form = RebaseForm(prefix="change-")
    if form.validate_on_submit():
        try:
            service.rebase(
                actor=g.actor,
                indicator_id=indicator_id,
                on=form.on.data,
                reason=form.reason.data,
            )
            flash("The change is noted. Limits start afresh from that day.", "success")
            return redirect(url_for("recovery.indicator", indicator_id=indicator_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _indicator_page(indicator_id, change=form, status=422)


@blueprint.post("/indicators/<uuid:indicator_id>/rebases/<uuid:rebase_id>/withdrawal")
@requires(Permission.MANAGE_RECOVERY)
@commits
def withdraw_rebase(indicator_id: UUID, rebase_id: UUID):
    reason = request.form.get("reason", "")[:_MOST_REASON]
    try:
        service.withdraw_rebase(actor=g.actor, rebase_id=rebase_id, reason=reason)
    except Invalid as error:
        return _indicator_page(indicator_id, withdrawal=(rebase_id, error.message), status=422)
    flash("The change is taken back.", "success")
    return redirect(url_for("recovery.indicator", indicator_id=indicator_id), 303)


@blueprint.get("/indicators/<uuid:indicator_id>/points/<end>")
@requires(Permission.READ)
def indicator_point(indicator_id: UUID, end: str):
    return _point_page(indicator_id, end)


@blueprint.post("/indicators/<uuid:indicator_id>/points/<end>")
@requires(Permission.RECORD_READINGS)
@commits
def correct_reading(indicator_id: UUID, end: str):
    behind = indicator_queries.behind(actor=g.actor, indicator_id=indicator_id, end=_day(end))
    if behind.point.reading_id is None:
        raise NotFound()
    form = CorrectForm().of(behind.indicator)
    if form.validate_on_submit():
        try:
            readings.correct_reading(
                actor=g.actor,
                reading_id=behind.point.reading_id,
                amounts=form.amounts(),
                reason=form.reason.data,
                seen=_instant(form.seen.data),
            )
            flash("The reading is corrected. What it said before stays on record.", "success")
            here = url_for("recovery.indicator_point", indicator_id=indicator_id, end=end)
            return redirect(here, 303)
        except Invalid as error:
            show_error(form, error)
    return _point_page(indicator_id, end, form=form, status=422)


def _point_page(indicator_id: UUID, end: str, *, form=None, status: int = 200):
    number = Filters(request.args).page
    behind = indicator_queries.behind(
        actor=g.actor, indicator_id=indicator_id, end=_day(end), page=number
    )
    rows, refused = behind.rows, form is not None
    if behind.history and form is None:
        last = behind.history[-1]
        form = CorrectForm(
            formdata=None,
            value=last.value,
            numerator=last.numerator,
            denominator=last.denominator,
            note=last.note,
            seen=last.recorded_at.isoformat(),
        ).of(behind.indicator)
    return render_template(
        "recovery/indicator_point.html",
        behind=behind,
        indicator=behind.indicator,
        point=behind.point,
        measure=MEASURES.get(behind.indicator.measure),
        page=rows and Page(rows.rows, number, rows.total, PAGE_ROWS),
        form=form,
        refused=refused,
        records=g.actor.may(Permission.RECORD_READINGS),
        imports=g.actor.may(Permission.IMPORT),
        **_words(),
    ), status


@blueprint.get("/medicines-codes")
@requires(Permission.READ)
def medicines_codes():
    return render_template(
        "recovery/indicator_codes.html",
        maps=indicator_codes.code_maps(actor=g.actor),
        imports=g.actor.may(Permission.IMPORT),
    )


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise NotFound() from error


def _instant(written: str) -> datetime:
    """When the version that the person saw was recorded; what is no instant was never seen."""
    try:
        seen = datetime.fromisoformat(written)
    except ValueError as error:
        raise Invalid("Open the reading again, then correct it.") from error
    if seen.tzinfo is None:
        raise Invalid("Open the reading again, then correct it.")
    return seen
