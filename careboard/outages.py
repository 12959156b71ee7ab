"""Faults that pass, or that an administrator mends: told apart from our own mistakes."""

from __future__ import annotations

import errno

import psycopg
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from careboard.storage import Unkept

NO_ROOM, AWAY = 507, 503
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Shut down, crashed or starting; a connection that was lost or refused.
_AWAY = ("57P", "08")


def status_of(error: BaseException | None) -> int | None:
    """507 when there is no room left, 503 when the database is away; None for any other fault."""
    if isinstance(error, DBAPIError):
        return AWAY if error.connection_invalidated else status_of(error.orig)
    if isinstance(error, errors.DiskFull | Unkept):
        return NO_ROOM
    if isinstance(error, OSError) and error.errno in _FULL:
        return NO_ROOM
    if isinstance(error, psycopg.Error):
        unmade = isinstance(error, psycopg.OperationalError) and not error.sqlstate
        return AWAY if unmade or (error.sqlstate or "").startswith(_AWAY) else None
    return None
