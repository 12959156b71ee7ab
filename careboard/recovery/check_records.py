"""The records that structured checks are, by the names that the field gives them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from careboard.recovery.check_models import CHECK_KINDS


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """A view of the checks: those of `kinds`; `discrepancies`: only with one; `assessed`: only with
    hours that dependency asks for."""

    code: str
    name: str
    note: str
    kinds: tuple[str, ...]
    discrepancies: bool = False
    assessed: bool = False


CHECK_RECORDS = {
    record.code: record
    for record in (
        CheckRecord(
            "dashboard-evidence-sheet",
            "dashboard evidence sheet",
            "Every check that the recovery dashboard rests on.",
            CHECK_KINDS,
        ),
        CheckRecord(
            "discrepancy-log",
            "discrepancy log",
            "Medicine discrepancies, when each was found, and when it was reviewed.",
            ("medicines_shift",),
            discrepancies=True,
        ),
        CheckRecord(
            "workforce-assurance-file",
            "workforce assurance file",
            "Observed practice and competency, by staff code.",
            ("practice_observation", "competency"),
        ),
        CheckRecord(
            "observation-log",
            "observation log",
            "Whether staff do what was agreed.",
            ("practice_observation",),
        ),
        CheckRecord(
            "care-planning-evidence-file",
            "care planning evidence file",
            "Sampled actions of care reviews: specific and owned?",
            ("review_actions",),
        ),
        CheckRecord(
            "daily-management-log",
            "daily management log",
            "Who was really deployed on sampled shifts, with delays and unmet need.",
            ("deployment",),
        ),
        CheckRecord(
            "dependency-reviews",
            "dependency reviews",
            "Sampled shifts against the hours that people's dependency asks for.",
            ("deployment",),
            assessed=True,
        ),
    )
}
