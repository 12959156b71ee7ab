"""What is about to be put away must not take an unanswered decline with it.

Source: DESIGN section 1, promise 2.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from careboard.db import db
from careboard.errors import Invalid
from careboard.recovery.response_models import Response


def refuse_unanswered(*of: ColumnElement[bool], field: str) -> None:
    """Raises Invalid at that field where one of those responses waits for an answer."""
    waits = select(Response.reference).where(*of, Response.status == "open")
    reference = db.session.scalar(waits.order_by(Response.id).limit(1))
    if reference is not None:
        raise Invalid(f"A decline stands unanswered ({reference}). Answer it first.", field)
