"""Imports: the list, a new file, one import from map to done, quarantine and held texts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard import audit
from careboard.access import commits, requires
from careboard.downloads import attachment
from careboard.errors import Conflict, Invalid
from careboard.forms import show_error
from careboard.htmx import page_or_fragment, redirect_or_fragment, wants_fragment
from careboard.imports import (
    exports,
    held,
    mapping_page,
    quarantine,
    queries,
    reading,
    row_page,
    service,
    undo,
    words,
)
from careboard.imports.errors import MAX_BYTES
from careboard.imports.feeds import FEEDS
from careboard.imports.forms import ACCEPT, NewImportForm
from careboard.permissions import Permission
from careboard.services.filters import Filters

blueprint = Blueprint("imports", __name__, url_prefix="/o/<org>/imports")
blueprints = (blueprint,)

STEPS = ("map", "preview", "load", "done")
# Where an import stands, by its status.
_STEP_OF = {"mapping": "map", "previewed": "preview", "queued": "load", "failed": "load"}


@blueprint.context_processor
def shared_words() -> dict:
    return {"words_of": words, "feeds": FEEDS, "steps": STEPS}


@blueprint.get("/")
@requires(Permission.IMPORT)
def index():
    filters = Filters(request.args)
    feed, status = filters.choice("feed", FEEDS), filters.choice("status", words.STATUSES)
    return render_template(
        "imports/index.html",
        page=queries.batches(actor=g.actor, feed=feed, status=status, page=filters.page),
        waiting=queries.waiting(actor=g.actor),
        feed=feed,
        status=status,
        problems=filters.problems,
    )


@blueprint.get("/new")
@requires(Permission.IMPORT)
def new():
    feed = Filters(request.args).choice("feed", FEEDS)
    return _new_page(NewImportForm(feed=feed))


@blueprint.post("/new")
@requires(Permission.IMPORT)
@commits
def create():
    form = NewImportForm()
    try:
        if not form.validate_on_submit():
            return _new_page(form, status=422)
        receipt = service.receive(actor=g.actor, **form.given())
    except Invalid as error:
        show_error(form, error)
        return _new_page(form, status=422)
    if receipt.already_loaded:
        flash("This very file has been loaded before, so nothing has changed.", "info")
        return redirect(url_for("imports.show", batch_id=receipt.batch_id), 303)
    step = None if receipt.familiar else "map"
    return redirect(url_for("imports.show", batch_id=receipt.batch_id, step=step), 303)


def _new_page(form: NewImportForm, *, status: int = 200):
    return render_template(
        "imports/new.html",
        form=form,
        accept=ACCEPT,
        most_bytes=MAX_BYTES,
        sources=queries.sources(actor=g.actor),
    ), status


@blueprint.get("/<uuid:batch_id>")
@requires(Permission.IMPORT)
def show(batch_id: UUID):
    batch = queries.batch(actor=g.actor, batch_id=batch_id)
    filters = Filters(request.args)
    step = filters.choice("step", STEPS) or _STEP_OF.get(batch.status, "done")
    if step == "map" and batch.status in ("mapping", "previewed"):
        return _map_page(batch)
    return _batch_page(batch, "preview" if step == "preview" else None)


def _batch_page(batch, step: str | None = None, *, status: int = 200, error: str = ""):
    step = step or _STEP_OF.get(batch.status, "done")
    filters = Filters(request.args)
    code = filters.text("code")
    return page_or_fragment(
        f"imports/{step if step != 'map' else 'preview'}.html",
        "imports/_problems.html",
        status=status,
        batch=batch,
        step=step,
        error=error,
        code=code,
        counts=queries.problem_counts(batch.report),
        found=queries.problems(batch.report, code=code, page=filters.page),
        progress=queries.progress(actor=g.actor, batch_id=batch.id) if step == "load" else None,
    )


def _map_page(batch, *, columns=None, errors=None, status: int = 200):
    if columns is None:
        columns = mapping_page.columns_of(*_file_and_map(batch.id))
    return render_template(
        "imports/map.html",
        batch=batch,
        step="map",
        columns=columns,
        choices=mapping_page.field_choices(FEEDS[batch.feed]),
        drop=mapping_page.DROP,
        errors=errors or {},
    ), status


def _file_and_map(batch_id: UUID):
    return reading.for_mapping(actor=g.actor, batch_id=batch_id)


@blueprint.post("/<uuid:batch_id>/map")
@requires(Permission.IMPORT)
@commits
def save_map(batch_id: UUID):
    batch = queries.batch(actor=g.actor, batch_id=batch_id)
    table, feed, data_map = _file_and_map(batch_id)
    columns = mapping_page.columns_of(table, feed, data_map)
    mapping, errors = mapping_page.read_form(request.form, columns, data_map)
    if errors:
        typed = mapping_page.as_typed(request.form, columns)
        return _map_page(batch, columns=typed, errors=errors, status=422)
    complete = service.set_map(actor=g.actor, batch_id=batch_id, mapping=mapping)
    if complete:
        flash(f"The mapping is remembered for “{batch.source}”.", "success")
    return redirect(url_for("imports.show", batch_id=batch_id), 303)


@blueprint.post("/<uuid:batch_id>/load")
@requires(Permission.IMPORT)
@commits
def load(batch_id: UUID):
    try:
        loaded = service.start_load(actor=g.actor, batch_id=batch_id)
    except (Conflict, Invalid) as error:
        flash(error.message, "error")
        loaded = False
    if loaded:
        flash("The file has been loaded.", "success")
    return redirect(url_for("imports.show", batch_id=batch_id), 303)


@blueprint.get("/<uuid:batch_id>/progress")
@requires(Permission.IMPORT)
def progress(batch_id: UUID):
    found = queries.progress(actor=g.actor, batch_id=batch_id)
    return page_or_fragment("imports/progress.html", "imports/_progress.html", progress=found)


@blueprint.post("/<uuid:batch_id>/cancellation")
@requires(Permission.IMPORT)
@commits
def cancel(batch_id: UUID):
    try:
        service.cancel(actor=g.actor, batch_id=batch_id)
        flash("The import has been given up. Nothing was loaded.", "success")
    except (Conflict, Invalid) as error:
        flash(error.message, "error")
    return redirect(url_for("imports.show", batch_id=batch_id), 303)


@blueprint.post("/<uuid:batch_id>/undoing")
@requires(Permission.IMPORT)
@commits
def take_back(batch_id: UUID):
    try:
        undo.undo(actor=g.actor, batch_id=batch_id)
    except Invalid as error:
        batch = queries.batch(actor=g.actor, batch_id=batch_id)
        return _batch_page(batch, status=422, error=error.message)
    flash("The import has been undone: its rows are gone, and the file stays.", "success")
    return redirect(url_for("imports.show", batch_id=batch_id), 303)


@blueprint.get("/<uuid:batch_id>/file")
@requires(Permission.IMPORT)
def original(batch_id: UUID):
    batch = queries.batch(actor=g.actor, batch_id=batch_id)
    content = reading.original_of(actor=g.actor, batch_id=batch_id)
    audit.witness(actor=g.actor, tag="import:file_downloaded", subject_id=batch_id)
    return attachment(content, batch.file_name)


@blueprint.get("/<uuid:batch_id>/held-back.csv")
@requires(Permission.IMPORT)
def rejected(batch_id: UUID):
    batch = queries.batch(actor=g.actor, batch_id=batch_id)
    content = exports.rejected_csv(queries.rejected_rows(actor=g.actor, batch_id=batch_id))
    audit.witness(actor=g.actor, tag="import:rows_exported", subject_id=batch_id)
    return attachment(content, f"{batch.reference}-held-back.csv")


@blueprint.get("/quarantine")
@requires(Permission.IMPORT)
def waiting_rows():
    filters = Filters(request.args)
    batch_id, code = filters.identity("batch"), filters.choice("code", words.REJECTIONS)
    return render_template(
        "imports/quarantine.html",
        page=queries.quarantine(actor=g.actor, batch_id=batch_id, code=code, page=filters.page),
        batch=queries.batch(actor=g.actor, batch_id=batch_id) if batch_id else None,
        codes=queries.quarantine_codes(actor=g.actor, batch_id=batch_id),
        code=code,
        problems=filters.problems,
    )


@blueprint.get("/quarantine/<uuid:row_id>")
@requires(Permission.IMPORT)
def row(row_id: UUID):
    return _row_page(row_id)


def _row_page(row_id: UUID, *, status: int = 200, error: Invalid | None = None, typed=None):
    line = queries.quarantined_row(actor=g.actor, row_id=row_id)
    return page_or_fragment(
        "imports/row.html",
        "imports/_row.html",
        status=status,
        line=line,
        cells=row_page.cells(line, typed=typed, error=error),
        reason=typed.get("reason", "") if typed else "",
        reason_error=error.message if error and error.field == "reason" else "",
        opened=True,
        error=error,
    )


@blueprint.post("/quarantine/<uuid:row_id>")
@requires(Permission.IMPORT)
@commits
def correct_row(row_id: UUID):
    line = queries.quarantined_row(actor=g.actor, row_id=row_id)
    try:
        quarantine.correct(
            actor=g.actor, row_id=row_id, cells=row_page.typed_cells(line, request.form)
        )
    except Invalid as error:
        return _row_page(row_id, status=422, error=error, typed=request.form)
    return _row_done(row_id, f"Row {line.row_no} has come in.")


@blueprint.post("/quarantine/<uuid:row_id>/dismissal")
@requires(Permission.IMPORT)
@commits
def dismiss_row(row_id: UUID):
    line = queries.quarantined_row(actor=g.actor, row_id=row_id)
    try:
        quarantine.dismiss(
            actor=g.actor, row_id=row_id, reason=request.form.get("reason", "")[:500]
        )
    except Invalid as error:
        return _row_page(row_id, status=422, error=error, typed=request.form)
    return _row_done(row_id, f"Row {line.row_no} is left out.")


def _row_done(row_id: UUID, said: str):
    line = queries.quarantined_row(actor=g.actor, row_id=row_id)
    if not wants_fragment():
        flash(said, "success")
    url = url_for("imports.waiting_rows", batch=line.batch_id)
    return redirect_or_fragment(url, "imports/_row.html", announce=said, line=line, opened=False)


@blueprint.post("/<uuid:batch_id>/retrial")
@requires(Permission.IMPORT)
@commits
def retry_rows(batch_id: UUID):
    try:
        done = quarantine.retry(actor=g.actor, batch_id=batch_id)
        said = f"{done.loaded} rows have come in; {done.waiting} still wait."
        flash(said, "success" if done.loaded else "info")
    except Invalid as error:
        flash(error.message, "error")
    return redirect(url_for("imports.waiting_rows", batch=batch_id), 303)


@blueprint.get("/held-texts")
@requires(Permission.IMPORT)
def held_texts():
    filters = Filters(request.args)
    batch_id = filters.identity("batch")
    batch = queries.batch(actor=g.actor, batch_id=batch_id) if batch_id else None
    page = queries.held_texts(actor=g.actor, batch_id=batch_id, page=filters.page)
    decides = g.actor.may(Permission.DECIDE_HELD_TEXT)
    if decides and page.rows:
        seen = {"texts": [row.id for row in page.rows]}
        subject = batch_id or g.actor.org_id
        audit.witness(actor=g.actor, tag="held_text:seen", subject_id=subject, after=seen)
    shown = {"page": page, "batch": batch, "decides": decides, "problems": filters.problems}
    return render_template("imports/held_texts.html", **shown)


@blueprint.post("/held-texts/<uuid:held_id>")
@requires(Permission.DECIDE_HELD_TEXT)
@commits
def decide_text(held_id: UUID):
    release = request.form.get("decision") == "release"
    reason = request.form.get("reason", "")[:500]
    try:
        if request.form.get("decision") not in ("release", "redact"):
            raise Invalid("Choose to release the text or to keep it redacted.")
        held.decide(actor=g.actor, held_id=held_id, release=release, reason=reason)
    except Invalid as error:
        return _text_page(held_id, status=422, error=error, reason=reason)
    said = "The text is shown as it came." if release else "The text stays redacted."
    if not wants_fragment():
        flash(said, "success")
    line = queries.held_text(actor=g.actor, held_id=held_id)
    url = url_for("imports.held_texts", batch=line.batch_id)
    shown = {"row": line, "decides": True}
    return redirect_or_fragment(url, "imports/_held_text.html", announce=said, **shown)


def _text_page(held_id: UUID, *, status: int, error: Invalid, reason: str):
    return page_or_fragment(
        "imports/held_text.html",
        "imports/_held_text.html",
        status=status,
        row=queries.held_text(actor=g.actor, held_id=held_id),
        decides=True,
        error=error,
        reason=reason,
    )


@blueprint.post("/held-texts")
@requires(Permission.DECIDE_HELD_TEXT)
@commits
def redact_texts():
    batch_id = Filters(request.form).identity("batch")
    done = held.redact_all(actor=g.actor, batch_id=batch_id)
    flash(f"{done} texts stay redacted.", "success")
    return redirect(url_for("imports.held_texts", batch=batch_id), 303)
