"""A year of what people told the demo's providers, month by month, and what was made of it.

Most services tell in time. Birch Homecare, North hears the same from feedback and complaints and
nobody has acted yet; Rowan Court acted on cold food and heard less of it; Elmfield hears too few,
and told late of the last month; Sycamore Grange has not told of the last month.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from careboard.actions import lifecycle, measuring
from careboard.experience import plan, prefill, service
from careboard.experience.months import due_on, last_complete, run, shifted
from careboard.experience.service import SummaryFacts, ThemeCount

# Who tells for which services; the lead tells for the rest.
TELLERS = {
    "oakfield": {
        "martin": ("Alder House", "Rowan Court"),
        "sunita": ("Birch Homecare, North", "Birch Homecare, South", "Willow Supported Living"),
    },
    "brightwater": {"helen": ("Harbour View",)},
}
LEADS = {"oakfield": "grace", "brightwater": "olu"}
MONTHS = 11
COLD_FOOD = "cold food"
# Months ago and how many complained of it to the residents' meeting.
COMPLAINED = {8: 5, 7: 6, 6: 5, 5: 2, 4: 1, 3: 1}


def seed_experience(story: Any) -> None:
    """Submit the summaries in the order of their months, each in the days before it is due."""
    org = story.system.org_slug
    last = last_complete(story.today)
    for month in run(last, MONTHS):
        ago = (last.year - month.year) * 12 + last.month - month.month
        for name, service_id in sorted(story.services.items()):
            day = _told_on(name, month, ago)
            if day <= story.today and (name, ago) != ("Sycamore Grange", 0):
                with story.days_ago((story.today - day).days):
                    _submit(story, org, name, service_id, month, ago)
        if org == "oakfield" and ago == 6:
            _act_on_food(story)
    if org == "oakfield":
        _find_overlap(story, last)


def _told_on(name: str, month: date, ago: int) -> date:
    due = due_on(month)
    return due + timedelta(days=4) if (name, ago) == ("Elmfield", 0) else due - timedelta(days=3)


def _submit(story: Any, org: str, name: str, service_id: UUID, month: date, ago: int) -> None:
    local = next((who for who, own in TELLERS[org].items() if name in own), LEADS[org])
    person = story.person(local)
    found = prefill.counted(actor=person, service_id=service_id, month=month)
    themes = [ThemeCount(theme, *counts) for theme, counts in found.themes.items()]
    heard = found.answers
    if name == "Rowan Court" and ago in COMPLAINED:
        negative = COMPLAINED[ago]
        heard += negative
        themes.append(ThemeCount(COLD_FOOD, 0, negative, "Raised at the residents’ meeting"))
    facts = SummaryFacts(
        sample_size=heard,
        invited=heard * 6 if name == "Elmfield" else heard * 2,
        people=34 if name == "Elmfield" else None,
        themes=themes,
    )
    service.submit_summary(actor=person, service_id=service_id, month=month, facts=facts)


def _act_on_food(story: Any) -> None:
    """An action for cold food, done, verified and followed by what people said then."""
    rowan = story.services["Rowan Court"]
    opened = due_on(shifted(last_complete(story.today), -6))
    with story.days_ago((story.today - opened).days):
        martin = story.person("martin")
        begun = plan.start(actor=martin, service_id=rowan, theme=COLD_FOOD)
        action_id = plan.open_action(
            actor=martin,
            service_id=rowan,
            theme=COLD_FOOD,
            title="Heated trolleys on the first floor, and a taste check at each lunch",
            owner_id=story.member("amara"),
            due_on=opened + timedelta(days=21),
            outcome_measure=begun.outcome_measure,
            baseline=begun.baseline,
            evidence_required=begun.evidence_required,
            target_value=Decimal(2),
        )
    done = (story.today - opened).days - 20
    with story.days_ago(done):
        lifecycle.complete(
            actor=story.person("amara"),
            action_id=action_id,
            detail="Two trolleys in use; the seniors taste and sign at each lunch.",
            kind="feedback",
            source_link="Kitchen log, residents’ meeting notes",
        )
    with story.days_ago(done - 3):
        lifecycle.verify(
            actor=story.person("vic"), action_id=action_id, note="Seen in use at two lunches."
        )
    for back in (3, 2):
        month = shifted(last_complete(story.today), -back)
        with story.days_ago((story.today - due_on(month)).days):
            measuring.add_reading(
                actor=story.person("amara"),
                action_id=action_id,
                on_date=month + timedelta(days=27),
                value=Decimal(COMPLAINED.get(back, 0)),
                note="Residents’ meeting",
            )


def _find_overlap(story: Any, month: date) -> None:
    """The complaints lead's finding and the quality lead's note; nobody has answered yet."""
    with story.days_ago(5):
        grace = story.person("grace")
        about = {
            "actor": grace,
            "service_id": story.services["Birch Homecare, North"],
            "theme": "rushed care",
            "month": month,
        }
        service.add_note(
            **about,
            overlap="matches",
            text="The complaints name the same evening rounds as the comments.",
        )
        service.rate_theme(
            **about,
            rating="high",
            rationale="Said by people and families alike for three months, mostly of evenings.",
        )
