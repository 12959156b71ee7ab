"""The words of sharing: what is considered, what is decided, and who may be told.

Source: DESIGN section 4, sharing decision; S3, "share when risk affects".
"""

from __future__ import annotations

DECISION_WORDS = {
    "share": "Share it",
    "do_not_share": "Do not share it",
    "seek_advice": "Seek advice first",
}
DECIDED_WORDS = {
    "share": "Share",
    "do_not_share": "Do not share",
    "seek_advice": "Seek advice",
}
DECISION_TONES = {"share": "info", "do_not_share": "plain", "seek_advice": "info"}
RECIPIENT_WORDS = {
    "commissioner": "Commissioner",
    "safeguarding_partner": "Safeguarding partner",
    "health_professional": "Health professional",
    "other": "Other",
}
FACTOR_WORDS = {
    "safety": ("Safety", "Is anybody unsafe, or likely to become so?"),
    "continuity": ("Continuity", "May care be interrupted, delayed or handed back?"),
    "safeguarding": ("Safeguarding", "May somebody need protection from abuse or neglect?"),
    "contract_delivery": ("Contract delivery", "Is what was contracted not being delivered?"),
    "public_confidence": ("Public confidence", "Would people lose trust if they learnt of it?"),
    "multi_agency": ("Multi-agency action", "Can others act on it, or must act with the provider?"),
}
AFFECTED_WORDS = {"yes": "Yes", "no": "No", "uncertain": "Uncertain"}
REACHED_WORDS = {"yes": "Reached", "no": "Not reached", "uncertain": "Cannot tell"}
SUBJECT_WORDS = {
    "risk": "Risk",
    "trigger": "Trigger",
    "concern": "Concern",
    "episode": "Enhanced monitoring",
}
