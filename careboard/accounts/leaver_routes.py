"""What an administrator does for one person: hand over and end their access when they leave, sign
them out, take away a lost second factor, send an invitation again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for

from careboard.access import commits, requires
from careboard.accounts import invitations, leavers, resets, service
from careboard.accounts.leaver_forms import LeaverForm
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission

blueprint = Blueprint(
    "leavers", __name__, url_prefix="/o/<org>/accounts/people/<uuid:membership_id>"
)


@blueprint.get("/leave")
@requires(Permission.MANAGE_PEOPLE)
def show(membership_id: UUID):
    return _page(membership_id, _form(membership_id))


@blueprint.post("/leave")
@requires(Permission.MANAGE_PEOPLE)
@commits
def end(membership_id: UUID):
    form = _form(membership_id)
    if not form.validate_on_submit():
        return _page(membership_id, form), 422
    try:
        handed = leavers.end(
            actor=g.actor, membership_id=membership_id, to=form.to.data, instead=form.instead()
        )
    except Invalid as error:
        show_error(form, error)
        return _page(membership_id, form), 422
    name = service.member(actor=g.actor, membership_id=membership_id).name
    flash(f"The access of {name} has ended; {handed} things were handed over.", "success")
    return redirect(url_for("accounts.people"), 303)


@blueprint.post("/sign-out")
@requires(Permission.MANAGE_PEOPLE)
@commits
def sign_out(membership_id: UUID):
    ended = resets.sign_out(actor=g.actor, membership_id=membership_id)
    flash(f"Sessions ended: {ended}. The person can sign in again.", "success")
    return redirect(url_for("accounts.person", membership_id=membership_id), 303)


@blueprint.post("/reset-second-factor")
@requires(Permission.MANAGE_PEOPLE)
@commits
def reset_second_factor(membership_id: UUID):
    try:
        resets.reset_second_factor(actor=g.actor, membership_id=membership_id)
    except Invalid as error:
        flash(error.message, "error")
    else:
        flash("The second factor is gone. A new one is set up at the next sign-in.", "success")
    return redirect(url_for("accounts.person", membership_id=membership_id), 303)


@blueprint.post("/invite-again")
@requires(Permission.MANAGE_PEOPLE)
@commits
def invite_again(membership_id: UUID):
    try:
        invitations.invite_again(actor=g.actor, membership_id=membership_id)
    except Invalid as error:
        flash(error.message, "error")
    else:
        flash("The invitation is sent again, with a new link.", "success")
    return redirect(url_for("accounts.person", membership_id=membership_id), 303)


def _form(membership_id: UUID) -> LeaverForm:
    return LeaverForm().offer(leavers.heirs(actor=g.actor, membership_id=membership_id))


def _page(membership_id: UUID, form: LeaverForm):
    return render_template(
        "accounts/leave.html",
        form=form,
        member=service.member(actor=g.actor, membership_id=membership_id),
        held=leavers.belongings(actor=g.actor, membership_id=membership_id),
        kinds=leavers.OWNED,
    )
