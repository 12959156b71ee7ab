"""Events and jobs hold ids, codes, days, numbers and hashes: nothing that a person said or is.

So erasing a person's data breaks no chain, and a queue that is read tells nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from careboard import jobs
from careboard.records.kinds import RESTRICTED
from tests.guards import isolation
from tests.guards.everything import rows

# Ids, hashes and signatures; instants and days; numbers; codes of lower-case words; references.
PLAIN = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,128}"
    r"|\d{4}-\d\d-\d\d([T ][0-9:.]+(Z|[+-]\d\d:\d\d)?)?|-?\d+(\.\d+)?|"
    r"[a-z][a-z0-9]*([_:.-][a-z0-9]+)*|[A-Z]{2,4}-\d+|"
)


def leaves(value: Any) -> Iterator[Any]:
    """Every single value within dictionaries and lists; keys are code's own words."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def is_plain(value: Any) -> bool:
    return not isinstance(value, str) or bool(PLAIN.fullmatch(value))


def is_plain_argument(value: str) -> bool:
    """A job's argument is an id."""
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def unplain(world) -> list[tuple[str, Any]]:
    """Tag and value of everything in the organisation's events that is more than plain; and
    whatever names a person of the organisation."""
    names = {row.name.lower() for row in world.sql("SELECT name FROM membership")}
    return [
        (row.tag, value)
        for row in world.sql("SELECT tag, payload FROM audit_event")
        for value in leaves(json.loads(row.payload))
        if not is_plain(value) or str(value).lower() in names
    ]


def test_events_hold_nothing_personal(world, monkeypatch):
    rung = []
    monkeypatch.setattr(jobs, "ring", lambda queue, job, *args: rung.append(args))
    rows(world)
    assert unplain(world) == []
    tags = {row.tag for row in world.sql("SELECT DISTINCT tag FROM audit_event")}
    assert len(tags) > 20
    assert rung and all(is_plain_argument(value) for args in rung for value in args)


def test_every_download_and_every_restricted_record_leaves_an_event(world):
    found = isolation.first_of(rows(world))
    client = world.client("alice")
    silent = []
    for rule in isolation.tenant_rules(world):
        if "GET" not in rule.methods:
            continue
        before = isolation.events_of(world, "alder")
        answer = client.get(isolation.address(rule, "alder", found))
        saved = "attachment" in answer.headers.get("Content-Disposition", "")
        told = isolation.events_of(world, "alder") - before
        if told != (saved and rule.endpoint not in UNTOLD or rule.endpoint in WATCHED):
            silent.append((rule.rule, told))
    assert silent == []


# Downloads that hold nothing of anyone, and pages that nobody opens unnoticed.
UNTOLD = {"audit_log.verifier"}
WATCHED = {"imports.held_texts"}


INSERT = """
INSERT INTO concern (org_id, id, kind, service_id, source_key, occurred_on, domain, text)
VALUES (%s, gen_random_uuid(), %s, %s, 'x', '2026-11-01', 'staffing', '') RETURNING id
"""


def test_opening_a_safeguarding_concern_leaves_an_event(world):
    service_id, org_id = world.service_id("Alder House"), world.org_id()
    ids = {}
    with isolation.administrator(world) as connection:
        for kind in ("safeguarding", "complaint"):
            ids[kind] = connection.execute(INSERT, (org_id, kind, service_id)).fetchone()[0]
    assert {"safeguarding"} == RESTRICTED
    for kind, concern_id in ids.items():
        before = isolation.events_of(world, "alder")
        answer = world.client("bob").get(f"/o/alder/records/concern/{concern_id}")
        assert answer.status_code == 200
        assert isolation.events_of(world, "alder") - before == (kind in RESTRICTED)
