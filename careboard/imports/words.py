"""Words for people: states of an import, what is wrong with a row, what was noticed in it."""

from __future__ import annotations

from careboard.vocabulary import in_words

# The order in which files build on each other.
FEED_ORDER = (
    "services",
    "audits",
    "audit_concerns",
    "actions",
    "incidents",
    "complaints",
    "feedback",
    "safeguarding",
    "commissioner_queries",
    "indicator_readings",
    "reviews",
    "emar",
)
STATUSES = {
    "mapping": ("Needs mapping", "warn"),
    "previewed": ("Ready to load", "info"),
    "queued": ("Loading", "info"),
    "loaded": ("Loaded", "good"),
    "failed": ("Failed", "bad"),
    "undone": ("Undone", "plain"),
    "cancelled": ("Given up", "plain"),
}
REJECTIONS = {
    "bad_date": "Not a date",
    "bad_time": "Not a time",
    "bad_duration": "Times do not fit",
    "bad_number": "Not a number",
    "out_of_range": "Number out of range",
    "bad_id": "Reference damaged",
    "missing_required": "Needed cell is empty",
    "unknown_service": "Unknown service",
    "other_provider": "Another provider’s row",
    "unknown_ref": "Unknown reference",
    "unmapped_code": "Word without a meaning",
    "duplicate": "Repeated row",
    "footer": "Total or closing line",
}
# code: short words, what was done about it
WARNINGS = {
    "pii_in_text": (
        "Personal data in text",
        "The text is stored with the personal data taken out, and held for a decision.",
    ),
    "ambiguous_date": (
        "Day and month could be swapped",
        "The date is read as day/month/year, unlike the rest of its column. Check it.",
    ),
    "excel_serial": ("Day number", "A spreadsheet’s day number was read as a date."),
    "unit_normalised": ("Unit in the cell", "The number was read without its unit or maximum."),
    "formula_cell": (
        "Begins like a formula",
        "The text is kept as it is, and made harmless in every export.",
    ),
    "id_leading_zeros": ("Reference lost its zeros", "The reference is kept as the file has it."),
    "missing_owner": ("No owner", "The action comes in, and counts as one that nobody owns."),
    "missing_due": ("No due date", "The action comes in, and counts as one without a date."),
    "clock_change": ("Clocks changed", "The hour occurs twice that night; the first is taken."),
}
KINDS = {
    "nhs_number": "NHS number",
    "postcode": "postcode",
    "key_safe": "entry code",
    "phone": "phone number",
    "dob": "date of birth",
    "name": "name",
    "name_untitled": "name",
    "email": "e-mail address",
}


def kinds(found: list[str]) -> str:
    """`name, NHS number`."""
    return ", ".join(dict.fromkeys(KINDS.get(kind, in_words(kind)) for kind in found))


def problem(code: str) -> str:
    """Short words for a rejection or a warning."""
    if code in REJECTIONS:
        return REJECTIONS[code]
    return WARNINGS[code][0] if code in WARNINGS else in_words(code).capitalize()
