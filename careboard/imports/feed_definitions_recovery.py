"""The feeds that recovery is read from: indicator readings, care reviews, medicine rounds.

Rule source: domain/data-shapes.md 6.2 and 6.4.
"""

from careboard.imports import feed_codes as codes
from careboard.imports.feed_definitions import SERVICE, id_field, when
from careboard.imports.feed_definitions_events import PERSON_WORDS
from careboard.imports.feeds import Feed, Field, register
from careboard.recovery.measures import MEASURES

MEASURE_WORDS = {
    word: code
    for code, measure in MEASURES.items()
    for word in (code, code.replace("_", " "), measure.name, *measure.words)
}

INDICATOR_READINGS = register(
    Feed(
        "indicator_readings", "Indicator readings", ("indicator", "service.id", "week_ending"),
        (
            Field("week_ending", "Week ending", "date", True, True,
                  (*when("week ending", "period ending", "period end", "measured", "reading",
                          "recorded"),
                   "week", "period", "date", "month", "month ending", "as at", "w e", "we")),
            *SERVICE,
            Field("indicator", "Indicator", "code", True, True, codes=MEASURE_WORDS, strict=True,
                  aliases=("measure", "metric", "kpi", "indicator name", "name of indicator",
                           "indicator code", "measure name", "performance indicator", "name")),
            Field("num", "Numerator", "amount", unit="unit",
                  aliases=("num", "count", "number met", "met", "achieved", "top")),
            Field("den", "Denominator", "amount", unit="unit",
                  aliases=("den", "denom", "base", "out of", "total", "sample", "n", "bottom")),
            Field("value", "Value", "amount", True, True, unit="unit",
                  aliases=("result", "score", "reading", "figure", "actual", "performance",
                           "percent", "percentage", "rate", "%")),
            Field("unit", "Unit",
                  aliases=("units", "unit of measure", "uom", "measured in")),
        ),
    )
)  # fmt: skip

REVIEWS = register(
    Feed(
        "reviews", "Care reviews", ("id",),
        (
            id_field("Review ref", "review", "care review", "care plan review", "source review"),
            *SERVICE,
            Field("person", "Person", "person", aliases=PERSON_WORDS),
            Field("type", "Type",
                  aliases=("review type", "type of review", "kind", "category", "reason",
                           "review reason", "kind of review", "review category")),
            Field("due_on", "Due on", "date", True, True,
                  (*when("due", "review due", "planned", "scheduled", "next review", "target"),
                   "deadline", "review date due")),
            Field("completed_on", "Completed on", "date", essential=True,
                  aliases=(*when("completed", "review completed", "done", "reviewed", "held",
                                 "carried out", "finished", "review held", "review done"),
                           "actual date", "review date", "completion date")),
            Field("high_risk", "High risk", "bool",
                  aliases=("high risk y n", "high risk person", "priority", "high priority",
                           "is high risk", "risk flag")),
            Field("actions", "Actions", "number",
                  aliases=("actions raised", "number of actions", "action count", "no of actions",
                           "actions set")),
        ),
    )
)  # fmt: skip

EMAR = register(
    Feed(
        "emar", "Medicine rounds", ("id",),
        (
            id_field("Administration ID", "admin", "administration", "dose", "entry",
                     "source admin", "mar entry", "medicine", "event"),
            *SERVICE,
            Field("person", "Person", "person", aliases=PERSON_WORDS),
            Field("due_at", "Due at", "datetime", True, True,
                  (*when("due", "scheduled", "dose due", "planned", "time due"), "due time",
                   "scheduled time", "scheduled date time")),
            Field("recorded_at", "Recorded at", "datetime",
                  aliases=(*when("recorded", "administered", "given", "entered", "signed", "logged",
                                 "actual"),
                           "administration time", "actual time", "time given", "time recorded")),
            Field("outcome", "Outcome", "code", essential=True, codes=codes.MEDICINE_OUTCOME,
                  strict=True, systems=codes.MEDICINE_SYSTEMS,
                  aliases=("outcome code", "code", "result", "status", "administration outcome",
                           "mar code", "administration code", "administration status", "reason")),
            Field("prn", "As needed (PRN)", "bool",
                  aliases=("prn", "as required", "as needed", "when required", "is prn")),
            Field("cd", "Controlled drug", "bool",
                  aliases=("cd", "controlled", "controlled medicine", "is cd")),
            Field("recorder", "Recorded by", "person",
                  aliases=("recorder", "staff", "staff ref", "administered by", "given by",
                           "carer", "carer ref", "signed by", "recorder ref", "entered by")),
            Field("witness", "Witness", "person",
                  aliases=("witness ref", "witnessed by", "second signature", "second checker",
                           "countersigned by", "checked by")),
        ),
    )
)  # fmt: skip
