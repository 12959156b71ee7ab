"""Figures for the platform's scraper, and for nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

TOKEN = "a-token-of-the-platform"


@pytest.fixture
def measured(app):
    held = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(held, metrics_token=TOKEN)
    yield app.test_client()
    app.config["SETTINGS"] = held


@pytest.mark.parametrize("sent", [None, "Bearer ", "Bearer nonsense", TOKEN, "Bearer ä"])
def test_without_the_token_there_is_nothing(measured, sent):
    headers = {"Authorization": sent} if sent else {}
    assert measured.get("/metrics", headers=headers).status_code == 404


def test_without_a_token_set_nobody_gets_them(app):
    answer = app.test_client().get("/metrics", headers={"Authorization": "Bearer None"})
    assert answer.status_code == 404


def test_answers_are_counted_and_no_organisation_is_named(measured, world):
    world.client("alice").get("/o/alder/")
    text = measured.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert 'careboard_requests_total{endpoint="dashboards.board",method="GET",status="200"}' in text
    assert 'careboard_request_seconds_count{endpoint="dashboards.board"}' in text
    assert 'careboard_ready{part="database"} 1.0' in text
    assert "alder" not in text.lower()


def test_a_form_that_is_refused_before_all_else_is_counted_too(world):
    world.app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert world.client("alice").post("/o/alder/evidence/new").status_code == 400
    finally:
        world.app.config["WTF_CSRF_ENABLED"] = False


def test_a_made_up_method_makes_no_figure_of_its_own(measured):
    for number in range(3):
        measured.open("/login", method=f"ODD{number}")
    text = measured.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "ODD" not in text and 'method="other",status="405"' in text
