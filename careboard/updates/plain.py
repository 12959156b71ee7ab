"""Which words of the records a draft may repeat: those that name nobody, and no others.

Source: issue "Sharing with commissioners", Packs; domain/expectations.md, UK GDPR.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.imports import privacy
from careboard.packs.privacy import matching
from careboard.tenancy import Actor

LEFT_OUT = "left out, as it may name a person"


@dataclass(slots=True)
class Plain:
    """Repeats words, and counts those that it left out. `people` matches the names of the
    provider's own."""

    people: re.Pattern[str] | None = None
    left_out: int = 0

    def said(self, words: str) -> str:
        """The words, or that they are left out."""
        if privacy.scan(words) or self.people and self.people.search(words):
            self.left_out += 1
            return LEFT_OUT
        return words


def for_provider(*, actor: Actor) -> Plain:
    """Knows everybody who has or had access to the organisation. One statement."""
    names = db.session.scalars(select(Membership.name).where(Membership.org_id == actor.org_id))
    return Plain(matching(names))
