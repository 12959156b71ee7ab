"""Who outside may read packs: commissioners, confirmed, and their readers."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.packs import commissioner_queries, commissioners
from careboard.packs.blueprint import blueprint
from careboard.packs.commissioner_forms import ConfirmForm, EndForm, EndReaderForm, ReaderForm
from careboard.permissions import Permission

SEES, MANAGES = Permission.PUBLISH_PACK, Permission.MANAGE_COMMISSIONERS


@blueprint.get("/commissioners", endpoint="commissioners")
@requires(SEES)
def all_commissioners():
    return render_template(
        "packs/commissioners.html", links=commissioner_queries.links(actor=g.actor)
    )


@blueprint.get("/commissioners/new")
@requires(MANAGES)
def new_commissioner():
    return _confirm_page(ConfirmForm(formdata=None))


@blueprint.post("/commissioners/new")
@requires(MANAGES)
@commits
def confirm_commissioner():
    form = ConfirmForm()
    form.commissioner_id.offer(
        commissioner_queries.unconfirmed(actor=g.actor), "Choose a commissioner"
    )
    if form.validate_on_submit():
        try:
            link_id = commissioners.confirm(
                actor=g.actor,
                commissioner_id=form.commissioner_id.data,
                email_domain=form.email_domain.data,
                how_confirmed=form.how_confirmed.data,
            )
            flash("Its identity is confirmed. Invite its first reader.", "success")
            return redirect(url_for("packs.commissioner", confirmed_id=link_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _confirm_page(form), 422


def _confirm_page(form: ConfirmForm) -> str:
    found = commissioner_queries.unconfirmed(actor=g.actor)
    form.commissioner_id.offer(found, "Choose a commissioner")
    return render_template("packs/commissioner_form.html", form=form, any_left=bool(found))


@blueprint.get("/commissioners/<uuid:confirmed_id>")
@requires(SEES)
def commissioner(confirmed_id: UUID):
    return _page(confirmed_id)


@blueprint.post("/commissioners/<uuid:confirmed_id>/readers")
@requires(MANAGES)
@commits
def invite_reader(confirmed_id: UUID):
    form = ReaderForm()
    commissioner_queries.link(actor=g.actor, link_id=confirmed_id)
    if form.validate_on_submit():
        try:
            commissioners.invite_reader(
                actor=g.actor, link_id=confirmed_id, name=form.name.data, email=form.email.data
            )
            flash(f"{form.name.data} gets an e-mail.", "success")
            return redirect(url_for("packs.commissioner", confirmed_id=confirmed_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(confirmed_id, reader_form=form), 422


@blueprint.post("/commissioners/<uuid:confirmed_id>/readers/end")
@requires(MANAGES)
@commits
def end_reader(confirmed_id: UUID):
    form = EndReaderForm()
    found = commissioners.readers(actor=g.actor, link_id=confirmed_id)
    form.account_id.choices = {str(one.account_id): one.name for one in found}
    if form.validate_on_submit():
        commissioners.end_reader(
            actor=g.actor, link_id=confirmed_id, account_id=form.account_id.data
        )
        flash("Your packs are closed to this reader.", "success")
        return redirect(url_for("packs.commissioner", confirmed_id=confirmed_id), 303)
    return _page(confirmed_id), 422


@blueprint.post("/commissioners/<uuid:confirmed_id>/end")
@requires(MANAGES)
@commits
def end_commissioner(confirmed_id: UUID):
    form = EndForm()
    commissioner_queries.link(actor=g.actor, link_id=confirmed_id)
    if form.validate_on_submit():
        try:
            commissioners.end(actor=g.actor, link_id=confirmed_id, reason=form.reason.data)
            flash("Its access has ended: nothing of yours is open to it any more.", "success")
            return redirect(url_for("packs.commissioners"), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(confirmed_id, end_form=form), 422


def _page(
    link_id: UUID, *, reader_form: ReaderForm | None = None, end_form: EndForm | None = None
) -> str:
    return render_template(
        "packs/commissioner.html",
        link=commissioner_queries.link(actor=g.actor, link_id=link_id),
        readers=commissioners.readers(actor=g.actor, link_id=link_id),
        ended=commissioner_queries.ended_readers(actor=g.actor, link_id=link_id),
        reader_form=reader_form or ReaderForm(formdata=None),
        end_form=end_form or EndForm(formdata=None),
    )
