"""The forms of a commissioner's concern and of a contract governance note."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm

from careboard.form_fields import Day, Line, RowChoice, Words


class ConcernForm(FlaskForm):
    """What a commissioner is concerned about."""

    service_id = RowChoice("Service", "Choose the service that it is about.")
    theme = Line(
        "Quality theme",
        "Name the quality theme.",
        most=200,
        description="The same words as before, for example “Late visits”, so that repeats are "
        "seen.",
    )
    commissioner = Line("Who raised it", "Say who raised it.", most=200,
                        description="The authority or team, not a person.")  # fmt: skip
    on = Day("Raised on", "Give the day on which it was raised.")
    text = Words(
        "What they are concerned about",
        "Say what they are concerned about.",
        most=2_000,
        description="Name no resident.",
    )
    due_on = Day("Answer expected by")

    def values(self) -> dict[str, Any]:
        """The keywords of `intelligence_service.record_concern`."""
        return _values(self)


class NoteForm(FlaskForm):
    """What was shared with a commissioner."""

    service_id = RowChoice("Service", "Choose the service.")
    episode_id = RowChoice("Enhanced monitoring")
    commissioner = Line("Shared with", "Say with whom.", most=200,
                        description="The authority or team, not a person.")  # fmt: skip
    on = Day("On", "Give the day.")
    shared = Words(
        "Assurance themes that were shared",
        "Say what was shared.",
        most=3_000,
        description="Verified evidence only. Name no resident.",
    )
    progress = Words("Progress", "Say what progress was confirmed.", most=3_000)
    remaining_risk = Words(
        "Remaining risk", "Say what risk remains, or that none does.", most=3_000
    )

    def values(self) -> dict[str, Any]:
        """The keywords of `intelligence_service.add_note`."""
        return _values(self)


def _values(form: FlaskForm) -> dict[str, Any]:
    return {field.name: field.data for field in form if field.name != "csrf_token"}
