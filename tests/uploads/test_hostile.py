"""Hostile files are refused in plain words, within bounds, and the site goes on.

Source: DESIGN section 9, bad input.
"""

from __future__ import annotations

import io
import time

import pytest
from bs4 import BeautifulSoup

from careboard import confined
from tests.evidence.files import PDF
from tests.uploads.hostile import EVIDENCE, IMPORTS

MOST_MEMORY = 300 * 1024 * 1024
FORM = {"title": "October MAR sheets", "kind": "care_records"}


@pytest.fixture
def peaks(monkeypatch) -> list[int]:
    """The most memory that each child held, in bytes."""
    told: list[int] = []
    run = confined.run

    def running(*args):
        answer = run(*args)
        told.append(answer["peak"])
        return answer

    monkeypatch.setattr(confined, "run", running)
    return told


def send_evidence(world, name: str, content: bytes):
    form = FORM | {
        "service_id": str(world.service_id("Alder House")),
        "file": (io.BytesIO(content), name),
    }
    return world.client("rita").post("/o/alder/evidence/new", data=form)


def send_import(world, name: str, content: bytes):
    form = {"feed": "complaints", "source": "Sheet", "file": (io.BytesIO(content), name)}
    return world.client("alice").post("/o/alder/imports/new", data=form)


def refusal(answer) -> str:
    found = BeautifulSoup(answer.text, "html.parser").select("#error-summary li")
    return " ".join(one.get_text(" ", strip=True) for one in found)


def test_every_hostile_file_is_refused_within_bounds_and_the_site_goes_on(world, peaks):
    assert len(EVIDENCE) + len(IMPORTS) >= 30
    slow, taken = {}, []
    for send, files in ((send_evidence, EVIDENCE), (send_import, IMPORTS)):
        for name, content in files.items():
            began = time.process_time()
            answer = send(world, name, content)
            slow[name] = time.process_time() - began
            if answer.status_code != 422 or not refusal(answer):
                taken.append((name, answer.status_code))
    assert taken == []
    assert max(peaks) < MOST_MEMORY
    assert max(slow.values()) < 5, sorted(slow.items(), key=lambda one: -one[1])[:3]
    assert world.sql("SELECT FROM stored_file") == []
    assert send_evidence(world, "good.pdf", PDF).status_code == 303
