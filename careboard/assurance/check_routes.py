"""Validating a claim: taking it, drawing samples, comparing their rows, completing it."""

from __future__ import annotations

from flask import Response, g, request

from careboard import audit
from careboard.access import commits, requires
from careboard.assurance import checking, queries
from careboard.assurance.forms import CompletionForm, DrawForm, ItemForm, StartForm
from careboard.assurance.page import SAMPLE, blueprint, show_claim, take
from careboard.htmx import wants_fragment
from careboard.permissions import Permission


@blueprint.get("/<uuid:claim_id>/validation")
@requires(Permission.VALIDATE_EVIDENCE)
def validate(claim_id):
    position = request.args.get("row", type=int)
    return show_claim(claim_id, position=position, focus=wants_fragment())


@blueprint.post("/<uuid:claim_id>/validation")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def start(claim_id):
    form = StartForm()

    def begin():
        checking.start_validation(
            actor=g.actor, claim_id=claim_id, same_person_reason=form.same_person_reason.data
        )

    return take(claim_id, "start_form", form, begin, "The claim is yours to validate.")


@blueprint.post("/<uuid:claim_id>/samples")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def draw(claim_id):
    form = DrawForm()

    def pick():
        checking.draw_sample(
            actor=g.actor,
            claim_id=claim_id,
            kinds=form.kinds.data or [],
            size=form.size.data,
            redraw_reason=form.redraw_reason.data or "",
        )

    return take(claim_id, "draw_form", form, pick, "The sample is drawn.", SAMPLE)


@blueprint.post("/<uuid:claim_id>/samples/rows/<uuid:drawn_id>")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def record(claim_id, drawn_id):
    form = ItemForm()

    def compare():
        checking.record_item(
            actor=g.actor,
            claim_id=claim_id,
            item_id=drawn_id,
            result=request.form.get("result", ""),
            description=form.description.data,
            critical=form.critical.data,
        )

    return take(claim_id, "item_form", form, compare, "Recorded.", SAMPLE, drawn_id)


@blueprint.post("/<uuid:claim_id>/validation/completion")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def complete(claim_id):
    form = CompletionForm()

    def finish():
        checking.complete_validation(actor=g.actor, claim_id=claim_id, **form.values())

    return take(claim_id, "completion_form", form, finish, "The validation is complete.")


@blueprint.get("/<uuid:claim_id>/samples/<int:number>/population")
@requires(Permission.READ)
def population(claim_id, number: int):
    found = queries.population(actor=g.actor, claim_id=claim_id, number=number)
    name = found.file_name
    seen = {"number": number}
    audit.witness(actor=g.actor, tag="sample:population_taken", subject_id=claim_id, after=seen)
    return Response(
        found.text,
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
