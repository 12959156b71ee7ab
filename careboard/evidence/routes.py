"""Addresses of the evidence feature: library, new item, item, revisions, links, download."""

from __future__ import annotations

import io

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)

from careboard import audit, uploads
from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import CareBoardError, Invalid, NotFound
from careboard.evidence import attached, judging, queries, service
from careboard.evidence.forms import (
    STATUSES,
    VALIDITIES,
    AttachmentForm,
    EvidenceForm,
    JudgementForm,
    PlainForm,
    RevisionForm,
    WithdrawalForm,
    asked,
    filters_from,
)
from careboard.evidence.targets import one_target
from careboard.form_fields import known_id
from careboard.forms import show_error
from careboard.htmx import page_or_fragment, redirect_or_fragment, wants_fragment
from careboard.permissions import Permission
from careboard.vocabulary import KIND_NAMES

blueprint = Blueprint("evidence", __name__, url_prefix="/o/<org>/evidence")
blueprints = (blueprint,)
SHOW, WHOLE = "evidence/show.html", "evidence/_evidence.html"


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = filters_from(request.args)
    number = request.args.get("page", 1, type=int)
    return render_template(
        "evidence/index.html",
        filters=filters,
        asked=asked(request.args),
        found=queries.library(actor=g.actor, filters=filters, number=number),
        services=sources.services(actor=g.actor),
        kinds=KIND_NAMES,
        statuses=STATUSES,
        validities=VALIDITIES,
    )


@blueprint.get("/new")
@requires(Permission.SUBMIT_EVIDENCE)
def new():
    target, form = _asked_target(), EvidenceForm()
    if target:
        form.title.data = f"Evidence for {target.label}"[:200]
    return _new_page(form, target)


@blueprint.post("/new")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def create():
    target, form = _asked_target(), EvidenceForm()
    _offer(form, target)
    if form.validate_on_submit():
        try:
            evidence_id = _submit(form, target)
            flash("Evidence added.", "success")
            return redirect(_back_to(target, evidence_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _new_page(form, target, status=422)


def _submit(form: EvidenceForm, target: attached.TargetView | None):
    return service.submit(
        actor=g.actor,
        title=form.title.data,
        kind=form.kind.data,
        service_id=form.data.get("service_id"),
        period_from=form.period_from.data,
        period_to=form.period_to.data,
        valid_until=form.valid_until.data,
        upload=uploads.received(form.file.data),
        source_link=form.source_link.data,
        note=form.note.data,
        draft=request.form.get("intent") == "draft",
        target=one_target(**target.ids) if target else None,
    )


def _asked_target() -> attached.TargetView | None:
    names = {
        "action": "action_id",
        "concern": "audit_concern_id",
        "record": "concern_id",
        "risk": "risk_id",
        "claim": "claim_id",
        "plan": "plan_id",
    }
    try:
        asked = {column: known_id(request.args.get(name)) for name, column in names.items()}
    except ValueError as error:
        raise CareBoardError("This link is incomplete.") from error
    return attached.target_view(actor=g.actor, **asked)


def _back_to(target: attached.TargetView | None, evidence_id) -> str:
    """The page that the person came from: that of what the evidence supports."""
    endpoint = target and attached.PAGES[target.kind]
    if endpoint:
        return url_for(endpoint[0], **{endpoint[1]: target.id})
    return url_for("evidence.show", evidence_id=evidence_id)


def _offer(form: EvidenceForm, target: attached.TargetView | None) -> None:
    if target:
        del form.service_id
    else:
        nothing = "The whole organisation" if g.actor.service_ids is None else "Choose the service"
        form.service_id.offer(sources.services(actor=g.actor), nothing)


def _new_page(form, target, status: int = 200) -> Response:
    if not form.is_submitted():
        _offer(form, target)
    return page_or_fragment(
        "evidence/new.html", "evidence/_new.html", status=status, form=form, target=target
    )


@blueprint.get("/<uuid:evidence_id>")
@requires(Permission.READ)
def show(evidence_id):
    return page_or_fragment(SHOW, WHOLE, **_context(evidence_id))


def _context(evidence_id, **forms) -> dict:
    item = queries.item(actor=g.actor, evidence_id=evidence_id)
    may_judge = judging.may_judge(actor=g.actor, item=item)
    own = may_judge and g.actor.membership_id in item.makers
    return {
        "item": item,
        "revisions": queries.revisions(actor=g.actor, evidence_id=evidence_id),
        "attachments": attached.attachments(actor=g.actor, evidence_id=evidence_id),
        "pages": attached.PAGES,
        "may_change": g.actor.may(Permission.SUBMIT_EVIDENCE) and item.status != "withdrawn",
        "may_replace": item.status != "withdrawn"
        and service.may_change(actor=g.actor, service_id=item.service_id),
        "may_judge": may_judge,
        "own": own,
        "other": own
        and judging.somebody_else_for(
            actor=g.actor, service_id=item.service_id, makers=item.makers
        ),
        "judgement_form": JudgementForm(formdata=None),
        "revision_form": RevisionForm(formdata=None),
        "attachment_form": AttachmentForm(formdata=None),
        "withdrawal_form": WithdrawalForm(formdata=None),
    } | forms


def _change(evidence_id, name: str, form, call, done: str) -> Response:
    """Do it and show the item as it is now, or show it with the form's errors."""
    if form.validate_on_submit():
        try:
            call()
            if not wants_fragment():
                flash(done, "success")
            url = url_for("evidence.show", evidence_id=evidence_id)
            context = _context(evidence_id) if wants_fragment() else {}
            return redirect_or_fragment(url, WHOLE, announce=done, **context)
        except Invalid as error:
            show_error(form, error)
    context = _context(evidence_id, **{name: form})
    return page_or_fragment(SHOW, WHOLE, status=422, **context)


@blueprint.post("/<uuid:evidence_id>/revisions")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def revise(evidence_id):
    form = RevisionForm()

    def replace():
        service.revise(
            actor=g.actor,
            evidence_id=evidence_id,
            upload=uploads.received(form.file.data),
            source_link=form.source_link.data,
            note=form.note.data,
        )

    return _change(evidence_id, "revision_form", form, replace, "Replaced by a new revision.")


@blueprint.post("/<uuid:evidence_id>/submission")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def submit(evidence_id):
    def hand_in():
        service.submit_draft(actor=g.actor, evidence_id=evidence_id)

    return _change(evidence_id, "plain_form", PlainForm(), hand_in, "Submitted.")


@blueprint.post("/<uuid:evidence_id>/withdrawal")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def withdraw(evidence_id):
    form = WithdrawalForm()

    def take_back():
        service.withdraw(actor=g.actor, evidence_id=evidence_id, reason=form.reason.data)

    return _change(evidence_id, "withdrawal_form", form, take_back, "Withdrawn.")


@blueprint.post("/<uuid:evidence_id>/judgement")
@requires(Permission.VALIDATE_EVIDENCE)
@commits
def judge(evidence_id):
    form = JudgementForm()

    def decide():
        judging.judge(
            actor=g.actor,
            evidence_id=evidence_id,
            outcome=form.outcome.data,
            note=form.note.data,
            same_person_reason=form.same_person_reason.data or "",
        )

    return _change(evidence_id, "judgement_form", form, decide, "Your decision is recorded.")


@blueprint.post("/<uuid:evidence_id>/links")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def attach(evidence_id):
    form = AttachmentForm()

    def link():
        ids = attached.by_reference(actor=g.actor, reference=form.reference.data)
        if ids is None:
            raise Invalid("There is nothing with this reference. Check it.", "reference")
        service.attach(actor=g.actor, evidence_id=evidence_id, **ids)

    return _change(evidence_id, "attachment_form", form, link, "Attached.")


@blueprint.post("/<uuid:evidence_id>/links/<uuid:link_id>/removal")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def detach(evidence_id, link_id):
    def unlink():
        service.detach(actor=g.actor, evidence_id=evidence_id, link_id=link_id)

    return _change(evidence_id, "plain_form", PlainForm(), unlink, "Detached.")


@blueprint.get("/revisions/<uuid:revision_id>/file")
@requires(Permission.READ)
def download(revision_id):
    kept = queries.kept_file(actor=g.actor, revision_id=revision_id)
    try:
        content = uploads.content_of(org_id=g.actor.org_id, sha256=kept.sha256)
    except FileNotFoundError as error:
        raise NotFound("The file is not in the store. Tell your administrator.") from error
    audit.witness(actor=g.actor, tag="evidence:downloaded", subject_id=kept.evidence_id)
    response = send_file(
        io.BytesIO(content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=kept.file_name,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
