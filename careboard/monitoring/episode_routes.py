"""Addresses of an episode: its page, and what is done while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask_wtf import FlaskForm

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.monitoring import episode_page, episodes
from careboard.monitoring.blueprint import blueprint
from careboard.monitoring.episode_forms import (
    CriterionForm,
    JudgementForm,
    StatementForm,
    TakeUpForm,
    VisitForm,
    WithdrawalForm,
)
from careboard.permissions import Permission


@blueprint.get("/episodes/<uuid:episode_id>")
@requires(Permission.READ)
def episode(episode_id: UUID):
    return _page(episode_id)


@blueprint.get("/episodes/<uuid:episode_id>/visits/new")
@requires(Permission.VALIDATE_EVIDENCE)
def visit(episode_id: UUID):
    form = VisitForm(formdata=None)
    form.on_date.data, form.visited_by_id.data = g.actor.today, g.actor.membership_id
    return _visit_page(episode_id, form)


@blueprint.post("/episodes/<uuid:episode_id>/visits/new")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def record_visit(episode_id: UUID):
    form = VisitForm()
    found = episode_page.visit(actor=g.actor, episode_id=episode_id)
    form.visited_by_id.offer(found["visitors"], "Choose who visited")
    if form.validate_on_submit():
        try:
            episodes.record_visit(actor=g.actor, episode_id=episode_id, visit=form.visit())
            return _back(episode_id, "The visit is recorded.", "visits")
        except Invalid as error:
            show_error(form, error)
    return render_template("monitoring/visit_form.html", form=form, **found), 422


def _visit_page(episode_id: UUID, form: VisitForm):
    found = episode_page.visit(actor=g.actor, episode_id=episode_id)
    form.visited_by_id.offer(found["visitors"], "Choose who visited")
    return render_template("monitoring/visit_form.html", form=form, **found)


@blueprint.post("/changes/<uuid:change_id>/in-place")
@requires(Permission.READ)
@commits
def put_in_place(change_id: UUID):
    episode_id = episodes.put_in_place(actor=g.actor, change_id=change_id)
    return _back(episode_id, "The change is in place.", "changes")


@blueprint.post("/episodes/<uuid:episode_id>/criteria")
@requires(Permission.DECIDE_MONITORING)
@commits
def add_criterion(episode_id: UUID):
    form = CriterionForm()
    episode_page.offer_criteria(actor=g.actor, episode_id=episode_id, form=form)

    def add() -> None:
        episodes.add_criterion(actor=g.actor, episode_id=episode_id, wanted=form.chosen())

    return _done(episode_id, form, add, "The criterion is added.", "criteria")


@blueprint.post("/criteria/<uuid:criterion_id>/withdrawal")
@requires(Permission.DECIDE_MONITORING)
@commits
def withdraw_criterion(criterion_id: UUID):
    form = WithdrawalForm()
    episode_id = episode_page.episode_of(actor=g.actor, criterion_id=criterion_id)

    def withdraw() -> None:
        episodes.withdraw_criterion(
            actor=g.actor, criterion_id=criterion_id, reason=form.reason.data
        )

    words = "The criterion is withdrawn."
    return _done(episode_id, form, withdraw, words, "criteria", criterion_id)


@blueprint.post("/criteria/<uuid:criterion_id>/judgement")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def judge_criterion(criterion_id: UUID):
    form = JudgementForm()
    episode_id = episode_page.episode_of(actor=g.actor, criterion_id=criterion_id)
    episode_page.offer_evidence(actor=g.actor, episode_id=episode_id, form=form)

    def judge() -> None:
        episodes.judge_criterion(
            actor=g.actor,
            criterion_id=criterion_id,
            met=form.met.data == "yes",
            reason=form.reason.data,
            evidence_id=form.evidence_id.data,
            same_person_reason=form.same_person_reason.data or "",
        )

    words = "Your judgement is recorded."
    return _done(episode_id, form, judge, words, "criteria", criterion_id)


@blueprint.post("/episodes/<uuid:episode_id>/statements")
@requires(Permission.RECORD_COMMISSIONER_CONCERN)
@commits
def record_statement(episode_id: UUID):
    form = StatementForm()

    def record() -> None:
        episodes.record_statement(
            actor=g.actor,
            episode_id=episode_id,
            restored=form.restored.data == "yes",
            words=form.words.data,
            stated_on=form.stated_on.data,
        )

    return _done(episode_id, form, record, "The statement is recorded.", "statements")


@blueprint.post("/episodes/<uuid:episode_id>/actions")
@requires(Permission.ASSIGN_ACTION)
@commits
def take_up_action(episode_id: UUID):
    form = TakeUpForm()
    episode_page.offer_actions(actor=g.actor, episode_id=episode_id, form=form)

    def take_up() -> None:
        episodes.take_up(actor=g.actor, episode_id=episode_id, action_id=form.action_id.data)

    return _done(episode_id, form, take_up, "It is a priority action now.", "actions")


def _done(
    episode_id: UUID,
    form: FlaskForm,
    do: Callable[[], Any],
    words: str,
    anchor: str,
    criterion_id: UUID | None = None,
):
    """Do it when the form holds; else show the page with the form as it was typed."""
    if form.validate_on_submit():
        try:
            do()
            return _back(episode_id, words, anchor)
        except Invalid as error:
            show_error(form, error)
    return _page(episode_id, form=form, criterion_id=criterion_id, status=422)


def _back(episode_id: UUID, words: str, anchor: str):
    flash(words, "success")
    return redirect(url_for("monitoring.episode", episode_id=episode_id, _anchor=anchor), 303)


def _page(episode_id: UUID, *, status: int = 200, **came_back):
    context = episode_page.context(actor=g.actor, episode_id=episode_id, **came_back)
    return render_template("monitoring/episode.html", **context), status
