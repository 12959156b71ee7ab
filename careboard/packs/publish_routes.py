"""Making a pack: what it can be about, the preview with what stands in the way, publication."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Conflict, Invalid
from careboard.forms import show_error
from careboard.packs import drafts, publishing, queries
from careboard.packs.blueprint import blueprint
from careboard.packs.drafts import Draft
from careboard.packs.forms import PublishForm
from careboard.permissions import Permission
from careboard.services.filters import Filters


@blueprint.get("/new")
@requires(Permission.PUBLISH_PACK)
def choose():
    return render_template("packs/choose.html", subjects=queries.subjects(actor=g.actor))


@blueprint.get("/new/<kind>/<uuid:subject_id>")
@requires(Permission.PUBLISH_PACK)
def new(kind: str, subject_id: UUID):
    form, draft = PublishForm(), drafts.draft(actor=g.actor, kind=kind, subject_id=subject_id)
    _offer(form, kind, subject_id, draft)
    form.prefill(g.actor.today, Filters(request.args).identity("supersedes"), draft.meant)
    return _page(kind, subject_id, draft, form)


@blueprint.post("/new/<kind>/<uuid:subject_id>")
@requires(Permission.PUBLISH_PACK)
@commits
def publish(kind: str, subject_id: UUID):
    form = PublishForm()
    draft, refused = _draft(kind, subject_id, form)
    _offer(form, kind, subject_id, draft)
    if not form.validate() or refused:
        if refused:
            show_error(form, refused)
        return _page(kind, subject_id, draft, form, 422)
    try:
        pack_id = publishing.publish(
            actor=g.actor, kind=kind, subject_id=subject_id, **form.values(draft)
        )
    except Invalid as error:
        show_error(form, error)
        return _page(kind, subject_id, draft, form, 422)
    except Conflict as error:
        form.form_errors.append(error.message)
        form.seen.data = draft.mark
        return _page(kind, subject_id, draft, form, 409)
    flash("The pack is published. Nothing in it can be changed any more.", "success")
    return redirect(url_for("packs.show", pack_id=pack_id), 303)


def _offer(form: PublishForm, kind: str, subject_id: UUID, draft: Draft) -> None:
    older = queries.replaceable(actor=g.actor, kind=kind, subject_id=subject_id)
    form.offer(draft, queries.links(actor=g.actor), older)


def _draft(kind: str, subject_id: UUID, form: PublishForm) -> tuple[Draft, Invalid | None]:
    """With the chosen files; where one of them will not do, without any, and why."""
    given = {"actor": g.actor, "kind": kind, "subject_id": subject_id}
    try:
        return drafts.draft(**given, attachments=form.attachments.data or ()), None
    except Invalid as error:
        return drafts.draft(**given), error


def _page(kind: str, subject_id: UUID, draft: Draft, form: PublishForm, status: int = 200):
    page = render_template(
        "packs/new.html",
        kind=kind,
        subject_id=subject_id,
        draft=draft,
        content=draft.content,
        form=form,
        overrides=form.overrides,
        kind_words=queries.KIND_WORDS,
    )
    return page, status
