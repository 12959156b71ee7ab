"""Addresses of the sheet of readings: a service's week on one screen."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.form_fields import FIRST_YEAR
from careboard.permissions import Permission
from careboard.recovery import queries, readings_sheet
from careboard.recovery.blueprint import blueprint
from careboard.recovery.entries import Refused
from careboard.recovery.indicator_forms import CADENCE_WORDS
from careboard.recovery.periods import period_of
from careboard.recovery.readings import record_readings
from careboard.recovery.readings_sheet import Sheet
from careboard.services.filters import Filters
from careboard.services.queries import service_within_reach
from careboard.vocabulary import INDICATOR_UNITS


@blueprint.get("/services/<uuid:service_id>/readings", endpoint="readings")
@requires(Permission.RECORD_READINGS)
def sheet(service_id: UUID):
    where, on, problems = _asked(service_id)
    lines = queries.sheet(actor=g.actor, service_id=where.id, on=on)
    return _sheet_page(where, on, readings_sheet.lay_out(lines), problems=problems)


@blueprint.post("/services/<uuid:service_id>/readings")
@requires(Permission.RECORD_READINGS)
@commits
def record(service_id: UUID):
    where, on, _ = _asked(service_id)
    lines = queries.sheet(actor=g.actor, service_id=where.id, on=on)
    entries, errors = readings_sheet.read(lines, request.form)
    try:
        if errors:
            raise Refused(errors)
        new = record_readings(actor=g.actor, service_id=where.id, entries=entries)
    except Refused as error:
        shown = readings_sheet.lay_out(lines, request.form, error.errors)
        return _sheet_page(where, on, shown, status=422)
    flash(*_told(len(new)))
    return redirect(url_for("recovery.readings", service_id=where.id, on=on), 303)


def _told(number: int) -> tuple[str, str]:
    if not number:
        return "Nothing new was typed, so nothing was recorded.", "info"
    return f"{number} reading{'' if number == 1 else 's'} recorded.", "success"


def _asked(service_id: UUID):
    """The service, the day whose week is meant, and what of the address could not be read.

    Unless the address says else, it is the last week that is over.
    """
    where = service_within_reach(actor=g.actor, service_id=service_id)
    filters = Filters(request.args)
    asked, today = filters.day("on"), g.actor.today
    last = period_of(today, "week").start - timedelta(days=1)
    if asked is not None and asked.year < FIRST_YEAR:
        asked = None
    return where, min(asked or last, today), filters.problems


def _sheet_page(where, on: date, sheet: Sheet, *, problems=(), status: int = 200):
    week = period_of(on, "week")
    return render_template(
        "recovery/readings.html",
        service=where,
        on=on,
        week=week,
        earlier=week.start - timedelta(days=1),
        later=min(week.end + timedelta(days=7), g.actor.today)
        if week.end < g.actor.today
        else None,
        sheet=sheet,
        problems=problems,
        units=INDICATOR_UNITS,
        cadence_words=CADENCE_WORDS,
    ), status
