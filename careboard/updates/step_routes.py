"""One update: what it says, its words, its evidence set, and the steps that it takes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, g, redirect, render_template, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.updates import page, steps, words
from careboard.updates.blueprint import blueprint
from careboard.updates.forms import EvidenceForm, StepForm, WordsForm


@blueprint.get("/<uuid:update_id>")
@requires(Permission.READ)
def show(update_id: UUID):
    return render_template("updates/show.html", **page.of_update(g.actor, update_id))


@blueprint.get("/<uuid:update_id>/words/<section>")
@requires(Permission.WRITE_UPDATE)
def edit_words(update_id: UUID, section: str):
    shown = page.of_section(g.actor, update_id, section)
    return render_template("updates/words.html", form=page.words_form(shown), **shown)


@blueprint.post("/<uuid:update_id>/words/<section>")
@requires(Permission.WRITE_UPDATE)
@commits
def write_words(update_id: UUID, section: str):
    shown, form = page.of_section(g.actor, update_id, section), WordsForm()
    if form.validate_on_submit():
        try:
            values = {"section": section, "words": form.words.data, "seen": form.seen_id}
            back = words.write(actor=g.actor, update_id=update_id, **values)
            flash("Saved. The update is a draft again." if back else "Saved.", "success")
            return redirect(_to(update_id, f"section-{section}"), 303)
        except Invalid as error:
            form.seen.data = page.seen(shown)
            show_error(form, error)
    return render_template("updates/words.html", form=form, **shown), 422


@blueprint.get("/<uuid:update_id>/evidence")
@requires(Permission.SUBMIT_EVIDENCE)
def evidence_set(update_id: UUID):
    return _evidence_page(EvidenceForm(formdata=None), update_id)


@blueprint.post("/<uuid:update_id>/evidence")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def gather(update_id: UUID):
    form = EvidenceForm()
    form.offer(page.evidence_to_choose(g.actor, update_id))
    if form.validate_on_submit():
        try:
            steps.gather(actor=g.actor, update_id=update_id, **form.values())
            flash("Handed in. Someone else validates it by a sample.", "success")
            return redirect(_to(update_id), 303)
        except Invalid as error:
            form.refuse(error)
    return _evidence_page(form, update_id, 422)


def _evidence_page(form: EvidenceForm, update_id: UUID, status: int = 200):
    if not form.is_submitted():
        form.offer(page.evidence_to_choose(g.actor, update_id))
    shown = page.to_gather(g.actor, update_id)
    return render_template("updates/evidence.html", form=form, **shown), status


@blueprint.post("/<uuid:update_id>/refresh")
@requires(Permission.READ)
@commits
def refresh(update_id: UUID):
    changed = steps.refresh(actor=g.actor, update_id=update_id)
    flash("The figures are fresh." if changed else "The figures are as the records are.", "success")
    return redirect(_to(update_id), 303)


@blueprint.post("/<uuid:update_id>/validation")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def validate(update_id: UUID):
    def take(reason: str) -> str:
        done = steps.validate(actor=g.actor, update_id=update_id, same_person_reason=reason)
        return "Validated: it says no more than the evidence." if done else steps.CHANGED

    return _take(update_id, "validate_form", take)


@blueprint.post("/<uuid:update_id>/approval")
@requires(Permission.APPROVE_UPDATE)
@commits
def approve(update_id: UUID):
    def take(reason: str) -> str:
        steps.approve(actor=g.actor, update_id=update_id, same_person_reason=reason)
        return "Approved. It can be published to the commissioner."

    return _take(update_id, "approve_form", take)


def _take(update_id: UUID, name: str, step: Callable[[str], str]):
    """Take the step if the form holds; else show the update with what was typed."""
    form = StepForm()
    if form.validate_on_submit():
        try:
            flash(step(form.same_person_reason.data or ""), "success")
            return redirect(_to(update_id), 303)
        except Invalid as error:
            show_error(form, error)
    shown = page.of_update(g.actor, update_id) | {name: form}
    return render_template("updates/show.html", **shown), 422


@blueprint.post("/<uuid:update_id>/return")
@requires(Permission.READ)
@commits
def send_back(update_id: UUID):
    steps.send_back(actor=g.actor, update_id=update_id)
    flash("It is a draft again, with fresh figures.", "success")
    return redirect(_to(update_id), 303)


def _to(update_id: UUID, anchor: str | None = None) -> str:
    return url_for("updates.show", update_id=update_id, _anchor=anchor)
