"""An episode on paper: the same story as its page, readable by machines too."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from careboard.monitoring.paper import episode_data
from tests.assurance import making as claims
from tests.monitoring import weekly
from tests.monitoring.weekly import STARTED

DAY = timedelta(days=1)


@pytest.fixture
def episode(world, monkeypatch):
    weekly.on(monkeypatch, STARTED)
    episode_id = weekly.start(world, title="Repeated falls \x07 in the lounge 🚑")
    weekly.on(monkeypatch, STARTED + 7 * DAY)
    return episode_id


def data(world, episode_id):
    with world.acting("alice") as actor:
        return episode_data(actor=actor, episode_id=episode_id)


def test_it_tells_every_week_with_who_checked_it(world, episode):
    claims.validate(world, weekly.claim_of(world, weekly.hand_in(world, episode)))
    weekly.report(world, episode)
    weekly.priority_action(world, episode)
    parts = {part["title"]: part for part in data(world, episode)["sections"]}
    week = parts["Week by week"]["list"]["rows"][0]
    assert week[2] == "Verified" and week[3] == "Vera, 8 Oct 2026" and "Alice" in week[4]
    assert parts["Priority actions"]["list"]["rows"][0][2] == "6 Oct 2026"
    assert "Four concerns in two months" in parts["Why it started"]["words"]


def test_the_story_is_that_of_the_page(world, episode):
    weekly.report(world, episode, week=1)
    page = world.client("alice").get(f"/o/alder/monitoring/episodes/{episode}").text
    told = data(world, episode)["story"]
    assert told
    for one in told:
        assert one["title"] in page


def test_it_is_a_tagged_pdf(world, episode):
    weekly.hand_in(world, episode)
    response = world.client("ben").get(f"/o/alder/monitoring/episodes/{episode}/paper")
    assert response.status_code == 200
    assert "EM-0001.pdf" in response.headers["Content-Disposition"]
    reader = PdfReader(BytesIO(response.data))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    for said in ("Repeated falls", "Criteria for stepping down", "The story", "EM-0001"):
        assert said in words
    (seen,) = world.sql("SELECT tag FROM audit_event WHERE tag = 'monitoring:printed'")
    assert seen


def test_nobody_else_prints_it(world, episode):
    address = f"/o/alder/monitoring/episodes/{episode}/paper"
    assert world.client("charlie").get(address).status_code == 404
    assert world.client("adam").get(address).status_code == 200
