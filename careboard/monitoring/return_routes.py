"""Weekly returns and reports of an episode."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.assurance import origin
from careboard.errors import Invalid, NotFound
from careboard.forms import show_error
from careboard.monitoring import position, report_service, return_queries, return_service
from careboard.monitoring.blueprint import blueprint
from careboard.monitoring.links import PAGES
from careboard.monitoring.return_forms import ReportForm, ReturnForm, progress
from careboard.permissions import Permission
from careboard.services.filters import Filters


@blueprint.get("/returns")
@requires(Permission.READ)
def returns():
    return render_template(
        "monitoring/returns.html",
        asked=return_queries.asked(actor=g.actor),
        found=return_queries.returns(actor=g.actor, page=Filters(request.args).page),
    )


@blueprint.get("/reports")
@requires(Permission.READ)
def reports():
    found = return_queries.reports(actor=g.actor, page=Filters(request.args).page)
    return render_template(
        "monitoring/reports.html", found=found, decisions=report_service.DECISIONS
    )


@blueprint.get("/episodes/<uuid:episode_id>/weeks/<int:week>/return")
@requires(Permission.SUBMIT_RETURN)
def new_return(episode_id: UUID, week: int):
    line = _week(episode_id, week, Permission.SUBMIT_RETURN)
    if line.handed is not None:
        return redirect(url_for("monitoring.show_return", return_id=line.handed.return_id))
    return _return_page(ReturnForm(formdata=None), line)


@blueprint.post("/episodes/<uuid:episode_id>/weeks/<int:week>/return")
@requires(Permission.SUBMIT_RETURN)
@commits
def hand_in(episode_id: UUID, week: int):
    line, form = _week(episode_id, week, Permission.SUBMIT_RETURN), ReturnForm()
    form.offer(_evidence(line))
    if form.validate_on_submit():
        try:
            return _handed_in(line, form)
        except Invalid as error:
            form.refuse(error)
    return _return_page(form, line, 422)


def _handed_in(line: return_queries.WeekLine, form: ReturnForm):
    return_id = return_service.hand_in(
        actor=g.actor,
        episode_id=line.head.id,
        week=line.week.number,
        progress=progress(request.form),
        **form.values(),
    )
    flash("Handed in. Someone else verifies it by a sample.", "success")
    return redirect(url_for("monitoring.show_return", return_id=return_id), 303)


def _return_page(form: ReturnForm, line: return_queries.WeekLine, status: int = 200):
    if not form.is_submitted():
        form.offer(_evidence(line))
    shown = {"line": line, "form": form, "pages": PAGES}
    shown["typed"] = {str(row_id): words for row_id, words in progress(request.form).items()}
    return render_template("monitoring/return_form.html", **shown, **_said(line)), status


def _evidence(line: return_queries.WeekLine):
    return origin.evidence_to_choose(actor=g.actor, service_id=line.head.service_id)


def _said(line: return_queries.WeekLine) -> dict:
    """What the records say of the week today, and the episode's actions."""
    said = position.of_week(actor=g.actor, service_id=line.head.service_id, week=line.week)
    actions = position.actions(actor=g.actor, episode_id=line.head.id)
    return {"figures": position.shown(said), "actions": position.shown(actions)}


def _week(episode_id: UUID, week: int, permission: Permission) -> return_queries.WeekLine:
    line = return_queries.line_of(actor=g.actor, episode_id=episode_id, number=week)
    if line is None:
        raise NotFound()
    g.actor.require(permission, line.head.service_id)
    return line


@blueprint.get("/returns/<uuid:return_id>")
@requires(Permission.READ)
def show_return(return_id: UUID):
    one = return_queries.handed(actor=g.actor, return_id=return_id)
    return render_template("monitoring/return.html", one=one, pages=PAGES, shown=position.shown)


@blueprint.get("/episodes/<uuid:episode_id>/weeks/<int:week>/report")
@requires(Permission.DECIDE_MONITORING)
def new_report(episode_id: UUID, week: int):
    line = _week(episode_id, week, Permission.DECIDE_MONITORING)
    if line.report is not None:
        return redirect(url_for("monitoring.show_report", report_id=line.report.report_id))
    return _report_page(ReportForm(formdata=None), line)


@blueprint.post("/episodes/<uuid:episode_id>/weeks/<int:week>/report")
@requires(Permission.DECIDE_MONITORING)
@commits
def write_report(episode_id: UUID, week: int):
    line, form = _week(episode_id, week, Permission.DECIDE_MONITORING), ReportForm()
    if form.validate_on_submit():
        try:
            values = {"episode_id": episode_id, "week": week, **form.values()}
            report_id = report_service.write_report(actor=g.actor, **values)
            flash("The report is written.", "success")
            return redirect(url_for("monitoring.show_report", report_id=report_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _report_page(form, line, 422)


def _report_page(form: ReportForm, line: return_queries.WeekLine, status: int = 200):
    own = line.handed is not None and line.handed.submitted_by_id == g.actor.membership_id
    given = (
        return_queries.handed(actor=g.actor, return_id=line.handed.return_id)
        if line.handed
        else None
    )
    shown = {"line": line, "form": form, "given": given, "own": own, "pages": PAGES}
    return render_template("monitoring/report_form.html", **shown, **_said(line)), status


@blueprint.get("/reports/<uuid:report_id>")
@requires(Permission.READ)
def show_report(report_id: UUID):
    one = return_queries.reported(actor=g.actor, report_id=report_id)
    return render_template(
        "monitoring/report.html",
        one=one,
        pages=PAGES,
        shown=position.shown,
        decisions=report_service.DECISIONS,
    )
