"""What the walks through enhanced monitoring share: audits, records, the worker's look, a week."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from playwright.sync_api import expect

from careboard.db import db
from careboard.records.models import Audit, Concern
from tests.acceptance.walking import rows
from tests.dashboards.rows import add
from workers import context
from workers.rules import look

TODAY = date(2026, 11, 20)
WEEK_AGO = TODAY - timedelta(days=7)
HOUSE = "Alder House"
THEMES = {"Care records": "records", "Medicines": "medicines", "Staff supervision": "staffing"}
CYCLES = {"August 2026": date(2026, 8, 20), "November 2026": date(2026, 11, 5)}


def audit_cycle(world, cycle: str, *scores: int, on: date | None = None) -> None:
    """A cycle of audits of Alder House: care records, medicines and supervision, in percent."""
    with world.acting("alice") as alice:
        for (theme, domain), score in zip(THEMES.items(), scores, strict=True):
            add(
                alice, Audit, service_id=_house(alice), theme=theme, domain=domain, cycle=cycle,
                completed_on=on or CYCLES[cycle], score=score * 100, max_score=10_000,
                rag="green" if score >= 90 else "amber", source_key=f"{cycle} {theme}",
            )  # fmt: skip
        db.session.commit()


def late_visits(world, *days: date) -> None:
    """Incidents of late visits at Alder House."""
    with world.acting("alice") as alice:
        for number, day in enumerate(days, start=1):
            add(
                alice, Concern, kind="incident", service_id=_house(alice), domain="safety",
                occurred_on=day, theme="Late visits", source_key=f"INC-{number}", status="closed",
            )  # fmt: skip
        db.session.commit()


def _house(alice) -> UUID:
    found = db.session.execute(
        db.text("SELECT id FROM service WHERE org_id = :org AND name = :name"),
        {"org": alice.org_id, "name": HOUSE},
    )
    return found.scalar_one()


def ask_rules(world, monkeypatch) -> None:
    """What the worker does every night, and when something was recorded."""
    monkeypatch.setattr(context, "application", lambda: world.app)
    look(str(world.org_id()))


def fired(world, rule: str) -> list[tuple]:
    """The triggers of a rule: sentence, whether it asks for a decision, and its day."""
    return rows(
        world,
        "SELECT sentence, suggests, decide_by FROM trigger WHERE rule_code = :rule",
        rule=rule,
    )


def monitoring(page) -> None:
    """To the page of triggers and episodes, by the menu."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Monitoring").click()
    expect(page.locator("h1")).to_have_text("Enhanced monitoring")


def to_episode(page, heading: str) -> None:
    """From anywhere to the running episode of Alder House."""
    monitoring(page)
    page.locator("main").get_by_role("link", name=HOUSE, exact=True).click()
    expect(page.locator("h1")).to_have_text(heading)
