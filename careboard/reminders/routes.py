"""Deliveries: every mail with its fate; and how often a person wants theirs."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.htmx import page_or_fragment, redirect_or_fragment
from careboard.permissions import Permission
from careboard.reminders import queries, service
from careboard.reminders.forms import DeliveryFilter, MailModeForm
from careboard.reminders.preview import framed, framing

blueprint = Blueprint("reminders", __name__, url_prefix="/o/<org>/reminders")
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def index():
    form = DeliveryFilter(request.args)
    chosen = form.chosen()
    number = request.args.get("page", 1, type=int)
    return page_or_fragment(
        "reminders/index.html",
        "reminders/_deliveries.html",
        form=form,
        chosen=chosen,
        found=queries.deliveries(actor=g.actor, page=number, **chosen),
        counts=queries.counts(actor=g.actor),
        sees_all=queries.sees_all(g.actor),
        fates=queries.FATES,
        kinds=queries.KINDS,
    )


@blueprint.get("/<uuid:mail_id>")
@requires(Permission.READ)
def show(mail_id: UUID):
    mail = queries.delivery(actor=g.actor, mail_id=mail_id)
    page = page_or_fragment(
        "reminders/show.html",
        "reminders/_fate.html",
        mail=mail,
        text=queries.written_out(mail).text,
        fates=queries.FATES,
        kinds=queries.KINDS,
    )
    return framing(page)


@blueprint.get("/<uuid:mail_id>/html")
@requires(Permission.READ)
def html(mail_id: UUID):
    return framed(queries.written_out(queries.delivery(actor=g.actor, mail_id=mail_id)).html)


@blueprint.post("/<uuid:mail_id>/requeue")
@requires(Permission.MANAGE_DELIVERIES)
@commits
def requeue(mail_id: UUID):
    mail = queries.delivery(actor=g.actor, mail_id=mail_id)
    service.requeue(actor=g.actor, mail_id=mail_id)
    message = f"The mail to {mail.to_email} will be tried again within a minute."
    flash(message, "success")
    return redirect_or_fragment(
        url_for("reminders.show", mail_id=mail_id),
        "reminders/_fate.html",
        announce=message,
        mail=mail,
        fates=queries.FATES,
        kinds=queries.KINDS,
    )


@blueprint.get("/preferences")
@requires(Permission.READ)
def preferences():
    own = queries.own_mail(actor=g.actor)
    form = MailModeForm(formdata=None, mail_mode=own.mail_mode)
    return render_template("reminders/preferences.html", form=form, own=own)


@blueprint.post("/preferences")
@requires(Permission.READ)
@commits
def save_preferences():
    form = MailModeForm()
    if form.validate_on_submit():
        try:
            service.set_mail_mode(actor=g.actor, mail_mode=form.mail_mode.data)
        except Invalid as error:
            form.mail_mode.errors = [error.message]
        else:
            flash("Your choice is kept.", "success")
            return redirect(url_for("reminders.preferences"), 303)
    own = queries.own_mail(actor=g.actor)
    return render_template("reminders/preferences.html", form=form, own=own), 422
