"""The steps of one action: each a noun of its own, GET for its form and POST to take it.

Source: DESIGN section 4, Action; steps S0-1.3 and S0-1.4.
"""

from __future__ import annotations

from flask import g, request
from flask_wtf import FlaskForm

from careboard import uploads
from careboard.access import commits, requires
from careboard.actions import lifecycle, measuring, service
from careboard.actions.forms import (
    ActionForm,
    AssignmentForm,
    CancellationForm,
    CompletionForm,
    ConfirmationForm,
    ExtensionForm,
    GapsForm,
    MeasureForm,
    NoteForm,
    ReadingForm,
    ReturnForm,
    VerificationForm,
)
from careboard.actions.measure_form import require_seen
from careboard.actions.page import blueprint, open_step, service_of, take_step
from careboard.errors import Invalid
from careboard.permissions import Permission


def _at(action_id, form: FlaskForm) -> dict:
    return {
        "actor": g.actor,
        "action_id": action_id,
        "lock_version": form.lock_version.data,
    }


@blueprint.get("/<uuid:action_id>/draft")
@requires(Permission.ASSIGN_ACTION)
def edit(action_id):
    form = ActionForm()
    del form.service_id
    return open_step(action_id, "edit", form)


@blueprint.post("/<uuid:action_id>/draft")
@requires(Permission.ASSIGN_ACTION)
@commits
def save_draft(action_id):
    form = ActionForm()
    del form.service_id
    opening = request.form.get("intent") == "open"

    def save():
        if opening and not form.not_vague():
            raise Invalid("It cannot be opened yet: something is missing.")
        if opening:
            require_seen(form, service_of(action_id))
        service.edit_draft(open_it=opening, **form.values(), **_at(action_id, form))

    done = "Action opened. Its owner has been told." if opening else "Draft saved."
    return take_step(action_id, "edit", form, save, done)


@blueprint.get("/<uuid:action_id>/gaps")
@requires(Permission.ASSIGN_ACTION)
def gaps(action_id):
    return open_step(action_id, "gaps", GapsForm())


@blueprint.post("/<uuid:action_id>/gaps")
@requires(Permission.ASSIGN_ACTION)
@commits
def fill_gaps(action_id):
    form = GapsForm()

    def fill():
        service.fill_gaps(**form.values(), **_at(action_id, form))

    return take_step(action_id, "gaps", form, fill, "Gaps filled.")


@blueprint.get("/<uuid:action_id>/measure")
@requires(Permission.ASSIGN_ACTION)
def measure(action_id):
    return open_step(action_id, "measure", MeasureForm())


@blueprint.post("/<uuid:action_id>/measure")
@requires(Permission.ASSIGN_ACTION)
@commits
def name_measure(action_id):
    form = MeasureForm()

    def name():
        require_seen(form, service_of(action_id))
        measuring.name_measure(**form.measured(), **_at(action_id, form))

    return take_step(action_id, "measure", form, name, "Measure named. Its baseline is kept.")


@blueprint.get("/<uuid:action_id>/readings")
@requires(Permission.WORK_ON_ACTION)
def reading(action_id):
    return open_step(action_id, "reading", ReadingForm(on_date=g.actor.today))


@blueprint.post("/<uuid:action_id>/readings")
@requires(Permission.WORK_ON_ACTION)
@commits
def add_reading(action_id):
    form = ReadingForm()

    def add():
        measuring.add_reading(
            actor=g.actor,
            action_id=action_id,
            on_date=form.on_date.data,
            value=form.value.data,
            note=form.note.data,
        )

    return take_step(action_id, "reading", form, add, "Value entered.")


@blueprint.get("/<uuid:action_id>/notes")
@requires(Permission.WORK_ON_ACTION)
def note(action_id):
    return open_step(action_id, "note", NoteForm())


@blueprint.post("/<uuid:action_id>/notes")
@requires(Permission.WORK_ON_ACTION)
@commits
def add_note(action_id):
    form = NoteForm()

    def add():
        lifecycle.note_progress(note=form.note.data, **_at(action_id, form))

    return take_step(action_id, "note", form, add, "Progress recorded.")


@blueprint.post("/<uuid:action_id>/confirmations")
@requires(Permission.WORK_ON_ACTION)
@commits
def confirm(action_id):
    form = ConfirmationForm()

    def say():
        lifecycle.confirm(**_at(action_id, form))

    return take_step(action_id, "", form, say, "Confirmed: still true today.")


@blueprint.get("/<uuid:action_id>/completion")
@requires(Permission.WORK_ON_ACTION)
def completion(action_id):
    return open_step(action_id, "completion", CompletionForm())


@blueprint.post("/<uuid:action_id>/completion")
@requires(Permission.WORK_ON_ACTION)
@commits
def complete(action_id):
    form = CompletionForm()

    def finish():
        lifecycle.complete(
            detail=form.completion_detail.data,
            kind=form.kind.data,
            upload=uploads.received(form.file.data),
            source_link=form.source_link.data,
            period_from=form.period_from.data,
            period_to=form.period_to.data,
            **_at(action_id, form),
        )

    done = "Completed. It now awaits verification by someone else."
    return take_step(action_id, "completion", form, finish, done)


@blueprint.get("/<uuid:action_id>/verification")
@requires(Permission.VERIFY_ACTION)
def verification(action_id):
    return open_step(action_id, "verification", VerificationForm())


@blueprint.post("/<uuid:action_id>/verification")
@requires(Permission.VERIFY_ACTION)
@commits
def verify(action_id):
    form = VerificationForm()

    def accept():
        lifecycle.verify(
            note=form.note.data,
            same_person_reason=form.data.get("same_person_reason", ""),
            **_at(action_id, form),
        )

    return take_step(action_id, "verification", form, accept, "Verified.")


@blueprint.get("/<uuid:action_id>/return")
@requires(Permission.VERIFY_ACTION)
def return_(action_id):
    return open_step(action_id, "return_", ReturnForm())


@blueprint.post("/<uuid:action_id>/return")
@requires(Permission.VERIFY_ACTION)
@commits
def send_back(action_id):
    form = ReturnForm()

    def send():
        lifecycle.send_back(reason=form.reason.data, **_at(action_id, form))

    return take_step(action_id, "return_", form, send, "Returned. Its owner has been told.")


@blueprint.get("/<uuid:action_id>/extension")
@requires(Permission.ASSIGN_ACTION)
def extension(action_id):
    return open_step(action_id, "extension", ExtensionForm())


@blueprint.post("/<uuid:action_id>/extension")
@requires(Permission.ASSIGN_ACTION)
@commits
def extend(action_id):
    form = ExtensionForm()

    def give():
        lifecycle.extend(due_on=form.due_on.data, reason=form.reason.data, **_at(action_id, form))

    return take_step(action_id, "extension", form, give, "Extended. The original date is kept.")


@blueprint.get("/<uuid:action_id>/assignment")
@requires(Permission.ASSIGN_ACTION)
def assignment(action_id):
    return open_step(action_id, "assignment", AssignmentForm())


@blueprint.post("/<uuid:action_id>/assignment")
@requires(Permission.ASSIGN_ACTION)
@commits
def reassign(action_id):
    form = AssignmentForm()

    def give():
        lifecycle.reassign(owner_id=form.owner_id.data, note=form.note.data, **_at(action_id, form))

    return take_step(action_id, "assignment", form, give, "Reassigned. The owner has been told.")


@blueprint.get("/<uuid:action_id>/cancellation")
@requires(Permission.ASSIGN_ACTION)
def cancellation(action_id):
    return open_step(action_id, "cancellation", CancellationForm())


@blueprint.post("/<uuid:action_id>/cancellation")
@requires(Permission.ASSIGN_ACTION)
@commits
def cancel(action_id):
    form = CancellationForm()

    def stop():
        lifecycle.cancel(reason=form.reason.data, **_at(action_id, form))

    return take_step(action_id, "cancellation", form, stop, "Cancelled.")
