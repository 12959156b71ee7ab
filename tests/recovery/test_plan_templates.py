"""Templates of recovery plans that a provider makes itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.recovery import template_service
from careboard.recovery.plan_content import IndicatorSpec, built_in, built_in_template
from careboard.recovery.plan_service import Line
from tests.recovery.planning import COMPLIANCE, begin

FALLS = Line(
    IndicatorSpec(name="Falls at night", domain="safety", unit="count", good="down"), 8, 2, True
)


def templates_of(world, person: str = "bob"):
    with world.acting(person) as actor:
        return template_service.templates(actor=actor)


def test_a_provider_makes_its_own_template_of_a_plan(world):
    plan_id = begin(world, lines=[COMPLIANCE, FALLS])
    with world.acting("bob") as bob:
        code = template_service.from_plan(actor=bob, plan_id=plan_id, name="Nights, our way")
        db.session.commit()
    assert code == "nights-our-way"
    own = templates_of(world)[-1]
    assert (own.code, own.version, own.name) == (code, 1, "Nights, our way")
    assert [(spec.key, spec.target, spec.goal) for spec in own.indicators] == [
        ("medicines_compliance", 98, True),
        ("falls at night", 2, True),
    ]
    assert own.content == built_in_template("medicines").content
    assert templates_of(world, "charlie") == list(built_in().values())


def save(world, made, *, person: str = "bob") -> str:
    with world.acting(person) as actor:
        code = template_service.save(actor=actor, made=made)
        db.session.commit()
    return code


def test_an_edit_is_the_next_version_and_plans_keep_theirs(world):
    made = replace(built_in_template("staffing"), code="", name="Evenings")
    code = save(world, made)
    first = templates_of(world)[-1]
    save(world, replace(first, horizon_weeks=6))
    with pytest.raises(Conflict):
        save(world, replace(first, horizon_weeks=7))
    held = templates_of(world)[-1]
    assert (held.version, held.horizon_weeks) == (2, 6)
    assert len(world.sql("SELECT id FROM plan_template")) == 2
    with world.acting("bob") as bob:
        template_service.retire(actor=bob, code=code)
        db.session.commit()
    assert templates_of(world) == list(built_in().values())
    with world.acting("bob") as bob, pytest.raises(NotFound):
        template_service.template(actor=bob, code=code)


def test_templates_are_refused_as_plans_are(world):
    made = replace(built_in_template("staffing"), code="", name="Evenings")
    save(world, made)
    for changes, field in (
        ({"name": "Evenings"}, "name"),
        ({"name": "Medicines"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "!!!"}, "name"),
        ({"title": ""}, "title"),
        ({"domain": "x"}, "domain"),
        ({"horizon_weeks": 0}, "horizon_weeks"),
        ({"indicators": ()}, "lines"),
    ):
        with pytest.raises(Invalid) as refused:
            save(world, replace(made, **({"name": "Another"} | changes)))
        assert refused.value.field == field, changes
    with pytest.raises(Invalid):
        save(world, built_in_template("staffing"))
    for person in ("rita", "ben"):
        with pytest.raises(Forbidden):
            save(world, replace(made, name="Another"), person=person)
