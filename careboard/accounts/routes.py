"""Where a person lands, which organisation they choose, and the pages about people."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_login import current_user

from careboard.access import commits, public, requires, signed_in
from careboard.accounts import (
    invitations,
    leaver_routes,
    own_sign_in_routes,
    queries,
    second_factor_routes,
    service,
    session_routes,
)
from careboard.accounts.forms import PersonForm, StandingForm
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission, Role
from careboard.tenancy import memberships

home = Blueprint("home", __name__)
blueprint = Blueprint("accounts", __name__, url_prefix="/o/<org>/accounts")
blueprints = (
    home,
    blueprint,
    leaver_routes.blueprint,
    second_factor_routes.blueprint,
    second_factor_routes.passkey_blueprint,
    own_sign_in_routes.blueprint,
    own_sign_in_routes.link_blueprint,
    session_routes.blueprint,
    session_routes.held_blueprint,
    session_routes.idle_blueprint,
)


@home.get("/")
@public("sends each visitor to where they belong")
def index():
    if not current_user.is_authenticated:
        return redirect(url_for("security.login"))
    own = memberships(current_user.id)
    if len(own) == 1:
        return redirect(_home_of(own[0]))
    return redirect(url_for("home.choose"))


@home.get("/organisations")
@signed_in
def choose():
    organisations = [
        {
            "name": row.org_name,
            "url": _home_of(row),
            "role_words": ", ".join(Role(role).words for role in row.roles),
        }
        for row in memberships(current_user.id)
    ]
    return render_template("accounts/choose_organisation.html", organisations=organisations)


def _home_of(row) -> str:
    if row.kind == "commissioner":
        return url_for("portal.index")
    return url_for("dashboards.board", org=row.slug)


@blueprint.get("/")
@requires(Permission.READ)
def settings():
    return render_template("accounts/settings.html")


@blueprint.get("/people")
@requires(Permission.MANAGE_PEOPLE)
def people():
    return render_template("accounts/people.html", people=queries.people(actor=g.actor))


@blueprint.get("/people/new")
@requires(Permission.MANAGE_PEOPLE)
def new_person():
    return _person_page(_offered(PersonForm()))


@blueprint.post("/people/new")
@requires(Permission.MANAGE_PEOPLE)
@commits
def add_person():
    form = _offered(PersonForm())
    if not form.validate_on_submit():
        return _person_page(form), 422
    try:
        invitations.invite(
            actor=g.actor,
            name=form.name.data,
            email=form.email.data,
            job_title=form.job_title.data,
            roles=form.roles.data,
            service_ids=_scope(form),
        )
    except Invalid as error:
        show_error(form, error)
        return _person_page(form), 422
    flash(f"{form.name.data} has been added and gets an e-mail with a link to sign in.", "success")
    return redirect(url_for("accounts.people"), 303)


@blueprint.get("/people/<uuid:membership_id>")
@requires(Permission.MANAGE_PEOPLE)
def person(membership_id: UUID):
    member = service.member(actor=g.actor, membership_id=membership_id)
    scope = queries.scope_of(actor=g.actor, membership_id=membership_id)
    form = _offered(StandingForm(obj=member, services=[str(item) for item in scope]))
    return _person_page(form, member)


@blueprint.post("/people/<uuid:membership_id>")
@requires(Permission.MANAGE_PEOPLE)
@commits
def change_person(membership_id: UUID):
    member = service.member(actor=g.actor, membership_id=membership_id)
    form = _offered(StandingForm())
    if not form.validate_on_submit():
        return _person_page(form, member), 422
    try:
        service.change_standing(
            actor=g.actor,
            membership_id=membership_id,
            name=form.name.data,
            job_title=form.job_title.data,
            roles=form.roles.data,
            service_ids=_scope(form),
            active=form.active.data,
        )
    except Invalid as error:
        show_error(form, error)
        return _person_page(form, member), 422
    flash(f"The rights of {form.name.data} have been changed.", "success")
    return redirect(url_for("accounts.people"), 303)


def _offered(form):
    return form.offer(org_kind=g.actor.org_kind, services=queries.service_choices(actor=g.actor))


def _scope(form) -> list[UUID] | None:
    if form.all_services.data:
        return None
    return [UUID(item) for item in form.services.data]


def _person_page(form, member=None):
    invited = member is not None and invitations.is_open(member)
    return render_template("accounts/person.html", form=form, member=member, invited=invited)
