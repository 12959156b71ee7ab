"""Packs as they were published: the list, one with its readers, files, and what happens later."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for

from careboard import audit
from careboard.access import commits, requires
from careboard.downloads import attachment
from careboard.errors import Conflict, Invalid
from careboard.forms import show_error
from careboard.packs import afterwards, kept, queries
from careboard.packs.blueprint import blueprint
from careboard.packs.forms import GrantForm, ReasonForm
from careboard.packs.queries import Wanted
from careboard.permissions import Permission
from careboard.services.filters import Filters


@blueprint.get("/")
@requires(Permission.READ)
def index():
    asked = Filters(request.args)
    wanted = Wanted(
        asked.choice("kind", queries.KIND_WORDS),
        asked.choice("state", queries.STATES),
        asked.identity("service"),
    )
    page = queries.packs(actor=g.actor, wanted=wanted, page=asked.page)
    return render_template(
        "packs/index.html",
        page=page,
        asked=asked,
        wanted=wanted,
        kinds=queries.KIND_WORDS,
        states=queries.STATES,
    )


@blueprint.get("/<uuid:pack_id>")
@requires(Permission.READ)
def show(pack_id: UUID):
    return _page(pack_id)


def _page(pack_id: UUID, form: GrantForm | ReasonForm | None = None, status: int = 200, **more):
    """`form` is the one that was refused, None when none was."""
    found = queries.shown(actor=g.actor, pack_id=pack_id, page=Filters(request.args).page)
    granting = form if isinstance(form, GrantForm) else _grant_form(formdata=None)
    page = render_template(
        "packs/show.html",
        pack=found,
        content=found.content,
        granting=granting,
        taking=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        refused=form or granting,
        kinds=queries.KIND_WORDS,
        read_words=queries.READ_WORDS,
        **more,
    )
    return page, status


def _grant_form(**given) -> GrantForm:
    form = GrantForm(**given)
    form.link.offer(queries.links(actor=g.actor), "–")
    return form


@blueprint.get("/<uuid:pack_id>/check")
@requires(Permission.READ)
def check(pack_id: UUID):
    row = queries.pack_row(actor=g.actor, pack_id=pack_id)
    return _page(pack_id, verdict=kept.check(row))


@blueprint.get("/<uuid:pack_id>/files/<kind>")
@requires(Permission.READ)
def download(pack_id: UUID, kind: str):
    row = queries.pack_row(actor=g.actor, pack_id=pack_id)
    if kind == "pdf":
        content, name = kept.content_of(row.org_id, row.pdf_sha256), f"{row.reference}.pdf"
    elif kind == "bundle":
        content, name = kept.zipped(row), f"{row.reference}.zip"
    else:
        abort(404)
    audit.witness(actor=g.actor, tag="pack:taken", subject_id=pack_id, after={"file": kind})
    return attachment(content, name)


@blueprint.post("/<uuid:pack_id>/grants")
@requires(Permission.PUBLISH_PACK)
@commits
def grant(pack_id: UUID):
    form = _grant_form()
    if not form.validate():
        return _page(pack_id, form, 422)
    given = {"link_id": form.link.data, "expires_on": form.expires_on.data}
    try:
        afterwards.grant(actor=g.actor, pack_id=pack_id, **given)
    except (Invalid, Conflict) as error:
        return _refused(pack_id, form, error)
    flash("They may read it now.", "success")
    return redirect(url_for("packs.show", pack_id=pack_id), 303)


@blueprint.post("/<uuid:pack_id>/grants/<uuid:grant_id>/revocation")
@requires(Permission.PUBLISH_PACK)
@commits
def revoke(pack_id: UUID, grant_id: UUID):
    form = ReasonForm()
    if not form.validate():
        return _page(pack_id, form, 422)
    try:
        afterwards.revoke(
            actor=g.actor, pack_id=pack_id, grant_id=grant_id, reason=form.reason.data
        )
    except Invalid as error:
        return _refused(pack_id, form, error)
    flash("They can no longer read it.", "success")
    return redirect(url_for("packs.show", pack_id=pack_id), 303)


@blueprint.post("/<uuid:pack_id>/withdrawal")
@requires(Permission.PUBLISH_PACK)
@commits
def withdraw(pack_id: UUID):
    form = ReasonForm()
    if not form.validate():
        return _page(pack_id, form, 422)
    try:
        afterwards.withdraw(actor=g.actor, pack_id=pack_id, reason=form.reason.data)
    except (Invalid, Conflict) as error:
        return _refused(pack_id, form, error)
    flash("The pack is withdrawn. Its readers see that, and why.", "success")
    return redirect(url_for("packs.show", pack_id=pack_id), 303)


def _refused(pack_id: UUID, form: GrantForm | ReasonForm, error: Invalid | Conflict):
    if isinstance(error, Invalid):
        show_error(form, error)
    else:
        form.form_errors.append(error.message)
    return _page(pack_id, form, error.status)
