"""The forms of weekly returns and of the reports on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from careboard.assurance.forms import ClaimForm
from careboard.assurance.service import MOST_STATEMENT
from careboard.form_fields import Words, tidy
from careboard.monitoring.report_service import DECISIONS

MOST_PROGRESS = 1_000


class ReturnForm(ClaimForm):
    """A weekly return: what it claims, with its evidence, and what it tells beside that."""

    domain = period_from = period_to = None
    statement = Words(
        "What you claim of this week",
        "Say what you claim of this week.",
        most=MOST_STATEMENT,
        description="What somebody else can check against the records, for example “Both sampled "
        "evening visits started on time”. Name no resident.",
    )
    narrative = Words(
        "What happened, and what was done",
        "Say what happened and what was done.",
        description="What the figures above do not tell. Name no resident.",
    )
    help_needed = Words("Help that is needed", description="From whom, by when.")

    def values(self) -> dict[str, Any]:
        """The keywords of `return_service.hand_in` that it has."""
        told = {"narrative": self.narrative.data, "help_needed": self.help_needed.data or ""}
        return super().values() | told


def progress(form: Mapping[str, str]) -> dict[UUID, str]:
    """The words typed on each action, by its id; what names no action is left out."""
    words = {}
    for name, typed in form.items():
        prefix, _, row_id = name.partition("-")
        if prefix == "progress":
            try:
                words[UUID(row_id)] = tidy(typed)[:MOST_PROGRESS]
            except ValueError:
                continue
    return words


class ReportForm(FlaskForm):
    """A weekly report."""

    assessment = Words(
        "What you checked, and what you found",
        "Say what you checked and what you found.",
        description="Actions, evidence of progress, whether the records bear it out.",
    )
    decision = RadioField(
        "What follows", [InputRequired("Choose what follows.")], choices=DECISIONS
    )
    next_steps = Words(
        "Who does what by when", description="Needed unless it is on course.", most=2_000
    )
    same_person_reason = Words(
        "Why nobody else can report on it",
        description="It stays on show that the same person handed the return in.",
    )

    def values(self) -> dict[str, str]:
        """The keywords of `report_service.write_report`."""
        return {field.name: field.data or "" for field in self if field.name != "csrf_token"}
