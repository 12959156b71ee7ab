"""Facts of two houses as Hypothesis invents them: of every kind, on days up to half a year ago."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

from hypothesis import assume
from hypothesis import strategies as st

from careboard.actions.outcomes import Position
from careboard.experience.rows import Responses, Voices
from careboard.experience.rules import Said
from careboard.recovery.check_rules import Check
from careboard.recovery.check_rules import Finding as Found
from careboard.recovery.decline import Read
from careboard.recovery.periods import Period
from careboard.risks.assurance import Dispute, NewAudit, Support
from careboard.risks.sustained import Watch
from careboard.rules import facts
from tests.rules.looking import HOUSE, ago

Ids = st.integers(10, 2**64).map(lambda number: UUID(int=number))
Days = st.integers(0, 180)
Past = Days.map(ago)
Themes = st.sampled_from(("medicines", "dignity", "late visits"))
Months = st.sampled_from([ago(n).replace(day=1) for n in (25, 50, 80)])


def rows(strategy, most: int = 8):
    """Some, each with an id of its own."""
    return st.lists(strategy, max_size=most, unique_by=lambda row: row.id)


def named(strategy, most: int = 8):
    """Some, each with an id and a reference of its own."""
    own = (lambda row: row.id, lambda row: row.reference)
    return st.lists(strategy, max_size=most, unique_by=own)


def audits(service: UUID):
    return rows(
        st.builds(
            facts.Audit,
            id=Ids,
            service_id=st.just(service),
            theme=Themes,
            cycle=st.sampled_from(("Sep", "Oct", "Nov")),
            on=Past,
            score=st.integers(60, 100).map(float),
            rag=st.sampled_from(("green", "amber", "red", "")),
            reference=st.just("A1"),
        ),
        12,
    )


def concerns(service: UUID):
    kinds = ("safeguarding", "incident", "commissioner_query")
    return rows(
        st.builds(
            facts.Concern,
            id=Ids,
            kind=st.sampled_from(kinds),
            service_id=st.just(service),
            on=Past,
            reference=st.just("C1"),
            theme=Themes | st.just(""),
            place=st.sampled_from(("lounge", "garden", "")),
            source_role=st.sampled_from(("care worker", "")),
            person=st.sampled_from(("9f2c", "")),
            level=st.sampled_from(("low", "referral", "death")),
            status=st.sampled_from(("open", "closed")),
            recorded_on=st.none() | Past,
        ),
        14,
    )


def actions(service: UUID):
    return named(
        st.builds(
            facts.Action,
            id=Ids,
            reference=Ids.map(str),
            service_id=st.just(service),
            status=st.sampled_from(("open", "in_progress", "completed", "verified", "cancelled")),
            theme=Themes | st.just(""),
            due_on=st.none() | st.integers(-40, 90).map(ago),
            original_due_on=st.none() | Past,
            opened_on=Past,
            started_on=st.none() | Past,
            completed_on=st.none() | Past,
            closed_on=st.none() | Past,
            extensions=st.integers(0, 3),
            outcome_measure=st.sampled_from(("", "Fewer")),
            evidence_required=st.just("Charts"),
            evidence=st.integers(0, 1),
            priority=st.booleans(),
        )
    )


def supports():
    watch = st.builds(
        Watch,
        id=Ids,
        started_on=Past,
        until=st.integers(-92, 92).map(ago),
        signal=st.sampled_from(("incident", "audit")),
        before=st.just(Decimal(5)),
        lowered_at=st.sampled_from((Decimal(3), Decimal(8))),
        months=st.lists(st.none() | st.integers(1, 9).map(Decimal), min_size=3, max_size=3),
    )
    return st.builds(
        Support,
        items=st.just(1),
        in_date=st.integers(0, 2),
        newest_on=st.none() | Past,
        tested_on=st.none() | Past,
        dispute=st.none() | st.builds(Dispute, Ids, st.just("D"), Past, st.booleans()),
        watch=st.none() | watch,
        audit=st.none()
        | st.builds(NewAudit, Ids, st.just("A"), st.sampled_from(("green", "red")), Past),
    )


def risks(service: UUID):
    return st.lists(
        st.builds(
            facts.Risk,
            id=Ids,
            reference=st.just("R1"),
            service_id=st.just(service),
            domain=st.sampled_from(("medicines", "staffing", "safety")),
            rating=st.sampled_from(("low", "moderate", "very_high")),
            rated_on=Past,
            support=supports(),
        ),
        max_size=3,
        unique_by=lambda risk: risk.domain,
    )


def claims(service: UUID):
    return rows(
        st.builds(
            facts.Claim,
            id=Ids,
            reference=st.just("CLM"),
            service_id=st.just(service),
            kind=st.just("claim"),
            status=st.just("validated"),
            on=Past,
            unsupported=st.booleans(),
            validated_on=st.none() | Past,
            critical=st.integers(0, 1),
        )
    )


def said(service: UUID, score):
    return rows(
        st.builds(
            Said,
            service=st.just(str(service)),
            on=Past,
            reference=st.just("F"),
            theme=Themes | st.just(""),
            score=score,
            formal=st.booleans(),
            id=Ids,
            acknowledged_on=st.none() | Past,
        ),
        12,
    )


def checks():
    finding = st.builds(
        Found,
        id=Ids,
        kind=st.sampled_from(("discrepancy", "unmet_need", "vague_action")),
        what=st.just("gap"),
        detected_at=Days.map(lambda n: datetime.combine(ago(n), time(9), UTC)),
        round=st.sampled_from(("evening", "")),
        reviewed_at=st.none(),
    )
    return rows(
        st.builds(
            Check,
            id=Ids,
            kind=st.sampled_from(
                ("medicines_shift", "practice_observation", "deployment", "review_actions")
            ),
            on=st.integers(0, 40).map(ago),
            verdict=st.sampled_from(("ok", "as_agreed", "not_as_agreed", "unsafe")),
            who=st.sampled_from(("a", "b")),
            result=st.just({"required": 100, "actual": 80, "sampled": 3}),
            findings=st.lists(finding, max_size=2),
        )
    )


def _weeks(judged: list) -> list[Read]:
    ends = [ago(5 + 7 * place) for place in range(len(judged))][::-1]
    return [
        Read(Period(end - timedelta(days=6), end), "9%", way, band, "So.", None, 12.0)
        for end, (way, band) in zip(ends, judged, strict=True)
    ]


def indicators(service: UUID):
    judged = st.tuples(
        st.sampled_from(("worsening", "stable", None)), st.sampled_from(("red", "amber", "grey"))
    )
    return named(
        st.builds(
            facts.Indicator,
            id=Ids,
            reference=Ids.map(str),
            service_id=st.just(service),
            domain=st.just("staffing"),
            name=st.just("Late visits"),
            reads=st.lists(judged, max_size=6).map(_weeks),
            delays=st.booleans(),
            turns_on=st.just(ago(-2)),
        ),
        3,
    )


@st.composite
def of_house(draw, service: UUID = HOUSE) -> dict:
    """Rows of one house by name, as `Facts.of` takes them."""
    own = draw(actions(service))
    rated = draw(risks(service))
    states = st.sampled_from(("no_measurable_improvement", "improved", "not_enough_data"))
    until = st.integers(300, 400).map(ago)
    answered = st.builds(SimpleNamespace, service_id=st.just(service), theme=Themes, noted_on=Past)
    return {
        "audits": draw(audits(service)),
        "concerns": draw(concerns(service)),
        "actions": own,
        "outcomes": {one.id: Position(draw(states), "So.", (), draw(until)) for one in own},
        "risks": rated,
        "rating_changes": [
            facts.RatingChange(
                *(draw(Ids), one.id, "R1", service, one.domain, "raise", "low", one.rating),
                draw(Past),
            )
            for one in rated
        ],
        "claims": draw(claims(service)),
        "voices": Voices(
            draw(said(service, st.sampled_from((1.0, 2.0, 5.0)))), draw(said(service, st.none()))
        ),
        "responses": Responses((), draw(st.lists(answered, max_size=2))),
        "summaries": draw(summaries(service)),
        "checks": {service: draw(checks())},
        "indicators": draw(indicators(service)),
        "care_reviews": draw(
            rows(
                st.builds(
                    facts.CareReview,
                    id=Ids,
                    service_id=st.just(service),
                    due_on=st.integers(-20, 60).map(ago),
                    completed_on=st.none() | st.integers(-10, 60).map(ago),
                )
            )
        ),
        "episodes": draw(
            named(
                st.builds(
                    facts.Episode, Ids, Ids.map(str), st.just(service), Past, st.none() | Past
                ),
                2,
            )
        ),
        "confidence_notes": draw(
            rows(st.builds(facts.ConfidenceNote, Ids, st.just(service), Past), 2)
        ),
    }


def summaries(service: UUID):
    return st.lists(
        st.builds(
            facts.Summary,
            id=Ids,
            service_id=st.just(service),
            month=Months,
            sample_size=st.integers(0, 12),
            invited=st.none() | st.integers(12, 90),
            people=st.none() | st.integers(10, 40),
        ),
        max_size=3,
        unique_by=lambda one: one.month,
    )


def both(one: dict, other: dict) -> dict:
    """The rows of two houses together."""
    return {name: _joined(rows, other[name]) for name, rows in one.items()}


def _joined(rows, more):
    if isinstance(rows, dict):
        assume(not rows.keys() & more.keys())  # a row is one house's
        return {**rows, **more}
    if isinstance(rows, Voices):
        return Voices(rows.answers + more.answers, rows.complaints + more.complaints)
    if isinstance(rows, Responses):
        return Responses(rows.actions, [*rows.acknowledged, *more.acknowledged])
    return rows + more


def reversed_rows(given: dict) -> dict:
    """The same rows, read in the other order."""
    return {name: _reversed(rows) for name, rows in given.items()}


def _reversed(rows):
    if isinstance(rows, dict):
        return {
            key: list(reversed(own)) if isinstance(own, list) else own
            for key, own in reversed(rows.items())
        }
    if isinstance(rows, Voices):
        return Voices(rows.answers[::-1], rows.complaints[::-1])
    if isinstance(rows, Responses):
        return Responses(rows.actions, rows.acknowledged[::-1])
    return rows[::-1]
