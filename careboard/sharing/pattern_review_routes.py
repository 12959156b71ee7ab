"""Safeguarding review notes: a manager's check behind a pattern."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.sharing import pattern_review, pattern_review_queries
from careboard.sharing.advice_forms import PatternForm
from careboard.sharing.blueprint import blueprint


@blueprint.get("/pattern-reviews")
@requires(Permission.READ)
def pattern_reviews():
    filters = Filters(request.args)
    return render_template(
        "sharing/pattern_reviews.html",
        found=pattern_review_queries.notes(
            actor=g.actor,
            page=filters.page,
            service_id=filters.identity("service"),
            trigger_id=filters.identity("trigger"),
        ),
        asked=filters.asked,
        problems=filters.problems,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
        words=pattern_review.ESCALATING_WORDS,
    )


@blueprint.get("/pattern-reviews/new")
@requires(pattern_review.CHECKS)
def new_pattern_review():
    asked = Filters(request.args)
    form = PatternForm(formdata=None, on=g.actor.today)
    form.service_id.data = asked.identity("service")
    form.trigger_id.data = asked.identity("trigger")
    return _page(form)


@blueprint.post("/pattern-reviews/new")
@requires(pattern_review.CHECKS)
@commits
def record_pattern_review():
    form = PatternForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            pattern_review.record(actor=g.actor, **form.values())
            flash("The safeguarding review note is kept.", "success")
            chosen = {"trigger": form.trigger_id.data, "service": form.service_id.data}
            return redirect(url_for("sharing.pattern_reviews", **chosen), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(form, 422)


def _offer(form: PatternForm):
    form.service_id.offer(service_choices(actor=g.actor), "Choose a service")
    triggers = pattern_review_queries.trigger_choices(actor=g.actor)
    form.trigger_id.offer(triggers, "No rule fired: the service's own judgement")
    chosen = next((one for one in triggers if one.id == form.trigger_id.data), None)
    if chosen is not None and form.service_id.data is None:
        form.service_id.data = chosen.service_id
    return chosen


def _page(form: PatternForm, status: int = 200):
    chosen = _offer(form)
    return render_template(
        "sharing/pattern_review_form.html",
        form=form,
        pattern=chosen,
        decides=g.actor.may(Permission.DECIDE_SHARING),
    ), status
