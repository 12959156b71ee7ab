"""What the extract of the board and the pack of an episode say, and what they leave inside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.packs import sources
from careboard.packs.content import Content, to_json
from tests.assurance import making as claims
from tests.monitoring import weekly
from tests.monitoring.weekly import STARTED
from tests.packs.published import confirm, publish

DAY = timedelta(days=1)
PEOPLE = ("Alice", "Bob", "Rita", "Vera", "Cora", "Ben")


def draft(world, kind: str, subject_id, person: str = "cora") -> Content:
    with world.acting(person) as actor:
        return sources.of(kind).draft(actor=actor, subject_id=subject_id)


def test_the_board_of_a_service_has_its_ratings_and_figures(world):
    claims.make_return(world)
    content = draft(world, "board", world.service_id("Alder House"))
    assert (content.service, content.provider) == ("Alder House", "Alder Care")
    ratings, figures = content.sections
    words = {row[0]: row[1] for row in ratings.tables[0].rows}
    assert "High" in words.values() and "Not enough data" in words.values()
    labels = [figure.label for figure in figures.figures]
    assert "Actions overdue" in labels and "Ratings stale" not in labels
    assert "Unsupported: no evidence in date" in ratings.words


def test_the_board_of_the_organisation_has_every_service(world):
    claims.make_return(world)
    content = draft(world, "board", world.org_id())
    names = [row[0] for row in content.sections[0].tables[0].rows]
    assert names == ["Alder Homecare", "Alder House", "Alder Lodge"] and content.service is None
    assert "Ratings stale" in [figure.label for figure in content.sections[1].figures]


def test_evidence_of_claims_that_were_validated_with_roles_for_names(world):
    claim_id = claims.make_claim(world)
    claims.add_rows(world)
    claims.validate(world, claim_id)
    claims.set_evidence(world, claim_id, status="accepted")
    content = draft(world, "board", world.service_id("Alder House"))
    (line,) = content.evidence
    assert (line.reference, line.validated_by_role) == ("EV-0001", "verifier")
    assert draft(world, "board", world.service_id("Alder Lodge")).evidence == ()


def test_nothing_rated_nothing_to_publish(world):
    link = confirm(world)
    with pytest.raises(Invalid, match="Nothing is rated"):
        publish(world, link)
    claims.make_return(world)
    publish(world, link)


@pytest.fixture
def episode(world, monkeypatch):
    weekly.on(monkeypatch, STARTED)
    episode_id = weekly.start(world, title="Repeated falls in the lounge")
    weekly.on(monkeypatch, STARTED + 7 * DAY)
    return episode_id


def test_an_episode_tells_its_weeks_and_no_name(world, episode):
    claims.validate(world, weekly.claim_of(world, weekly.hand_in(world, episode)))
    weekly.report(world, episode)
    weekly.priority_action(world, episode)
    content = draft(world, "episode", episode)
    assert content.title.startswith("Enhanced monitoring ") and content.service == "Alder House"
    codes = [section.code for section in content.sections]
    assert codes == ["state", "began", "criteria", "actions", "weeks", "reviews"]
    assert content.sections[4].tables[0].rows[0][2] == "Verified"
    text = to_json(content)
    assert not [name for name in PEOPLE if f"{name} " in text or f'{name}"' in text]
    assert "Four concerns in two months" not in text


def test_an_episode_is_published_and_its_events_go_along(world, episode):
    pack_id = publish(world, confirm(world), kind="episode", subject_id=episode)
    ((events,),) = [tuple(row) for row in world.sql("SELECT events FROM pack")]
    assert "monitoring:started" in events and str(episode) in events
    page = world.client("cora").get(f"/o/alder/packs/{pack_id}")
    assert page.status_code == 200


def test_beyond_the_persons_services_and_absent(world, episode):
    with pytest.raises(Forbidden):
        draft(world, "board", world.service_id("Alder Lodge"), person="bob")
    for kind in ("board", "episode"):
        with pytest.raises(NotFound):
            draft(world, kind, world.service_id("Birch House", "birch"))
    with pytest.raises(NotFound):
        sources.of("else")


def test_somebody_elses_board_is_absent(world):
    with pytest.raises(NotFound):
        draft(world, "board", world.org_id("birch"))
    db.session.rollback()
