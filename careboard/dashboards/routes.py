"""The risk board, its cells and its figures: a provider's home."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, g, render_template, request

from careboard import figures
from careboard.access import requires
from careboard.clock import now
from careboard.dashboards import cells, changes, forms, kept, queries
from careboard.dashboards.kept import Kept, Rendered
from careboard.htmx import page_or_fragment
from careboard.monitoring.episode_rows import under_monitoring
from careboard.permissions import Permission
from careboard.reviews import duties
from careboard.services.filters import Filters

blueprint = Blueprint("dashboards", __name__, url_prefix="/o/<org>")
blueprints = (blueprint,)


boards: Kept[Rendered] = Kept()
# Where a board's frame leaves room for its body; what people write is escaped, so it is not this.
_BODY = b"<board/>"


@blueprint.get("/")
@requires(Permission.READ)
def board():
    # Tests write rows behind the services' backs, which leave no event.
    if current_app.config["SETTINGS"].env == "test":
        rendered = _rendered()
    else:
        key = (*kept.version(g.actor), request.query_string)
        rendered = boards.get(key, _rendered)
    if rendered.frame.services == 0:
        return render_template("dashboards/no_services.html")
    page = render_template("dashboards/board.html", rendered=rendered)
    # The body is long: it is neither copied by templates nor encoded again.
    return page.encode().replace(_BODY, rendered.body, 1)


def _rendered() -> Rendered:
    """The body of the page: nothing in it belongs to a browser session."""
    on = g.actor.today
    frame = queries.frame(actor=g.actor, on=on)
    if frame.services == 0:
        return Rendered(frame, b"", now())
    filters = forms.read_filters(request.args, g.actor, frame)
    html = render_template(
        "dashboards/_board.html",
        frame=frame,
        filters=filters,
        board=queries.board(actor=g.actor, filters=filters, on=on),
        counts=figures.counts(actor=g.actor, on=on, codes=queries.BOARD_FIGURES, since=frame.since),
        definitions=figures.FIGURES,
        changes=changes.changes(actor=g.actor, since=frame.since, on=on),
        sittings=duties.late(actor=g.actor, on=on),
        monitored=under_monitoring(actor=g.actor, on=on),
    )
    return Rendered(frame, html.encode(), now())


@blueprint.get("/cells/<uuid:service_id>/<domain>")
@requires(Permission.READ)
def cell(service_id: UUID, domain: str):
    detail = cells.cell(actor=g.actor, service_id=service_id, domain=domain, on=g.actor.today)
    return page_or_fragment("dashboards/cell.html", "dashboards/_cell.html", cell=detail)


@blueprint.get("/cells/<uuid:service_id>/<domain>/rows")
@requires(Permission.READ)
def cell_rows(service_id: UUID, domain: str):
    on = g.actor.today
    detail = cells.cell(actor=g.actor, service_id=service_id, domain=domain, on=on)
    number = Filters(request.args).page
    page = cells.source_rows(actor=g.actor, detail=detail, on=on, page=number)
    return render_template("dashboards/cell_rows.html", cell=detail, page=page)


@blueprint.get("/figures/<code>")
@requires(Permission.READ)
def figure(code: str):
    asked = forms.read_figure_page(request.args)
    found = figures.compute(actor=g.actor, code=code, on=g.actor.today, **asked)
    return render_template(
        "dashboards/figure.html", figure=found, rows_per_page=figures.PAGE_ROWS, **asked
    )
