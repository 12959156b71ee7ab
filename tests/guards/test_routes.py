"""Every address declares who may open it, and means it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from careboard.access import LIBRARY_VIEWS

ABSENT = uuid4()


def _rules(app):
    """CareBoard's own; a library's views are open by name or closed."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in LIBRARY_VIEWS and not rule.endpoint.startswith("security.")
    ]


def _tenant_rules(app):
    return [rule for rule in _rules(app) if rule.rule.startswith("/o/<org>")]


def _url(rule, org: str) -> str:
    """The rule's address with an absent id in every place but the organisation."""
    path = rule.rule.replace("<org>", org)
    path = re.sub(r"<uuid:[^>]+>", str(ABSENT), path)
    path = re.sub(r"<int:[^>]+>", "1", path)
    return re.sub(r"<[^>]+>", "medicines", path)


def test_every_view_declares_its_access(app):
    undeclared = [
        rule.endpoint
        for rule in _rules(app)
        if getattr(app.view_functions[rule.endpoint], "access", None) is None
    ]
    assert undeclared == []


def test_only_known_library_views_are_open(app):
    extra = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("security.") and rule.endpoint not in LIBRARY_VIEWS
    }
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in extra and "GET" in rule.methods:
            assert client.get(_url(rule, "x")).status_code in (403, 404), rule.endpoint


def test_everything_with_an_organisation_in_its_address_asks_for_a_permission(app):
    for rule in _tenant_rules(app):
        access = app.view_functions[rule.endpoint].access
        assert access.permission is not None and not access.public, rule.endpoint


def test_get_never_commits_and_post_always_does(app):
    for rule in _rules(app):
        commits = getattr(app.view_functions[rule.endpoint], "commits", False)
        changes = bool(rule.methods & {"POST", "PUT", "PATCH", "DELETE"})
        assert commits == changes, rule.endpoint
        assert not (changes and "GET" in rule.methods), f"{rule.endpoint}: split it by method"


def test_addresses_are_plain_words(app):
    for rule in _rules(app):
        plain = re.sub(r"<[^>]+>", "", rule.rule)
        assert plain == plain.lower() and "_" not in plain, rule.rule


def test_a_visitor_is_sent_to_sign_in(world):
    client = world.client()
    for rule in _tenant_rules(world.app):
        method = "GET" if "GET" in rule.methods else "POST"
        answer = client.open(_url(rule, "alder"), method=method)
        assert answer.status_code == 302 and "/login" in answer.location, rule


@pytest.mark.parametrize("person", ["charlie", "carol"])
def test_a_stranger_gets_the_same_404_everywhere(world, person):
    client = world.client(person)
    for rule in _tenant_rules(world.app):
        method = "GET" if "GET" in rule.methods else "POST"
        foreign = client.open(_url(rule, "alder"), method=method)
        absent = client.open(_url(rule, "nowhere"), method=method)
        assert foreign.status_code == 404, rule
        assert foreign.data == absent.data, rule


def test_a_reader_cannot_change_anything(world):
    """Ben of the board reads; the right to challenge and to set his own e-mail is all he has."""
    client = world.client("ben")
    allowed = {"challenge", "read"}
    for rule in _tenant_rules(world.app):
        permission = world.app.view_functions[rule.endpoint].access.permission.value
        if "POST" in rule.methods:
            status = client.post(_url(rule, "alder")).status_code
            if not any(word in permission for word in allowed):
                assert status == 403, rule


def test_an_absent_id_is_404_for_the_governance_lead(world):
    client = world.client("alice")
    for rule in _tenant_rules(world.app):
        if "GET" in rule.methods and "<uuid:" in rule.rule:
            permission = world.app.view_functions[rule.endpoint].access.permission
            expected = 404 if world.actor("alice").may(permission) else 403
            assert client.get(_url(rule, "alder")).status_code == expected, rule
