"""Addresses of templates of recovery plans."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.recovery import template_service
from careboard.recovery.blueprint import blueprint
from careboard.recovery.check_kinds import KINDS
from careboard.recovery.plan_content import IndicatorSpec, Template
from careboard.recovery.plan_forms import TemplateForm, catalogue, plan_line
from careboard.recovery.plan_start import Start
from careboard.vocabulary import INDICATOR_UNITS


@blueprint.get("/templates")
@requires(Permission.READ)
def templates():
    return render_template(
        "recovery/templates.html",
        templates=template_service.templates(actor=g.actor),
        kinds=KINDS,
        manages=g.actor.may(Permission.MANAGE_RECOVERY),
        form=FlaskForm(formdata=None),
    )


@blueprint.get("/templates/<code>/edit")
@requires(Permission.MANAGE_RECOVERY)
def edit_template(code: str):
    held = template_service.template(actor=g.actor, code=code)
    form = TemplateForm(formdata=None).show(held, catalogue())
    if held.version is None:
        form.name.data = f"Our {held.name[:1].lower()}{held.name[1:]}"
    return _page(form, held)


@blueprint.post("/templates/<code>/edit")
@requires(Permission.MANAGE_RECOVERY)
@commits
def save_template(code: str):
    held = template_service.template(actor=g.actor, code=code)
    form, specs = TemplateForm(), _specs(held)
    form.offer_more(specs)
    if request.form.get("intent") == "more":
        if form.more.data in specs:
            form.add(form.more.data, specs[form.more.data], None)
            form.more.data = ""
        return _page(form, held)
    if form.validate_on_submit():
        try:
            own = "" if held.version is None else code
            template_service.save(actor=g.actor, made=form.made(own, _chosen(form, specs)))
            flash("The template is saved.", "success")
            return redirect(url_for("recovery.templates"), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(form, held, status=422)


def _chosen(form: TemplateForm, specs: dict[str, IndicatorSpec]) -> list[IndicatorSpec]:
    found = []
    for _, line, spec in form.chosen(specs):
        if line.use.data:
            said = plan_line(spec, line)
            found.append(replace(spec, target=said.target, goal=said.goal))
    return found


@blueprint.post("/templates/<code>/retire")
@requires(Permission.MANAGE_RECOVERY)
@commits
def retire_template(code: str):
    template_service.retire(actor=g.actor, code=code)
    flash("The template is no longer offered. Plans made from it stay.", "success")
    return redirect(url_for("recovery.templates"), 303)


def _specs(held: Template) -> dict[str, IndicatorSpec]:
    return catalogue() | {spec.key: spec for spec in held.indicators}


def _page(form: TemplateForm, held: Template, *, status: int = 200):
    specs = _specs(held)
    form.offer_more(specs)
    return render_template(
        "recovery/template_form.html",
        form=form,
        template=held,
        told={key: Start(spec, None, False, None) for key, spec in specs.items()},
        kinds=KINDS,
        units=INDICATOR_UNITS,
    ), status
