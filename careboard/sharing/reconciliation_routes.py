"""The reconciliation of one service and period, as a page and as a list for a spreadsheet."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import abort, current_app, g, render_template, request, url_for

from careboard import audit
from careboard.access import requires
from careboard.downloads import attachment
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.sharing import reconciliation as service
from careboard.sharing.blueprint import blueprint

PAGES = {
    "risk": ("risks.show", "risk_id"),
    "trigger": ("monitoring.trigger", "trigger_id"),
    "episode": ("monitoring.episode", "episode_id"),
    "decision": ("sharing.decision", "decision_id"),
    "control_check": ("sharing.control_check", "decision_id"),
    "pattern_review": ("sharing.pattern_reviews", "service"),
    "concern": ("records.concern", "concern_id"),
    "tracked": ("updates.tracked", "tracked_id"),
    "communication": ("sharing.communication", "communication_id"),
    "contract_note": ("monitoring.contract_notes", "service"),
    "advice": ("sharing.advice", "advice_id"),
    "update": ("updates.show", "update_id"),
    "pack": ("packs.show", "pack_id"),
}


def page_of(link: str, row_id: UUID) -> str | None:
    """The page of an event or gap; None where its kind has none."""
    endpoint, name = PAGES.get(link, ("", ""))
    return url_for(endpoint, **{name: row_id}) if endpoint in current_app.view_functions else None


@blueprint.get("/reconciliation")
@requires(Permission.READ)
def reconciliation():
    filters = Filters(request.args)
    since, until = _period(filters)
    service_id = filters.identity("service")
    found = service_id and service.reconcile(
        actor=g.actor, service_id=service_id, since=since, until=until
    )
    return render_template(
        "sharing/reconciliation.html",
        found=found,
        since=since,
        until=until,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
        asked=filters.asked,
        problems=filters.problems,
        gap_words=service.GAP_WORDS,
        page_of=page_of,
    )


@blueprint.get("/reconciliation.csv")
@requires(Permission.READ)
def reconciliation_csv():
    filters = Filters(request.args)
    since, until = _period(filters)
    service_id = filters.identity("service") or abort(404)
    found = service.reconcile(actor=g.actor, service_id=service_id, since=since, until=until)
    audit.witness(
        actor=g.actor,
        tag="reconciliation:downloaded",
        subject_id=service_id,
        after={"since": since, "until": until},
    )
    return attachment(service.as_csv(found), f"reconciliation-{since}-{until}.csv")


def _period(filters: Filters) -> tuple[date, date]:
    """As asked, up to today at the latest; a quarter otherwise."""
    until = min(filters.day("until") or g.actor.today, g.actor.today)
    since = filters.day("since") or until - service.PERIOD
    return min(since, until), until
