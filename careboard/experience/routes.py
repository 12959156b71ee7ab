"""Addresses of experience: months of all services, one service's summaries, and the log.

What concerns one theme stands in `theme_routes`.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard import figures
from careboard.access import commits, requires
from careboard.errors import CareBoardError, Invalid
from careboard.experience import log as intelligence
from careboard.experience import prefill, queries, service, theme_routes
from careboard.experience.forms import SummaryForm
from careboard.experience.months import last_complete, parse, run
from careboard.experience.service import ThemeCount
from careboard.experience.trends import trends as year_of
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_within_reach

blueprint = theme_routes.blueprint
blueprints = (blueprint,)
FIGURES = ("experience_monthly", "experience_unanswered")


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = Filters(request.args)
    only_missing = filters.choice("show", ("missing",)) == "missing"
    words = filters.text("q")
    return render_template(
        "experience/index.html",
        overview=queries.overview(
            actor=g.actor, words=words, only_missing=only_missing, page=filters.page
        ),
        counts=figures.counts(actor=g.actor, on=g.actor.today, codes=FIGURES),
        definitions=figures.FIGURES,
        words_asked=words,
        only_missing=only_missing,
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/services/<uuid:service_id>", endpoint="service")
@requires(Permission.READ)
def show_service(service_id: UUID):
    return _service_page(service_id)


def _month() -> date:
    return parse(request.args.get("month")) or last_complete(g.actor.today)


def _service_page(service_id: UUID, form: SummaryForm | None = None, status: int = 200):
    found = service_within_reach(actor=g.actor, service_id=service_id)
    month = _month()
    versions = queries.versions(actor=g.actor, service_id=service_id, month=month)
    present = versions[0] if versions else None
    writes = g.actor.may(Permission.RECORD_EXPERIENCE) and queries.is_over(month, g.actor.today)
    counted = prefill.counted(actor=g.actor, service_id=service_id, month=month)
    if writes and form is None:
        form = _begun(present, counted)
    page = render_template(
        "experience/service.html",
        service=found,
        month=month,
        months=queries.months_of(
            actor=g.actor, service_id=service_id, until=last_complete(g.actor.today)
        ),
        versions=versions,
        counted=counted,
        form=form,
    )
    return page, status


def _begun(present, counted: prefill.Counted) -> SummaryForm:
    form = SummaryForm(formdata=None)
    if present is not None:
        themes = [ThemeCount(**theme) for theme in present.themes or ()]
        return form.prefill(themes, sample_size=present.sample_size, present=present)
    themes = [ThemeCount(name, *count) for name, count in counted.themes.items()]
    return form.prefill(themes, sample_size=counted.answers or None)


@blueprint.post("/services/<uuid:service_id>")
@requires(Permission.RECORD_EXPERIENCE)
@commits
def submit(service_id: UUID):
    form, month, status = SummaryForm(), _month(), 422
    if request.form.get("intent") == "more":
        return _service_page(service_id, form.with_spare_rows())
    if form.validate_on_submit():
        try:
            return _submitted(form, service_id, month)
        except Invalid as error:
            form.refuse(error)
        except CareBoardError as error:
            if error.status != 409:
                raise
            form.form_errors.append(error.message)
            status = 409
    return _service_page(service_id, form.with_spare_rows(), status)


def _submitted(form: SummaryForm, service_id: UUID, month: date):
    corrected = bool(form.seen.data)
    service.submit_summary(
        actor=g.actor,
        service_id=service_id,
        month=month,
        facts=form.facts(),
        seen=form.seen.data or 0,
        correction_reason=form.correction_reason.data or "",
    )
    flash(f"{month:%B %Y} is {'corrected' if corrected else 'submitted'}.", "success")
    url = url_for("experience.service", service_id=service_id, month=f"{month:%Y-%m}")
    return redirect(url, 303)


@blueprint.get("/log")
@requires(Permission.READ)
def log():
    filters = Filters(request.args)
    show = filters.choice("show", intelligence.SHOWS) or "found"
    own = filters.identity("service")
    month = parse(filters.text("month")) or last_complete(g.actor.today)
    return render_template(
        "experience/log.html",
        log=intelligence.log(
            actor=g.actor, month=month, show=show, service_id=own, page=filters.page
        ),
        notes=queries.board_notes(actor=g.actor, service_id=own),
        month=month,
        months=run(last_complete(g.actor.today), 12)[::-1],
        show=show,
        shows=intelligence.SHOWS,
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/trends")
@requires(Permission.READ)
def trends():
    filters = Filters(request.args)
    own, theme = filters.identity("service"), filters.text("theme").lower()
    return render_template(
        "experience/trends.html",
        trends=year_of(actor=g.actor, theme=theme, service_id=own, page=filters.page),
        theme=theme,
        service_id=own,
        sitting=queries.board_sitting(actor=g.actor),
        asked=filters.asked,
        problems=filters.problems,
    )
