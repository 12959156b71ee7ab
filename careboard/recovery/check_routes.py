"""Addresses of structured checks: making one on a phone, and reading them as the records they are.

Source: steps S1-1.3, S1-1.4, S1-2.2, S1-2.4 and S1-3.3.
"""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from careboard import clock
from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Invalid, NotFound
from careboard.permissions import Permission
from careboard.recovery import check_queries, check_service
from careboard.recovery.blueprint import blueprint
from careboard.recovery.check_forms import FORMS, CheckForm
from careboard.recovery.check_kinds import KINDS, told
from careboard.recovery.check_queries import CheckFilter
from careboard.recovery.check_records import CHECK_RECORDS
from careboard.services.filters import Filters
from careboard.services.queries import service_within_reach


@blueprint.get("/checks")
@requires(Permission.READ)
def all_checks():
    return _list(None)


@blueprint.get("/services/<uuid:service_id>/checks")
@requires(Permission.READ)
def checks(service_id: UUID):
    return _list(service_within_reach(actor=g.actor, service_id=service_id))


def _list(service, *, status: int = 200, refused: tuple[UUID, str] | None = None):
    filters = Filters(request.args)
    wanted = _wanted(filters, service)
    own = [] if service else _services()
    place = service.id if service else _place(own, wanted.service_id)
    page = render_template(
        "recovery/checks.html",
        service=service,
        record=wanted.record,
        records_choices=[(code, one.name.capitalize()) for code, one in CHECK_RECORDS.items()],
        kinds=KINDS,
        kinds_choices=[(code, one.short) for code, one in KINDS.items()],
        told=told,
        found=check_queries.list_checks(actor=g.actor, wanted=wanted, page=filters.page),
        services_choices=own,
        place=place,
        latest=check_queries.latest(actor=g.actor, service_id=place) if place else {},
        asked=filters.asked,
        problems=filters.problems,
        refused=refused,
        form=FlaskForm(formdata=None),
        writes=g.actor.may(Permission.RECORD_READINGS),
        manages=g.actor.may(Permission.MANAGE_RECOVERY),
    )
    return page, status


def _services() -> list[tuple[UUID, str]]:
    return [(option.id, option.name) for option in sources.services(actor=g.actor)]


def _place(own: list[tuple[UUID, str]], wanted: UUID | None) -> UUID | None:
    """Where somebody who looks at this list makes checks: the service asked for, or their only
    one."""
    places = [service_id for service_id, _ in own if wanted in (None, service_id)]
    return places[0] if len(places) == 1 else None


def _wanted(filters: Filters, service) -> CheckFilter:
    kind = filters.choice("kind", KINDS)
    return CheckFilter(
        service_id=service.id if service else filters.identity("service"),
        kinds=(kind,) if kind else (),
        plan_id=filters.identity("plan"),
        staff_ref=_staff(filters),
        record=CHECK_RECORDS.get(filters.choice("record", CHECK_RECORDS)),
        unreviewed=filters.flag("unreviewed"),
        ids=_ids(filters),
    )


def _ids(filters: Filters) -> tuple[UUID, ...]:
    """The checks that a trigger names: `ids`, apart by commas."""
    asked = request.args.get("ids", "")[:20_000]
    if asked:
        filters.asked["ids"] = asked
    try:
        return tuple(UUID(part) for part in asked.split(",") if part)
    except ValueError:
        filters.problems.append("That list of checks leads nowhere, so it was left out.")
        return ()


def _staff(filters: Filters) -> str:
    try:
        return check_service.staff_ref(actor=g.actor, code=filters.text("staff"))
    except Invalid as error:
        filters.problems.append(error.message)
        return ""


@blueprint.get("/services/<uuid:service_id>/checks/<kind>")
@requires(Permission.READ)
def check(service_id: UUID, kind: str):
    if kind not in FORMS:
        raise NotFound()
    form = FORMS[kind](formdata=None)
    form.begin(clock.now().astimezone(ZoneInfo(g.actor.time_zone)), g.actor.today)
    return _form_page(service_id, kind, form)


@blueprint.post("/services/<uuid:service_id>/checks/<kind>")
@requires(Permission.RECORD_READINGS)
@commits
def record_check(service_id: UUID, kind: str):
    if kind not in FORMS:
        raise NotFound()
    service_within_reach(actor=g.actor, service_id=service_id)
    form = FORMS[kind]()
    form.fit(check_queries.open_plans(actor=g.actor, service_id=service_id))
    if form.validate_on_submit():
        try:
            form.record(actor=g.actor, service_id=service_id)
            flash(f"{KINDS[kind].short} recorded.", "success")
            return redirect(url_for("recovery.checks", service_id=service_id), 303)
        except Invalid as error:
            form.refuse(error)
    return _form_page(service_id, kind, form, status=422)


def _form_page(service_id: UUID, kind: str, form: CheckForm, *, status: int = 200):
    service = service_within_reach(actor=g.actor, service_id=service_id)
    if not form.is_submitted():
        form.fit(check_queries.open_plans(actor=g.actor, service_id=service_id))
    return render_template(
        "recovery/check.html",
        service=service,
        kind=KINDS[kind],
        kinds=KINDS,
        form=form,
        writes=g.actor.may(Permission.RECORD_READINGS),
    ), status


@blueprint.post("/findings/<uuid:finding_id>/review")
@requires(Permission.RECORD_READINGS)
@commits
def review_finding(finding_id: UUID):
    try:
        check_service.review_finding(
            actor=g.actor, finding_id=finding_id, outcome=request.form.get("outcome", "")
        )
    except Invalid as error:
        return _refused(finding_id, error)
    flash("Reviewed.", "success")
    return _back()


@blueprint.post("/checks/<uuid:check_id>/withdraw")
@requires(Permission.RECORD_READINGS)
@commits
def withdraw_check(check_id: UUID):
    try:
        check_service.withdraw(
            actor=g.actor, check_id=check_id, reason=request.form.get("reason", "")
        )
    except Invalid as error:
        return _refused(check_id, error)
    flash("Withdrawn. It stays on record, and no longer counts.", "success")
    return _back()


def _service_asked():
    service_id = Filters(request.args).identity("service")
    return service_id and service_within_reach(actor=g.actor, service_id=service_id)


def _refused(row_id: UUID, error: Invalid):
    return _list(_service_asked(), status=422, refused=(row_id, error.message))


def _back():
    asked = Filters(request.args)
    kept = {name: asked.text(name) for name in ("record", "kind", "unreviewed", "page")}
    kept = {name: value for name, value in kept.items() if value}
    service_id = asked.identity("service")
    if service_id:
        return redirect(url_for("recovery.checks", service_id=service_id, **kept), 303)
    return redirect(url_for("recovery.all_checks", **kept), 303)
