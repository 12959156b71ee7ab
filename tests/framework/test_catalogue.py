"""The frameworks as data."""

from __future__ import annotations

import pytest

from careboard.errors import NotFound
from careboard.framework import catalogue
from careboard.vocabulary import DOMAINS


def test_the_framework_in_force_has_34_quality_statements():
    questions = catalogue.FRAMEWORKS[catalogue.IN_FORCE].by_key_question
    assert [len(topics) for topics in questions.values()] == [8, 6, 5, 7, 8]


def test_the_draft_has_24_key_lines_of_enquiry_with_their_scope():
    draft = catalogue.FRAMEWORKS["asc-draft-v9"]
    assert [len(topics) for topics in draft.by_key_question.values()] == [7, 4, 3, 4, 6]
    assert all(topic.scope for topic in draft.topics.values())


def test_every_statement_but_one_is_paired():
    paired = {pair.one.slug for pair in catalogue.PAIRS}
    assert set(catalogue.FRAMEWORKS["saf-2023"].topics) - paired == {
        "environmental-sustainability-sustainable-development"
    }


@pytest.mark.parametrize("framework", catalogue.FRAMEWORKS)
def test_every_domain_suggests_a_topic_in_every_framework(framework):
    for domain in DOMAINS:
        assert catalogue.suggested(framework, domain).framework == framework


def test_what_no_framework_has_is_not_found():
    for framework, slug in (("saf-2023", "nonsense"), ("nonsense", "safeguarding")):
        with pytest.raises(NotFound):
            catalogue.topic(framework, slug)
    assert catalogue.suggested("saf-2023", None) is None
