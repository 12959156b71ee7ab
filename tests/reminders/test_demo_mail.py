"""The demo's own mail in the browser, and nowhere else."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from careboard.reminders import demo_mail, sending
from tests.reminders.making import add_action, sweep


@pytest.fixture
def client(world, catcher, monkeypatch):
    """A visitor of an application in the demo, whose mail is the catcher's."""
    from careboard.app import create_app
    from careboard.config import Settings

    # A second application must leave the first one's doorbell and files as they are.
    monkeypatch.setattr("careboard.jobs.configure", lambda url: None)
    monkeypatch.setattr("careboard.storage.configure", lambda url, home: None)
    settings = dataclasses.replace(
        Settings.from_environment(),
        demo=True,
        home=catcher.home,
        database_url=world.app.config["SQLALCHEMY_DATABASE_URI"],
    )
    return create_app(settings).test_client()


def test_it_works(client, world, catcher):
    add_action(world, reference="ACT-0042")
    sweep()
    sending.drain()
    listing = BeautifulSoup(client.get("/demo/mail/").text, "html.parser")
    (link,) = listing.select("tbody th a")
    assert link.text == "ACT-0042: due today"
    answer = client.get(link["href"])
    assert "Rita <rita@alder.example>" in BeautifulSoup(answer.text, "html.parser").dl.text
    frame = BeautifulSoup(answer.text, "html.parser").iframe["src"]
    html = client.get(frame)
    assert html.headers["Content-Security-Policy"].startswith("sandbox")
    assert "ACT-0042" in html.text


def test_search(client, world, catcher):
    add_action(world)
    sweep()
    sending.drain()
    for words, count in (("RITA@", 1), ("bob@", 0)):
        page = BeautifulSoup(client.get(f"/demo/mail/?q={words}").text, "html.parser")
        assert len(page.select("tbody tr")) == count


def test_without_mail_it_says_so(client):
    assert "Nothing has been sent yet" in client.get("/demo/mail/").text


@pytest.mark.parametrize("name", [str(UUID(int=7)), "..%2f..%2fsecret_key", "x", "%00"])
def test_only_caught_mail_can_be_read(client, name):
    assert client.get(f"/demo/mail/{name}").status_code == 404
    assert client.get(f"/demo/mail/{name}/html").status_code == 404


def test_elsewhere_there_is_no_such_page(world):
    assert not world.app.config["SETTINGS"].demo
    assert world.client("alice").get("/demo/mail/").status_code == 404
    assert demo_mail.blueprint.name not in world.app.blueprints
