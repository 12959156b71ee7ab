"""The form that asks for a board pack."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm

from careboard.board_packs.service import LONGEST_TITLE
from careboard.form_fields import Day, Line, RowChoice


class PackForm(FlaskForm):
    """What the pack is called, which days it looks back on, and the sitting that it is for."""

    title = Line("Title", "Give the pack a title.", most=LONGEST_TITLE)
    period_from = Day("Changes from", "Give the first day.")
    period_to = Day("Changes to", "Give the last day.")
    review = RowChoice("For the sitting")

    def prefill(self, period: tuple[date, date], review_id: UUID | None) -> None:
        """What most people want: everything since the last pack, for the sitting they come from."""
        self.period_from.data, self.period_to.data = period
        self.title.data = f"Board pack, {period[1]:%B %Y}"
        self.review.data = review_id

    def values(self) -> dict[str, Any]:
        """The arguments of `request_pack`."""
        return {
            "title": self.title.data,
            "period_from": self.period_from.data,
            "period_to": self.period_to.data,
            "review_id": self.review.data,
        }
