"""What the commissioner said of an update, and the governance group's answer."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.updates import feedback, page, queries
from careboard.updates.blueprint import blueprint
from careboard.updates.forms import AnswerForm, FeedbackForm


@blueprint.get("/<uuid:update_id>/feedback")
@requires(Permission.RECORD_COMMUNICATION)
def new_feedback(update_id: UUID):
    return _feedback_page(FeedbackForm(formdata=None, on=g.actor.today), update_id)


@blueprint.post("/<uuid:update_id>/feedback")
@requires(Permission.RECORD_COMMUNICATION)
@commits
def record_feedback(update_id: UUID):
    form = FeedbackForm()
    if form.validate_on_submit():
        try:
            feedback.record(actor=g.actor, update_id=update_id, **form.values())
            flash("Recorded. The governance group answers it in its next sitting.", "success")
            return redirect(url_for("updates.show", update_id=update_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _feedback_page(form, update_id, 422)


def _feedback_page(form: FeedbackForm, update_id: UUID, status: int = 200):
    line = queries.line(actor=g.actor, update_id=update_id)
    return render_template("updates/feedback.html", form=form, line=line), status


@blueprint.get("/feedback/<uuid:feedback_id>/answer")
@requires(Permission.RUN_GOVERNANCE_REVIEW)
def new_answer(feedback_id: UUID):
    form = AnswerForm(formdata=None)
    form.sitting.data = Filters(request.args).identity("sitting")
    return _answer_page(form, feedback_id)


@blueprint.post("/feedback/<uuid:feedback_id>/answer")
@requires(Permission.RUN_GOVERNANCE_REVIEW)
@commits
def answer(feedback_id: UUID):
    form = AnswerForm()
    form.sitting.offer(page.sittings_to_choose(g.actor), "Choose a sitting")
    if form.validate_on_submit():
        try:
            update_id = feedback.answer(
                actor=g.actor,
                feedback_id=feedback_id,
                sitting_id=form.sitting.data,
                decision=form.decision.data,
                next_steps=form.next_steps.data or "",
            )
            flash("The answer stands in the minutes of the sitting.", "success")
            return redirect(url_for("updates.show", update_id=update_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _answer_page(form, feedback_id, 422)


def _answer_page(form: AnswerForm, feedback_id: UUID, status: int = 200):
    said = queries.one_feedback(actor=g.actor, feedback_id=feedback_id)
    form.sitting.offer(page.sittings_to_choose(g.actor), "Choose a sitting")
    return render_template("updates/answer.html", form=form, said=said), status
