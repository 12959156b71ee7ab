"""The words of the field, in the order in which people expect them.

Source: DESIGN section 3.
"""

from __future__ import annotations

from collections.abc import Iterable


def in_words(code: str | None) -> str:
    """A code as words: `very_high` → `very high`; None is empty."""
    return (code or "").replace("_", " ")


def titles(codes: Iterable[str]) -> dict[str, str]:
    """Each code with its words as a title: `very_high` → `Very high`."""
    return {code: in_words(code).capitalize() for code in codes}


DOMAINS = (
    "safety",
    "medicines",
    "safeguarding",
    "staffing",
    "complaints",
    "experience",
    "records",
    "audits",
)
DOMAIN_NAMES = titles(DOMAINS)
RATINGS = ("low", "moderate", "high", "very_high")
ASSURANCE_STATES = (
    "assured",
    "untested",
    "unsupported",
    "stale",
    "review_needed",
    "disputed",
    "not_sustained",
)
EVIDENCE_KINDS = ("audits", "care_records", "feedback", "staff_practice")
KIND_NAMES = titles(EVIDENCE_KINDS)
SERVICE_KINDS = {
    "home": "Care home",
    "homecare": "Homecare",
    "living": "Supported living",
    "other": "Other",
}
CONCERN_KINDS = {
    "incident": "Incident",
    "complaint": "Complaint",
    "feedback": "Feedback",
    "safeguarding": "Safeguarding concern",
    "commissioner_query": "Commissioner query",
}
INDICATOR_UNITS = {
    "percent": "%",
    "count": "",
    "rate": "",
    "minutes": "minutes",
    "hours": "hours",
    "score": "points",
}
# What came of a dose that was due. Source: domain/data-shapes.md 6.4.
MEDICINE_OUTCOMES = (
    "given",
    "prompted",
    "made_available",
    "self_administered",
    "refused",
    "not_taken",
    "asleep",
    "absent",
    "hospital",
    "leave",
    "unwell",
    "not_required",
    "too_soon",
    "discontinued",
    "withheld",
    "rescheduled",
    "on_paper",
    "destroyed",
    "contaminated",
    "out_of_date",
    "stock_out",
    "awaiting_stock",
    "omitted",
    "missing_given",
    "missing_not_given",
)
FORUMS = {
    "weekly_manager": "Weekly manager review",
    "weekly_monitoring": "Weekly monitoring review",
    "monthly_governance": "Monthly governance review",
    "fortnightly_recovery": "Fortnightly recovery review",
    "quarterly_board": "Quarterly board",
    "quarterly_safeguarding": "Quarterly safeguarding board",
}

# Words in an audit's or concern's theme that place it on the board. The first that is found wins;
# a theme with none of them belongs to the domain of its record.
_THEME_DOMAINS = (
    ("medic", "medicines"),
    ("mar chart", "medicines"),
    ("safeguarding", "safeguarding"),
    ("staff", "staffing"),
    ("supervision", "staffing"),
    ("training", "staffing"),
    ("rota", "staffing"),
    ("late visit", "staffing"),
    ("record", "records"),
    ("care plan", "records"),
    ("documentation", "records"),
    ("infection", "safety"),
    ("health and safety", "safety"),
    ("falls", "safety"),
    ("fire", "safety"),
    ("environment", "safety"),
    ("moving and handling", "safety"),
    ("complaint", "complaints"),
    ("dignity", "experience"),
    ("activities", "experience"),
)
_RECORD_DOMAINS = {
    "audit": "audits",
    "incident": "safety",
    "complaint": "complaints",
    "feedback": "experience",
    "safeguarding": "safeguarding",
    "commissioner_query": "records",
}


def domain_of(record: str, theme: str) -> str:
    """The domain of risk of a record (`audit` or a concern kind) with that theme.

    A complaint, an item of feedback or a safeguarding concern stays in the domain of its kind,
    whatever its theme.
    """
    if record in ("complaint", "feedback", "safeguarding"):
        return _RECORD_DOMAINS[record]
    folded = theme.casefold()
    for word, domain in _THEME_DOMAINS:
        if word in folded:
            return domain
    return _RECORD_DOMAINS[record]
