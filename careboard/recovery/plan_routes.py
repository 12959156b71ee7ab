"""Addresses of recovery plans: the list, one plan, a new one from a template, changing, closing."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Conflict, Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.recovery import (
    plan_queries,
    plan_service,
    response_queries,
    story_queries,
    template_service,
)
from careboard.recovery.blueprint import blueprint
from careboard.recovery.check_kinds import KINDS
from careboard.recovery.check_rules import RULES
from careboard.recovery.plan_content import Content, IndicatorSpec, Template
from careboard.recovery.plan_forms import PlanForm, catalogue, plan_line
from careboard.recovery.plan_progress import STATES
from careboard.recovery.plan_queries import PlanFilter
from careboard.recovery.plan_service import spec_of
from careboard.recovery.plan_start import starts
from careboard.recovery.story_routes import story_words
from careboard.services.filters import Filters
from careboard.services.queries import service_within_reach
from careboard.vocabulary import DOMAIN_NAMES, DOMAINS, INDICATOR_UNITS, titles

# The records that plans are, by domain: what the field calls them.
PLAN_RECORDS = {
    "medicines": "medicines recovery dashboard",
    "records": "care planning tracker",
    "staffing": "staffing recovery file",
}


@blueprint.get("/plans")
@requires(Permission.READ)
def plans():
    filters = Filters(request.args)
    wanted = PlanFilter(
        service_id=filters.identity("service"),
        domain=filters.choice("domain", DOMAINS),
        status={"closed": "closed", "all": ""}.get(
            filters.choice("show", ("open", "closed", "all")), "open"
        ),
        state=filters.choice("state", STATES),
    )
    return render_template(
        "recovery/plans.html",
        found=plan_queries.standings(actor=g.actor, wanted=wanted, on=g.actor.today),
        record=PLAN_RECORDS.get(wanted.domain),
        services=_services(),
        domains=DOMAIN_NAMES,
        state_choices=titles(STATES),
        asked=filters.asked,
        problems=filters.problems,
        manages=g.actor.may(Permission.MANAGE_RECOVERY),
    )


def _services() -> list[tuple[UUID, str]]:
    return [(option.id, option.name) for option in sources.services(actor=g.actor)]


@blueprint.get("/plans/<uuid:plan_id>")
@requires(Permission.READ)
def plan(plan_id: UUID):
    return _plan_page(plan_id)


def _plan_page(plan_id: UUID, *, status: int = 200, refused: dict[str, str] | None = None):
    whole = plan_queries.plan(actor=g.actor, plan_id=plan_id, on=g.actor.today)
    return render_template(
        "recovery/plan.html",
        whole=whole,
        standing=whole.standing,
        plan=whole.standing.plan,
        record=PLAN_RECORDS.get(whole.standing.plan.domain),
        kinds=KINDS,
        rules={code: name for code, (name, _) in RULES.items()},
        units=INDICATOR_UNITS,
        responses=response_queries.of_plan(
            actor=g.actor,
            plan_id=plan_id,
            indicator_ids=[line.indicator.id for line in whole.standing.lines],
        ),
        story=story_queries.of_plan(actor=g.actor, plan_id=plan_id),
        words=story_words(),
        indicator_url=_indicator_url,
        refused=refused or {},
        typed=request.form,
        form=FlaskForm(formdata=None),
        manages=g.actor.may(Permission.MANAGE_RECOVERY),
        assigns=g.actor.may(Permission.ASSIGN_ACTION),
        writes=g.actor.may(Permission.RECORD_READINGS),
        submits=g.actor.may(Permission.SUBMIT_EVIDENCE),
    ), status


def _indicator_url(indicator_id: UUID) -> str:
    """The page of an indicator; on an instance without one, its line on this page."""
    if "recovery.indicator" in current_app.view_functions:
        return url_for("recovery.indicator", indicator_id=indicator_id)
    return f"#line-{indicator_id}"


@blueprint.get("/plans/new")
@requires(Permission.MANAGE_RECOVERY)
def new_plan():
    template, service = _template_asked(), _service_asked()
    if service is None:
        return _choose_page(template)
    form = PlanForm(formdata=None)
    form.begin(template, _lead(service), g.actor.today)
    specs = template.indicators if template else ()
    for start in starts(actor=g.actor, service_id=service.id, specs=specs, on=g.actor.today):
        form.add(start.spec.key, start.spec, start.baseline and start.baseline.value)
    return _new_page(form, service, template)


@blueprint.post("/plans/new")
@requires(Permission.MANAGE_RECOVERY)
@commits
def open_plan():
    template, service = _template_asked(), _service_asked()
    if service is None:
        return _choose_page(template, status=422)
    form = PlanForm()
    specs = _specs(template)
    _offer(form, service, specs)
    if request.form.get("intent") == "more":
        _more(form, service, specs)
        return _new_page(form, service, template)
    if form.validate_on_submit():
        try:
            plan_id = _opened(form, service, template, specs)
            flash("The plan has begun.", "success")
            return redirect(url_for("recovery.plan", plan_id=plan_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _new_page(form, service, template, status=422)


def _opened(form: PlanForm, service, template: Template | None, specs) -> UUID:
    lines = [plan_line(spec, line) for _, line, spec in form.chosen(specs) if line.use.data]
    return plan_service.open_plan(
        actor=g.actor,
        service_id=service.id,
        facts=form.facts(),
        lines=lines,
        content=template.content if template else Content(),
        template=(template.code, template.version) if template else ("", None),
    )


def _template_asked() -> Template | None:
    code = request.args.get("template", "")
    return template_service.template(actor=g.actor, code=code) if code else None


def _service_asked():
    """The service of the address; without one, the only one that the person has."""
    service_id = Filters(request.args).identity("service")
    if service_id is None:
        own = sources.services(actor=g.actor)
        service_id = own[0].id if len(own) == 1 else None
    return service_id and service_within_reach(actor=g.actor, service_id=service_id)


def _choose_page(template: Template | None, *, status: int = 200):
    return render_template(
        "recovery/choose_service.html", template=template, services=_services()
    ), status


def _lead(service) -> UUID | None:
    """Its manager leads a service's plan, unless they choose otherwise."""
    leads = {option.id for option in sources.owners(actor=g.actor, service_id=service.id)}
    return next((m for m in (service.manager_id, g.actor.membership_id) if m in leads), None)


def _specs(template: Template | None) -> dict[str, IndicatorSpec]:
    own = {spec.key: spec for spec in template.indicators} if template else {}
    return catalogue() | own


def _offer(form: PlanForm, service, specs: dict[str, IndicatorSpec]) -> None:
    owners = sources.owners(actor=g.actor, service_id=service.id)
    form.lead_id.offer(owners, "Choose who leads")
    form.offer_more(specs)


def _more(form: PlanForm, service, specs: dict[str, IndicatorSpec]) -> None:
    """Give the form a line for the indicator that was asked for, with its baseline."""
    key = form.more.data
    if key in specs and key in form.more.choices:
        (start,) = starts(
            actor=g.actor, service_id=service.id, specs=[specs[key]], on=g.actor.today
        )
        form.add(key, specs[key], start.baseline and start.baseline.value)
        form.more.data = ""
        form.offer_more(specs)


def _new_page(form: PlanForm, service, template: Template | None, *, status: int = 200):
    specs = _specs(template)
    _offer(form, service, specs)
    return render_template(
        "recovery/plan_form.html",
        form=form,
        service=service,
        template=template,
        plan=None,
        told=_told(service, form, specs),
        kinds=KINDS,
        units=INDICATOR_UNITS,
    ), status


def _told(service, form: PlanForm, specs: dict[str, IndicatorSpec]) -> dict:
    """{key: what the plan begins with} of each line, for the words beside it."""
    wanted = [spec for _, _, spec in form.chosen(specs)]
    found = starts(actor=g.actor, service_id=service.id, specs=wanted, on=g.actor.today)
    return {start.spec.key: start for start in found}


@blueprint.get("/plans/<uuid:plan_id>/edit")
@requires(Permission.MANAGE_RECOVERY)
def edit_plan(plan_id: UUID):
    whole = _open_standing(plan_id)
    form = PlanForm(formdata=None).show(whole.plan)
    for line in whole.lines:
        spec = _inside(line)
        form.add(spec.key, spec, line.plan.baseline_value)
    return _edit_page(form, whole)


@blueprint.post("/plans/<uuid:plan_id>/edit")
@requires(Permission.MANAGE_RECOVERY)
@commits
def change_plan(plan_id: UUID):
    whole = _open_standing(plan_id)
    service = service_within_reach(actor=g.actor, service_id=whole.plan.service_id)
    form, specs = PlanForm(), _specs_of(whole)
    _offer(form, service, specs)
    if request.form.get("intent") == "more":
        _more(form, service, specs)
        return _edit_page(form, whole)
    if form.validate_on_submit():
        try:
            _changed(form, whole, specs)
            flash("The plan is changed.", "success")
            return redirect(url_for("recovery.plan", plan_id=plan_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _edit_page(form, whole, status=422)


def _changed(form: PlanForm, whole: plan_queries.Standing, specs) -> None:
    inside = {_inside(line).key: line.indicator.id for line in whole.lines}
    chosen = form.chosen(specs)
    plan_service.change_plan(
        actor=g.actor,
        plan_id=whole.plan.id,
        facts=form.facts(),
        lines={
            inside[key]: plan_line(spec, line) if line.use.data else None
            for key, line, spec in chosen
            if key in inside
        },
        added=[
            plan_line(spec, line)
            for key, line, spec in chosen
            if key not in inside and line.use.data
        ],
        lock_version=form.lock_version.data,
    )


def _open_standing(plan_id: UUID) -> plan_queries.Standing:
    whole = plan_queries.plan(actor=g.actor, plan_id=plan_id, on=g.actor.today).standing
    if whole.plan.status != "open":
        raise Conflict("This plan has been closed.")
    return whole


def _inside(line: plan_queries.Line) -> IndicatorSpec:
    held = spec_of(line.indicator)
    return IndicatorSpec(
        held.measure, held.name, held.domain, held.unit, held.good,
        line.plan.target, line.plan.is_goal,
    )  # fmt: skip


def _specs_of(whole: plan_queries.Standing) -> dict[str, IndicatorSpec]:
    held = plan_queries.outside(
        actor=g.actor,
        service_id=whole.plan.service_id,
        besides=[line.indicator.id for line in whole.lines],
    )
    beside = {spec.key: spec for spec in map(spec_of, held)}
    return catalogue() | beside | {spec.key: spec for spec in map(_inside, whole.lines)}


def _edit_page(form: PlanForm, whole: plan_queries.Standing, *, status: int = 200):
    service = service_within_reach(actor=g.actor, service_id=whole.plan.service_id)
    specs = _specs_of(whole)
    _offer(form, service, specs)
    return render_template(
        "recovery/plan_form.html",
        form=form,
        service=service,
        template=None,
        plan=whole.plan,
        told=_told(service, form, specs),
        kinds=KINDS,
        units=INDICATOR_UNITS,
    ), status


@blueprint.post("/plans/<uuid:plan_id>/close")
@requires(Permission.MANAGE_RECOVERY)
@commits
def close_plan(plan_id: UUID):
    try:
        plan_service.close_plan(
            actor=g.actor,
            plan_id=plan_id,
            reason=request.form.get("reason", "")[:5_000],
            lock_version=request.form.get("lock_version", type=int),
        )
    except Invalid as error:
        return _plan_page(plan_id, status=422, refused={"close": error.message})
    flash("The plan is closed.", "success")
    return redirect(url_for("recovery.plan", plan_id=plan_id), 303)


@blueprint.post("/plans/<uuid:plan_id>/template")
@requires(Permission.MANAGE_RECOVERY)
@commits
def make_template(plan_id: UUID):
    try:
        template_service.from_plan(
            actor=g.actor, plan_id=plan_id, name=request.form.get("name", "").strip()
        )
    except Invalid as error:
        return _plan_page(plan_id, status=422, refused={"template": error.message})
    flash("The template is made. It is offered for every service.", "success")
    return redirect(url_for("recovery.templates"), 303)
