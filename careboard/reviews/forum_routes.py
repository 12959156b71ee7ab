"""The forums themselves: rhythm, quorum and members, kept by a governance lead."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.reviews import duties, forums, queries
from careboard.reviews.forms import EndForm, MemberForm, RuleForm, place_of

blueprint = Blueprint("reviews", __name__, url_prefix="/o/<org>/reviews")


@blueprint.get("/forums")
@requires(Permission.READ)
def forums_index():
    return render_template("reviews/forums.html", forums=forums.forums(actor=g.actor))


@blueprint.get("/forums/<forum>")
@requires(Permission.READ)
def forum(forum: str):
    return _forum_page(forum)


def _forum_page(
    code: str, *, member_form: MemberForm | None = None, rule_form: RuleForm | None = None
):
    found = forums.forum(actor=g.actor, code=code)
    wrong = member_form or rule_form
    context = {"forum": found}
    if not found.rhythm.per_service:
        context["standing"] = queries.next_due(actor=g.actor, forum=code)
    if found.may_manage:
        services = duties.services(actor=g.actor) if found.rhythm.per_service else []
        context |= {
            "member_form": member_form or MemberForm(formdata=None),
            "rule_form": rule_form or _rule_form(found),
            "end_form": EndForm(formdata=None),
        }
        context["member_form"].offer(services, forums.people(actor=g.actor))
        context["rule_form"].offer(services)
    return render_template("reviews/forum.html", **context), 422 if wrong else 200


def _rule_form(found: forums.Forum) -> RuleForm:
    """What is set already: generally, or for the service that the address asks for."""
    place = request.args.get("service", "")
    rule = next((r for r in found.rules if str(r.service_id) == place), found.general)
    form = RuleForm(formdata=None)
    form.quorum.data, form.in_use_from.data = rule.quorum, rule.in_use_from
    form.service.data = str(rule.service_id) if rule.service_id else place
    return form


@blueprint.post("/forums/<forum>/rule")
@requires(Permission.RUN_GOVERNANCE_REVIEW)
@commits
def set_rule(forum: str):
    form = RuleForm()
    form.offer(duties.services(actor=g.actor))
    if form.validate_on_submit():
        try:
            forums.set_rule(
                actor=g.actor,
                forum=forum,
                service_id=place_of(form.service),
                quorum=form.quorum.data,
                in_use_from=form.in_use_from.data,
            )
            flash("Saved.", "success")
            return redirect(url_for("reviews.forum", forum=forum), 303)
        except Invalid as error:
            show_error(form, error)
    return _forum_page(forum, rule_form=form)


@blueprint.post("/forums/<forum>/members")
@requires(Permission.RUN_GOVERNANCE_REVIEW)
@commits
def appoint(forum: str):
    form = MemberForm()
    form.offer(duties.services(actor=g.actor), forums.people(actor=g.actor))
    if form.validate_on_submit():
        try:
            forums.appoint(actor=g.actor, forum=forum, **form.values())
            flash("Added to the forum.", "success")
            return redirect(url_for("reviews.forum", forum=forum), 303)
        except Invalid as error:
            show_error(form, error)
    return _forum_page(forum, member_form=form)


@blueprint.post("/forums/<forum>/members/<uuid:member_id>/end")
@requires(Permission.RUN_GOVERNANCE_REVIEW)
@commits
def end_term(forum: str, member_id: UUID):
    form = EndForm()
    if not form.validate_on_submit():
        raise Invalid("Give the last day as a date.")
    forums.end(actor=g.actor, forum=forum, member_id=member_id, until_on=form.until_on.data)
    flash("The term ends.", "success")
    return redirect(url_for("reviews.forum", forum=forum), 303)
