"""Reviews: what is due, a sitting with its agenda, and the minutes once signed.

The forums themselves stand in `forum_routes`.
"""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.forms import show_error
from careboard.htmx import page_or_fragment, redirect_or_fragment
from careboard.permissions import Permission
from careboard.reviews import duties, forum_routes, forums, queries, reading, rights, service
from careboard.reviews.forms import (
    AnswerForm,
    EntryForm,
    MatterForm,
    MinutesForm,
    SignForm,
    SittingForm,
    read_filters,
    read_page,
)
from careboard.vocabulary import FORUMS

blueprint = forum_routes.blueprint
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def index():
    return render_template(
        "reviews/index.html",
        duties=duties.duties(actor=g.actor, page=read_page(request.args)),
        challenges=queries.open_challenges(actor=g.actor),
        recent=queries.recent(actor=g.actor),
    )


@blueprint.get("/sittings")
@requires(Permission.READ)
def sittings():
    offered = duties.services(actor=g.actor)
    filters = read_filters(request.args, offered)
    return render_template(
        "reviews/sittings.html",
        page=queries.sittings(actor=g.actor, **filters),
        filters=filters,
        services=offered,
        forums=FORUMS,
    )


@blueprint.get("/new")
@requires(Permission.READ)
def new():
    form = _sitting_form()
    form.prefill(request.args)
    if form.forum.data:
        period = queries.next_period(
            actor=g.actor, forum=form.forum.data, service_id=form.service_id
        )
        form.period_from.data, form.period_to.data = period.first, period.last
    return render_template("reviews/new.html", form=form)


@blueprint.post("/")
@requires(Permission.READ)
@commits
def create():
    form = _sitting_form()
    if form.validate_on_submit():
        try:
            review_id = service.open_sitting(actor=g.actor, **form.values())
            return redirect(url_for("reviews.show", review_id=review_id), 303)
        except Invalid as error:
            show_error(form, error)
    return render_template("reviews/new.html", form=form), 422


def _sitting_form() -> SittingForm:
    forums = rights.runs(g.actor)
    if not forums:
        raise Forbidden("You do not have the right to run a review.")
    form = SittingForm()
    form.offer(forums=forums, services=duties.services(actor=g.actor))
    return form


@blueprint.get("/<uuid:review_id>")
@requires(Permission.READ)
def show(review_id: UUID):
    return _sitting_page(review_id)


@blueprint.post("/<uuid:review_id>")
@requires(Permission.READ)
@commits
def update(review_id: UUID):
    minutes = reading.minutes(actor=g.actor, review_id=review_id)
    rights.require_run(g.actor, minutes.sitting.forum, minutes.sitting.service_id)
    if minutes.sitting.status == "signed":
        raise Conflict(service.SIGNED)
    form = MinutesForm()
    form.offer(minutes, forums.people(actor=g.actor))
    if form.validate_on_submit():
        try:
            service.save_minutes(actor=g.actor, review_id=review_id, **form.values())
            flash("Minutes saved.", "success")
            return redirect(url_for("reviews.show", review_id=review_id, _anchor="close"), 303)
        except Invalid as error:
            show_error(form, error)
    return _sitting_page(review_id, minutes_form=form, status=422)


@blueprint.post("/<uuid:review_id>/items")
@requires(Permission.READ)
@commits
def add_matter(review_id: UUID):
    form = MatterForm()
    try:
        item_id = service.add_matter(actor=g.actor, review_id=review_id, title=form.title.data)
    except Invalid as error:
        show_error(form, error)
        return _sitting_page(review_id, matter_form=form, status=422)
    flash("Matter added to the agenda.", "success")
    return redirect(url_for("reviews.show", review_id=review_id, _anchor=f"item-{item_id}"), 303)


def _sitting_page(review_id: UUID, *, status: int = 200, minutes_form=None, matter_form=None):
    minutes = reading.minutes(actor=g.actor, review_id=review_id)
    if minutes.sitting.status == "signed":
        return render_template("reviews/signed.html", minutes=minutes, sitting=minutes.sitting)
    form = minutes_form or MinutesForm(formdata=None)
    if minutes.may_run:
        form.offer(minutes, forums.people(actor=g.actor))
    page = render_template(
        "reviews/show.html",
        minutes=minutes,
        sitting=minutes.sitting,
        minutes_form=form,
        overtaken=form.show(minutes, typed=minutes_form is not None),
        matter_form=matter_form or MatterForm(formdata=None),
        kinds=minutes.kinds,
        entries=minutes.entries,
        sitting_form=EntryForm(formdata=None).place(minutes.kinds, "sitting"),
    )
    return page, status


@blueprint.get("/<uuid:review_id>/items/<uuid:item_id>")
@requires(Permission.READ)
def item(review_id: UUID, item_id: UUID):
    return _item_page(review_id, item_id, EntryForm(formdata=None))


def _item_page(review_id: UUID, item_id: UUID, form: EntryForm, *, status: int = 200):
    sitting, line, kinds = reading.line(actor=g.actor, review_id=review_id, item_id=item_id)
    return page_or_fragment(
        "reviews/item.html",
        "reviews/_item.html",
        status=status,
        sitting=sitting,
        line=line,
        kinds=kinds,
        entry_form=form.place(kinds, item_id) if kinds else None,
    )


@blueprint.post("/<uuid:review_id>/items/<uuid:item_id>/entries")
@requires(Permission.READ)
@commits
def record_on_item(review_id: UUID, item_id: UUID):
    form = EntryForm()
    try:
        service.record_entry(actor=g.actor, review_id=review_id, item_id=item_id, **form.values())
    except Invalid as error:
        show_error(form, error)
        return _item_page(review_id, item_id, form, status=422)
    sitting, line, kinds = reading.line(actor=g.actor, review_id=review_id, item_id=item_id)
    return redirect_or_fragment(
        url_for("reviews.show", review_id=review_id, _anchor=f"item-{item_id}"),
        "reviews/_item.html",
        announce="Recorded in the minutes.",
        sitting=sitting,
        line=line,
        kinds=kinds,
    )


@blueprint.post("/<uuid:review_id>/entries")
@requires(Permission.READ)
@commits
def record(review_id: UUID):
    form = EntryForm()
    try:
        service.record_entry(actor=g.actor, review_id=review_id, item_id=None, **form.values())
    except Invalid as error:
        show_error(form, error)
        return _entries_page(review_id, form)
    return redirect_or_fragment(
        url_for("reviews.show", review_id=review_id, _anchor="sitting"),
        "reviews/_sitting.html",
        announce="Recorded in the minutes.",
        **_entries(review_id, EntryForm(formdata=None)),
    )


def _entries_page(review_id: UUID, form: EntryForm):
    return page_or_fragment(
        "reviews/entries.html",
        "reviews/_sitting.html",
        status=422,
        **_entries(review_id, form),
    )


def _entries(review_id: UUID, form: EntryForm) -> dict:
    sitting, entries, kinds = reading.sitting_entries(actor=g.actor, review_id=review_id)
    return {
        "sitting": sitting,
        "entries": entries,
        "kinds": kinds,
        "sitting_form": form.place(kinds, "sitting"),
    }


@blueprint.get("/<uuid:review_id>/signature")
@requires(Permission.READ)
def signature(review_id: UUID):
    return _signature_page(review_id, SignForm(formdata=None))


@blueprint.post("/<uuid:review_id>/signature")
@requires(Permission.READ)
@commits
def sign(review_id: UUID):
    form = SignForm()
    if not form.validate():
        return _signature_page(review_id, form, status=422)
    try:
        service.sign(actor=g.actor, review_id=review_id, seen=form.seen.data)
    except Invalid as error:
        show_error(form, error)
        return _signature_page(review_id, form, status=422)
    flash("The minutes are signed and can no longer be altered.", "success")
    return redirect(url_for("reviews.show", review_id=review_id), 303)


def _signature_page(review_id: UUID, form: SignForm, *, status: int = 200):
    minutes = reading.minutes(actor=g.actor, review_id=review_id)
    if not minutes.may_run:
        raise Forbidden("You do not have the right to sign these minutes.")
    if minutes.sitting.status == "signed":
        return redirect(url_for("reviews.show", review_id=review_id), 303)
    form.seen.data = minutes.draft_seal
    return render_template(
        "reviews/signature.html",
        minutes=minutes,
        sitting=minutes.sitting,
        figures=reading.figures_now(actor=g.actor, sitting=minutes.sitting),
        form=form,
    ), status


@blueprint.get("/challenges/<uuid:entry_id>")
@requires(Permission.READ)
def challenge(entry_id: UUID):
    return _challenge_page(entry_id, AnswerForm(formdata=None))


def _challenge_page(entry_id: UUID, form: AnswerForm, *, status: int = 200):
    found = queries.challenge(actor=g.actor, entry_id=entry_id)
    return page_or_fragment(
        "reviews/challenge.html",
        "reviews/_challenge.html",
        status=status,
        challenge=found,
        answer_form=form.place(entry_id) if found.may_answer else None,
    )


@blueprint.post("/challenges/<uuid:entry_id>")
@requires(Permission.RUN_MANAGER_REVIEW)
@commits
def answer(entry_id: UUID):
    form = AnswerForm()
    try:
        service.answer_challenge(actor=g.actor, entry_id=entry_id, text=form.text.data)
    except Invalid as error:
        show_error(form, error)
        return _challenge_page(entry_id, form, status=422)
    return redirect_or_fragment(
        url_for("reviews.challenge", entry_id=entry_id),
        "reviews/_challenge.html",
        announce="Answered.",
        challenge=queries.challenge(actor=g.actor, entry_id=entry_id),
    )
