"""Minutes on paper: the words of their page, the seal, and whether it still holds."""

from __future__ import annotations

import io
import time

import pypdf
import pytest

from careboard.board_packs.printed import Block, blocks
from tests.board_packs.packs import text_of
from tests.reviews import sample as reviews

BASE = "/o/alder/board-packs/minutes"
WRITTEN = "#panic(1) *why* $so$ late?\nSecond line <b>here</b> 😀"


@pytest.fixture
def sitting(world):
    """A monthly review with a challenge and its answer."""
    review_id = reviews.open_monthly(world)
    entry_id = reviews.record(world, "ben", review_id, "challenge", WRITTEN)
    reviews.answer(world, "alice", entry_id, "Two people were ill.")
    return review_id


def test_signed_minutes_say_what_their_page_says(world, sitting):
    sha256 = reviews.sign(world, "alice", sitting)
    answer = world.client("vera").get(f"{BASE}/{sitting}")
    assert answer.status_code == 200
    assert "REV-0001-minutes.pdf" in answer.headers["Content-Disposition"]
    text = text_of(answer.data)
    assert sha256 in text.replace(" ", "") and "Unchanged since they were signed" in text
    for words in ("#panic(1) *why* $so$ late?", "Second line <b>here</b> □", "Looked at all of it.",
                  "Two people were ill.", "Provider governance minutes REV-0001", "Opened Alice",
                  "Overdue actions", "Answered by Alice"):  # fmt: skip
        assert words in text, words
    for words in ("Open the", "Draft", "Record a"):
        assert words not in text, words
    root = pypdf.PdfReader(io.BytesIO(answer.data)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB"


def test_an_open_sitting_is_a_draft(world, sitting):
    text = text_of(world.client("alice").get(f"{BASE}/{sitting}").data)
    assert "Draft: these minutes are not signed" in text and "draft, not signed" in text


def test_its_download_leaves_an_event(world, sitting):
    world.client("ben").get(f"{BASE}/{sitting}")
    (event,) = world.sql("SELECT * FROM audit_event WHERE tag = 'review:minutes_downloaded'")
    assert (event.actor, event.subject) == (str(world.member_id("ben")), str(sitting))


def test_who_may_read_the_page_may_have_the_paper(world):
    review_id = reviews.open_weekly(world)
    codes = {
        person: world.client(person).get(f"{BASE}/{review_id}").status_code
        for person in ("alice", "bob", "ben", "charlie")
    }
    assert codes == {"alice": 200, "bob": 200, "ben": 200, "charlie": 404}
    assert (
        world.client("charlie").get(f"/o/birch/board-packs/minutes/{review_id}").status_code == 404
    )
    assert world.client("alice").post(f"{BASE}/{review_id}").status_code == 405


def test_it_takes_less_than_a_second(world, sitting):
    client = world.client("alice")
    client.get(f"{BASE}/{sitting}")
    began = time.perf_counter()
    client.get(f"{BASE}/{sitting}")
    assert time.perf_counter() - began < 1


def test_the_review_links_to_it(world, sitting):
    client = world.client("alice")
    address = f"{BASE}/{sitting}"
    assert address in client.get(f"/o/alder/reviews/{sitting}").text
    reviews.sign(world, "alice", sitting)
    assert address in client.get(f"/o/alder/reviews/{sitting}").text


def test_what_is_not_for_print_stays_out():
    html = """
    <section class="card"><div class="card-header"><h2>Overdue</h2>
      <span class="quiet small">3</span></div>
    <dl class="facts"><dt>Summary</dt><dd class="pre-line">One
two</dd></dl>
    <ul><li class="matter"><h3>A &lt;b&gt; matter</h3>
      <p class="cluster small"><span class="chip"><svg><title>x</title></svg>
        <span>Open</span></span> <span>owner <span>Rita</span></span></p>
      <div class="entry"><p>Said<span class="visually-hidden"> quietly</span>
        <a href="/x">this</a></p>
      <div class="entry"><p>Answered</p></div></div>
      <form class="no-print"><button>Go</button></form><p class="no-print">Nothing</p></li></ul>
    </section>"""
    assert blocks(html) == [
        Block("heading", "Overdue", 0),
        Block("term", "Summary", 0),
        Block("value", "One\ntwo", 0),
        Block("matter", "A <b> matter", 0),
        Block("words", "Open · owner Rita", 0),
        Block("words", "Said this", 1),
        Block("words", "Answered", 2),
    ]
