"""What is said to people about a row that did not come in: what is wrong, and what to do."""

import re

_WORDS = {
    "bad_date": "{label}: {value} is not a date. Write it as 20/11/2026.",
    "bad_time": "{label}: {value} has no such time. Write the time as 14:30.",
    "bad_duration": "{label}: the end is before the start, or more than 16 hours after it. "
    "Correct the times.",
    "bad_number": "{label}: {value} is not a number. Write it in figures.",
    "out_of_range": "{label}: {value} is above its maximum or below nought. Correct the number.",
    "bad_id": "{label}: {value} was changed by a spreadsheet. Type the reference as it stands in "
    "the source system.",
    "missing_required": "{label} is empty. Fill it in and try again.",
    "unknown_service": "{label}: {value} is not one of your services. Write the service’s name, "
    "CQC location ID or ODS code as CareBoard has it, or add the service first.",
    "other_provider": "{label}: {value} is another provider. Leave the row out, or correct the "
    "provider if it is yours.",
    "unknown_ref": "{label}: there is no record {value}. Import that record first, or correct the "
    "reference.",
    "unmapped_code": "{label}: the word {value} has no meaning yet. Say in the data map what it "
    "stands for, or correct it.",
    "duplicate": "The row repeats an earlier row of the file exactly. Nothing needs to be done.",
    "footer": "This is a total or closing line, not a record. Nothing needs to be done.",
}


def explain(code: str, label: str | None, value: str | None) -> str:
    """Return the message for a rejection code in plain British English."""
    shown = re.sub(r"\s+", " ", value or "").strip()
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    quoted = f"“{shown}”" if shown else "the empty cell"
    return _WORDS[code].format(label=label or "The row", value=quoted)
