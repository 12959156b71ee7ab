"""Naming a measure, and entering its values by hand: what is refused, and what stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard.actions import measuring
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from tests.actions.measured import add_audit, add_measured, add_records, read
from tests.actions.samples import add_action, add_imported, events
from tests.actions.test_outcomes import SEP, TODAY, position

DAY = timedelta(days=1)


class TestNaming:
    """What may be named, by whom and when."""

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"measure": "nonsense"}, "measure"),
            ({"measure": "audit_score"}, "measure_theme"),
            ({"measure": "audit_score", "measure_theme": "food", "baseline_value": None},
             "baseline_value"),
            ({"measure": "manual", "baseline_value": None}, "baseline_value"),
            ({"measure": "manual", "target_value": None}, "target_value"),
            ({"measure": "manual", "target_value": D(80)}, "target_value"),
            ({"measure": "manual_percent", "target_value": D(101)}, "target_value"),
            ({"measure": "manual_percent", "baseline_value": D(-1)}, "baseline_value"),
            ({"measure": "incidents", "baseline_value": None, "target_value": D(0)}, "measure"),
            ({"measure": "manual", "lag_days": 366}, "lag_days"),
            ({"measure": "manual", "target_value": D("1e11")}, "target_value"),
        ],
    )  # fmt: skip
    def test_refusals(self, world, values, field):
        with pytest.raises(Invalid) as refused:
            add_measured(world, **values)
        assert refused.value.field == field

    def test_records_say_otherwise(self, world):
        add_audit(world, TODAY - DAY, 78)
        with pytest.raises(Invalid) as refused:
            add_measured(world, "audit_score", measure_theme="medicines")
        assert refused.value.field == "baseline_value"
        assert "Latest audit, 19 Nov 2026: 78%." in refused.value.message

    def test_aim_the_better_way(self, world):
        add_audit(world, TODAY - DAY, 78)
        add_records(world, "incident", TODAY, TODAY)
        for measure, theme, target in (("audit_score", "medicines", 70), ("incidents", "", 2)):
            with pytest.raises(Invalid) as refused:
                add_measured(world, measure, measure_theme=theme, baseline_value=None,
                             target_value=D(target))  # fmt: skip
            assert refused.value.field == "target_value"

    def test_a_draft_may_be_unsure_and_is_measured_when_opened(self, world):
        action_id = add_measured(
            world, "audit_score", measure_theme="medicines", baseline_value=None,
            target_value=None, draft=True,
        )  # fmt: skip
        assert world.sql("SELECT baseline_value AS b FROM action")[0].b is None
        assert position(world, action_id).state == "not_named"

    def test_an_old_action_gets_its_measure_once(self, world):
        action_id = add_imported(world)
        named = {"measure": "manual", "baseline_value": D(7), "target_value": D(2)}
        with world.acting("alice") as actor:
            measuring.name_measure(actor=actor, action_id=action_id, **named)
            db.session.commit()
        assert events(world, action_id) == ["action:measured"]
        with world.acting("alice") as actor, pytest.raises(Invalid, match="named already"):
            measuring.name_measure(actor=actor, action_id=action_id, **named)

    def test_not_after_completion(self, world):
        action_id = add_imported(world, status="completed")
        with world.acting("alice") as actor, pytest.raises(Invalid):
            measuring.name_measure(
                actor=actor, action_id=action_id, measure="manual", baseline_value=D(7),
                target_value=D(2),
            )  # fmt: skip

    def test_without_the_right(self, world):
        action_id = add_action(world)
        with world.acting("rita") as actor, pytest.raises(Forbidden):
            measuring.name_measure(actor=actor, action_id=action_id, measure="manual")

    def test_the_database_keeps_a_measure_whole(self, world):
        add_action(world)
        with world.acting("alice"), pytest.raises(DBAPIError):
            db.session.execute(text("UPDATE action SET measure = 'manual', baseline_value = 1"))


class TestReadings:
    """Values entered by hand are kept as they were entered."""

    @pytest.mark.parametrize("change", ["UPDATE outcome_reading SET value = 99",
                                        "DELETE FROM outcome_reading"])  # fmt: skip
    def test_the_database_refuses_a_change(self, world, change):
        read(world, add_measured(world), SEP, 81)
        with world.acting("alice"), pytest.raises(DBAPIError):
            db.session.execute(text(change))

    @pytest.mark.parametrize(
        ("on", "value", "field"),
        [(TODAY + DAY, D(81), "on_date"), (None, D(81), "on_date"), (TODAY, None, "value"),
         (TODAY, D(101), "value"), (TODAY, D(-1), "value")],
    )  # fmt: skip
    def test_refusals(self, world, on, value, field):
        action_id = add_measured(world)
        with world.acting("rita") as actor, pytest.raises(Invalid) as refused:
            measuring.add_reading(actor=actor, action_id=action_id, on_date=on, value=value)
        assert refused.value.field == field

    def test_not_where_records_tell(self, world):
        add_records(world, "incident", TODAY)
        action_id = add_measured(world, "incidents", baseline_value=None, target_value=D(0))
        with pytest.raises(Invalid, match="entered by hand"):
            read(world, action_id, TODAY, 3)

    def test_only_by_those_who_work_on_it(self, world):
        action_id = add_measured(world, owner="bob")
        with pytest.raises(Forbidden):
            read(world, action_id, TODAY, 81, "rita")
        read(world, action_id, TODAY, 81, "bob")
        assert events(world, action_id)[-1] == "action:reading"
