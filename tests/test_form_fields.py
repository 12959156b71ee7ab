"""Words that people type are read over for personal data before they are kept."""

from __future__ import annotations

import pytest

from careboard.imports.privacy import scan
from tests.actions.samples import add_action

NAMED = "Mr John Smith was given lunch late, NHS 943 476 5919"


def note(world, person="rita", **more):
    action_id = add_action(world)
    answer = world.client(person).post(
        f"/o/alder/actions/{action_id}/notes", data={"note": NAMED, **more}
    )
    return action_id, answer


def test_a_name_is_shown_kept_in_the_form_and_not_stored(world):
    action_id, answer = note(world)
    assert answer.status_code == 422
    assert "“Mr John Smith”" in answer.text and NAMED in answer.text
    assert 'name="note-confirmed"' in answer.text
    assert "943 476" not in str(world.sql("SELECT * FROM action_update"))


def test_whoever_confirms_is_in_the_audit_trail(world):
    action_id, answer = note(world, **{"note-confirmed": "1"})
    assert answer.status_code in (200, 303)
    (event,) = world.sql("SELECT * FROM audit_event WHERE tag = 'text:confirmed'")
    assert "note" in event.payload and "Smith" not in event.payload


@pytest.mark.parametrize("words", ["Two gaps on the night of 3 November", "Rota changed", ""])
def test_plain_words_pass(world, words):
    assert scan(words) == []
