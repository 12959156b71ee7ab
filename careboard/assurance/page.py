"""The page of one claim, and how something is done on it: in place or as a page of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, g, url_for
from flask_wtf import FlaskForm

from careboard.assurance import checking, population, queries
from careboard.assurance.forms import (
    CompletionForm,
    DrawForm,
    ItemForm,
    PlainForm,
    StartForm,
    WithdrawalForm,
)
from careboard.errors import Conflict, Invalid
from careboard.evidence.queries import coverage
from careboard.forms import show_error
from careboard.htmx import page_or_fragment, redirect_or_fragment, wants_fragment
from careboard.permissions import Permission

blueprint = Blueprint("assurance", __name__, url_prefix="/o/<org>/assurance")
PAGE, WHOLE, SAMPLE = "assurance/show.html", "assurance/_claim.html", "assurance/_sample.html"
RECORD_PAGES = {
    "audit": ("records.audit", "audit_id"),
    "audit_concern": ("records.audit_concern", "concern_id"),
    "concern": ("records.concern", "concern_id"),
    "action": ("actions.show", "action_id"),
    "evidence": ("evidence.show", "evidence_id"),
}


def show_claim(claim_id: UUID, *, focus: bool, position: int | None = None) -> Response:
    """The whole page, or its main part as a fragment; `position` is a row of the sample."""
    return page_or_fragment(PAGE, WHOLE, **context(claim_id, position), focus=focus)


def take(
    claim_id: UUID,
    name: str,
    form: FlaskForm,
    service_call: Callable[[], object],
    done: str,
    fragment: str = WHOLE,
    row: UUID | None = None,
) -> Response:
    """Do it if the form holds; else show the claim with the form and what was typed."""
    status = 422
    if form.validate_on_submit():
        try:
            service_call()
            return _done(claim_id, done, fragment)
        except Invalid as error:
            show_error(form, error)
        except Conflict as error:
            form.form_errors.append(error.message)
            status = 409
    return page_or_fragment(PAGE, fragment, status=status, **context(claim_id, row, **{name: form}))


def _done(claim_id: UUID, done: str, fragment: str) -> Response:
    if not wants_fragment():
        flash(done, "success")
        anchor = "claim-sample" if fragment == SAMPLE else None
        endpoint = "validate" if g.actor.may(Permission.VALIDATE_EVIDENCE) else "show"
        url = url_for(f"assurance.{endpoint}", claim_id=claim_id, _anchor=anchor)
        return redirect_or_fragment(url, fragment, announce=done)
    response = redirect_or_fragment("", fragment, announce=done, **context(claim_id), focus=True)
    if fragment == WHOLE:
        # The queue on the same page, if there is one, looks again.
        response.headers["HX-Trigger"] = json.dumps({"announce": done, "claim-changed": ""})
    return response


def context(claim_id: UUID, row: UUID | int | None = None, **forms: FlaskForm) -> dict:
    """What the claim's templates need. `row` is the id or position of a drawn row to be shown;
    `forms` came back with errors: `start_form` and the like."""
    actor = g.actor
    detail = queries.detail(actor=actor, claim_id=claim_id)
    claim, items = detail.row, detail.items
    validates = claim.status == "submitted" and actor.may(Permission.VALIDATE_EVIDENCE)
    taken = validates and claim.taken_by_id == actor.membership_id
    mine = claim.submitted_by_id == actor.membership_id
    reasoned = taken and bool(detail.validation.same_person_reason)
    own = validates and checking.marks_own_work(actor=actor, claim=claim, items=items)
    ask_else = own and not reasoned
    found = {
        "claim": claim,
        "items": items,
        "coverage": coverage(items, on=actor.today),
        "standing": claim.standing(items, actor.today),
        "days": claim.waiting_days(actor.today),
        "validation": detail.validation,
        "draws": detail.draws,
        "tally": detail.tally,
        "validates": validates,
        "taken": taken,
        "own": ask_else,
        "other": ask_else and checking.somebody_else_for(actor=actor, claim=claim, items=items),
        "may_edit": mine and claim.status == "draft",
        "may_withdraw": mine
        and claim.status in ("draft", "submitted")
        and claim.return_id is None
        and not detail.draws,
        "drawn_row": _drawn_row(detail.draws, row),
        "record_pages": RECORD_PAGES,
        "plain_form": PlainForm(formdata=None),
        "withdrawal_form": WithdrawalForm(formdata=None),
        "start_form": StartForm(formdata=None),
        "item_form": ItemForm(formdata=None),
        "completion_form": CompletionForm(formdata=None),
    } | forms
    if taken:
        found["draw_form"] = _draw_form(detail, forms.get("draw_form"))
    return found


def _drawn_row(draws: list[queries.Drawn], asked: UUID | int | None):
    """The row of the latest draw that is asked for, else the first not compared yet."""
    if not draws:
        return None
    named = [item for item in draws[0].items if asked in (item.id, item.position)]
    return named[0] if named else draws[0].next_item


def _draw_form(detail: queries.Detail, sent: FlaskForm | None) -> DrawForm:
    form = sent or DrawForm(formdata=None)
    if detail.draws:
        return form
    del form.redraw_reason
    counts = population.counts(actor=g.actor, claim=detail.row)
    form.count(counts, tick=sent is None)
    return form
