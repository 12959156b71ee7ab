"""Board packs: the list, a new one, one with its progress and files; minutes as PDF."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard import audit, storage
from careboard.access import commits, requires
from careboard.board_packs import queries, rights, service
from careboard.board_packs.forms import PackForm
from careboard.board_packs.minutes import minutes_pdf
from careboard.downloads import attachment
from careboard.errors import Invalid, NotFound
from careboard.forms import show_error
from careboard.htmx import page_or_fragment
from careboard.permissions import Permission
from careboard.reviews import reading
from careboard.services.filters import Filters

blueprint = Blueprint("board_packs", __name__, url_prefix="/o/<org>/board-packs")
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def index():
    page = queries.packs(actor=g.actor, page=Filters(request.args).page)
    return render_template("board_packs/index.html", page=page, may_make=rights.may_make(g.actor))


@blueprint.get("/new")
@requires(rights.MAKE)
def new():
    form = _form()
    form.prefill(queries.next_period(actor=g.actor), Filters(request.args).identity("review"))
    return render_template("board_packs/new.html", form=form)


@blueprint.post("/new")
@requires(rights.MAKE)
@commits
def create():
    form = _form()
    try:
        if not form.validate_on_submit():
            return render_template("board_packs/new.html", form=form), 422
        pack_id = service.request_pack(actor=g.actor, **form.values())
    except Invalid as error:
        show_error(form, error)
        return render_template("board_packs/new.html", form=form), 422
    return redirect(url_for("board_packs.show", board_pack_id=pack_id), 303)


def _form() -> PackForm:
    form = PackForm()
    form.review.offer(queries.sittings(actor=g.actor), "No sitting")
    return form


@blueprint.get("/<uuid:board_pack_id>")
@requires(Permission.READ)
def show(board_pack_id: UUID):
    pack = queries.pack(actor=g.actor, pack_id=board_pack_id)
    shown = {"pack": pack, "may_make": rights.may_make(g.actor)}
    return page_or_fragment("board_packs/show.html", "board_packs/_pack.html", **shown)


@blueprint.post("/<uuid:board_pack_id>/retrial")
@requires(rights.MAKE)
@commits
def ask_again(board_pack_id: UUID):
    try:
        service.ask_again(actor=g.actor, pack_id=board_pack_id)
    except Invalid as error:
        flash(error.message, "error")
    return redirect(url_for("board_packs.show", board_pack_id=board_pack_id), 303)


@blueprint.get("/<uuid:board_pack_id>/files/<kind>")
@requires(Permission.READ)
def download(board_pack_id: UUID, kind: str):
    kept = queries.kept_file(actor=g.actor, pack_id=board_pack_id, kind=kind)
    try:
        content = storage.get(g.actor.org_id, kept.sha256)
    except FileNotFoundError as error:
        raise NotFound("The file is not in the store. Tell your administrator.") from error
    seen = {"file": kind, "sha256": kept.sha256}
    audit.witness(actor=g.actor, tag="board_pack:downloaded", subject_id=board_pack_id, after=seen)
    return attachment(content, kept.file_name)


@blueprint.get("/minutes/<uuid:review_id>")
@requires(Permission.READ)
def minutes(review_id: UUID):
    found = reading.minutes(actor=g.actor, review_id=review_id)
    html = render_template("reviews/_minutes.html", minutes=found, sitting=found.sitting)
    content = minutes_pdf(actor=g.actor, minutes=found, html=html)
    audit.witness(actor=g.actor, tag="review:minutes_downloaded", subject_id=review_id)
    return attachment(content, f"{found.sitting.reference}-minutes.pdf")
