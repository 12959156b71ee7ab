"""Records: the names of all, search, the data log, audits, and concerns of every kind."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for

from careboard import vocabulary
from careboard.access import commits, requires
from careboard.audit import witness
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.htmx import page_or_fragment, redirect_or_fragment, wants_fragment
from careboard.permissions import Permission
from careboard.records import names, pages, queries, service
from careboard.records.export import data_log_csv
from careboard.records.forms import AuditForm, ClosingForm
from careboard.records.kinds import CONCERN_LISTS, LEVEL_WORDS, RESTRICTED, detail_label
from careboard.records.search import SHORTEST, search
from careboard.services.filters import Filters
from careboard.services.queries import service_choices

blueprint = Blueprint("records", __name__, url_prefix="/o/<org>/records")
blueprints = (blueprint,)

RAGS = {"green": "Green", "amber": "Amber", "red": "Red"}
WAYS = {"imported": "Imported", "by_hand": "By hand"}
AUDIT_CONCERN_VIEWS = {
    "risks": "Open, amber or red",
    "unlinked": "Open without a live action",
    "open": "All open",
    "closed": "Closed",
}
STATUSES = {"open": "Open", "closed": "Closed"}


@blueprint.context_processor
def words() -> dict:
    return {
        "vocabulary": vocabulary,
        "concern_kinds": CONCERN_LISTS,
        "level_words": LEVEL_WORDS,
        "rags": RAGS,
        "detail_label": detail_label,
    }


@blueprint.get("/")
@requires(Permission.READ)
def index():
    wanted = Filters(request.args).text("q")
    found = names.matching(wanted)
    return render_template(
        "records/index.html",
        modules=names.by_module(found),
        found=len(found),
        total=len(names.RECORD_NAMES),
        wanted=wanted,
    )


@blueprint.get("/search", endpoint="search")
@requires(Permission.READ)
def find():
    wanted = Filters(request.args).text("q")
    found = search(actor=g.actor, words=wanted)
    return render_template(
        "records/search.html", wanted=wanted, found=found, too_short=len(wanted) < SHORTEST
    )


def _wanted(filters: Filters, views: dict[str, str], levels: list[str]) -> queries.RecordFilter:
    return queries.RecordFilter(
        text=filters.text("q"),
        service_id=filters.identity("service"),
        domain=filters.choice("domain", vocabulary.DOMAINS),
        rag=filters.choice("rag", RAGS),
        how=filters.choice("how", WAYS),
        show=filters.choice("show", views),
        level=filters.choice("level", levels),
        since=filters.day("since"),
        until=filters.day("until"),
    )


def _list(template: str, page, wanted: queries.RecordFilter, filters: Filters, **more) -> str:
    return render_template(
        template,
        page=page,
        wanted=wanted,
        services=service_choices(actor=g.actor),
        problems=filters.problems,
        asked=filters.asked,
        **more,
    )


@blueprint.get("/data-log")
@requires(Permission.READ)
def data_log():
    filters = Filters(request.args)
    wanted = _wanted(filters, {}, [])
    page = queries.list_audits(actor=g.actor, wanted=wanted, page=filters.page)
    return _list("records/data_log.html", page, wanted, filters, ways=WAYS)


@blueprint.get("/data-log.csv")
@requires(Permission.READ)
def export_data_log():
    wanted = _wanted(Filters(request.args), {}, [])
    content, rows = data_log_csv(queries.all_audits(actor=g.actor, wanted=wanted))
    witness(actor=g.actor, tag="data_log:exported", subject_id="list", after={"rows": rows})
    name = f"data-log-{g.actor.org_slug}-{g.actor.today}.csv"
    return Response(
        content,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/audits")
@requires(Permission.READ)
def audits():
    filters = Filters(request.args)
    wanted = _wanted(filters, {}, [])
    page = queries.list_audits(actor=g.actor, wanted=wanted, page=filters.page)
    return _list("records/audits.html", page, wanted, filters)


@blueprint.get("/audits/new")
@requires(Permission.IMPORT)
def new_audit():
    form = _audit_form()
    form.service_id.data = Filters(request.args).identity("service")
    return _audit_page(form)


@blueprint.post("/audits/new")
@requires(Permission.IMPORT)
@commits
def create_audit():
    form = _audit_form()
    if form.more.data:
        form.add_rows()
        return _audit_page(form)
    if not form.validate_on_submit():
        return _audit_page(form, 422)
    try:
        audit_id = service.add_audit(actor=g.actor, facts=form.facts(), findings=form.findings())
    except Invalid as error:
        show_error(form, error)
        return _audit_page(form, 422)
    flash("The audit is on the data log. Give each concern an owner and a date.", "success")
    return redirect(url_for("records.audit", audit_id=audit_id), 303)


def _audit_form() -> AuditForm:
    form = AuditForm()
    form.service_id.offer(service_choices(actor=g.actor), "Choose a service")
    return form


def _audit_page(form: AuditForm, status: int = 200):
    return render_template("records/audit_form.html", form=form), status


@blueprint.get("/audits/<uuid:audit_id>")
@requires(Permission.READ)
def audit(audit_id: UUID):
    return render_template(
        "records/audit.html", seen=pages.audit_page(actor=g.actor, audit_id=audit_id)
    )


@blueprint.get("/audit-concerns")
@requires(Permission.READ)
def audit_concerns():
    filters = Filters(request.args)
    wanted = _wanted(filters, AUDIT_CONCERN_VIEWS, [])
    page = queries.list_audit_concerns(actor=g.actor, wanted=wanted, page=filters.page)
    actions = pages.actions_of_audit_concerns(actor=g.actor, rows=page.rows)
    return _list(
        "records/audit_concerns.html",
        page,
        wanted,
        filters,
        actions=actions,
        views=AUDIT_CONCERN_VIEWS,
    )


@blueprint.get("/audit-concerns/<uuid:concern_id>")
@requires(Permission.READ)
def audit_concern(concern_id: UUID):
    return _audit_concern_page(concern_id, ClosingForm(formdata=None))


@blueprint.post("/audit-concerns/<uuid:concern_id>/close")
@requires(Permission.VERIFY_ACTION)
@commits
def close_audit_concern(concern_id: UUID):
    form = ClosingForm()
    try:
        if not form.validate_on_submit():
            return _audit_concern_page(concern_id, form, 422)
        service.close_audit_concern(actor=g.actor, concern_id=concern_id, reason=form.reason.data)
    except Invalid as error:
        show_error(form, error)
        return _audit_concern_page(concern_id, form, 422)
    return _closed(concern_id)


def _audit_concern_page(concern_id: UUID, form: ClosingForm, status: int = 200):
    return page_or_fragment(
        "records/audit_concern.html",
        "records/_closing.html",
        status=status,
        seen=pages.audit_concern_page(actor=g.actor, concern_id=concern_id),
        form=form,
    )


def _closed(concern_id: UUID):
    done = "The concern is closed."
    if not wants_fragment():
        flash(done, "success")
    return redirect_or_fragment(
        url_for("records.audit_concern", concern_id=concern_id),
        "records/_closing.html",
        announce=done,
        seen=pages.audit_concern_page(actor=g.actor, concern_id=concern_id),
        form=ClosingForm(formdata=None),
    )


@blueprint.get("/concerns/<kind>")
@requires(Permission.READ)
def concerns(kind: str):
    if kind not in CONCERN_LISTS:
        abort(404)
    filters = Filters(request.args)
    levels = queries.concern_levels(actor=g.actor, kind=kind)
    wanted = _wanted(filters, STATUSES, levels)
    page = queries.list_concerns(actor=g.actor, kind=kind, wanted=wanted, page=filters.page)
    return _list(
        "records/concerns.html",
        page,
        wanted,
        filters,
        kind=kind,
        levels=levels,
        statuses=STATUSES,
        actions=pages.actions_of_concerns(actor=g.actor, rows=page.rows),
    )


@blueprint.get("/concern/<uuid:concern_id>")
@requires(Permission.READ)
def concern(concern_id: UUID):
    seen = pages.concern_page(actor=g.actor, concern_id=concern_id)
    page = render_template("records/concern.html", seen=seen)
    if seen.record.kind in RESTRICTED:
        witness(actor=g.actor, tag="concern:seen", subject_id=concern_id)
    return page
