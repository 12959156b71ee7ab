"""What enhanced monitoring puts before a sitting."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from careboard import clock
from careboard.db import db
from careboard.monitoring import agenda, trigger_queries
from tests.monitoring.making import fired

_EARLIER = """
INSERT INTO trigger (org_id, id, reference, rule_code, rule_version, parameters, service_id, key,
  fired_on, sentence, rows, suggests, decide_by)
SELECT org_id, gen_random_uuid(), 'TRG-' || n, rule_code, rule_version, parameters, :service,
  'the ' || n || 'th', fired_on - 1, sentence, rows, suggests, decide_by - 1
FROM trigger, generate_series(1, 500) n WHERE id = :id"""


def found(world, *, service: str | None = None, on=None) -> list:
    """The triggers on the agenda of that service's sitting, or of the organisation's."""
    where = service and world.service_id(service)
    with world.acting("alice") as alice:
        asked = {"actor": alice, "service_id": where, "on": on or clock.today()}
        return [line.detail["id"] for line in agenda.lines(**asked, since=clock.now())]


def test_every_suggestion_stands_there_however_many_there_are(world):
    last = fired(world, service_id=world.service_id("Alder Lodge"))
    values = {"id": last, "service": world.service_id("Alder House")}
    with world.acting("alice"):
        db.session.execute(text(_EARLIER), values)
        db.session.commit()
    with world.acting("alice") as alice:
        rows = trigger_queries.undecided(actor=alice)
        assert (len(rows), rows[0].total) == (500, 501)
    assert len(found(world)) == 501
    assert found(world, service="Alder Lodge") == [last]


def test_what_fired_after_its_day_is_not_there(world):
    made = fired(world)
    assert found(world) == [made]
    assert found(world, on=clock.today() - timedelta(days=1)) == []
