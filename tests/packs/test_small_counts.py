"""Counts of 1 to 4 people in running words."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.packs import privacy
from careboard.packs.content import Section, Table
from careboard.packs.small_counts import small_counts
from tests.packs.contents import example


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two residents fell.", "Two residents"),
        ("It touched 3 people at most", "3 people"),
        ("In 2 residents’ rooms", "2 residents"),
        ("One resident moved", "One resident"),
        ("three of the other residents", "three of the other residents"),
        ("2 of 12 people said so", "2 of 12 people"),
        ("One of our\nresidents", "One of our residents"),
        ("Both families were told", "Both families"),
        ("a couple of people", "a couple of people"),
        ("Only one service user", "Only one service user"),
        ("Week 3: four older people", "four older people"),
        ("Last month two residents moved out", "two residents"),
        ("This week 2 residents fell", "2 residents"),
        ("This month one resident died", "one resident"),
        ("On the first floor two residents fell", "two residents"),
        ("On the first floor 2 residents fell", "2 residents"),
        ("On the nursing unit 2 residents fell", "2 residents"),
        ("On the unit two residents were injured", "two residents"),
        ("In the house three people share", "three people"),
        ("In the ward three patients", "three patients"),
        ("Every day 1 resident is weighed", "1 resident"),
        ("Two very frail residents", "Two very frail residents"),
        ("two (2) residents", "two (2) residents"),
        ("a couple of residents", "a couple of residents"),
        ("Falls: two residents", "two residents"),
        ("2/12 residents", "2/12 residents"),
        ("Two falls at night", "Two falls"),
        ("There were 3 serious incidents", "3 serious incidents"),
        ("one complaint was upheld", "one complaint"),
        ("One of the falls broke a hip", "One of the falls"),
        ("one further unwitnessed fall", "one further unwitnessed fall"),
        ("both safeguarding concerns", "both safeguarding concerns"),
        ("four low-level concerns in May", "four low-level concerns"),
        ("a single medication error", "a single medication error"),
        ("Two hospital admissions", "Two hospital admissions"),
        ("two pressure ulcers", "two pressure ulcers"),
        ("only one near miss.", "only one near miss"),
        ("3 of 40 missed visits", "3 of 40 missed visits"),
        ("Of the two grade 3 pressure ulcers one heals", "two grade 3 pressure ulcers"),
        ("Unit 2 recorded three falls", "three falls"),
        ("One of our worst falls", "One of our worst falls"),
        ("one fall before admission", "one fall"),
        ("There were 1 falls", "1 falls"),
    ],
)
def test_found(text, found):
    assert list(small_counts(text)) == [found]


@pytest.mark.parametrize(
    "count",
    [
        *("two witnessed falls", "two hip fractures", "one head injury", "two chest infections"),
        *("one expected death", "two choking incidents", "two drug errors", "two skin tears"),
        *("two category 2 pressure ulcers", "two grade 3 pressure ulcers"),
        *("one category 3 pressure ulcer", "one category two pressure ulcer", "two leg ulcers"),
        *("2 urinary tract infections", "two Covid-19 deaths", "one hospital-acquired infection"),
        *("two norovirus infections", "two very serious falls", "two missed insulin doses"),
        *("one moving and handling incident", "two serious medicines incidents"),
        *("two safeguarding adult referrals", "two no harm incidents", "1 recent night fall"),
    ],
)
def test_an_event_of_any_sort_is_found(count):
    assert list(small_counts(f"In May {count}, and no more.")) == [count]


@pytest.mark.parametrize(
    "text",
    [
        *("2 weeks", "Step 3 people agreed on", "On 3 November residents met", "EV-0003 residents"),
        *("12 residents", "24 people", "twenty two residents", "twenty-two residents"),
        *("1.2 people for each shift", "102 people", "£3 people paid", "two hundred people"),
        *("Unit 2 residents", "Room 4 residents", "a two person hoist", "a 2-person round"),
        *("one in four people", "1 to 4 residents", "ten of twelve people", "people had 3 visits"),
        *("12/2 residents", "In unit 2 residents chose", "2\nPeople who moved", "Two\r\nFamilies"),
        *("At most four carers for each person in a fortnight", "one by one, residents were asked"),
        *("Seven falls", "12 incidents", "Of the scores, one falls short", "one in four falls"),
        *(
            "one incident form",
            "One complaint procedure",
            "2 incident reports",
            "one fall risk plan",
        ),
        *(
            "three staff left",
            "two audits",
            "Four actions",
            "two visits a day",
            "one concern is open",
        ),
        *("Step 2 falls away", "2\nFalls", "On 3 May incidents rose", "EV-0002 incidents"),
        *("two falls reviews", "2 complaints policies", "three falls champions", "one fall-risk"),
        *("one fall detector", "one fall sensor", "two falls-prevention groups"),
        *("one infection control audit", "one complaint letter", "one admission assessment"),
        *(
            "one wound clinic",
            "one wound dressing",
            "one death certificate",
            "one new incident system",
        ),
        *("Two nurses recorded falls", "Two staff reviewed incidents", "both homes had falls"),
        *("3 Reducing falls", "2 Preventing pressure ulcers", "Two ways to prevent falls"),
        *("On 3 May serious incidents rose", "At 2 am falls rose", "two per cent fewer falls"),
        *("two hundred falls", "Unit 2 unwitnessed falls", "one leaflet explaining infection"),
        *("one carer at risk of infection", "two managers. Serious incidents", "one may fall"),
        *("Category 2 pressure ulcers", "the category 2 pressure ulcers", "a grade 2 skin tear"),
        "five category 2 pressure ulcers",
        "No person had more than four carers. Families were asked and say that it shows.",
    ],
)
def test_left_alone(text):
    assert list(small_counts(text)) == []


@given(
    st.integers(0, 9_999),
    st.sampled_from(["people", "residents", "families", "falls", "complaints"]),
)
def test_a_number_is_small_or_it_is_not(number, people):
    assert bool(list(small_counts(f"There were {number} {people}."))) == (1 <= number <= 4)


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    for words in small_counts(text):
        assert words.split()


@pytest.mark.parametrize(
    "part",
    [
        *("a", "2", " ", " \n", "2/", "one ", "the a ", "two a-a ", "one of our ", "one missed "),
        *("two category 2 ", "one safeguarding a ", "one older older older older older older "),
    ],
)
def test_a_long_text_costs_no_more_than_its_letters(part):
    text = part * (100_000 // len(part))
    began = process_time()
    assert list(small_counts(text)) == list(small_counts(f"one {text}")) == []
    assert process_time() - began < 1


def test_cells_side_by_side_are_no_count():
    table = Table("Rounds", ("Who", "How many", "Of whom"), (("Night", "2", "People who slept"),))
    content = example(sections=(Section("s", "Next", tables=(table,)),))
    assert privacy.findings(content) == []


def test_it_needs_a_reason_where_it_stands():
    content = example(sections=(Section("s", "Next", words="Two residents moved. Step 2."),))
    (found,) = privacy.findings(content)
    assert (found.key, found.words) == ("few: Next: words", "Two residents")
    assert found.kind_words == "count of fewer than five people, or of what happened to them"
