"""The demo's risk profile: for each rated service and domain, its cause and how its rating moved.

`steps` are (days ago, rating, rationale), oldest first. Ratings are held and lowered on the days
of `SITTINGS` alone; between them they can only be raised. What is not here is not rated.
"""

from __future__ import annotations

from dataclasses import dataclass

Step = tuple[int, str, str]
# Days ago on which the governance group sat, the latest last.
SITTINGS = (105, 75, 45, 15)


@dataclass(frozen=True, slots=True)
class Rated:
    """`kind` None: no evidence was given. `tested`: someone else accepted the last item.
    `manager` hands in the returns on which the rating is lowered."""

    service: str
    domain: str
    cause: str
    steps: tuple[Step, ...]
    kind: str | None = "audits"
    tested: bool = True
    valid_days: int = 92
    outcome: str = ""
    manager: str = ""

    @property
    def kind_words(self) -> str:
        return (self.kind or "").replace("_", " ").capitalize()


_STEADY = "Scores and samples are steady and in target."


def _steady(service: str, domain: str, cause: str, kind: str = "audits", **more) -> Rated:
    steps = (
        (70, "low", "First rating after the year's samples."),
        (45, "low", _STEADY),
        (15, "low", _STEADY),
    )
    return Rated(service, domain, cause, steps, kind, **more)


_OAKFIELD = (
    Rated(
        "Alder House", "medicines", "Gaps in the administration record on nights",
        ((150, "high", "Three administration errors in a month."),
         (105, "moderate", "No error in six weeks, and a green audit."),
         (60, "high", "Gaps on nights are back: third amber audit in a row."),
         (15, "very_high", "Score below 80 % and two administration errors in a month.")),
        outcome="6 gaps in the last weekly sample; baseline 2", manager="martin",
    ),
    Rated(
        "Alder House", "safeguarding", "Evening supervision in the upstairs lounge",
        ((52, "moderate", "Second concern in the same place."),
         (15, "very_high", "Four concerns in 61 days, all in the upstairs lounge.")),
        "staff_practice", outcome="0 new concerns in 8 days; baseline 4 in 61",
    ),
    Rated(
        "Alder House", "staffing", "Night seniors without medicines competency",
        ((60, "moderate", "Competency lapsed for two of five."),
         (15, "moderate", "One re-assessed; one outstanding.")),
        "staff_practice", tested=False,
    ),
    _steady("Alder House", "records", "Daily notes too short", "care_records"),
    Rated("Alder House", "experience", "Few answers from families",
          ((52, "moderate", "Too few answers to be sure."),), "feedback", tested=False),
    _steady("Alder House", "audits", "Overall audit result"),
    Rated(
        "Rowan Court", "records", "Risk assessments out of date",
        ((180, "high", "Audit at 76 %."), (105, "moderate", "Audit at 88 %, three in a row up."),
         (15, "low", "Ten assessments rewritten and sampled.")),
        "care_records", outcome="Audit score 76 % to 97 % in eleven months", manager="martin",
    ),
    _steady("Rowan Court", "medicines", "Stock counts"),
    _steady("Rowan Court", "safety", "Falls on the first floor", "care_records"),
    _steady("Rowan Court", "staffing", "Supervision on time", "staff_practice"),
    Rated("Rowan Court", "complaints", "Answers given late",
          ((66, "moderate", "Three answers over 28 days."),
           (15, "moderate", "Still one over 28 days.")), "care_records"),
    _steady("Hawthorn Lodge", "medicines", "Stock counts", tested=False),
    _steady("Hawthorn Lodge", "records", "Daily notes", "care_records", tested=False),
    _steady("Hawthorn Lodge", "safety", "Falls", tested=False),
    _steady("Hawthorn Lodge", "staffing", "Supervision on time", "staff_practice", tested=False),
    _steady("Hawthorn Lodge", "audits", "Overall audit result", tested=False),
    Rated("Sycamore Grange", "audits", "Findings without an owner",
          ((80, "moderate", "Amber in four themes."), (12, "high", "Findings stay open.")),
          None, tested=False),
    Rated("Sycamore Grange", "medicines", "Stock counts do not match",
          ((58, "moderate", "Amber audit."),), valid_days=30, tested=False),
    Rated("Sycamore Grange", "records", "Care plans reviewed late",
          ((61, "high", "Amber audit, reviews late."), (15, "high", "No change yet.")),
          "care_records"),
    Rated("Sycamore Grange", "staffing", "Supervision overdue",
          ((45, "moderate", "Six supervisions overdue."), (15, "moderate", "Three overdue.")),
          "staff_practice"),
    _steady("Elmfield", "safety", "Falls", "care_records"),
    Rated("Elmfield", "medicines", "Audit overdue",
          ((140, "low", "Last audit green."),), tested=False),
    Rated("Birch Homecare, North", "staffing", "Evening rounds without travel time",
          ((44, "moderate", "Punctuality falling."),
           (15, "high", "Commissioner asked twice about late visits.")),
          "care_records", outcome="12 of 14 calls on time last week; baseline 8 of 14"),
    Rated("Birch Homecare, North", "experience", "Visits feel rushed",
          ((15, "high", "Complaints and feedback say the same."),), "feedback"),
    Rated("Birch Homecare, North", "complaints", "Rushed care",
          ((15, "high", "Three formal complaints in three months."),), "feedback", tested=False),
    _steady("Birch Homecare, North", "medicines", "Records of prompts", "care_records"),
    _steady("Birch Homecare, South", "safety", "Moving and handling", "staff_practice"),
    Rated("Birch Homecare, South", "staffing", "Supervision overdue",
          ((135, "high", "Amber audits; nine of nine supervisions overdue."),
           (75, "moderate", "All supervisions held; two audits steady."),
           (45, "moderate", "Unchanged.")),
          "staff_practice", tested=False, manager="sunita"),
    _steady("Birch Homecare, South", "records", "Visit notes", "care_records"),
    _steady("Willow Supported Living", "experience", "Choice of activities", "feedback"),
    _steady("Willow Supported Living", "medicines", "Self-medication checks"),
    Rated("Willow Supported Living", "safety", "Kitchen safety",
          ((64, "moderate", "Two near misses."), (15, "low", "None in six weeks.")),
          "care_records", manager="sunita"),
    _steady("Willow Supported Living", "staffing", "Continuity of staff", "staff_practice"),
)  # fmt: skip

_BRIGHTWATER = (
    Rated("Harbour View", "medicines", "Stock counts",
          ((70, "moderate", "Two amber audits."), (15, "low", "Two green audits in a row.")),
          manager="helen"),
    _steady("Harbour View", "records", "Daily notes", "care_records", tested=False),
    _steady("Brightwater at Home", "safety", "Lone working", "staff_practice", tested=False),
    Rated("Brightwater at Home", "staffing", "Late visits",
          ((30, "moderate", "Commissioner asked twice."),), "care_records", tested=False),
    _steady("Quayside Flats", "experience", "Choice of activities", "feedback", tested=False),
)  # fmt: skip

RATINGS = {"oakfield": _OAKFIELD, "brightwater": _BRIGHTWATER}
