"""Forms about packs: publishing one, granting it further, taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField

from careboard.form_fields import Day, Line, RowChoice, Ticks, known_id, one_line
from careboard.packs.drafts import Draft
from careboard.packs.queries import Choice

DAYS_OPEN = 365


class PublishForm(FlaskForm):
    """To whom, until when, with which files; and a reason for each finding."""

    links = Ticks("Commissioners", coerce=known_id, validate_choice=False)
    expires_on = Day("Open to them until", "Give the last day on which they may read it.")
    attachments = Ticks("Files to attach", coerce=known_id, validate_choice=False)
    supersedes = RowChoice("Replaces")
    seen = HiddenField()

    def offer(self, draft: Draft, links: Sequence[Choice], older: Sequence[Choice]) -> None:
        """What there is to choose."""
        self.links.choices = {link.id: link.name for link in links}
        self.attachments.choices = {
            one.revision_id: f"{one.reference} {one.title}: {one.file_name}" for one in draft.offers
        }
        self.supersedes.offer(older, "No earlier pack")
        self.seen.data = self.seen.data or draft.mark

    def prefill(self, today: date, supersedes: Any, meant: Sequence[UUID]) -> None:
        """Whom it is made for, a year from today, and the pack that it would replace."""
        self.links.data = list(meant)
        self.expires_on.data = today + timedelta(days=DAYS_OPEN)
        self.supersedes.data = supersedes

    @property
    def overrides(self) -> dict[str, str]:
        """The reasons as they were typed, by the key of their finding."""
        keys, reasons = request.form.getlist("finding"), request.form.getlist("reason")
        return {key: one_line(reason)[:300] for key, reason in zip(keys, reasons, strict=False)}

    def values(self, draft: Draft) -> dict[str, Any]:
        """The arguments of `publishing.publish`."""
        return {
            "links": self.links.data,
            "expires_on": self.expires_on.data,
            "attachments": [one.revision_id for one in draft.chosen],
            "overrides": self.overrides,
            "supersedes_id": self.supersedes.data,
            "seen": self.seen.data or None,
        }


class GrantForm(FlaskForm):
    """One more commissioner, or a longer time."""

    link = RowChoice("Commissioner", required="Choose a commissioner.")
    expires_on = Day("Until", "Give the last day on which they may read it.")


class ReasonForm(FlaskForm):
    """Why something is taken back."""

    reason = Line("Why", "Say why.")
