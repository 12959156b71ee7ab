"""Did controls reduce it? Four weeks before against four weeks after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from careboard import clock
from careboard.db import db, new_id
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.recovery.models import Indicator, Reading
from careboard.recovery.periods import Period
from careboard.recovery.points import Point
from careboard.sharing import control_check, control_check_queries
from careboard.sharing.control_check import Figures
from careboard.sharing.control_check_rule import Sides, inside, sides, windows
from tests.acceptance.walking import on
from tests.monitoring.making import sitting
from tests.sharing import making

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
# A Monday, four weeks and some days before.
BEGAN = date(2026, 10, 19)


class TestRule:
    @pytest.mark.parametrize(
        ("counts", "outcome"),
        [
            ((20, 100, 18, 100), "reduced"),  # exactly a tenth less
            ((20, 100, 19, 100), "not_reduced"),
            ((20, 100, 30, 100), "not_reduced"),
            ((20, 100, 18, 50), "not_reduced"),
            ((0, 100, 1, 100), "not_reduced"),
            ((0, 100, 0, 100), "too_little_data"),
            ((5, 10, 1, 10), "reduced"),
            ((5, 9, 0, 200), "too_little_data"),
            ((5, 200, 0, 9), "too_little_data"),
            ((0, 0, 0, 0), "too_little_data"),
        ],
    )
    def test_fires_just_not_and_too_little(self, counts, outcome):
        assert Sides(*counts).outcome == outcome

    def test_the_windows_are_28_days_each_and_touch(self):
        before, after = windows(BEGAN)
        assert (before.days, after.days) == (28, 28)
        assert before.end + DAY == after.start == BEGAN

    def test_only_periods_wholly_within_count(self):
        before, _ = windows(BEGAN)
        own = [
            Point(Period(before.start - 7 * DAY + shift, before.start - DAY + shift), 10, 1, 10)
            for shift in (timedelta(), DAY, 7 * DAY, 28 * DAY, 29 * DAY)
        ]
        found = inside(own, before)
        assert (found.numerator, found.denominator) == (2, 20)

    def test_the_sentence_tells_both_counts(self):
        said = Sides(30, 200, 12, 210).sentence
        assert said == "From 30 of 200 (15.0%) to 12 of 210 (5.7%): 62% less, relatively."
        assert Sides(3, 8, 0, 200).sentence == (
            "From 3 of 8 (small numbers) to 0 of 200 (0.0%): too little to say."
        )
        assert (
            Sides(0, 0, 0, 0).sentence == "Nothing was recorded on either side: too little to say."
        )
        assert Sides(0, 0, 2, 9).sentence == "Nothing was recorded on one side: too little to say."

    @given(st.lists(st.integers(0, 400), min_size=4, max_size=4))
    def test_whatever_the_counts_it_says_something(self, counts):
        one, two, three, four = counts
        found = Sides(min(one, two), max(one, two), min(three, four), max(three, four))
        assert found.outcome in control_check.OUTCOME_WORDS
        assert found.sentence.endswith(".")

    def test_nothing_read_is_nothing(self):
        before, after = windows(BEGAN)
        assert sides(inside([], before), inside([], after)) == Sides(0, 0, 0, 0)


def decision(world, *, began: date | None = BEGAN):
    with on(BEGAN):
        return making.decided(world, making.risk(world), control_on=began)


def delayed_visits(world, *, before=(5, 50), after=(2, 50), **changes):
    """Four weekly readings on each side; returns the indicator's id."""
    where = world.service_id("Alder House")
    with world.acting("alice") as alice:
        row = Indicator(
            org_id=alice.org_id,
            id=new_id(),
            **{
                "reference": "IND-9001",
                "service_id": where,
                "domain": "staffing",
                "name": "Delayed visits",
                "measure": "delayed_visits",
                "unit": "percent",
                "good": "down",
                "cadence": "week",
                "source": "Rota",
                **changes,
            },
        )
        db.session.add(row)
        db.session.flush()
        for week in range(-4, 4):
            count, of = before if week < 0 else after
            start = BEGAN + 7 * week * DAY
            db.session.add(
                Reading(
                    org_id=alice.org_id,
                    indicator_id=row.id,
                    period_start=start,
                    period_end=start + 6 * DAY,
                    value=100 * count / of,
                    numerator=count,
                    denominator=of,
                    recorded_at=clock.now(),
                )
            )
        db.session.commit()
        return row.id


def check(world, decision_id, person="alice", **changes):
    values = {
        "figures": Figures(source="Rota export", typed=Sides(30, 200, 12, 210)),
        "findings": "Fewer delays since the agency carers came.",
        **changes,
    }
    with world.acting(person) as actor:
        made = control_check.record(actor=actor, decision_id=decision_id, **values)
        db.session.commit()
        return made


class TestRecording:
    def test_an_indicator_is_read_and_not_typed(self, world):
        made, indicator = decision(world), delayed_visits(world)
        check(world, made, figures=Figures(indicator_id=indicator))
        (row,) = world.sql("SELECT * FROM control_check")
        assert (row.before_count, row.before_of, row.after_count, row.after_of) == (
            20, 200, 8, 200
        )  # fmt: skip
        assert (row.outcome, row.source, row.control_on) == ("reduced", "", BEGAN)

    def test_typed_counts_name_their_source(self, world):
        made = decision(world)
        check(world, made)
        (row,) = world.sql("SELECT * FROM control_check")
        assert (row.outcome, row.source, row.indicator_id) == ("reduced", "Rota export", None)
        (event,) = world.sql("SELECT payload FROM audit_event WHERE tag = 'control_check:recorded'")
        assert "agency" not in event.payload and '"reduced"' in event.payload

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"findings": " "}, "findings"),
            ({"figures": Figures()}, "source"),
            ({"figures": Figures(source="Rota")}, "before_count"),
            ({"figures": Figures(source="Rota", typed=Sides(9, 8, 1, 9))}, "before_count"),
            ({"figures": Figures(source="Rota", typed=Sides(1, 8, 10, 9))}, "after_count"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, changes, field):
        made = decision(world)
        with pytest.raises(Invalid) as refused:
            check(world, made, **changes)
        assert refused.value.field == field

    def test_not_before_the_four_weeks_are_over(self, world):
        made = decision(world)
        with on(BEGAN + 27 * DAY), pytest.raises(Invalid, match="16 Nov 2026"):
            check(world, made)
        with on(BEGAN + 28 * DAY):
            check(world, made)

    def test_without_a_day_on_which_controls_began(self, world):
        made = decision(world, began=None)
        with pytest.raises(Invalid, match="when controls began"):
            check(world, made)

    def test_an_indicator_of_elsewhere_or_of_another_kind_is_refused(self, world):
        made = decision(world)
        lodge = delayed_visits(world, service_id=world.service_id("Alder Lodge"))
        with pytest.raises(Invalid) as refused:
            check(world, made, figures=Figures(indicator_id=lodge))
        assert refused.value.field == "indicator_id"
        on_time = delayed_visits(world, good="up", reference="IND-9002")
        with pytest.raises(Invalid) as refused:
            check(world, made, figures=Figures(indicator_id=on_time))
        assert refused.value.field == "indicator_id"

    def test_who_may(self, world):
        made = decision(world)
        for person in ("bob", "rita", "vera", "cora", "ben", "adam"):
            with pytest.raises(Forbidden):
                check(world, made, person)

    def test_the_database_computes_the_outcome_too(self, world):
        check(world, decision(world))
        with pytest.raises(IntegrityError, match="ck_control_check_computed"):
            world.sql(
                "INSERT INTO control_check (org_id, id, decision_id, service_id, control_on, "
                "checked_on, source, before_count, before_of, after_count, after_of, outcome, "
                "findings, by_id) SELECT org_id, gen_random_uuid(), decision_id, service_id, "
                "control_on, checked_on, source, 20, 100, 19, 100, 'reduced', findings, by_id "
                "FROM control_check"
            )


class TestMinutes:
    def test_it_stands_in_the_minutes_of_its_sitting(self, world):
        made, held = decision(world), sitting(world)
        check(world, made, sitting_id=held)
        page = world.client("ben").get(f"/o/alder/reviews/{held}").text
        assert "Controls reduced it" in page
        assert "Fewer delays since the agency carers came." in page
        assert f"/o/alder/sharing/decisions/{made}" in page

    def test_a_signed_sitting_takes_none(self, world):
        from careboard.reviews.models import Review

        made, held = decision(world), sitting(world)
        with world.acting("alice") as alice:
            review = db.session.get(Review, (alice.org_id, held))
            review.status, review.sha256, review.signed_at = "signed", "0" * 64, clock.now()
            db.session.commit()
        with pytest.raises(Conflict):
            check(world, made, sitting_id=held)


class TestPages:
    def test_it_is_recorded_on_its_page(self, world):
        made, indicator = decision(world), delayed_visits(world)
        alice = world.client("alice")
        address = f"/o/alder/sharing/decisions/{made}/check"
        shown = alice.get(address).text
        assert "From 20 of 200 (10.0%) to 8 of 200 (4.0%): 60% less, relatively." in shown
        refused = alice.post(address, data={"indicator_id": str(indicator), "findings": ""})
        assert refused.status_code == 422
        kept = alice.post(address, data={"indicator_id": str(indicator), "findings": "Fewer."})
        assert kept.status_code == 303
        assert "20 of 200 before, 8 of 200 after" in alice.get(address).text

    def test_the_decision_says_whether_it_was_checked(self, world):
        made, indicator = decision(world), delayed_visits(world)
        alice, address = world.client("alice"), f"/o/alder/sharing/decisions/{made}"
        assert "Make the four-week check" in alice.get(address).text
        alice.post(f"{address}/check", data={"indicator_id": str(indicator), "findings": "Fewer."})
        shown = alice.get(address).text
        assert "Make the four-week check" not in shown and "Reduced" in shown

    def test_no_improvement_leads_to_deciding_again(self, world):
        made = decision(world)
        typed = {"source": "Rota", "findings": "No fewer.", "before_count": "20",
                 "before_of": "100", "after_count": "20", "after_of": "100"}  # fmt: skip
        alice = world.client("alice")
        assert alice.post(f"/o/alder/sharing/decisions/{made}/check", data=typed).status_code == 303
        page = alice.get(f"/o/alder/sharing/decisions/{made}/check").text
        assert "No improvement after controls." in page
        assert "/sharing/decisions/new?risk=" in page

    def test_who_sees_it(self, world):
        made = decision(world)
        address = f"/o/alder/sharing/decisions/{made}/check"
        assert world.client("ben").get(address).status_code == 200
        assert "Record the check" not in world.client("ben").get(address).text
        assert world.client("ben").post(address).status_code == 403
        assert world.client("charlie").get(address).status_code == 404

    def test_a_handful_of_statements(self, world):
        from tests.counting import statements

        made = decision(world)
        delayed_visits(world)
        with world.acting("alice") as alice, statements() as sent:
            control_check_queries.whole(actor=alice, decision_id=made)
        assert len([one for one in sent if "set_config" not in one]) <= 5
