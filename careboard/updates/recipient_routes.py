"""To whom the updates on a tracked concern go."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from sqlalchemy import Row

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.updates import page, queries, recipients
from careboard.updates.blueprint import blueprint
from careboard.updates.forms import RecipientForm


@blueprint.get("/tracked/<uuid:tracked_id>/recipient")
@requires(Permission.WRITE_UPDATE)
def recipient(tracked_id: UUID):
    row = _row(tracked_id)
    return _page(RecipientForm(formdata=None, link_id=row.link_id), row)


@blueprint.post("/tracked/<uuid:tracked_id>/recipient")
@requires(Permission.WRITE_UPDATE)
@commits
def address(tracked_id: UUID):
    row, form = _row(tracked_id), RecipientForm()
    page.offer_recipients(g.actor, row, form)
    if form.validate_on_submit():
        try:
            recipients.address(actor=g.actor, tracked_id=tracked_id, link_id=form.link_id.data)
            flash("Who the updates go to is saved.", "success")
            return redirect(url_for("updates.tracked", tracked_id=tracked_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(form, row, 422)


def _row(tracked_id: UUID) -> Row:
    row = queries.tracked(actor=g.actor, tracked_id=tracked_id)
    g.actor.require(Permission.WRITE_UPDATE, row.service_id)
    return row


def _page(form: RecipientForm, row: Row, status: int = 200):
    page.offer_recipients(g.actor, row, form)
    barred = recipients.barred(row)
    return render_template("updates/recipient.html", form=form, row=row, barred=barred), status
