"""Addresses of the actions feature: the tracker, its export, new actions, and bulk reassignment.

The steps of a single action stand in `step_routes`.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, g, redirect, render_template, request, url_for

from careboard import audit
from careboard.access import commits, requires
from careboard.actions import lifecycle, queries, service, sources, step_routes
from careboard.actions.export import as_csv
from careboard.actions.forms import (
    STATUSES,
    ActionForm,
    BulkForm,
    asked,
    filters_from,
)
from careboard.actions.measure_form import asks_for_baseline, require_seen, show_baseline
from careboard.actions.outcomes import STATES
from careboard.actions.page import show_action
from careboard.errors import CareBoardError, Invalid
from careboard.form_fields import known_id
from careboard.forms import show_error
from careboard.htmx import page_or_fragment
from careboard.permissions import Permission
from careboard.vocabulary import DOMAIN_NAMES

blueprint = step_routes.blueprint
blueprints = (blueprint,)
NEW = "actions/new.html"


@blueprint.get("/")
@requires(Permission.READ)
def index():
    return _list(BulkForm())


@blueprint.get("/export.csv")
@requires(Permission.READ)
def export():
    rows = queries.all_actions(actor=g.actor, filters=filters_from(request.args))
    content = as_csv(rows, on=g.actor.today)
    audit.witness(
        actor=g.actor, tag="action:exported", subject_id="list", after={"rows": len(rows)}
    )
    name = f"actions-{g.actor.today.isoformat()}.csv"
    return Response(
        content,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.post("/reassignment")
@requires(Permission.ASSIGN_ACTION)
@commits
def reassign_many():
    form = BulkForm()
    form.owner_id.offer(sources.owners(actor=g.actor), "Choose a new owner")
    if form.validate_on_submit():
        try:
            count = lifecycle.reassign_many(
                actor=g.actor, action_ids=_ticked(), owner_id=form.owner_id.data
            )
            flash(f"{count} {'action' if count == 1 else 'actions'} reassigned.", "success")
            return redirect(url_for("actions.index", **asked(request.args)), 303)
        except Invalid as error:
            show_error(form, error)
    return _list(form, status=422)


def _ticked() -> list[UUID]:
    try:
        return [UUID(value) for value in request.form.getlist("actions")]
    except ValueError as error:
        raise Invalid("Tick the actions again.") from error


def _list(form: BulkForm, status: int = 200) -> tuple[str, int]:
    filters = filters_from(request.args)
    number = request.args.get("page", 1, type=int)
    form.owner_id.offer(sources.owners(actor=g.actor), "Choose a new owner")
    page = render_template(
        "actions/index.html",
        form=form,
        filters=filters,
        asked=asked(request.args),
        found=queries.list_actions(actor=g.actor, filters=filters, number=number),
        counts=queries.view_counts(actor=g.actor),
        services=sources.services(actor=g.actor),
        named=sources.named_owners(actor=g.actor),
        domains=DOMAIN_NAMES,
        statuses=STATUSES,
        outcomes=STATES,
    )
    return page, status


@blueprint.get("/new")
@requires(Permission.ASSIGN_ACTION)
def new():
    source = _source()
    form = ActionForm()
    if source:
        form.title.data, form.baseline.data = source.title, source.baseline
        form.service_id.data, form.due_on.data = source.service_id, source.due_on
        form.domain.data = source.domain or ""
    return _new_page(form, source)


@blueprint.post("/new")
@requires(Permission.ASSIGN_ACTION)
@commits
def create():
    source, form = _source(), ActionForm()
    draft = request.form.get("intent") == "draft"
    _offer(form, source)
    if asks_for_baseline():
        return _new_page(form, source)
    held = form.validate_on_submit()
    if (draft or form.not_vague()) and held:
        try:
            return _created(form, source, draft)
        except Invalid as error:
            show_error(form, error)
    return _new_page(form, source, status=422)


def _created(form: ActionForm, source: sources.Source | None, draft: bool) -> Response:
    service_id = _service_of(form, source)
    if not draft:
        require_seen(form, service_id)
    ids = source.ids if source else {}
    action_id = service.create_action(
        actor=g.actor, service_id=service_id, draft=draft, **form.values(), **ids
    )
    flash("Draft saved." if draft else "Action opened. Its owner has been told.", "success")
    return redirect(url_for("actions.show", action_id=action_id), 303)


def _source() -> sources.Source | None:
    names = ("concern", "record", "risk", "plan", "episode", "service")
    try:
        asked = {name: known_id(request.args.get(name)) for name in names}
    except ValueError as error:
        raise CareBoardError("This link is incomplete.") from error
    return sources.source(actor=g.actor, **asked)


def _offer(form: ActionForm, source: sources.Source | None) -> None:
    if source:
        del form.service_id
    else:
        form.service_id.offer(sources.services(actor=g.actor), "Choose the service")
    owners = sources.owners(actor=g.actor, service_id=source.service_id if source else None)
    form.owner_id.offer(owners, "Choose an owner")


def _new_page(form: ActionForm, source: sources.Source | None, status: int = 200) -> Response:
    if not form.is_submitted():
        _offer(form, source)
    return page_or_fragment(
        NEW, "actions/_new.html", status=status, form=form, source=source, **_measure(form, source)
    )


def _service_of(form: ActionForm, source: sources.Source | None) -> UUID | None:
    return source.service_id if source else form.service_id.data


def _measure(form: ActionForm, source: sources.Source | None) -> dict:
    service_id = _service_of(form, source)
    reached = service_id if service_id and g.actor.reaches(service_id) else None
    return {"known": show_baseline(form, reached), "service_id": source and source.service_id}


@blueprint.get("/baseline")
@requires(Permission.ASSIGN_ACTION)
def baseline():
    """The fields of a measure with its baseline, as the form asks for them while it is filled."""
    source, form = _source(), ActionForm(request.args)
    _offer(form, source)
    # What another choice told must not stay as this one's.
    form.baseline_value.data = form.baseline_value.raw_data = None
    context = {"form": form, "source": source, **_measure(form, source)}
    return page_or_fragment(NEW, "actions/_measure.html", **context)


@blueprint.get("/<uuid:action_id>")
@requires(Permission.READ)
def show(action_id):
    return show_action(action_id)
