"""The five kinds of concern as lists, and the words for what each alone holds."""

from __future__ import annotations

from careboard.imports.feeds import FEEDS

CONCERN_LISTS = {
    "incident": "Incidents",
    "complaint": "Complaints",
    "feedback": "Feedback",
    "safeguarding": "Safeguarding concerns",
    "commissioner_query": "Commissioner queries",
}
_FEEDS = {
    "incident": "incidents",
    "complaint": "complaints",
    "feedback": "feedback",
    "safeguarding": "safeguarding",
    "commissioner_query": "commissioner_queries",
}
# Whoever opens one of these leaves an event in the audit trail.
RESTRICTED = {"safeguarding"}
# What `level` means for a kind; a kind that is absent has none.
LEVEL_WORDS = {"incident": "Harm", "feedback": "Respondent", "safeguarding": "Level"}


def detail_label(kind: str, name: str) -> str:
    """The words for a field that stands in a concern's `details`."""
    for field in FEEDS[_FEEDS[kind]].fields:
        if field.name == name:
            return field.label
    return name.replace("_", " ").replace(".", " ").capitalize()
