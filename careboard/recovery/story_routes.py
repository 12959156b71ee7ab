"""Addresses of the story: a plan's weekly and monthly review, and the log of all reviews."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.recovery import story_queries, story_service
from careboard.recovery.blueprint import blueprint
from careboard.recovery.response_models import CADENCES
from careboard.recovery.story_forms import (
    ASSURANCE_WORDS,
    DECISION_WORDS,
    ReviewForm,
    review_form,
)
from careboard.recovery.story_queries import Draft, StoryFilter
from careboard.services.filters import Filters
from careboard.vocabulary import DOMAIN_NAMES, DOMAINS

# The records that reviews of a domain are, by how often: what the field calls them.
REVIEW_RECORDS = {
    ("medicines", "month"): "provider oversight minutes",
    ("staffing", "week"): "rota planning notes",
    ("staffing", "month"): "provider governance report",
}


@blueprint.get("/reviews")
@requires(Permission.READ)
def plan_reviews():
    filters = Filters(request.args)
    wanted = StoryFilter(
        service_id=filters.identity("service"),
        plan_id=filters.identity("plan"),
        domain=filters.choice("domain", DOMAINS),
        cadence=filters.choice("cadence", CADENCES),
    )
    found = story_queries.story(actor=g.actor, wanted=wanted, page=filters.page)
    return render_template(
        "recovery/plan_reviews.html",
        found=found,
        story=found.rows,
        record=REVIEW_RECORDS.get((wanted.domain, wanted.cadence)),
        words=story_words(),
        services=[(option.id, option.name) for option in sources.services(actor=g.actor)],
        domains=DOMAIN_NAMES,
        asked=filters.asked,
        problems=filters.problems,
    )


def story_words() -> dict[str, str]:
    """What decisions and assurance are called, for recovery/_story.html."""
    return DECISION_WORDS | ASSURANCE_WORDS


@blueprint.get("/plans/<uuid:plan_id>/review")
@requires(Permission.READ)
def plan_review(plan_id: UUID):
    cadence = Filters(request.args).choice("cadence", CADENCES) or "week"
    draft = _draft(plan_id, cadence)
    form = None
    if _may_record(draft):
        form = _form(draft)(formdata=None)
        form.changed.data = draft.summary
        for one in draft.moved:
            form[f"changed-{one.indicator}"].data = one.sentence
    return _review_page(draft, form)


@blueprint.post("/plans/<uuid:plan_id>/review/week")
@requires(Permission.RECORD_READINGS)
@commits
def record_week(plan_id: UUID):
    return _record(plan_id, "week")


@blueprint.post("/plans/<uuid:plan_id>/review/month")
@requires(Permission.CHALLENGE)
@commits
def record_month(plan_id: UUID):
    return _record(plan_id, "month")


def _record(plan_id: UUID, cadence: str):
    draft = _draft(plan_id, cadence)
    form = _form(draft)()
    if form.validate_on_submit():
        try:
            story_service.record_review(
                actor=g.actor,
                plan_id=plan_id,
                cadence=cadence,
                story=form.story(),
                verdict=form.verdict(),
                stories=form.stories(),
            )
            flash("The review is recorded. It stands as it is.", "success")
            return redirect(url_for("recovery.plan_review", plan_id=plan_id, cadence=cadence), 303)
        except Invalid as error:
            show_error(form, error)
    return _review_page(draft, form, status=422)


def _draft(plan_id: UUID, cadence: str) -> Draft:
    return story_queries.draft(actor=g.actor, plan_id=plan_id, cadence=cadence, on=g.actor.today)


def _form(draft: Draft) -> type[ReviewForm]:
    return review_form(
        cadence=draft.cadence,
        moved=draft.moved,
        may_close=g.actor.may(Permission.MANAGE_RECOVERY),
    )


def _may_record(draft: Draft) -> bool:
    waits = draft.begun and not draft.recorded and draft.plan.status == "open"
    return waits and story_service.may_review(g.actor, draft.plan, draft.cadence)


def _review_page(draft: Draft, form: ReviewForm | None, *, status: int = 200):
    return render_template(
        "recovery/plan_review.html",
        draft=draft,
        plan=draft.plan,
        standing=draft.whole.standing,
        charts_of=draft.whole.charts,
        form=form,
        may=story_service.may_review(g.actor, draft.plan, draft.cadence),
        story=story_queries.of_plan(actor=g.actor, plan_id=draft.plan.id),
        words=story_words(),
        leads=draft.plan.lead_id == g.actor.membership_id,
    ), status
