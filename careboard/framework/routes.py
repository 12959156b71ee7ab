"""Routes below /o/<org>/framework: the regulator's topics, and what is tagged to them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.framework import catalogue, queries, service
from careboard.framework.forms import TagForm, UseForm
from careboard.framework.targets import target_within_reach
from careboard.htmx import page_or_fragment, redirect_or_fragment
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices

blueprint = Blueprint("framework", __name__, url_prefix="/o/<org>/framework")
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def index():
    framework = queries.in_use(actor=g.actor)
    return render_template(
        "framework/index.html",
        framework=framework,
        standings=queries.overview(actor=g.actor, framework=framework),
        form=FlaskForm(),
    )


@blueprint.get("/topics/<framework>/<slug>")
@requires(Permission.READ)
def topic(framework: str, slug: str):
    found = catalogue.topic(framework, slug)
    version = catalogue.FRAMEWORKS[framework]
    filters = Filters(request.args)
    service_id = filters.identity("service")
    return render_template(
        "framework/topic.html",
        topic=found,
        framework=version,
        standing=queries.overview(actor=g.actor, framework=version)[slug],
        rows=queries.of_topic(actor=g.actor, framework=version, slug=slug, service_id=service_id),
        service_id=service_id,
        services=service_choices(actor=g.actor),
        problems=filters.problems,
    )


@blueprint.post("/tag-by-domain")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def tag_by_domain():
    number = service.tag_by_domain(actor=g.actor)
    flash(f"{number} tagged by their domain. Look them over; each can be changed.", "success")
    return redirect(url_for("framework.index"), 303)


@blueprint.get("/tags/<subject>/<uuid:subject_id>")
@requires(Permission.READ)
def tags(subject: str, subject_id: UUID):
    return _tags_page(subject, subject_id, TagForm(formdata=None))


@blueprint.post("/tags/<subject>/<uuid:subject_id>")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def tag(subject: str, subject_id: UUID):
    framework = queries.in_use(actor=g.actor)
    form = TagForm()
    form.offer(framework)
    target = {"kind": subject, "row_id": subject_id}
    target_within_reach(actor=g.actor, **target)
    if not form.validate_on_submit():
        return _tags_page(subject, subject_id, form, status=422)
    service.tag(actor=g.actor, **target, framework=framework.code, slug=form.topic.data)
    return _changed(subject, subject_id, "Tagged.")


@blueprint.post("/tags/<uuid:tag_id>/remove")
@requires(Permission.SUBMIT_EVIDENCE)
@commits
def untag(tag_id: UUID):
    kind, row_id = service.untag(actor=g.actor, tag_id=tag_id)
    return _changed(kind, row_id, "Taken off.")


@blueprint.get("/settings")
@requires(Permission.READ)
def settings():
    current = queries.in_use(actor=g.actor)
    return _settings_page(UseForm(formdata=None, framework=current.code))


@blueprint.post("/settings")
@requires(Permission.MANAGE_FRAMEWORK)
@commits
def use():
    form = UseForm()
    if not form.validate_on_submit():
        return _settings_page(form, status=422)
    try:
        service.use(actor=g.actor, framework=form.framework.data, reason=form.reason.data)
    except Invalid as error:
        show_error(form, error)
        return _settings_page(form, status=422)
    flash("The framework has been changed. Every tag is kept.", "success")
    return redirect(url_for("framework.index"), 303)


@blueprint.post("/crosswalk/<int:number>")
@requires(Permission.MANAGE_FRAMEWORK)
@commits
def judge_pair(number: int):
    if request.form.get("same") not in ("yes", "no"):
        abort(422)
    service.judge_pair(actor=g.actor, number=number, same=request.form["same"] == "yes")
    judged = queries.crosswalk(actor=g.actor)[number]
    return redirect_or_fragment(
        url_for("framework.settings"),
        "framework/_pair.html",
        announce="Recorded.",
        judged=judged,
        form=FlaskForm(),
    )


def _tags_page(kind: str, row_id: UUID, form: TagForm, *, status: int = 200):
    return page_or_fragment(
        "framework/tags.html",
        "framework/_tags.html",
        status=status,
        **_tags(kind, row_id, form),
    )


def _tags(kind: str, row_id: UUID, form: TagForm) -> dict:
    target = target_within_reach(actor=g.actor, kind=kind, row_id=row_id)
    framework = queries.in_use(actor=g.actor)
    form.offer(framework)
    if not form.topic.data:
        likely = catalogue.suggested(framework.code, getattr(target, "domain", None))
        form.topic.data = likely.slug if likely else ""
    return {
        "kind": kind,
        "target": target,
        "framework": framework,
        "frameworks": catalogue.FRAMEWORKS,
        "tags": queries.tags_of(actor=g.actor, kind=kind, row_id=row_id),
        "form": form,
        "may_tag": g.actor.may(Permission.SUBMIT_EVIDENCE) and g.actor.reaches(target.service_id),
    }


def _changed(kind: str, row_id: UUID, announce: str):
    return redirect_or_fragment(
        url_for("framework.tags", subject=kind, subject_id=row_id),
        "framework/_tags.html",
        announce=announce,
        **_tags(kind, row_id, TagForm(formdata=None)),
    )


def _settings_page(form: UseForm, *, status: int = 200):
    return render_template(
        "framework/settings.html",
        form=form,
        current=queries.in_use(actor=g.actor),
        crosswalk=queries.crosswalk(actor=g.actor),
    ), status
