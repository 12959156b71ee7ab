"""Addresses of the recovery dashboards: across services, and of one service."""

from __future__ import annotations

from uuid import UUID

from flask import g, render_template, request

from careboard.access import requires
from careboard.htmx import page_or_fragment
from careboard.permissions import Permission
from careboard.recovery import dashboard_queries, dashboard_service
from careboard.recovery.blueprint import blueprint
from careboard.recovery.dashboard_forms import STATE_WORDS, read_filters
from careboard.recovery.story_routes import story_words
from careboard.services.filters import Filters
from careboard.vocabulary import DOMAINS, SERVICE_KINDS


@blueprint.get("/")
@requires(Permission.READ)
def index():
    frame = dashboard_queries.frame(actor=g.actor)
    asked = Filters(request.args)
    filters = read_filters(asked, g.actor, frame)
    return page_or_fragment(
        "recovery/index.html",
        "recovery/_dashboard.html",
        frame=frame,
        filters=filters,
        found=dashboard_queries.provider(
            actor=g.actor, frame=frame, filters=filters, on=g.actor.today
        ),
        asked=asked.asked | {"manager": filters.manager_id or ""},
        problems=asked.problems,
        **_words(),
    )


@blueprint.get("/services/<uuid:service_id>")
@requires(Permission.READ)
def service(service_id: UUID):
    return render_template(
        "recovery/service.html",
        found=dashboard_service.service_recovery(
            actor=g.actor, service_id=service_id, on=g.actor.today
        ),
        words=story_words(),
        **_words(),
    )


def _words() -> dict:
    return {"states": STATE_WORDS, "domains": DOMAINS, "kind_words": SERVICE_KINDS}
