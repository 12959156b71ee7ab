"""A staffing risk, from the rota to the commissioner and back, walked in a browser by the roles
that the field names.

Source: steps S3-1.1 to S3-1.5 of the fourth article.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from careboard.db import db, new_id
from careboard.recovery.models import Indicator, Reading
from careboard.sharing.communications import Links
from careboard.sharing.models import FACTORS
from tests.acceptance.walking import PHONE, by_record_name, on, open_sitting, rows, sign
from tests.actions.samples import add_action
from tests.browsing import check, needs_browser
from tests.sharing import making, saying

pytestmark = needs_browser
TODAY, DAY = date(2026, 11, 20), timedelta(days=1)
BEGAN = date(2026, 10, 19)  # a Monday, as the weeks of readings begin
CAUSE = "Evening calls without a carer since two people left"
TOLD = "Evening calls are at risk; agency carers cover them from Monday, high-risk visits first"
COUNCIL = "Northshire contracts team"


@pytest.fixture
def rota(world) -> dict[str, object]:
    """Rota gaps and delayed visits of eight weeks; fewer since the controls began."""
    house, made = world.service_id("Alder House"), {}
    with world.acting("alice") as alice:
        for number, name in enumerate(("Visits not covered", "Delayed visits"), start=1):
            row = Indicator(
                org_id=alice.org_id, id=new_id(), reference=f"IND-{number:04}", service_id=house,
                domain="staffing", name=name, measure=name.lower(), unit="percent", good="down",
                cadence="week", source="Rota system",
            )  # fmt: skip
            db.session.add(row)
            db.session.flush()
            made[name] = row.id
            for week in range(-4, 4):
                start, late = BEGAN + 7 * week * DAY, 6 if week < 0 else 2
                db.session.add(
                    Reading(
                        org_id=alice.org_id,
                        indicator_id=row.id,
                        period_start=start,
                        period_end=start + 6 * DAY,
                        value=2 * late,
                        numerator=late,
                        denominator=50,
                    )  # fmt: skip
                )
        db.session.commit()
    return made


def _decided(world):
    """Rated high and shared four weeks ago, when controls began."""
    with on(BEGAN):
        return making.decided(
            world,
            making.risk(world),
            affected=("continuity", "contract_delivery"),
            control_on=BEGAN,
        )


def test_s3_1_1_branch_manager_raises_a_contract_delivery_risk(world, site, rota):
    page = site.home("bob", width=PHONE)
    by_record_name(page, "staffing risk profile")
    page.get_by_role("link", name="Raise a risk").click()
    page.get_by_label("Service", exact=True).select_option(label="Alder House")
    page.get_by_role("button", name="Choose").click()
    expect(page.get_by_label("Domain")).to_have_value("staffing")
    page.get_by_label("Original cause").fill(CAUSE)
    page.get_by_role("button", name="Raise the risk").click()
    expect(page.locator("#error-summary")).to_contain_text("Choose what it rests on")
    assert check(page) == []
    for name in ("Visits not covered", "Delayed visits"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Raise the risk").click()
    for words in (CAUSE, "Visits not covered: 4%", "Delayed visits: 4%", "Awaits a rating"):
        expect(page.locator("main")).to_contain_text(words)
    assert check(page) == []
    lead = site.page("alice")
    lead.goto(page.url)
    lead.get_by_role("link", name="Rate it").click()
    expect(lead.get_by_label("Original cause")).to_have_value(CAUSE)
    lead.locator("[name=rating][value=high]").check()
    lead.get_by_label("Reasons for this rating").fill("Six of fifty visits a week had no carer")
    lead.get_by_label("There is no evidence yet").check()
    lead.get_by_role("button", name="Enter the rating").click()
    expect(lead.locator("main")).to_contain_text("RAI-0001")
    kept = "SELECT w.domain, m.name, a.name, r.rating FROM raised_risk w "
    kept += "JOIN membership m ON m.id = w.raised_by_id JOIN membership a "
    kept += "ON a.id = w.answered_by_id JOIN risk r ON r.id = w.risk_id"
    assert rows(world, kept) == [("staffing", "Bob", "Alice", "high")]
    assert len(rows(world, "SELECT 1 FROM raised_risk_ground WHERE indicator_id IS NOT NULL")) == 2


def test_s3_1_2_operations_lead_decides_to_notify_with_a_rationale(world, site, rota):
    making.risk(world)
    page = site.home("alice")
    page.get_by_role("link", name="Sharing undecided").click()
    page.locator("main").get_by_role("link", name="RSK-0001").click()
    page.get_by_role("link", name="Decide whether to share").click()
    for code in FACTORS:
        answer = "yes" if code in ("continuity", "contract_delivery") else "no"
        page.locator(f"[name=factor_{code}][value={answer}]").check()
    page.locator("[name=decision][value=share]").check()
    page.get_by_label("Rationale").fill("The council can move calls while agency carers start")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what exactly they are told")
    assert check(page) == []
    page.locator("#what").fill(TOLD)
    page.get_by_label("Commissioner", exact=True).check()
    page.locator("#action_under_way").fill("Two agency carers from Monday")
    page.locator("#control_on").fill(TODAY.isoformat())
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("h1")).to_have_text("Decision on RSK-0001: share")
    assert check(page) == []
    by_record_name(page, "external communication log")
    row = page.get_by_role("row").filter(has_text="SHD-0001")
    for words in ("Share", "The council can move calls", "Identified 20 Nov 2026", "To be told"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    kept = "SELECT decision, recipients, first_identified_on, control_on FROM sharing_decision"
    assert rows(world, kept) == [("share", ["commissioner"], TODAY, TODAY)]


def test_s3_1_3_contract_lead_tells_the_commissioner(world, site, rota):
    with on(TODAY - DAY):
        decision = making.decided(world, making.risk(world))
    page = site.page("cora")
    page.goto("/o/alder/sharing/?show=untold")
    page.get_by_role("link", name="SHD-0001").click()
    page.get_by_role("link", name="Record what was said").click()
    page.get_by_label("Kind of partner").select_option("commissioner")
    page.get_by_label("Authority or team").fill(COUNCIL)
    page.get_by_label("Role of the person").fill("contracts officer")
    page.locator("#said").fill(TOLD)
    assert check(page) == []
    page.get_by_role("button", name="Keep the communication").click()
    expect(page.locator("h1")).to_have_text(f"Told {COUNCIL}")
    by_record_name(page, "contract monitoring file")
    expect(page.locator("main")).to_contain_text("COM-0001")
    assert check(page) == []
    page.goto(f"/o/alder/sharing/decisions/{decision}")
    expect(page.locator("main")).to_contain_text("Told 20 Nov 2026, after 1 day")
    kept = "SELECT c.decision_id, c.direction, m.name FROM communication c "
    kept += "JOIN membership m ON m.id = c.by_id"
    assert rows(world, kept) == [(decision, "out", "Cora")]


def test_s3_1_4_rota_lead_applies_controls_and_puts_high_risk_visits_first(world, site, rota):
    risk_id = making.risk(world)
    add_action(
        world, title="High-risk visits first on the rota", domain="staffing", risk_id=risk_id
    )
    page = site.page("rita", width=PHONE)
    page.goto(f"/o/alder/risks/{risk_id}")
    page.locator("main").get_by_role("link", name="ACT-0001").click()
    page.get_by_role("link", name="Complete").click()
    page.get_by_label("What was done, and what changed").fill(
        "Visits of people at high risk are planned first; agency carers take the others."
    )
    page.get_by_label("Kind of evidence").select_option("staff_practice")
    page.get_by_label("link to the source record").fill("https://rota.example/week/47")
    assert check(page) == []
    page.locator("#action-step button[type=submit]").click()
    expect(page.locator("#action")).to_contain_text("awaiting verification")
    by_record_name(page, "rota management system")
    expect(page.locator("main")).to_contain_text("High-risk visits first on the rota")
    assert check(page) == []
    kept = "SELECT a.risk_id, a.status, v.source_link FROM action a CROSS JOIN evidence e "
    kept += "JOIN evidence_revision v ON v.evidence_id = e.id"
    assert rows(world, kept) == [(risk_id, "completed", "https://rota.example/week/47")]


def test_s3_1_5_governance_lead_looks_after_four_weeks_whether_visits_are_less_delayed(
    world, site, rota
):
    decision = _decided(world)
    with on(BEGAN):
        saying.told(world, about=Links(decision_id=decision))
    page = site.home("alice")
    sitting = open_sitting(page, "monthly_governance")
    page.goto(f"/o/alder/sharing/decisions/{decision}")
    page.get_by_role("link", name="Four-week check").click()
    expect(page.locator("main")).to_contain_text("Delayed visits")
    page.locator("#indicator_id").select_option(label="Delayed visits")
    page.locator("#findings").fill("From 24 of 200 to 8 of 200; the agency carers stay.")
    page.locator("#sitting").select_option(index=1)
    assert check(page) == []
    page.get_by_role("button", name="Record the check").click()
    expect(page.locator("#checks")).to_contain_text("24 of 200 before, 8 of 200 after")
    assert check(page) == []
    sign(page, sitting, summary="Delayed visits are fewer.")
    by_record_name(page, "governance minutes")
    expect(page.get_by_role("row").filter(has_text="REV-0001")).to_contain_text("Signed")
    kept = "SELECT c.decision_id, c.outcome, r.forum FROM control_check c "
    kept += "JOIN review r ON r.id = c.sitting_id"
    assert rows(world, kept) == [(decision, "reduced", "monthly_governance")]
