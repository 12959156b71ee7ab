"""The worker's part: read, set, store, note; safe to run twice and to be killed anywhere.

Files lie by their content, so storing one that nobody will refer to does no harm. Only the last
transaction makes the pack, and only while its lease is still held.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from careboard import audit, clock
from careboard.audit_log.heads import Head
from careboard.board_packs import lease
from careboard.board_packs.archive import csv_files, pack_zip
from careboard.board_packs.content import Progress, gather
from careboard.board_packs.models import BoardPack
from careboard.board_packs.paper import pack_data
from careboard.board_packs.typeset import pdf
from careboard.db import db, load
from careboard.tenancy import Actor
from careboard.uploads import Upload, keep

FAILED = (
    "The pack could not be made, and nothing was stored. Try again; if it fails again, tell your "
    "administrator."
)


def make(*, actor: Actor, pack_id: UUID) -> None:
    """Make the pack and commit. Does nothing for one that is done or that another worker has; a
    failure is noted with the pack, and raised."""
    token = lease.take(actor=actor, pack_id=pack_id)
    if token is None:
        return
    try:
        made = _made(actor, pack_id, lease.teller(actor=actor, pack_id=pack_id, token=token))
        _finish(actor, pack_id, token, *made)
        db.session.commit()
    except Exception:
        db.session.rollback()
        lease.give_up(actor=actor, pack_id=pack_id, token=token, why=FAILED)
        db.session.commit()
        raise


def _made(actor: Actor, pack_id: UUID, tell: Progress) -> tuple[Upload, Upload, Head]:
    """The PDF, the zip, and the head of the audit chain that they name."""
    pack = load(BoardPack, actor.org_id, pack_id)
    db.session.rollback()  # so that reading begins a transaction of its own
    content = gather(actor=actor, pack=pack, tell=tell)
    db.session.rollback()
    tell(0.7, "Setting the pages")
    files = csv_files(content)
    paper = pdf("pack.typ", pack_data(content, files, actor=actor))
    tell(0.9, "Storing the files")
    name = f"{content.reference}-{actor.org_slug}"
    sums = {f"{name}.pdf": hashlib.sha256(paper).hexdigest()}
    archive = pack_zip(files, others=sums, at=content.taken_at)
    return (
        Upload(f"{name}.pdf", "application/pdf", paper),
        Upload(f"{name}.zip", "application/zip", archive),
        content.head,
    )


def _finish(
    actor: Actor, pack_id: UUID, token: UUID, paper: Upload, archive: Upload, head: Head
) -> None:
    """The pack's last change; takes nothing back when someone else holds it by now."""
    pdf_file = keep(actor=actor, upload=paper)
    zip_file = keep(actor=actor, upload=archive)
    proof = {
        "pdf_sha256": pdf_file.sha256,
        "zip_sha256": zip_file.sha256,
        "audit_seq": head.seq,
        "audit_hash": head.hash,
    }
    done = db.session.execute(
        lease.held(actor, pack_id, token).values(
            status="done",
            progress=100,
            step="",
            lease_token=None,
            lease_until=None,
            pdf_file_id=pdf_file.id,
            zip_file_id=zip_file.id,
            finished_at=clock.now(),
            **proof,
        )
    ).rowcount
    if not done:
        db.session.rollback()
        return
    audit.record(actor=actor, tag="board_pack:made", subject_id=pack_id, after=proof)
