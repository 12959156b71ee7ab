"""Services: the list, one service's page and its timeline, and their facts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard import vocabulary
from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.experience.on_board import shown
from careboard.forms import show_error
from careboard.htmx import page_or_fragment
from careboard.permissions import Permission
from careboard.records.kinds import CONCERN_LISTS
from careboard.services import profile, queries, service
from careboard.services.filters import Filters
from careboard.services.forms import ServiceForm
from careboard.services.timeline import KINDS, service_timeline

blueprint = Blueprint("services", __name__, url_prefix="/o/<org>/services")
blueprints = (blueprint,)


@blueprint.context_processor
def words() -> dict:
    return {"vocabulary": vocabulary, "concern_kinds": CONCERN_LISTS}


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = Filters(request.args)
    regions, authorities = queries.places(actor=g.actor)
    wanted = queries.ServiceFilter(
        kind=filters.choice("kind", vocabulary.SERVICE_KINDS),
        region=filters.choice("region", regions),
        local_authority=filters.choice("local_authority", authorities),
        text=filters.text("q"),
    )
    return render_template(
        "services/index.html",
        page=queries.list_services(actor=g.actor, wanted=wanted, page=filters.page),
        wanted=wanted,
        regions=regions,
        authorities=authorities,
        problems=filters.problems,
        asked=filters.asked,
    )


@blueprint.get("/<uuid:service_id>")
@requires(Permission.READ)
def show(service_id: UUID):
    found = queries.service_within_reach(actor=g.actor, service_id=service_id)
    own = {"actor": g.actor, "service_id": service_id}
    facts = profile.facts(actor=g.actor, service=found)
    return render_template(
        "services/show.html",
        service=found,
        facts=facts,
        experience=shown(facts.experience),
        risks=profile.risks(**own),
        actions=profile.open_actions(**own),
        audit_concerns=profile.open_audit_concerns(**own),
        audits=profile.audits_by_theme(**own),
        concerns=profile.concern_counts(**own),
        evidence=profile.evidence(**own),
        reviews=profile.reviews(**own),
        **_timeline(service_id),
    )


@blueprint.get("/<uuid:service_id>/timeline")
@requires(Permission.READ)
def timeline(service_id: UUID):
    found = queries.service_within_reach(actor=g.actor, service_id=service_id)
    return page_or_fragment(
        "services/timeline.html",
        "services/_timeline.html",
        service=found,
        **_timeline(service_id),
    )


def _timeline(service_id: UUID) -> dict:
    filters = Filters(request.args)
    kind = filters.choice("kind", KINDS)
    page = service_timeline(actor=g.actor, service_id=service_id, kind=kind, page=filters.page)
    return {"events": page, "kind": kind, "kinds": KINDS, "problems": filters.problems}


@blueprint.get("/new")
@requires(Permission.MANAGE_SERVICES)
def new():
    return _form_page(_form())


@blueprint.post("/new")
@requires(Permission.MANAGE_SERVICES)
@commits
def create():
    form = _form()
    if not form.validate_on_submit():
        return _form_page(form, status=422)
    try:
        service_id = service.add_service(actor=g.actor, facts=form.facts())
    except Invalid as error:
        return _form_page(form, status=422, error=error)
    flash(f"{form.name.data} has been added.", "success")
    return redirect(url_for("services.show", service_id=service_id), 303)


@blueprint.get("/<uuid:service_id>/edit")
@requires(Permission.MANAGE_SERVICES)
def edit(service_id: UUID):
    found = queries.service_within_reach(actor=g.actor, service_id=service_id)
    return _form_page(_form(found), service=found)


@blueprint.post("/<uuid:service_id>/edit")
@requires(Permission.MANAGE_SERVICES)
@commits
def change(service_id: UUID):
    found = queries.service_within_reach(actor=g.actor, service_id=service_id)
    form = _form(found)
    if not form.validate_on_submit():
        return _form_page(form, service=found, status=422)
    try:
        service.change_service(actor=g.actor, service_id=service_id, facts=form.facts())
    except Invalid as error:
        return _form_page(form, service=found, status=422, error=error)
    flash("The changes have been saved.", "success")
    return redirect(url_for("services.show", service_id=service_id), 303)


def _form(found=None) -> ServiceForm:
    form = ServiceForm(obj=found)
    also = found.manager_id if found else None
    form.manager_id.offer(queries.manager_choices(actor=g.actor, also=also), "Nobody named")
    return form


def _form_page(form: ServiceForm, *, service=None, status: int = 200, error: Invalid | None = None):
    if error is not None:
        show_error(form, error)
    return render_template("services/form.html", form=form, service=service), status
