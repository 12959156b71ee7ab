"""What `careboard doctor` asks of an installation. Each check returns None, or what is wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from uuid import UUID

from flask import current_app
from flask_mailman import Mail
from sqlalchemy import text

from careboard import clock, health, jobs, storage
from careboard.accounts import second_factor
from careboard.audit_log import heads
from careboard.db import db
from careboard.tenancy import GLOBAL_TABLES, acting_for

_NOBODY = UUID(int=0)
PORTAL_TABLES = {"pack", "pack_grant"}
_REACH = text("""
SELECT rolname, rolsuper OR rolbypassrls OR EXISTS (
    SELECT FROM pg_class WHERE relowner = r.oid) AS strong,
  ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relkind IN ('r', 'p', 'v') AND (has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE')
      OR has_table_privilege(oid, 'DELETE'))) AS reached
FROM pg_roles r WHERE rolname = current_user
""")


def run(check: Callable[[], str | None]) -> str | None:
    """The check's answer; an error of any kind is a fault, in its own words."""
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        db.session.rollback()


def app_role() -> str | None:
    """The app must not pass row-level security, nor own what it works on."""
    role = db.session.execute(
        text(
            "SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner "
            "= r.oid) AS owns FROM pg_roles r WHERE rolname = current_user"
        )
    ).one()
    wrong = [
        words
        for flag, words in (
            (role.rolsuper, "is a superuser"),
            (role.rolbypassrls, "bypasses row-level security"),
            (role.owns, "owns tables"),
        )
        if flag
    ]
    return f"{role.rolname} {' and '.join(wrong)}" if wrong else None


def portal_role() -> str | None:
    """The commissioners' role must read packs and their grants, and nothing else at all."""
    with db.engines["portal"].connect() as connection:
        role = connection.execute(_REACH).one()
    if role.strong:
        return f"{role.rolname} is a superuser, bypasses row-level security or owns tables"
    reached = set(role.reached)
    if reached != PORTAL_TABLES:
        return f"{role.rolname} reaches {', '.join(sorted(reached)) or 'nothing'}"
    return None


def row_level_security() -> str | None:
    """Every tenant table must be behind the wall, its owner included."""
    rows = db.session.execute(
        text(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = "
            "'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
    ).scalars()
    open_tables = sorted(set(rows) - GLOBAL_TABLES.keys())
    return f"open: {', '.join(open_tables)}" if open_tables else None


def migrations() -> str | None:
    """The database must be at the version that the code was written for."""
    version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    head = health.HEAD.read_text().strip()
    return None if version == head else f"at {version}, the code wants {head}"


def queues() -> str | None:
    """Redis must answer; without it pages work and mail waits."""
    return None if jobs.answers() else "Redis does not answer"


def tick() -> str | None:
    """The clock must have ticked within five minutes."""
    state = health.readiness()["tick"]
    return None if state == "ok" else "no tick within five minutes: is `cron` running?"


def files() -> str | None:
    """What is stored must come back the same."""
    content = secrets.token_bytes(64)
    digest = storage.put(_NOBODY, content)
    return None if storage.get(_NOBODY, digest) == content else "what was stored came back changed"


def mail() -> str | None:
    """The mail server must accept a connection."""
    mailer: Mail = current_app.extensions["mailman"]
    connection = mailer.get_connection()
    connection.open()
    connection.close()
    return None


def clock_agrees() -> str | None:
    """Codes of the second factor, leases and heads go by the time of day."""
    theirs = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs((clock.utc_now() - theirs).total_seconds())
    return None if apart < 5 else f"{apart:.0f} seconds away from the database's"


def secret() -> str | None:
    """The key that signs sessions must be long, and not something that people make up."""
    key = current_app.secret_key
    if len(key) < 32:
        return "SECRET_KEY is shorter than 32 characters"
    return None if len(set(key)) >= 12 else "SECRET_KEY repeats itself; make one at random"


def second_factors() -> str | None:
    """What is sealed must open under the present key, before one of before is given up."""
    sealed = second_factor.sealed_before(keys=current_app.config["SETTINGS"].secrets)
    return f"{len(sealed)} sealed under an earlier SECRET_KEY: careboard reseal" if sealed else None


_SIGNED = text("""
SELECT key, max(day) AS last FROM (
  SELECT key, left(signed_at, 10) AS day FROM signed_head
  UNION ALL SELECT key, to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM pack) signed
GROUP BY key
""")


def signing_keys() -> str | None:
    """Each key that signed a head or a pack must be known still, and have signed in its time."""
    known, wrong = heads.keys(), {}
    slugs = db.session.scalars(text("SELECT slug FROM organisation ORDER BY slug")).all()
    for slug in slugs:
        with acting_for(slug):
            for row in db.session.execute(_SIGNED):
                if row.key not in known:
                    wrong[row.key] = f"{row.key} signed until {row.last} and is not known"
                elif known[row.key] and known[row.key] < row.last:
                    wrong[row.key] = f"{row.key} signed until {row.last}, after its last day"
    return f"{'; '.join(wrong.values())}: see CAREBOARD_EARLIER_KEYS" if wrong else None


_UNCONFIRMED = text("""
SELECT DISTINCT l.email_domain FROM commissioner_link l WHERE l.ended_on IS NULL AND NOT EXISTS (
  SELECT FROM commissioner_domain d
  WHERE d.commissioner_id = l.commissioner_org_id AND d.domain = l.email_domain)
""")


def commissioners() -> str | None:
    """Nobody reads for a commissioner at a domain that the operator has not confirmed."""
    found: set[str] = set()
    slugs = db.session.scalars(text("SELECT slug FROM organisation ORDER BY slug")).all()
    for slug in slugs:
        with acting_for(slug):
            found.update(db.session.scalars(_UNCONFIRMED))
    if not found:
        return None
    return f"nobody reads at {', '.join(sorted(found))}: careboard commissioner confirm"


CHECKS: dict[str, Callable[[], str | None]] = {
    "app role": app_role,
    "portal role": portal_role,
    "row-level security": row_level_security,
    "migrations": migrations,
    "queues": queues,
    "tick": tick,
    "storage": files,
    "mail": mail,
    "clock": clock_agrees,
    "secret": secret,
    "second factors": second_factors,
    "signing keys": signing_keys,
    "commissioners": commissioners,
}
