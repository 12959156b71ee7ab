"""Where the records behind triggers, criteria and stories are shown."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, url_for

from careboard.assurance.page import RECORD_PAGES
from careboard.vocabulary import in_words

PAGES = RECORD_PAGES | {
    "risk": ("risks.show", "risk_id"),
    "claim": ("assurance.show", "claim_id"),
    "indicator": ("recovery.indicator", "indicator_id"),
    "trigger": ("monitoring.trigger", "trigger_id"),
    "monitoring_episode": ("monitoring.episode", "episode_id"),
    "monitoring_return": ("monitoring.show_return", "return_id"),
    "report": ("monitoring.show_report", "report_id"),
    "review": ("reviews.show", "review_id"),
    "service": ("services.show", "service_id"),
    "dispute": ("risks.moderate", "dispute_id"),
}
# Kinds that are shown together on a page of their service.
SERVICE_PAGES = {
    "care_review": "recovery.service",
    "check": "recovery.checks",
    "confidence_note": "services.show",
    "experience_summary": "experience.service",
    "reading": "recovery.service",
}
KIND_WORDS = {
    "audit_concern": "Audit concern",
    "care_review": "Care review",
    "confidence_note": "Note of lost confidence",
    "experience_summary": "Experience summary",
    "monitoring_return": "Weekly return",
    "commissioner_statement": "Commissioner's statement",
}


def record_url(kind: str, row_id: UUID | str, service_id: UUID | None = None) -> str | None:
    """The page of a record; else of its kind at its service; None where there is neither."""
    if service_id is not None and kind in SERVICE_PAGES:
        return url_for(SERVICE_PAGES[kind], service_id=service_id)
    endpoint, name = PAGES.get(kind, (None, ""))
    if endpoint is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, **{name: row_id})


def kind_words(kind: str) -> str:
    """What a kind of record is called."""
    return KIND_WORDS.get(kind, in_words(kind).capitalize())
