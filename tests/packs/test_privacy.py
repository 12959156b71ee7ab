"""What in a pack looks like personal data, wherever it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from careboard.packs import privacy
from careboard.packs.content import Chart, EvidenceLine, Section, Table
from careboard.packs.privacy import Attached
from tests.packs.contents import example, figure

CANARY = "Mrs Marjorie Penhaligon"


def _section(**parts):
    return example(sections=(Section("s", "Next", **parts),))


PLACES = {
    "Title": example(title=CANARY),
    "Provider": example(provider=CANARY),
    "Service": example(service=CANARY),
    "Next: words": _section(words=f"One.\n{CANARY} fell."),
    "Next: figure “Falls”": _section(figures=(replace(figure(label="Falls"), definition=CANARY),)),
    "Next: table “T”, heading": _section(tables=(Table("T", ("A", CANARY), ()),)),
    "Next: table “T”, row 2": _section(tables=(Table("T", ("A",), (("x",), (CANARY,))),)),
    "Next: chart “C”": _section(charts=(Chart("C", f"{CANARY} had none.", "", None, ()),)),
    "Evidence EV-1: title": example(
        evidence=(EvidenceLine("EV-1", f"Letter of {CANARY}", "feedback", None, None, None),)
    ),
    "Evidence EV-1: validated by": example(
        evidence=(EvidenceLine("EV-1", "Letter", "feedback", None, CANARY, None),)
    ),
}


def test_nothing_to_find():
    assert privacy.findings(example()) == []


@pytest.mark.parametrize("where", PLACES)
def test_a_name_is_found_in_every_text(where):
    (found,) = privacy.findings(PLACES[where])
    assert (found.where, found.kind, found.words) == (where, "name", CANARY)
    assert found.key == f"name: {where}" and found.kind_words == "name"


def test_a_heading_too():
    content = example(sections=(Section("s", f"About {CANARY}"),))
    assert privacy.findings(content)[0].words == CANARY


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("NHS 943 476 5919", "nhs_number"),
        ("lives at SW1A 1AA", "postcode"),
        ("key safe 4312", "key_safe"),
        ("call 01632 960 123", "phone"),
        ("born 12 May 1931", "dob"),
        ("write to m.p@example.org", "email"),
    ],
)
def test_every_kind_of_identifier(words, kind):
    (found,) = privacy.findings(_section(words=words))
    assert found.kind == kind


def test_the_providers_own_people_are_named_by_nobody():
    content = _section(words="Zoltan Kerekes checked the rota; ZOLTAN KEREKES wrote it up.")
    found = privacy.findings(content, people=["Zoltan Kerekes", " "])
    assert [(one.kind, one.words) for one in found] == [
        ("colleague", "Zoltan Kerekes, ZOLTAN KEREKES")
    ]


def test_a_name_is_told_once_by_whichever_knows_it():
    found = privacy.findings(_section(words=f"{CANARY} fell."), people=["Marjorie Penhaligon"])
    assert [one.kind for one in found] == ["name"]


def test_two_of_a_kind_at_one_place_are_one_finding():
    (found,) = privacy.findings(_section(words=f"{CANARY}, Mr Jones, {CANARY}."))
    assert found.words == f"{CANARY}, Mr Jones"


def test_files():
    files = [Attached("Mr Jones.csv", "a,b\nMrs Shah,1"), Attached("scan.pdf", None)]
    found = [(one.where, one.kind) for one in privacy.findings(example(), files)]
    assert found == [
        ("Name of file “Mr Jones.csv”", "name"),
        ("File “Mr Jones.csv”", "name"),
        ("File “scan.pdf”", "unread"),
    ]
