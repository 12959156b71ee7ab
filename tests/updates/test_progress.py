"""Whatever was read and whatever was claimed: nothing that nobody validated is ever progress."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from careboard.recovery.dashboard_stands import Said, Series, Stand
from careboard.recovery.periods import Period
from careboard.recovery.standing import Support
from careboard.updates.plain import Plain
from careboard.updates.progress import NEW, SHOWN, progress

MONDAY = date(2026, 6, 1)
WEEKS = 24
PERIODS = [
    Period(MONDAY + timedelta(days=7 * week), MONDAY + timedelta(days=7 * week + 6))
    for week in range(WEEKS)
]
DAYS = st.integers(0, 7 * WEEKS).map(lambda days: MONDAY + timedelta(days=days))
CLAIMS = st.builds(
    lambda kind, domain, status, outcome, unsupported, fallen, days: SimpleNamespace(
        kind=kind,
        domain=domain,
        status=status,
        outcome=outcome if status == "validated" else None,
        unsupported=unsupported and status == "validated",
        fallen=fallen,
        period_from=min(days),
        period_to=max(days),
    ),
    st.sampled_from(["claim", "assurance_return", "monitoring_return", "recovery_update"]),
    st.sampled_from(["staffing", "medicines", None]),
    st.sampled_from(["submitted", "validated"]),
    st.sampled_from(["proves", "partly", "does_not_prove"]),
    st.booleans(),
    st.booleans(),
    st.tuples(DAYS, DAYS),
)
PARTS = st.none() | st.integers(0, 40).flatmap(
    lambda whole: st.tuples(st.integers(0, whole + 1), st.just(whole + 1))
)


def stand(parts) -> Stand:
    """An indicator of staffing, read weekly as so many of so many."""
    indicator = SimpleNamespace(
        id=uuid4(), reference="IND-1", name="Visits on time", domain="staffing", unit="percent",
        good="up", cadence="week",
    )  # fmt: skip
    values = [None if pair is None else 100 * pair[0] / pair[1] for pair in parts]
    numerators, denominators = (
        [None if pair is None else float(pair[place]) for pair in parts] for place in (0, 1)
    )
    series = Series(PERIODS, values, numerators, denominators)
    support = Support("supported", "")
    return Stand(
        indicator, None, None, None, Said(None, "grey", ""), support, series, [None] * WEEKS
    )


def proven(day: date, claims) -> bool:
    """Said once more, from the rule: somebody else found a claim about it proven."""
    for claim in claims:
        speaks = claim.domain == "staffing" or (
            claim.domain is None and claim.kind in ("monitoring_return", "recovery_update")
        )
        holds = claim.status == "validated" and claim.outcome == "proves"
        holds = holds and not claim.unsupported and not claim.fallen
        if speaks and holds and claim.period_from <= day <= claim.period_to:
            return True
    return False


@given(
    st.lists(PARTS, min_size=WEEKS, max_size=WEEKS),
    st.lists(CLAIMS, max_size=6),
)
def test_nothing_unvalidated_is_ever_progress(parts, claims):
    one = stand(parts)
    measure = SimpleNamespace(
        numerator_name="", denominator_name="", baseline_value=None, baseline_on=None
    )
    found = progress([one], {one.indicator.id: measure}, claims, Plain())
    read = [period.end for period, pair in zip(PERIODS, parts, strict=True) if pair is not None]
    held = [day for day in read if proven(day, claims)]
    assert [figure.as_at for figure in found.figures] == held[-1:]
    assert all(figure.validated for figure in found.figures)
    later = [day for day in read if not held or day > held[-1]]
    assert [figure.as_at for figure in found.unvalidated] == later[-NEW:]
    assert not any(figure.validated for figure in found.unvalidated)
    for chart in found.charts:
        shown = [label for label, value in chart.points if value is not None]
        assert len(shown) >= 2
        assert set(shown) <= {f"{day.day} {day:%b %Y}" for day in held}
        assert len(chart.points) <= SHOWN
    recent = [day for day in held if day > held[-1] - timedelta(weeks=SHOWN)]
    assert bool(found.charts) == (len(recent) >= 2)
