"""What was said outside, and what was answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard.errors import Forbidden, Invalid, NotFound
from careboard.sharing import communication_queries
from careboard.sharing.communication_queries import FileFilter
from careboard.sharing.communications import Links
from tests.counting import statements
from tests.sharing import making, saying
from tests.sharing.saying import COUNCIL

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


class TestRecording:
    def test_it_is_kept_with_the_decision_that_it_carries_out(self, world):
        decision = making.decided(world, making.risk(world))
        told = saying.told(world, about=Links(decision_id=decision))
        (row,) = world.sql("SELECT * FROM communication")
        assert (row.reference, row.decision_id, row.partner) == ("COM-0001", decision, COUNCIL)
        (event,) = world.sql(
            "SELECT subject, payload FROM audit_event WHERE tag = 'communication:recorded'"
        )
        assert event.subject == str(told)
        assert COUNCIL not in event.payload and "agency" not in event.payload

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"partner": " "}, "partner"),
            ({"person_role": ""}, "person_role"),
            ({"said": ""}, "said"),
            ({"direction": "up"}, "direction"),
            ({"channel": "pigeon"}, "channel"),
            ({"partner_kind": "press"}, "partner_kind"),
            ({"on": TODAY + DAY}, "on"),
            ({"answer_due_on": TODAY - DAY}, "answer_due_on"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, changes, field):
        with pytest.raises(Invalid) as refused:
            saying.told(world, **changes)
        assert refused.value.field == field

    def test_who_may(self, world):
        saying.told(world, "alice")
        for person in ("bob", "rita", "vera", "ben", "adam"):
            with pytest.raises(Forbidden):
                saying.told(world, person)
        with pytest.raises(NotFound):
            saying.told(world, "charlie")

    def test_what_was_decided_not_to_be_shared_is_not_told(self, world):
        decision = making.decided(world, making.risk(world), "do_not_share", affected=())
        with pytest.raises(Invalid) as refused:
            saying.told(world, about=Links(decision_id=decision))
        assert refused.value.field == "decision_id"
        # What they say themselves is heard all the same.
        saying.told(world, direction="in", about=Links(decision_id=decision))

    def test_a_decision_of_another_service_is_refused(self, world):
        decision = making.decided(world, making.risk(world))
        with pytest.raises(Invalid) as refused:
            saying.told(world, service="Alder Lodge", about=Links(decision_id=decision))
        assert refused.value.field == "decision_id"

    def test_the_database_changes_nothing(self, world):
        saying.answered(world, saying.told(world))
        for statement in (
            "UPDATE communication SET said = 'Else'",
            "DELETE FROM communication",
            "UPDATE communication_answer SET answered = 'Else'",
        ):
            with pytest.raises(Exception, match=r"permission denied|cannot be changed"):
                world.sql(statement)


class TestAnswers:
    def test_an_answer_is_a_row_of_its_own(self, world):
        told = saying.told(world, on=TODAY - DAY)
        saying.answered(world, told)
        with world.acting("bob") as bob:
            found = communication_queries.whole(actor=bob, communication_id=told)
        assert [(one.kind, one.words) for one in found.answers] == [
            ("answer", "They ask for a weekly figure.")
        ]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"answered": " "}, "answered"),
            ({"on": TODAY - DAY}, "answered_on"),
            ({"on": TODAY + DAY}, "answered_on"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, changes, field):
        told = saying.told(world)
        with pytest.raises(Invalid) as refused:
            saying.answered(world, told, **changes)
        assert refused.value.field == field


class TestFile:
    def test_it_holds_notes_too_and_finds_what_awaits_an_answer(self, world):
        from tests.monitoring.test_intelligence import note

        saying.told(world, on=TODAY - 2 * DAY)
        asked = saying.told(world, direction="in", on=TODAY - DAY, answer_due_on=TODAY - DAY)
        note(world)
        with world.acting("alice") as alice:
            found = communication_queries.file(actor=alice, wanted=FileFilter(), page=1)
            assert [row.kind for row in found.rows] == [
                "contract_note", "communication", "communication"
            ]  # fmt: skip
            wanted = FileFilter(unanswered=True)
            late = communication_queries.file(actor=alice, wanted=wanted, page=1)
        assert [row.id for row in late.rows] == [asked]

    def test_advice_answers_unless_it_is_awaited_still(self, world):
        told = saying.told(world, answer_due_on=TODAY)
        saying.advised(world, told, outcome="awaited")
        wanted = FileFilter(unanswered=True)
        with world.acting("alice") as alice:
            found = communication_queries.file(actor=alice, wanted=wanted, page=1)
            assert [row.id for row in found.rows] == [told]
        saying.advised(world, told)
        with world.acting("alice") as alice:
            found = communication_queries.file(actor=alice, wanted=wanted, page=1)
        assert found.rows == []

    def test_beyond_the_persons_services_nothing_is_shown(self, world):
        saying.told(world, service="Alder Lodge")
        with world.acting("bob") as bob:
            found = communication_queries.file(actor=bob, wanted=FileFilter(), page=1)
        assert found.rows == []


class TestPages:
    def test_the_form_keeps_what_was_typed_and_leads_to_the_communication(self, world):
        decision = making.decided(world, making.risk(world))
        cora = world.client("cora")
        page = cora.get(f"/o/alder/sharing/communications/new?decision={decision}")
        assert page.status_code == 200 and "Alder House" in page.text
        typed = {
            "service_id": str(world.service_id("Alder House")),
            "decision_id": str(decision),
            "direction": "out",
            "on": "2026-11-20",
            "channel": "phone",
            "partner_kind": "commissioner",
            "partner": COUNCIL,
            "person_role": "contracts officer",
            "said": "",
            "answered": "They will call back",
        }
        refused = cora.post("/o/alder/sharing/communications/new", data=typed)
        assert refused.status_code == 422 and COUNCIL in refused.text
        typed["said"] = "Evening calls are at risk."
        kept = cora.post("/o/alder/sharing/communications/new", data=typed)
        assert kept.status_code == 303
        shown = cora.get(kept.location).text
        assert "Evening calls are at risk." in shown and "They will call back" in shown
        listed = world.client("ben").get("/o/alder/sharing/communications").text
        assert "COM-0001" in listed and "Contract monitoring file" in listed

    def test_an_answer_is_added_on_the_page(self, world):
        told = saying.told(world)
        address = f"/o/alder/sharing/communications/{told}"
        cora = world.client("cora")
        given = {"answered": "Thank you", "answered_on": "2026-11-20"}
        assert cora.post(f"{address}/answers", data=given | {"answered": ""}).status_code == 422
        assert cora.post(f"{address}/answers", data=given).status_code == 303
        assert "Thank you" in cora.get(address).text

    def test_who_sees_it(self, world):
        told = saying.told(world, service="Alder Lodge")
        address = f"/o/alder/sharing/communications/{told}"
        assert world.client("bob").get(address).status_code == 403
        assert world.client("charlie").get(address).status_code == 404
        assert world.client("ben").get("/o/alder/sharing/communications/new").status_code == 403
        assert world.client("alice").post(address).status_code == 405

    def test_the_file_takes_the_same_statements_whatever_its_size(self, world):
        def count() -> int:
            client = world.client("alice")
            with statements() as seen:
                assert client.get("/o/alder/sharing/communications").status_code == 200
            return len(seen)

        saying.told(world)
        few = count()
        for _ in range(12):
            saying.told(world)
        assert count() == few <= 6
