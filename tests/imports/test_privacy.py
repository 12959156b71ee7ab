"""Personal data in free text, and cells that a spreadsheet would run."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.imports import privacy


def kinds(text):
    return {finding.kind for finding in privacy.scan(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NHS no 9999400884 checked", {"nhs_number"}),
        ("Spoke to Mr Wexley’s niece, NHS 999 365 3861", {"name", "nhs_number"}),
        ("Moved from NB5 8ZY on Friday", {"postcode"}),
        ("lives at sw1a 1aa now", {"postcode"}),
        ("Key safe 4610 by the back door", {"key_safe"}),
        ("The keysafe code is 12 34", {"key_safe"}),
        ("door code: C1234", {"key_safe"}),
        ("Call daughter on 01632 960963", {"phone"}),
        ("ring +44 7700 900123 please", {"phone"}),
        ("mobile 07700900123", {"phone"}),
        ("DOB 14/02/1938, Miss Oakes", {"name", "dob"}),
        ("date of birth: 14 Feb 1938", {"dob"}),
        ("born 1938-02-14", {"dob"}),
        ("Dr O’Neill visited", {"name"}),
        ("mrs smith fell", {"name"}),
        ("Edna Quillan asked for £12.50 from petty cash", {"name_untitled"}),
        ("Ask Doris Tate about the soup", {"name_untitled"}),
        ("write to edna@example.org", {"email"}),
        ("Order 4854950628 queried with the supplier", set()),
        ("Café trip cost £4.20", set()),
        ("She will miss Friday’s call", set()),
        ("Oakfield House was visited by The Larches", set()),
        ("Please explain the position on reviews – by return", set()),
        ("vitamin B12 5mg given at 08:00 on 04/03/2026", set()),
        ("between 2026-01-01 2026-02-02 and 01/02/2026-03/04/2026", set()),
        ("E10 5th floor, room 12", set()),
        ("12345678901234 is a barcode", set()),
        ("Postcode of conduct and code of practice 2014", set()),
    ],
)
def test_kinds(text, expected):
    assert kinds(text) == expected


def test_addresses_run_together_are_removed_together():
    text = "to a.b@example.org'c@example.org, or d@example.org.e@example.org."
    assert privacy.redact(text) == "to [email removed], or [email removed]@example.org."


@pytest.mark.parametrize("part", ["a", "0", "a.", "-'", "a@", "a@a.", "born ", "code 1 ", " "])
def test_a_long_text_costs_no_more_than_its_letters(part):
    began = process_time()
    privacy.scan(part * 50_000)
    assert process_time() - began < 2


@pytest.mark.parametrize(
    "text", ["Key safe 4610 by the door", "Mrs Wexley said", "Edna Oakes came"]
)
def test_the_quick_look_misses_nothing(text):
    import polars as pl

    assert pl.Series([text]).str.contains(privacy.SUSPICIOUS).all()


def test_redact():
    text = "Mrs Wexley, NHS 999 365 3861, key safe 4610, NB5 8ZY"
    clean = privacy.redact(text)
    assert clean.startswith("[name removed], NHS [NHS number removed]")
    assert not re.search(r"\d", clean) and "Wexley" not in clean
    assert privacy.redact(clean) == clean


@given(st.text(max_size=80))
def test_redacted_text_holds_no_more(text):
    clean = privacy.redact(text)
    assert not {f.kind for f in privacy.scan(clean)} & {"nhs_number", "email", "key_safe"}


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "  =", "\t", "\r", "\n"]
)
def test_formulas_are_made_harmless(start):
    assert privacy.neutralise_formula(f"{start}1+1") == f"'{start}1+1"
    assert privacy.neutralise_formula("plain = text") == "plain = text"
