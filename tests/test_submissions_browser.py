"""An answer that is lost on its way, in a real browser."""

from __future__ import annotations

from tests.actions import samples
from tests.browsing import check, needs_browser
from tests.test_submissions import SAID

pytestmark = needs_browser


def test_sent_again_after_the_answer_was_lost(site, world):
    path = f"/o/alder/actions/{samples.add_action(world)}/notes"
    page, lost = site.home("rita"), []

    def lose(route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**{path}", lose)
    page.goto(path)
    page.fill("#note", "We moved the chart.")
    send = page.locator("#action-step button[type=submit]")
    send.click()
    page.get_by_text("could not be reached").wait_for()
    send.click()
    page.get_by_text(SAID).wait_for()
    assert lost == [200] and check(page) == []
    assert page.locator("#note").input_value() == ""
    notes = world.sql("SELECT 1 FROM action_update WHERE note = 'We moved the chart.'")
    assert len(notes) == 1
