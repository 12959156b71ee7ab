"""Addresses below /portal: what commissioners see. Nothing here takes anything but GET.

Source: issue "Sharing with commissioners", The portal.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from careboard.access import READS, reads_portal
from careboard.audit_log import heads
from careboard.downloads import attachment
from careboard.packs import content
from careboard.portal import notes, reading, taking
from careboard.services.filters import Filters

blueprint = Blueprint("portal", __name__, url_prefix="/portal")
blueprints = (blueprint,)


@blueprint.before_app_request
def only_read():
    """Whoever asks, and whether or not there is such a page."""
    below = request.path == "/portal" or request.path.startswith("/portal/")
    if below and request.method not in READS:
        raise MethodNotAllowed(READS)


@blueprint.get("/")
@reads_portal
def index():
    filters = Filters(request.args)
    place, wanted = g.reader.place(filters.text("for")), _wanted(filters)
    return render_template(
        "portal/index.html",
        place=place,
        found=reading.packs(place=place, wanted=wanted, page=filters.page),
        withdrawn=notes.withdrawn(reader=g.reader, place=place, wanted=wanted),
        statuses=list(reading.STATUSES.items()),
        wanted=wanted,
        asked=filters.asked,
        problems=filters.problems,
    )


def _wanted(filters: Filters) -> reading.Wanted:
    return reading.Wanted(
        provider=filters.text("provider"),
        service=filters.text("service"),
        status=filters.choice("status", reading.STATUSES),
        words=filters.text("words"),
        since=filters.day("since"),
        until=filters.day("until"),
    )


@blueprint.get("/packs/<uuid:pack_id>")
@reads_portal
def pack(pack_id: UUID):
    return _shown(pack_id, "viewed")


@blueprint.get("/packs/<uuid:pack_id>/print")
@reads_portal
def print_pack(pack_id: UUID):
    return _shown(pack_id, "printed")


def _shown(pack_id: UUID, what: str):
    opened = reading.pack(reader=g.reader, pack_id=pack_id)
    if opened is None:
        gone = notes.taken_back(reader=g.reader, pack_id=pack_id)
        if gone is None:
            raise NotFound()
        return render_template("portal/withdrawn.html", pack=gone), 410
    page = render_template(
        "portal/pack.html",
        opened=opened,
        pack=opened.pack,
        content=content.from_json(opened.pack.content),
        to_print=what == "printed",
    )
    _note(opened, what)
    return page


@blueprint.get("/packs/<uuid:pack_id>/pdf")
@reads_portal
def pdf(pack_id: UUID):
    opened = _opened(pack_id)
    made = taking.pdf(opened)
    _note(opened, "pdf")
    return attachment(made, f"{opened.pack.reference}.pdf")


@blueprint.get("/packs/<uuid:pack_id>/bundle")
@reads_portal
def bundle(pack_id: UUID):
    opened = _opened(pack_id)
    made = taking.everything(opened)
    _note(opened, "bundle")
    return attachment(made, f"{opened.pack.reference}.zip")


@blueprint.get("/packs/<uuid:pack_id>/attachments/<int:number>")
@reads_portal
def attached(pack_id: UUID, number: int):
    opened = _opened(pack_id)
    if not 1 <= number <= len(opened.attachments):
        raise NotFound()
    one = opened.attachments[number - 1]
    made = taking.attached(opened, one)
    _note(opened, "attachment", number)
    return attachment(made, one.file_name)


@blueprint.get("/verify")
@reads_portal
def verify():
    return render_template("portal/verify.html", keys=heads.site_keys(), verifier=taking.VERIFIER)


@blueprint.get("/verifier")
@reads_portal
def verifier():
    return attachment(taking.verifier(), taking.VERIFIER)


def _opened(pack_id: UUID) -> reading.Opened:
    opened = reading.pack(reader=g.reader, pack_id=pack_id)
    if opened is None:
        raise NotFound()
    return opened


def _note(opened: reading.Opened, what: str, number: int | None = None) -> None:
    """Who asked for the heads of an answer alone (HEAD) has seen nothing of the pack."""
    if request.method == "HEAD":
        return
    notes.note(
        reader=g.reader, place=opened.place, pack_id=opened.pack.id, what=what, number=number
    )
