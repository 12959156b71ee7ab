"""A year of records for the demo's providers, as the files that their systems would export.

Stories: Alder House's medicines worsen and its upstairs lounge keeps coming up in safeguarding;
Rowan Court's care records improve; Hawthorn Lodge is good but nobody tests it; Sycamore Grange has
findings that nobody owns; Elmfield has not been audited lately; Birch Homecare, North hears from
complaints and feedback alike that visits are rushed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from careboard.demo.services import SERVICES

THEMES = (
    "medicines",
    "care records",
    "staff supervision",
    "infection control",
    "health and safety",
    "catering",
)
FINDINGS = {
    "medicines": ("gaps in the administration record", "stock count does not match the record"),
    "care records": ("risk assessments not reviewed on time", "daily notes say too little"),
    "staff supervision": ("supervision overdue for three staff", "no record of what was agreed"),
    "infection control": ("cleaning schedule not signed", "gloves not changed between tasks"),
    "health and safety": ("fire drill not recorded", "hoist service overdue"),
    "catering": ("fluid charts not totalled", "texture guidance out of date"),
}
REMEDIES = {
    "medicines": "End-of-shift check of every administration record",
    "care records": "Weekly sample of ten records with the team",
    "staff supervision": "Catch up the overdue supervisions",
    "infection control": "Observed practice on every shift for two weeks",
    "health and safety": "Complete and record the outstanding checks",
    "catering": "Refresh the guidance with the kitchen and the seniors",
}
OWNERS = {
    "oakfield": (
        ("Amara Nwosu", "amara@oakfield.example", ("Alder House", "Rowan Court")),
        ("Martin Reyes", "martin@oakfield.example", ("Alder House", "Rowan Court")),
        ("Tom Ashdown", "tom@oakfield.example", ("Birch Homecare, North", "Birch Homecare, South")),
        ("Sunita Rao", "sunita@oakfield.example", ("Willow Supported Living",)),
        ("Priya Castell", "priya.castell@oakfield.example", ()),
        ("Owen Marlock", "owen.marlock@oakfield.example", ()),
    ),
    "brightwater": (("Helen Marsh", "helen@brightwater.example", ("Harbour View",)),),
}


@dataclass
class Year:
    """One provider's year up to `today`; `rows` gathers each feed's lines, header first."""

    org: str
    provider: str
    provider_id: str
    today: date
    rows: dict[str, list[Sequence[object]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.org}-year")
        self.prefix = self.org[0].upper()
        self.services = SERVICES[self.org]

    def add(self, feed: str, header: Sequence[str], row: Sequence[object]) -> None:
        self.rows.setdefault(feed, [header]).append(row)

    def months(self) -> Iterator[date]:
        """A day in each of the last twelve months, oldest first."""
        for back in range(11, -1, -1):
            month = (self.today.year * 12 + self.today.month - 1) - back
            last = 24 if back else min(24, self.today.day)
            yield date(month // 12, month % 12 + 1, self.random.randint(1, max(1, last)))

    def file(self, feed: str) -> bytes:
        """The feed as a comma-separated file."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(self.rows[feed])
        return text.getvalue().encode("utf-8-sig")


def year_of(org: str, provider: str, provider_id: str, today: date) -> Year:
    """Everything that one provider's systems would export for the year to `today`."""
    year = Year(org, provider, provider_id, today)
    _services(year)
    _audits(year)
    _incidents(year)
    _complaints(year)
    _feedback(year)
    _safeguarding(year)
    _queries(year)
    return year


def _services(year: Year) -> None:
    header = (
        *("Name", "Postcode", "Service types", "Provider name", "Local Authority", "Region"),
        *("CQC Location ID", "CQC Provider ID"),
    )
    for number, (name, kind, location, authority, region) in enumerate(year.services):
        row = (name, f"NB{number + 1} 4ZZ", kind, year.provider, authority, region, location)
        year.add("services", header, (*row, year.provider_id))


def _score(year: Year, service: str, theme: str, month: int) -> int:
    """Month 0 is the oldest of twelve."""
    base = {"Hawthorn Lodge": 95, "Sycamore Grange": 85, "Elmfield": 91}.get(service, 91)
    if service == "Alder House" and theme == "medicines":
        base = 95 - max(0, month - 5) * 3
    if service == "Rowan Court" and theme == "care records":
        base = 76 + month * 2
    if service == "Birch Homecare, South" and theme == "staff supervision":
        base = 84
    return max(60, min(100, base + year.random.randint(-3, 3)))


def _audits(year: Year) -> None:
    header = (
        *("Audit ref", "Service", "Theme", "Cycle", "Completed on", "Score", "Max", "RAG"),
        "Auditor",
    )
    number = concern = 0
    for service, *_ in year.services:
        for month, day in enumerate(year.months()):
            if service == "Elmfield" and month > 8:
                continue
            for theme in THEMES:
                number += 1
                score = _score(year, service, theme, month)
                rag = "Green" if score >= 90 else "Amber" if score >= 80 else "Red"
                audit = f"{year.prefix}A-{number:05d}"
                row = (audit, service, theme, f"{day:%b %Y}", f"{day:%d/%m/%Y}", score, 100, rag)
                year.add("audits", header, (*row, "Vic Osei" if year.org == "oakfield" else "RL"))
                if rag != "Green" and year.random.random() < 0.6:
                    concern += 1
                    _concern(year, concern, audit, service, theme, rag, day)
    for bad in (
        (f"{year.prefix}A-90001", "Beech House", "medicines", "", f"{year.today:%d/%m/%Y}", 88, 99),
        (f"{year.prefix}A-90002", year.services[0][0], "catering", "", "31/02/2026", 91, 100),
        (f"{year.prefix}A-90003", year.services[1][0], "catering", "", "05/05/2026", 140, 100),
    ):
        year.add("audits", header, (*bad, "Amber", ""))


def _concern(
    year: Year, number: int, audit: str, service: str, theme: str, rag: str, day: date
) -> None:
    header = ("Concern ref", "Audit ref", "Raised", "Concern", "Severity", "Status", "Closed")
    reference = f"{year.prefix}C-{number:04d}"
    age = (year.today - day).days
    closed_on = day + timedelta(days=year.random.randint(20, 60))
    still_open = age < 75 or closed_on > year.today
    if service == "Sycamore Grange":
        still_open = age < 110
    text = f"{theme.capitalize()}: {year.random.choice(FINDINGS[theme])}"
    status = ("Open", "") if still_open else ("Closed", f"{closed_on:%d/%m/%Y}")
    year.add("audit_concerns", header, (reference, audit, f"{day:%d/%m/%Y}", text, rag, *status))
    chance = 0.7 if service == "Sycamore Grange" else 0.12
    unowned = still_open and year.random.random() < chance
    if not unowned:
        _action(year, reference, service, theme, day, still_open)


def _action(
    year: Year, concern: str, service: str, theme: str, day: date, still_open: bool
) -> None:
    header = (
        *("Ref", "Service", "Source record", "Action", "Owner", "Owner email", "Due date"),
        *("Status", "Completed on", "Evidence note", "Last update"),
    )
    number = len(year.rows.get("actions", ())) or 1
    own = [owner for owner in OWNERS[year.org] if service in owner[2]]
    name, email, _ = year.random.choice(
        own or [o for o in OWNERS[year.org] if not o[2]] or list(OWNERS[year.org])
    )
    due = day + timedelta(days=year.random.choice((28, 42, 56)))
    if still_open:
        status = year.random.choice(("Open", "In progress", "In progress", "Awaiting"))
        status = {"Awaiting": "Done - awaiting verification"}.get(status, status)
        updated = max(day, year.today - timedelta(days=year.random.choice((2, 5, 9, 14, 20, 38))))
        done = f"{updated:%d/%m/%Y}" if status.startswith("Done") else ""
    else:
        status, updated = "Verified", min(due + timedelta(days=3), year.today)
        done = f"{updated:%d/%m/%Y}"
    year.add(
        "actions",
        header,
        (
            *(f"ACT-{number:04d}", service, concern, REMEDIES[theme], name, email),
            *(f"{due:%d/%m/%Y}", status, done),
            "Checked by senior on shift" if done else "",
            f"{updated:%d/%m/%Y}",
        ),
    )


def _incidents(year: Year) -> None:
    header = (
        *("Incident ID", "Service", "Date", "Time", "Type", "Harm", "Place", "Person", "Themes"),
        *("Status", "Closed on", "What happened"),
    )
    number = 0
    for service, *_ in year.services:
        for month, day in enumerate(year.months()):
            count = 3 + (month > 7 and service == "Alder House") * 3
            for _ in range(year.random.randint(1, count)):
                number += 1
                kind = year.random.choice(("fall", "near miss", "medicines error", "skin damage"))
                when = min(day + timedelta(days=year.random.randint(0, 5)), year.today)
                closed = when + timedelta(days=year.random.randint(3, 24))
                done = closed <= year.today
                row = (
                    *(f"{year.prefix}I-{number:05d}", service, f"{when:%d/%m/%Y}"),
                    f"{year.random.randint(6, 22):02d}:{year.random.randint(0, 59):02d}",
                    *(kind, year.random.choice(("none", "none", "low", "moderate"))),
                    year.random.choice(("bedroom", "corridor", "bathroom", "garden")),
                    f"P{year.random.randint(100, 160)}",
                    "medicines" if kind == "medicines error" else kind,
                    "Closed" if done else "Open",
                    f"{closed:%d/%m/%Y}" if done else "",
                    "Checked by the senior on shift; family told",
                )
                year.add("incidents", header, row)
    year.rows["incidents"][5] = (
        *year.rows["incidents"][5][:-1],
        "Mrs Winifred Stone slipped by the door, NHS number 943 476 5919",
    )


def _complaints(year: Year) -> None:
    header = (
        *("Complaint no", "Service", "Received", "Channel", "Theme", "Formal", "Acknowledged"),
        *("Due", "Responded", "Outcome", "Summary"),
    )
    number = 0
    for service, *_ in year.services:
        for month, day in enumerate(year.months()):
            rushed = service == "Birch Homecare, North" and month > 8
            if not rushed and year.random.random() > 0.45:
                continue
            number += 1
            theme = (
                "rushed care"
                if rushed
                else year.random.choice(("communication", "lost property", "fees", "care planning"))
            )
            answered = day + timedelta(days=year.random.randint(8, 26))
            done = answered <= year.today
            row = (
                *(f"{year.prefix}K-{number:03d}", service, f"{day:%d/%m/%Y}"),
                *(year.random.choice(("letter", "e-mail", "telephone")), theme, "Y"),
                f"{min(day + timedelta(days=2), year.today):%d/%m/%Y}",
                f"{day + timedelta(days=28):%d/%m/%Y}",
                f"{answered:%d/%m/%Y}" if done else "",
                year.random.choice(("upheld", "part", "not")) if done else "",
                f"About {theme}",
            )
            year.add("complaints", header, row)


def _feedback(year: Year) -> None:
    header = (
        *("Response", "Service", "Date", "From", "Question", "Score", "Out of", "Theme"),
        "Comment",
    )
    questions = ("Support comes when needed", "Treated with respect")
    number = 0
    for service, *_ in year.services:
        for month, day in enumerate(year.months()):
            for _ in range(year.random.randint(7, 11)):
                number += 1
                rushed = service == "Birch Homecare, North" and month > 8
                low = rushed and year.random.random() < 0.45
                score = year.random.choice((1, 2) if low else (3, 4, 4, 5, 5, 5))
                when = min(day + timedelta(days=year.random.randint(0, 4)), year.today)
                row = (
                    *(f"{year.prefix}F-{number:05d}", service, f"{when:%d/%m/%Y}"),
                    *(year.random.choice(("Person", "Relative")), year.random.choice(questions)),
                    *(score, 5, "rushed care" if low else year.random.choice(("food", "kindness"))),
                    "Always in a hurry" if low else "Thank you",
                )
                year.add("feedback", header, row)


def _safeguarding(year: Year) -> None:
    header = (
        *("Concern ref", "Service", "Raised on", "Level", "Category", "Place", "Source role"),
        *("Person", "Local authority", "Status", "Closed", "Notes"),
    )
    cases = [
        (service, year.today - timedelta(days=year.random.randint(95, 350)), "bedroom")
        for service, *_ in year.services
        for _ in range(2)
    ]
    if year.org == "oakfield":
        cases += [
            ("Alder House", year.today - timedelta(days=back), "upstairs lounge")
            for back in (55, 38, 21, 8)
        ]
    for number, (service, day, place) in enumerate(sorted(cases, key=lambda case: case[1]), 1):
        authority = next(row[3] for row in year.services if row[0] == service)
        done = (year.today - day).days > 40
        row = (
            *(f"{year.prefix}S-{number:03d}", service, f"{day:%d/%m/%Y}"),
            year.random.choice(("Low level", "Low level", "S42 referral")),
            *("neglect" if place != "bedroom" else "physical", place, "care worker"),
            *(f"P{year.random.randint(100, 160)}", authority, "closed" if done else "open"),
            *(f"{day + timedelta(days=30):%d/%m/%Y}" if done else "", "Seen and recorded"),
        )
        year.add("safeguarding", header, row)


def _queries(year: Year) -> None:
    header = ("Query", "Received", "Commissioner", "Service", "Theme", "Question", "Answered")
    late = "Birch Homecare, North" if year.org == "oakfield" else year.services[1][0]
    for number, (service, back, theme) in enumerate(
        (
            (late, 26, "late visits"),
            (late, 9, "late visits"),
            (year.services[0][0], 120, "reviews"),
        ),
        1,
    ):
        day = year.today - timedelta(days=back)
        authority = next(row[3] for row in year.services if row[0] == service)
        answered = f"{day + timedelta(days=6):%d/%m/%Y}" if back > 10 else ""
        row = (f"{year.prefix}Q-{number:03d}", f"{day:%d/%m/%Y}", authority, service, theme)
        year.add(
            "commissioner_queries",
            header,
            (*row, f"Please explain the position on {theme}", answered),
        )
