"""Every same-person exception stands in one list, with a way to where it was made."""

from __future__ import annotations

from tests.actions.samples import leave
from tests.monitoring.making import started
from tests.sharing import saying
from tests.updates import making

ADDRESS = "/o/alder/assurance/exceptions"


def test_an_approval_by_who_checked_the_words(world):
    update_id = making.drafted(world)
    making.proved(world, update_id)
    making.said_no_more(world, update_id, "alice")
    making.approved(world, update_id, same_person_reason="The only lead")
    page = world.client("alice").get(ADDRESS).text
    assert "Approved an update after an earlier step of it" in page and "The only lead" in page
    assert f"/o/alder/updates/{update_id}" in page
    assert "Validated an update" not in page
    shown = world.client("alice").get(f"/o/alder/updates/{update_id}").text
    assert shown.index("Approved</dt>") < shown.index("The only lead")


def test_a_pattern_checked_by_who_decides_and_monitoring_led_by_one_person(world):
    leave(world, "bob")
    trigger = saying.pattern(world)
    saying.checked(world, trigger, "alice", same_person_reason="The manager has left")
    alice = world.member_id("alice")
    reason = "Nobody else is here"
    episode = started(world, manager_id=alice, same_person_reason=reason)
    page = world.client("alice").get(ADDRESS).text
    for words in (
        "Checked a safeguarding pattern that they decide on",
        "The manager has left",
        f"/o/alder/monitoring/triggers/{trigger}",
        "Leads enhanced monitoring and manages what is monitored",
        reason,
        f"/o/alder/monitoring/episodes/{episode}",
    ):
        assert words in page
    assert world.client("charlie").get(ADDRESS).status_code == 404
