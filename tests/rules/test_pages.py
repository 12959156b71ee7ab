"""The pages of rules: what everyone may read, and what the administrator sets."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.rules import queries, registry, service
from tests.counting import statements
from tests.rules.making import TODAY, incident, look

RULES = "/o/alder/rules/"
REPEATED = f"{RULES}safeguarding_repeated"
GIVEN = {
    "least": "4", "days": "61", "in_use_from": "2026-12-01", "reason": "Reviewed by the board",
}  # fmt: skip


def settings(world) -> list:
    return world.sql(
        "SELECT rule_code, number, parameters, in_use_from, reason FROM rule_setting "
        "ORDER BY rule_code, number"
    )


class TestReading:
    @pytest.mark.parametrize("person", ["alice", "bob", "rita", "vera", "ben", "adam"])
    def test_everybody_reads_every_rule(self, world, person):
        page = world.client(person).get(RULES)
        assert page.status_code == 200
        for rule in registry.all_rules():
            assert f"/o/alder/rules/{rule.code}" in page.text

    def test_with_its_thresholds_and_what_it_last_said(self, world):
        for _ in range(3):
            incident(world, TODAY, kind="safeguarding", theme="neglect")
        look(world, TODAY)
        page = world.client("alice").get(RULES).text
        assert "Concerns that are a repetition: 3; Within: 61 days" in page
        assert "1 fire, 2 quiet, 0 without enough data" in page
        shown = world.client("alice").get(REPEATED).text
        assert "3 concerns in 61 days at Alder House" in shown and "TRG-00" in shown

    def test_a_manager_sees_the_triggers_of_their_own_services(self, world):
        for _ in range(3):
            incident(world, TODAY, kind="safeguarding", theme="neglect", service="Alder Lodge")
        look(world, TODAY)
        assert "TRG-00" not in world.client("bob").get(REPEATED).text
        assert "1 fire, " not in world.client("bob").get(RULES).text

    def test_before_any_look(self, world):
        assert "have not looked yet" in world.client("adam").get(RULES).text

    def test_an_unknown_rule(self, world):
        assert world.client("adam").get(f"{RULES}nothing").status_code == 404

    def test_a_stranger(self, world):
        client = world.client("charlie")
        assert client.get(RULES).status_code == 404
        assert client.get(REPEATED).status_code == 404
        assert client.post(REPEATED, data=GIVEN).status_code == 404

    def test_few_statements(self, world):
        client = world.client("alice")
        with statements() as sent:
            client.get(RULES)
        assert len(sent) <= 6


class TestChanging:
    def test_from_a_day_on_with_a_reason(self, world):
        answer = world.client("adam").post(REPEATED, data=GIVEN)
        assert answer.status_code == 303
        (row,) = settings(world)
        assert (row.rule_code, row.number, row.parameters) == (
            "safeguarding_repeated", 1, {"least": 4}
        )  # fmt: skip
        page = world.client("ben").get(REPEATED).text
        assert "Reviewed by the board" in page and "1 Dec 2026" in page
        assert "CareBoard’s own." in page  # as yet
        assert "Others from" in world.client("ben").get(RULES).text

    def test_it_counts_from_its_day(self, world):
        world.client("adam").post(REPEATED, data=GIVEN | {"in_use_from": "2026-11-20"})
        for _ in range(3):
            incident(world, TODAY, kind="safeguarding", theme="neglect")
        look(world, TODAY)
        assert not world.sql("SELECT FROM trigger WHERE rule_code = 'safeguarding_repeated'")
        incident(world, TODAY, kind="safeguarding", theme="neglect")
        look(world, TODAY)
        (row,) = world.sql(
            "SELECT parameters, setting_id FROM trigger WHERE rule_code = 'safeguarding_repeated'"
        )
        assert row.parameters == {"least": 4, "days": 61} and row.setting_id is not None

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"least": "1"}, "At least 2."),
            ({"least": "99"}, "At most 20."),
            ({"least": "2.5"}, "Give a whole number."),
            ({"least": "many"}, "Write a number"),
            ({"least": ""}, "Give a number."),
            ({"in_use_from": "2026-11-19"}, "Choose today or a later day"),
            ({"in_use_from": ""}, "Give the day"),
            ({"reason": " "}, "Say why the thresholds change."),
            ({"least": "3"}, "already in use on that day"),
        ],
    )
    def test_wrong_input_keeps_what_was_typed(self, world, changed, told):
        answer = world.client("adam").post(REPEATED, data=GIVEN | changed)
        assert answer.status_code == 422 and told in answer.text
        if "reason" not in changed:
            assert "Reviewed by the board" in answer.text
        assert not settings(world)

    @pytest.mark.parametrize("person", ["alice", "bob", "rita", "vera", "ben"])
    def test_only_by_the_administrator(self, world, person):
        client = world.client(person)
        assert "Change the thresholds" not in client.get(REPEATED).text
        assert client.post(REPEATED, data=GIVEN).status_code == 403

    def test_wrong_method(self, world):
        assert world.client("adam").delete(REPEATED).status_code == 405
        assert world.client("adam").post(RULES).status_code == 405

    def test_a_rule_that_has_nothing_to_set(self, world):
        assert "Change the thresholds" not in world.client("adam").get(f"{RULES}unmet_need").text

    def test_words_as_a_threshold(self, world):
        given = {"days": "28", "harm": "death, severe", "in_use_from": "2026-11-20", "reason": "x"}
        assert world.client("adam").post(f"{RULES}serious_incident", data=given).status_code == 303
        assert settings(world)[0].parameters == {"harm": ["death", "severe"]}
        assert "death, severe" in world.client("adam").get(f"{RULES}serious_incident").text

    def test_back_to_careboards_own(self, world):
        adam = world.client("adam")
        adam.post(REPEATED, data=GIVEN | {"in_use_from": "2026-11-20"})
        back = GIVEN | {"least": "3", "in_use_from": "2026-11-20", "reason": "Tried it"}
        assert adam.post(REPEATED, data=back).status_code == 303
        assert [row.parameters for row in settings(world)] == [{"least": 4}, {}]


def set_least(world, least: float, on: date = TODAY, person: str = "adam") -> None:
    with world.acting(person) as actor:
        service.change(
            actor=actor, code="safeguarding_repeated", values={"least": least}, in_use_from=on,
            reason="Tried",
        )  # fmt: skip
        db.session.commit()


class TestService:
    def test_the_right(self, world):
        with pytest.raises(Forbidden):
            set_least(world, 5, person="alice")

    def test_unknown_rules_and_thresholds(self, world):
        with world.acting("adam") as actor:
            for code, values in (("nothing", {}), ("safeguarding_repeated", {"nothing": 1})):
                with pytest.raises(NotFound):
                    service.change(
                        actor=actor, code=code, values=values, in_use_from=TODAY, reason="x"
                    )

    def test_what_is_fixed_stays(self, world):
        with world.acting("adam") as actor, pytest.raises(Invalid) as refused:
            service.change(
                actor=actor, code="rating_stale", values={"reviewed": 30}, in_use_from=TODAY,
                reason="x",
            )  # fmt: skip
        assert refused.value.field == "reviewed"

    def test_no_more_are_asked_for_than_are_counted(self, world):
        with world.acting("adam") as actor, pytest.raises(Invalid) as refused:
            service.change(
                actor=actor, code="repeated_amber", values={"least": 7}, in_use_from=TODAY,
                reason="x",
            )  # fmt: skip
        assert refused.value.field == "least"

    def test_what_is_set_now_leaves_what_was_planned_its_turn(self, world):
        for least, later in ((5, 10), (6, 5), (7, 0), (8, 5)):
            set_least(world, least, TODAY + timedelta(days=later))
        with world.acting("adam") as actor:
            rule = registry.rule("safeguarding_repeated")
            found = queries.settings(actor=actor)
            for later, least in {-1: 3, 0: 7, 4: 7, 5: 8, 9: 8, 10: 5, 99: 5}.items():
                used = queries.in_use(rule, found, TODAY + timedelta(days=later))
                assert used.parameters["least"] == least
        page = world.client("alice").get(REPEATED).text
        for version, day in ((4, "25 Nov"), (1, "30 Nov")):
            assert re.search(f"Version {version} of the thresholds from .*{day}.2026", page)
        assert "Version 2 of" not in page
        index = world.client("alice").get(RULES).text
        assert re.search("Others from .*25 Nov.2026.*Others from .*30 Nov.2026", index, re.S)

    def test_settings_are_never_changed(self, world):
        set_least(world, 5)
        with pytest.raises(Exception, match="permission denied"):
            world.sql("UPDATE rule_setting SET reason = 'other'")
        with pytest.raises(Exception, match="permission denied"):
            world.sql("DELETE FROM rule_setting")

    def test_two_at_once(self, world, monkeypatch):
        set_least(world, 5)
        monkeypatch.setattr(queries, "settings", lambda **_: [])
        with pytest.raises(Conflict):
            set_least(world, 6)

    def test_it_stands_in_the_audit_trail_and_is_looked_at(self, world):
        from careboard.rules import triggers

        look(world, TODAY)
        set_least(world, 5)
        (row,) = world.sql("SELECT payload FROM audit_event WHERE tag = 'rule:changed'")
        assert '"least": 5' in row.payload and "Tried" not in row.payload
        db.session.remove()
        assert world.org_id() in triggers.providers_to_evaluate(TODAY)
