"""Packs as tests ask for them, and as the worker makes them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from uuid import UUID

import pypdf

from careboard import storage
from careboard.board_packs import making, service
from careboard.db import db
from careboard.tenancy import acting_for

PERIOD = {"period_from": date(2026, 10, 1), "period_to": date(2026, 11, 20)}
FORM = {"title": "Board pack", "period_from": "2026-10-01", "period_to": "2026-11-20"}


def ask(world, person: str = "alice", **values) -> UUID:
    """A pack that waits for the worker."""
    with world.acting(person) as actor:
        pack_id = service.request_pack(
            actor=actor, **{"title": "Board pack, autumn", **PERIOD, **values}
        )
        db.session.commit()
    return pack_id


def run_job(pack_id: UUID, slug: str = "alder") -> None:
    """What the worker's job does."""
    with acting_for(slug) as actor:
        making.make(actor=actor, pack_id=pack_id)


def made(world, **values) -> UUID:
    pack_id = ask(world, **values)
    run_job(pack_id)
    return pack_id


def row(world, pack_id: UUID):
    return world.sql("SELECT * FROM board_pack WHERE id = :id", id=pack_id)[0]


def pdf_of(world, pack_id: UUID) -> bytes:
    return storage.get(world.org_id(), row(world, pack_id).pdf_sha256)


def zip_of(world, pack_id: UUID) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(storage.get(world.org_id(), row(world, pack_id).zip_sha256)))


def text_of(pdf: bytes) -> str:
    """All words of the document, without the breaks of its lines."""
    pages = (page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(" ".join(pages).replace("\u200b", "").split())
