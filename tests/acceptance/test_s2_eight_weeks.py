"""Eight weeks of enhanced monitoring, from repeated concerns to stepping down and the follow-up.

Source: steps S2-1.1 to S2-1.5 of the third article; rules 3.3, 3.4, N9 and N11.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from careboard.actions import lifecycle
from careboard.db import db
from tests.acceptance.monitored import ask_rules, fired
from tests.acceptance.test_s2_1 import SENTENCE, TITLE, safeguarding
from tests.acceptance.walking import by_record_name, on, open_sitting, rows, sign
from tests.actions import samples
from tests.assurance.making import validate
from tests.board_packs.packs import text_of
from tests.browsing import check, needs_browser
from tests.imports_db.making import bring
from tests.monitoring import weekly
from tests.monitoring.making import reviewed
from workers import mail

pytestmark = [*needs_browser, pytest.mark.timeout(900)]
START = date(2026, 9, 7)  # a Monday, and so is the day on which each week's return is due
REASON = "Four concerns in one place; the manager's own checks did not see it"
CALM = "Families say that evenings in the lounge are calm"
BACK = "One more concern in the upstairs lounge"


def day(number: int) -> date:
    """The day of the episode, 0 being its first."""
    return START + timedelta(days=number)


class Walk:
    """People at their browsers on the days of the episode; what the worker does in between."""

    def __init__(self, world, site, monkeypatch) -> None:
        self.world, self.site, self.monkeypatch = world, site, monkeypatch
        self.episode_id: UUID | None = None

    @contextmanager
    def at(self, number: int, person: str):
        """That person's page on that day, at the running episode once there is one."""
        with on(day(number)):
            page = self.site.home(person)
            if self.episode_id is not None:
                page.goto(f"/o/alder/monitoring/episodes/{self.episode_id}")
                expect(page.locator("h1")).to_have_text(TITLE)
            yield page
            assert check(page) == []
            page.context.close()

    def ask(self) -> None:
        """The worker asks every rule."""
        ask_rules(self.world, self.monkeypatch)

    def worker(self, number: int) -> list[tuple]:
        """The worker's daily round of reminders; returns what it has sent so far."""
        with on(day(number)):
            mail.remind(str(self.world.org_id()))
        return rows(self.world, "SELECT rule, to_email FROM reminder ORDER BY rule, to_email")

    def week(self, number: int, *, late: int = 0) -> None:
        """A week as it usually goes: return, sample by somebody else, report, review."""
        with on(day(7 * number + late)):
            return_id = weekly.hand_in(self.world, self.episode_id, number)
            validate(self.world, weekly.claim_of(self.world, return_id))
            weekly.report(self.world, self.episode_id, number)
            reviewed(self.world, self.episode_id)


def _decide(walk: Walk) -> None:
    """A rule suggests; the governance lead decides, with what it takes to end it."""
    with walk.at(0, "alice") as page:
        by_record_name(page, "provider safeguarding risk log")
        page.get_by_role("row").filter(has_text=SENTENCE).get_by_role("link", name=TITLE).click()
        page.get_by_role("link", name="Decide on monitoring", exact=True).click()
        page.get_by_label("Start enhanced monitoring").check()
        page.get_by_label("Reasons").fill(REASON)
        page.get_by_label("What is required of the service").fill("Two staff in the lounge.")
        page.locator("#no_repeat_themes_days").fill("28")
        page.get_by_label("Criteria in your own words").fill(CALM)
        page.get_by_role("button", name="Record the decision").click()
        expect(page.locator("#criteria")).to_contain_text("1 of 4 met")
        expect(page.locator("#entry")).to_contain_text("2 Nov 2026")
    ((walk.episode_id,),) = rows(walk.world, "SELECT id FROM monitoring_episode")


def _control(walk: Walk) -> None:
    """A priority control with its owner."""
    with walk.at(1, "bob") as page:
        page.locator("#actions").get_by_role("link", name="Add").click()
        page.get_by_label("What is to be done").fill("Two staff in the upstairs lounge")
        page.locator("#domain").select_option("safeguarding")
        page.get_by_label("Owner", exact=True).select_option(label="Rita")
        page.get_by_label("Due date").fill(day(14).isoformat())
        page.get_by_label("Measurable outcome").fill("No concern in the lounge")
        page.get_by_label("Baseline", exact=True).fill("4 in two months")
        page.get_by_label("Evidence needed").fill("Deployment sheets")
        page.get_by_role("button", name="Open action").click()
        expect(page.locator("#action")).to_contain_text("ACT-0001")


def _first_week(walk: Walk) -> None:
    """Return, sample and report of the first week, each by its own person."""
    with walk.at(7, "bob") as page:
        page.get_by_role("link", name="Hand in the return of week 1").click()
        page.get_by_role("textbox", name="Two staff in the upstairs lounge").fill(
            "Five of seven evenings"
        )
        page.get_by_label("What happened, and what was done").fill("The rota changed on Monday.")
        page.get_by_label("What you claim of this week").fill("Five evenings with two staff")
        page.get_by_label("Title").fill("Rota of the week")
        page.get_by_label("Kind of evidence").select_option(label="Care records")
        page.get_by_label("Link to the source record").fill("https://rota.example/37")
        page.get_by_label("Up to which day it speaks").fill(day(6).isoformat())
        page.get_by_role("button", name="Hand in").click()
        expect(page.locator("main")).to_contain_text("Not verified yet")
    with walk.at(7, "vera") as page:
        page.get_by_role("link", name="Verify the return of week 1").click()
        page.get_by_role("button", name="Start validation").click()
        page.get_by_label("Size of the sample").fill("2")
        page.get_by_role("button", name="Draw the sample").click()
        for row in (1, 2):
            expect(page.locator("#row-title")).to_contain_text(f"Row {row} of 2")
            page.get_by_role("button", name="Matches", exact=True).click()
        expect(page.locator("#claim-sample")).to_contain_text("2 of 2 match")
        for group in ("relevant", "is_current", "sufficient"):
            page.locator(f"#{group}-0").check()
        page.get_by_label("Findings").fill("Rota read against the deployment sheets.")
        page.get_by_label("It proves the claim", exact=True).check()
        page.get_by_role("button", name="Complete the validation").click()
        expect(page.locator("#claim-outcome")).to_contain_text("Assurance validation note")
    with walk.at(7, "alice") as page:
        page.get_by_role("link", name="Write the report on week 1").click()
        page.get_by_label("What you checked").fill("Rota and sheets agree.")
        page.get_by_label("On course").check()
        page.get_by_role("button", name="Write the report").click()
        expect(page.locator("h1")).to_have_text("Enhanced monitoring report, week 1")
    with on(day(7)):
        reviewed(walk.world, walk.episode_id)


def _new_information(walk: Walk) -> None:
    """A new concern calls a review out of cycle; the lead is told, and it is escalated."""
    with on(day(9)):
        bring(walk.world, "safeguarding", safeguarding(day(9), first=5))
        walk.ask()
    assert len(fired(walk.world, "safeguarding_new")) == 1
    assert ("episode_review", "alice@alder.example") in walk.worker(9)
    with walk.at(11, "alice") as page:
        expect(page.locator("#reviews")).to_contain_text("Out-of-cycle review due 18 Sep 2026")
        page.get_by_role("link", name="Hold a review").click()
        expect(page.locator("main")).to_contain_text("a new safeguarding concern")
        page.get_by_label("Escalate", exact=True).check()
        page.get_by_label("Reasons").fill("The same place again")
        page.get_by_label("Escalated to").select_option("local_authority")
        page.get_by_role("button", name="Record the review").click()
        expect(page.locator("#reviews")).to_contain_text("Local authority advice")


def _verified(walk: Walk) -> None:
    """The control is done, and somebody else has verified it."""
    ((action_id,),) = rows(walk.world, "SELECT id FROM action")
    with on(day(13)):
        samples.complete(walk.world, action_id)
        with walk.world.acting("vera") as vera:
            lifecycle.verify(actor=vera, action_id=action_id, note="Seen on three evenings.")
            db.session.commit()


def _seen(walk: Walk) -> None:
    """An independent visit verifies it, and what no figure tells is judged on evidence."""
    with walk.at(40, "vera") as page:
        page.get_by_role("link", name="Record a visit").click()
        page.get_by_label("Day of the visit").fill(day(40).isoformat())
        page.get_by_label("Who visited").select_option(label="Vera")
        page.get_by_label("Findings").fill("Two staff in the lounge; three families heard.")
        page.get_by_label("What was verified").fill("The control of ACT-0001")
        page.get_by_role("button", name="Record the visit").click()
        expect(page.locator("#visits")).to_contain_text("Independent")
        page.locator("#criteria summary", has_text="Judge it").click()
        page.get_by_label("It is met").check()
        page.get_by_label("What you saw").fill("Three families say so.")
        page.locator("#criteria select").select_option(index=1)
        page.get_by_role("button", name="Record the judgement").click()
        expect(page.locator("#criteria")).to_contain_text("Three families say so.")


def _step_down(walk: Walk) -> None:
    """In a sitting of the safeguarding governance group, at the second review with all met."""
    with walk.at(56, "alice") as page:
        address = open_sitting(page, "quarterly_safeguarding")
        page.get_by_role("link", name="Hold its review").click()
        expect(page.locator("main")).to_contain_text("Stepping down may be decided")
        page.get_by_label("Step down").check()
        page.get_by_label("Reasons").fill("Six weeks without a repeat, seen in person")
        page.get_by_label("What would bring it back").fill(BACK)
        page.get_by_role("button", name="Record the review").click()
        expect(page.locator("#entry")).to_contain_text("Follow-up review")
        expect(page.locator("#entry")).to_contain_text("30 Nov 2026")
        page.goto(address)
        expect(page.locator("#decisions")).to_contain_text("Stepped down")
        sign(page, address, summary="Stepped down after eight weeks.", assurance="given")


def _follow_up(walk: Walk) -> None:
    with walk.at(84, "alice") as page:
        page.get_by_role("link", name="Hold the follow-up review").click()
        expect(page.locator("main")).to_contain_text(BACK)
        page.get_by_label("The improvement is sustained").check()
        page.get_by_label("Reasons").fill("No concern since")
        page.get_by_role("button", name="Record the review").click()
        expect(page.locator("#entry")).to_contain_text("Closed")


def _story(walk: Walk) -> None:
    """The board member reads it from first signal to follow-up, on the page and on paper."""
    with walk.at(85, "ben") as page:
        told = page.locator("#story .timeline").inner_text()
        order = ("First signals", REASON, "The rota changed on Monday.", "The same place again")
        order += ("Two staff in the lounge; three", "Six weeks without", "No concern since")
        places = [told.lower().index(words.lower()) for words in order]
        assert places == sorted(places)
        paper = page.request.get(f"{page.url.split('#')[0]}/paper")
        assert paper.ok and "pdf" in paper.headers["content-disposition"]
        read = text_of(paper.body())
        for words in (BACK, "Four concerns in one place", "The same place again"):
            assert words in read


def test_eight_weeks_from_trigger_to_step_down_and_follow_up(world, site, monkeypatch):
    walk = Walk(world, site, monkeypatch)
    with on(START):
        bring(world, "safeguarding", safeguarding(*(day(-back) for back in (40, 25, 12, 3))))
        walk.ask()
    assert fired(world, "safeguarding_repeated") == [(f"{SENTENCE}.", True, date(2026, 9, 14))]
    assert ("trigger_undecided", "alice@alder.example") in walk.worker(0)
    _decide(walk)
    _control(walk)
    _first_week(walk)
    _new_information(walk)
    _verified(walk)
    walk.week(2)
    # The third return does not come: the worker asks the manager, then tells the lead.
    assert ("weekly_return", "bob@alder.example") in walk.worker(22)
    assert ("weekly_return_late", "alice@alder.example") in walk.worker(23)
    walk.week(3, late=2)
    for number in (4, 5):
        walk.week(number)
    _seen(walk)
    for number in (6, 7):
        walk.week(number)
    with on(day(56)):
        return_id = weekly.hand_in(world, walk.episode_id, 8)
        validate(world, weekly.claim_of(world, return_id))
        weekly.report(world, walk.episode_id, 8)
    _step_down(walk)
    assert not [one for one in walk.worker(60) if one[0] == "episode_follow_up"]
    assert ("episode_follow_up", "alice@alder.example") in walk.worker(84)
    with on(day(84)):
        walk.ask()
    _follow_up(walk)
    _story(walk)
    _what_is_kept(world)


def _what_is_kept(world) -> None:
    """The figures of the episode: eight weeks, two reviews with all met, and the way back."""
    reviews = rows(world, "SELECT kind, decision, all_met FROM episode_review ORDER BY number")
    assert [kind for kind, _, _ in reviews].count("out_of_cycle") == 1
    assert reviews[1] == ("out_of_cycle", "escalate", False)
    assert reviews[-3:] == [
        ("scheduled", "continue", True),
        ("scheduled", "step_down", True),
        ("follow_up", "sustained", True),
    ]
    weeks = "SELECT r.week, c.outcome, r.submitted_on - r.due_on, c.validated_by_id <> "
    weeks += "r.submitted_by_id FROM monitoring_return r JOIN claim c ON c.id = r.claim_id "
    assert rows(world, f"{weeks} ORDER BY r.week") == [
        (week, "proves", 2 if week == 3 else 0, True) for week in range(1, 9)
    ]
    assert rows(world, "SELECT count(DISTINCT week) FROM monitoring_report") == [(8,)]
    ended = "SELECT status, ended_on, follow_up_on, re_escalation FROM monitoring_episode"
    assert rows(world, ended) == [("closed", day(56), day(84), BACK)]
    over = "SELECT closed_on FROM trigger WHERE rule_code = 'safeguarding_repeated'"
    assert rows(world, over) == [(day(84),)]
