"""The PDF: tagged and named for screen readers, whole, and only ever showing what people wrote."""

from __future__ import annotations

import io
from datetime import date

import pypdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from careboard.actions.models import Action
from careboard.board_packs import typeset
from careboard.board_packs.typeset import LONGEST_RUN, printable
from careboard.db import db
from careboard.services.models import Service
from tests.board_packs.packs import ask, made, pdf_of, row, run_job, text_of
from tests.reviews import sample as reviews

HEADINGS = [
    "1 At a glance", "2 The risk board", "3 What changed", "4 Rating decisions",
    "5 Open challenges", "6 Experience trends", "7 Overdue actions",
    "8 Ratings that are not assured", "9 Definitions", "10 How to check this pack",
]  # fmt: skip
MARKUP = (
    "#panic(1)", "$x^2$", "\\#", "@ref <label>", "*bold* _it_", "= Heading", "#import \"x\"",
    "`raw` ```code```", "// gone?", "/* gone? */", "{{ 7 * 7 }}", "\"; #read(\"/etc/passwd\")",
    "~ -- --- ...", "https://example.org/#a", "<script>", "\\u{41}",
)  # fmt: skip


def structure(reader: pypdf.PdfReader) -> list:
    """Every element of the structure tree, depth first."""
    found, todo = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while todo:
        node = todo.pop().get_object()
        if isinstance(node, pypdf.generic.ArrayObject):
            todo.extend(reversed(node))
        elif isinstance(node, pypdf.generic.DictionaryObject):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                todo.append(node["/K"])
    return found


def test_hashes_and_signatures_end_on_the_page(world):
    pages = pypdf.PdfReader(io.BytesIO(pdf_of(world, made(world)))).pages
    words = pages[-1].extract_text().replace("\u200b", "").split()
    marks = [word for word in words if len(word) > 60 and set(word) <= set("0123456789abcdef")]
    assert marks and max(len(word) for word in marks) == 64


def test_it_is_tagged_named_and_in_english(world):
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(world, made(world, title="Autumn board"))))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Autumn board, Alder Care"
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
    elements = structure(reader)
    kinds = [element["/S"] for element in elements]
    assert {"/Title", "/H1", "/H2", "/Table", "/TH", "/TD", "/Caption", "/Figure"} <= set(kinds)
    assert all(e.get("/Alt") for e in elements if e["/S"] == "/Figure")
    assert [o.title for o in reader.outline if not isinstance(o, list)][-10:] == HEADINGS


def test_every_table_has_a_header_row(world):
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(world, made(world))))
    tables = [element for element in structure(reader) if element["/S"] == "/Table"]
    assert tables
    for table in tables:
        parts = [part.get_object()["/S"] for part in table["/K"]]
        assert [part for part in parts if part != "/Caption"][0] == "/THead", parts


def test_pages_are_numbered_and_the_board_lies_on_its_side(world):
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(world, made(world))))
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, 1):
        assert f"Page {number} of {count}" in page.extract_text()
    widths = [page.mediabox.width > page.mediabox.height for page in reader.pages]
    assert widths[2] and not widths[0] and not widths[-1]


def test_it_prints_its_sources_and_the_head_of_the_audit_chain(world):
    pack_id = made(world)
    text, found = text_of(pdf_of(world, pack_id)), row(world, pack_id)
    (event,) = world.sql("SELECT * FROM audit_event WHERE tag = 'board_pack:requested'")
    assert (found.audit_seq, found.audit_hash) == (event.seq, event.hash)
    assert found.audit_hash in text.replace(" ", "")
    for words in ("Definition version 1", "as at 20 Nov 2026", "1 Oct 2026 to 20 Nov 2026"):
        assert words in text


def test_what_people_wrote_is_shown_and_never_run(world):
    house, rita = world.service_id("Alder House"), world.member_id("rita")
    with world.acting("alice") as alice:
        for number, words in enumerate(MARKUP):
            reviews.add_action(
                alice, house, rita, f"ACT-{number:04d}", title=words, due_on=date(2026, 11, 1)
            )
        db.session.get(Service, (alice.org_id, house)).name = "#strong[House] $1$ *two*"
        db.session.commit()
    text = text_of(pdf_of(world, made(world, title="#title() $ \\ @ * _ = Pack")))
    for words in (*MARKUP, "#strong[House] $1$ *two*", "#title() $ \\ @ * _ = Pack"):
        # A word too long for its column is broken; fonts join letters such as fi.
        assert _bare(words) in _bare(text), words


def _bare(words: str) -> str:
    for joined, letters in (("ﬁ", "fi"), ("ﬀ", "ff"), ("ﬂ", "fl"), ("-", "")):
        words = words.replace(joined, letters)
    return "".join(words.split())


LONG = {
    "one long word": "x" * 10_000,
    "many words": "word " * 2_000,
    "hashes": "#" * 10_000,
    "empty lines": "\n" * 50 + "a",
    "no letters of ours": "😀中文 مرحبا \u202e\x07\ufffe",
    "wide letters": "W" * 300,
    "accents": "é" * 9_000,
}


@pytest.mark.parametrize("words", LONG.values(), ids=LONG.keys())
def test_any_text_can_be_set(world, words):
    rita = world.member_id("rita")
    with world.acting("alice") as alice:
        house = world_service(alice)
        action = reviews.add_action(
            alice, house, rita, "ACT-0001", title=words, due_on=date(2026, 11, 1)
        )  # fmt: skip
        db.session.get(Service, (alice.org_id, house)).name = words[:1_000]
        assert db.session.get(Action, (alice.org_id, action)) is not None
        db.session.commit()
    run_job(pack_id := ask(world))
    assert row(world, pack_id).status == "done"


def world_service(actor):
    return db.session.scalar(
        db.select(Service.id).where(Service.org_id == actor.org_id, Service.name == "Alder House")
    )


def test_a_provider_without_services_has_a_pack_all_the_same(world):
    with world.acting("alice"):
        db.session.execute(db.text("UPDATE service SET active = false"))
        db.session.commit()
    text = text_of(pdf_of(world, made(world)))
    assert "No active service is on the board" in text and "No challenge is open." in text


def test_every_character_that_is_let_through_can_be_set():
    """By the fonts within typst, in every face that the templates use."""
    shown = [chr(code) for a, z in typeset._SHOWN for code in range(a, z + 1)]
    blocks = [{"kind": kind, "text": f"a{c}b", "depth": 0} for kind in KINDS for c in shown]
    blocks.append({"kind": "facts", "pairs": [[f"a{c}b", f"a{c}b"] for c in shown]})
    typeset.pdf("minutes.typ", {**EMPTY, "blocks": blocks})


KINDS = ("heading", "matter", "words")
EMPTY = {
    "title": "T", "organisation": "O", "on": [2026, 11, 20], "foot": "F", "period": "P",
    "draft": True, "facts": [], "blocks": [], "seal": "0" * 64, "proof": "",
    "figures": {"title": "", "lede": "", "note": "", "empty": "", "source": "", "caption": "",
                "columns": [], "rows": []},
}  # fmt: skip


def test_the_fonts_are_those_within_typst():
    families = typst.Fonts(include_system_fonts=False).families()
    assert {"Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono"} <= set(families)
    paper = typeset.pdf("minutes.typ", {**EMPTY, "title": "Ąćę Ωμέγα Жук עברית"})
    used = set()
    for page in pypdf.PdfReader(io.BytesIO(paper)).pages:
        for font in page["/Resources"]["/Font"].values():
            used.add(str(font.get_object()["/BaseFont"]).partition("+")[2])
    assert used and all(name.startswith(("LibertinusSerif", "NewCM", "DejaVuSansMono"))
                        for name in used)  # fmt: skip


def test_a_document_that_cannot_be_set_is_an_error_and_not_half_a_file(monkeypatch):
    with pytest.raises(typeset.NotSet, match="PDF/UA"):
        typeset.pdf("minutes.typ", {**EMPTY, "period": "😀"})
    monkeypatch.setattr(typeset, "SECONDS", 0.001)
    with pytest.raises(typeset.NotSet, match="took more than"):
        typeset.pdf("minutes.typ", EMPTY)


def test_the_same_pack_is_the_same_bytes():
    assert typeset.pdf("minutes.typ", EMPTY) == typeset.pdf("minutes.typ", EMPTY)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_printable_words_hold_nothing_that_cannot_be_shown(words):
    shown = printable(words)
    allowed = {chr(code) for a, z in typeset._SHOWN for code in range(a, z + 1)}
    assert set(shown) <= allowed | {"\n", "\u200b"}
    assert max((len(run) for run in shown.replace("\u200b", " ").split()), default=0) <= LONGEST_RUN
    assert printable(shown.replace("\u200b", "")) == shown


@given(st.lists(st.text(max_size=60), min_size=30, max_size=30))
@settings(max_examples=8, deadline=None)
def test_any_printable_words_can_be_set(texts):
    blocks = [{"kind": "words", "text": printable(text), "depth": 0} for text in texts]
    assert typeset.pdf("minutes.typ", {**EMPTY, "blocks": blocks}).startswith(b"%PDF-")


def test_cut_words_say_so():
    assert printable("abc def", 5) == "abc d …" and printable("abc", 3) == "abc"
    assert printable("a\n" * 20, 100) == "a\n" * 11 + "a …"
    assert printable("a\n" * 20).count("\n") == 19
