"""Addresses of the reviews of an episode."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Conflict, Invalid
from careboard.forms import show_error
from careboard.monitoring import episode_queries, reviews
from careboard.monitoring.blueprint import blueprint
from careboard.monitoring.criteria import STATE_WORDS
from careboard.monitoring.episode_forms import ReviewForm
from careboard.monitoring.links import record_url
from careboard.permissions import Permission
from careboard.risks import sittings
from careboard.services.filters import Filters
from careboard.vocabulary import FORUMS


@blueprint.get("/episodes/<uuid:episode_id>/review")
@requires(Permission.DECIDE_MONITORING)
def review(episode_id: UUID):
    whole = _whole(episode_id)
    form = _offered(ReviewForm(formdata=None), whole)
    form.follow_up_on.data = g.actor.today + timedelta(days=reviews.FOLLOW_UP_DAYS)
    form.sitting.data = Filters(request.args).identity("sitting")
    return _page(whole, form)


@blueprint.post("/episodes/<uuid:episode_id>/review")
@requires(Permission.DECIDE_MONITORING)
@commits
def hold_review(episode_id: UUID):
    whole = _whole(episode_id)
    form = _offered(ReviewForm(), whole)
    if form.validate_on_submit():
        try:
            return _held(form, whole)
        except Invalid as error:
            show_error(form, error)
    return _page(whole, form, status=422)


def _whole(episode_id: UUID) -> episode_queries.Whole:
    whole = episode_queries.whole(actor=g.actor, episode_id=episode_id)
    g.actor.require(Permission.DECIDE_MONITORING, whole.episode.row.service_id)
    if whole.due is None:
        raise Conflict("This episode is closed. It is shown as it is now.")
    return whole


def _offered(form: ReviewForm, whole: episode_queries.Whole) -> ReviewForm:
    form.offer(
        decisions=reviews.decisions(whole.due, whole.against),
        sittings={
            str(row.id): f"{row.reference}, {FORUMS[row.forum]}"
            for row in sittings.open_sittings(g.actor)
        },
    )
    return form


def _held(form: ReviewForm, whole: episode_queries.Whole):
    row = whole.episode.row
    made = reviews.review(actor=g.actor, episode_id=row.id, held=form.held())
    flash("The review is recorded.", "success")
    if made.decision == "not_sustained":
        return redirect(url_for("monitoring.decide", service=row.service_id), 303)
    return redirect(url_for("monitoring.episode", episode_id=row.id, _anchor="reviews"), 303)


def _page(whole: episode_queries.Whole, form: ReviewForm, *, status: int = 200):
    return render_template(
        "monitoring/review_form.html",
        form=form,
        whole=whole,
        episode=whole.episode,
        own=not whole.episode.verified_by_another(g.actor.membership_id),
        state_words=STATE_WORDS,
        record_url=record_url,
    ), status
