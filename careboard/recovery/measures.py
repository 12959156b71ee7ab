"""What services are measured by, in words that all of them share.

A measure of `measure_rows.ROWS` can be computed from records; the others come by hand or import.
Source: S1 (named indicators); rules N4-N7 and 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Good = Literal["up", "down"]
SMALL = 10  # fewer than these in the denominator are small numbers (rules 3.1)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted. `numerator` of `denominator` where it is a proportion.

    `rolling_days`: a week's or a day's value covers the days up to its end, not it alone.
    `may_exceed`: the numerator may be more than the denominator. `target` is the one that the
    articles name. `words`: what sources call it.
    """

    code: str
    name: str
    domain: str
    unit: str
    good: Good
    definition: str
    numerator: str = ""
    denominator: str = ""
    target: float | None = None
    rolling_days: int = 0
    may_exceed: bool = False
    version: int = 1
    words: tuple[str, ...] = ()


def _percent(
    code: str, name: str, domain: str, numerator: str, denominator: str, **more
) -> Measure:
    definition = more.pop("definition", f"{numerator.capitalize()}, of {denominator}.")
    good = more.pop("good", "up")
    return Measure(code, name, domain, "percent", good, definition, numerator, denominator, **more)


MEASURES = {
    measure.code: measure
    for measure in (
        _percent(
            "medicines_compliance",
            "Medicines compliance",
            "medicines",
            "doses with a valid outcome",
            "scheduled doses due",
            definition="Scheduled doses due in the period, and of these the ones with an entry "
            "that is not an omission or a missing entry. Refused, asleep, in hospital and out of "
            "stock are valid outcomes; doses to be given as needed do not count.",
            target=98,
            words=("medication compliance", "mar compliance", "medicines administered"),
        ),
        Measure(
            "medicines_stock_outs",
            "Medicines out of stock",
            "medicines",
            "count",
            "down",
            "Scheduled doses due in the period that were not given because the medicine was out "
            "of stock or awaited.",
            words=("stock outs", "medicines supply", "out of stock"),
        ),
        Measure(
            "discrepancy_review_time",
            "Time to review discrepancies",
            "medicines",
            "hours",
            "down",
            "Hours from finding a discrepancy in medicines to its review.",
            target=72,
            words=("discrepancy review times", "discrepancy review"),
        ),
        _percent(
            "competency_checks",
            "Competency checks in date",
            "medicines",
            "staff with a check in date",
            "staff who give medicines",
            words=("medicines competency", "competency checks"),
        ),
        _percent(
            "reviews_on_time",
            "Care reviews on time",
            "records",
            "reviews completed by their due date",
            "reviews due",
            target=95,
            words=("care plan reviews on time", "timely care reviews", "reviews on time"),
        ),
        _percent(
            "review_action_closure",
            "Actions from care reviews closed on time",
            "records",
            "actions from care reviews verified as done by their first due date",
            "actions from care reviews due",
            target=95,
            words=("review actions on time", "review action closure"),
        ),
        Measure(
            "reviews_overdue",
            "Care reviews overdue",
            "records",
            "count",
            "down",
            "Care reviews past their due date and not completed at the end of the period.",
            words=("overdue reviews", "overdue care reviews"),
        ),
        _percent(
            "action_closure",
            "Actions closed on time",
            "audits",
            "actions verified as done by their first due date",
            "actions due",
            target=95,
            words=("action closure", "actions on time"),
        ),
        _percent(
            "timely_support",
            "Positive feedback on timely support",
            "experience",
            "answers of 4 or 5 of 5",
            "answers on timely support",
            definition="Answers to “support comes when needed”, and of these the ones scored 4 or "
            "5 of 5, over 28 days.",
            target=85,
            rolling_days=28,
            words=("timely support", "support comes when needed"),
        ),
        _percent(
            "positive_feedback",
            "Positive feedback",
            "experience",
            "answers of 4 or 5 of 5",
            "answers",
            definition="Answers to any question, and of these the ones scored 4 or 5 of 5, over "
            "28 days.",
            rolling_days=28,
            words=("satisfaction", "feedback positive"),
        ),
        Measure(
            "complaints",
            "Complaints",
            "complaints",
            "count",
            "down",
            "Complaints received in the period, formal or not.",
            words=("complaints received", "number of complaints"),
        ),
        Measure(
            "incidents",
            "Incidents",
            "safety",
            "count",
            "down",
            "Incidents that happened in the period.",
            words=("incidents reported", "number of incidents"),
        ),
        Measure(
            "safeguarding_concerns",
            "Safeguarding concerns",
            "safeguarding",
            "count",
            "down",
            "Safeguarding concerns of any level raised in the period.",
            words=("safeguarding alerts", "number of safeguarding concerns"),
        ),
        _percent(
            "safeguarding_timeliness",
            "Safeguarding concerns concluded in 28 days",
            "safeguarding",
            "concerns concluded within 28 days",
            "concerns raised 28 days before",
            definition="Safeguarding concerns whose 28th day fell in the period, and of these the "
            "ones closed by then.",
            words=("safeguarding timeliness", "safeguarding on time"),
        ),
        _percent(
            "staffing_fill",
            "Staffing hours filled",
            "staffing",
            "hours filled",
            "hours required",
            may_exceed=True,
            words=("hours filled", "shifts filled", "staffing fill rate", "fill rate"),
        ),
        _percent(
            "agency_hours",
            "Hours by agency staff",
            "staffing",
            "hours by agency staff",
            "hours worked",
            good="down",
            words=("agency use", "agency usage"),
        ),
        Measure(
            "response_time",
            "Median response time",
            "staffing",
            "minutes",
            "down",
            "Median minutes from a call for help to its answer.",
            words=("response time", "call bell response", "call bell response time"),
        ),
    )
}
