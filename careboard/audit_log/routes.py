"""The audit log: read it, take it away, and take away what checks it."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from careboard import audit
from careboard.access import requires
from careboard.audit_log import export, heads, queries
from careboard.downloads import attachment
from careboard.permissions import Permission
from careboard.services.filters import Filters

blueprint = Blueprint("audit_log", __name__, url_prefix="/o/<org>/audit")
blueprints = (blueprint,)

# Where a subject's own page is, by its table; the argument that takes its id.
PAGES = {
    "action": ("actions.show", "action_id"),
    "board_pack": ("board_packs.show", "board_pack_id"),
    "claim": ("assurance.show", "claim_id"),
    "evidence": ("evidence.show", "evidence_id"),
    "import_batch": ("imports.show", "batch_id"),
    "review": ("reviews.show", "review_id"),
    "risk": ("risks.show", "risk_id"),
}


def _wanted(filters: Filters) -> queries.Wanted:
    return queries.Wanted(
        who=filters.identity("who"),
        what=filters.text("what"),
        about=filters.text("about"),
        since=filters.day("since"),
        until=filters.day("until"),
    )


@blueprint.get("/")
@requires(Permission.READ_AUDIT_LOG)
def index():
    filters = Filters(request.args)
    wanted = _wanted(filters)
    return render_template(
        "audit_log/index.html",
        page=queries.events(actor=g.actor, wanted=wanted, page=filters.page),
        wanted=wanted,
        people=queries.people(actor=g.actor),
        kinds=queries.kinds(actor=g.actor),
        last_head=heads.last(g.actor.org_id),
        key=heads.public_key(),
        pages=PAGES,
        problems=filters.problems,
        asked=filters.asked,
    )


@blueprint.get("/events.csv")
@requires(Permission.READ_AUDIT_LOG)
def download():
    filters = Filters(request.args)
    found = queries.all_events(actor=g.actor, wanted=_wanted(filters))
    audit.witness(
        actor=g.actor, tag="audit:listed", subject_id="events", after={"rows": len(found)}
    )
    return attachment(export.as_csv(found), f"audit-{g.actor.org_slug}-{g.actor.today}.csv")


@blueprint.get("/export.zip")
@requires(Permission.READ_AUDIT_LOG)
def take_away():
    name = f"audit-{g.actor.org_slug}-{g.actor.today}.zip"
    queries.must_see_all(g.actor)
    made = export.export(actor=g.actor, name=name)
    audit.witness(actor=g.actor, tag="audit:exported", subject_id="events")
    return attachment(made, name)


@blueprint.get("/verify.py")
@requires(Permission.READ_AUDIT_LOG)
def verifier():
    return attachment(export.verifier(), export.VERIFIER)
