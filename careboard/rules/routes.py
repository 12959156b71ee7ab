"""The organisation's rules and their thresholds."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.rules import queries, service
from careboard.rules.forms import ThresholdsForm, changeable, form_for

blueprint = Blueprint("rules", __name__, url_prefix="/o/<org>/rules")
blueprints = (blueprint,)


@blueprint.get("/")
@requires(Permission.READ)
def index():
    return render_template("rules/index.html", listed=queries.index(actor=g.actor))


@blueprint.get("/<code>")
@requires(Permission.READ)
def change(code: str):
    return _page(code)


@blueprint.post("/<code>")
@requires(Permission.MANAGE_RULES)
@commits
def set_thresholds(code: str):
    rule = service.rule(code)
    form = form_for(rule, rule.defaults)
    if form.validate_on_submit():
        try:
            service.change(
                actor=g.actor,
                code=code,
                values=form.values(rule),
                in_use_from=form.in_use_from.data,
                reason=form.reason.data,
            )
            flash("The thresholds are set. What fires is looked at again in a moment.", "success")
            return redirect(url_for("rules.change", code=code), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(code, form)


def _page(code: str, form: ThresholdsForm | None = None):
    rule = service.rule(code)
    page = queries.of_rule(actor=g.actor, rule=rule)
    if form is None and g.actor.may(Permission.MANAGE_RULES) and changeable(rule):
        form, wrong = form_for(rule, page.used.parameters, formdata=None), False
        form.in_use_from.data = g.actor.today
    else:
        wrong = form is not None
    return render_template("rules/rule.html", page=page, form=form), 422 if wrong else 200
