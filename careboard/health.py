"""Whether the process is alive, and whether it can do its work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from careboard import clock, jobs
from careboard.access import public
from careboard.config import ROOT
from careboard.db import db

blueprint = Blueprint("health", __name__)
HEAD = Path(ROOT / "migrations" / ".current-head")


@blueprint.get("/healthz")
@public("asked by the platform, says nothing but that it lives")
def alive():
    return {"status": "alive"}


@blueprint.get("/readyz")
@public("asked by the platform, names no organisation")
def ready():
    """503 only when pages cannot be served; a lost Redis or a late tick is told, not fatal."""
    state = readiness()
    return state, 200 if state["database"] == "ok" and state["migrations"] == "ok" else 503


def readiness() -> dict[str, str]:
    """Each part: `ok`, or what is wrong with it."""
    state = {"database": "ok", "migrations": "ok", "redis": "ok", "tick": "ok"}
    try:
        version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version != HEAD.read_text().strip():
            state["migrations"] = f"at {version or 'nothing'}"
        statement = text("SELECT beat_at FROM heartbeat WHERE name = 'tick'")
        beat = db.session.execute(statement).scalar()
        if beat is None or clock.utc_now() - beat > timedelta(minutes=5):
            state["tick"] = "late"
    except SQLAlchemyError:
        state["database"] = state["migrations"] = state["tick"] = "unreachable"
    if not jobs.answers():
        state["redis"] = "unreachable: pages work, e-mail waits"
    return state
