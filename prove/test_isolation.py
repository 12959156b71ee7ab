"""The matrix for every role; foreign ids in forms and addresses; the canary wherever words go."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from werkzeug.exceptions import HTTPException

from careboard import jobs, storage, tenancy
from careboard.commands.sweep import SWEEPS
from careboard.db import db
from careboard.reminders import service as reminders
from prove import twins
from tests.guards import isolation
from tests.guards.everything import TABLES, rows


@pytest.mark.parametrize("left", ["row-level security", "the filters"])
def test_no_role_tells_a_foreign_row_from_an_absent_one(world, monkeypatch, figure, left):
    foreign = isolation.first_of(rows(world))
    people = isolation.staff(world, monkeypatch)
    rules = [rule for rule in isolation.tenant_rules(world) if "<uuid:" in rule.rule]
    if left == "the filters":
        isolation.wall_off(world)
        found = {who: isolation.leaks(world, who, foreign, rules) for who in people}
    else:
        with isolation.filters_off() as taken:
            found = {who: isolation.leaks(world, who, foreign, rules) for who in people}
        figure(f"{sum(taken):,} filters taken out of {len(taken):,} statements")
    assert found == {who: [] for who in people}
    tried = len(rules) * len(people)
    figure(f"{left} alone: {len(rules)} addresses × {len(people)} roles = {tried}, 0 leaks")


def test_every_role_opens_its_own_organisations_pages(world, figure):
    own = isolation.first_of(rows(world))
    opened = 0
    for person in ("alice", "bob", "rita", "vera", "cora", "ben", "adam"):
        client = world.client(person)
        for rule in isolation.tenant_rules(world):
            if "GET" in rule.methods:
                status = client.get(isolation.address(rule, "alder", own)).status_code
                assert status < 500, (person, rule.rule)
                opened += status == 200
    figure(f"{opened:,} pages opened by seven roles")
    assert opened > 500


def _endpoint(world, method: str, path: str) -> str | None:
    try:
        return world.app.url_map.bind("localhost").match(path, method=method)[0]
    except HTTPException:
        return None


def _without_ids(answer, filled: twins.Filled) -> bytes:
    """The answer but for the id that was sent."""
    sent = (filled.foreign[filled.field], filled.absent[filled.field])
    return re.sub("|".join(sent).encode(), b"ID", isolation.body(answer))


def test_foreign_ids_in_forms_and_addresses_do_nothing(world, figure):
    """With the filters alone, a foreign id in a filter answers as an absent one; in a form it is
    refused and nowhere stored."""
    own = isolation.first_of(rows(world))
    made = twins.copy(world)
    isolation.plant(world, "birch")
    isolation.wall_off(world)
    seen, failed = set(), []
    for person in ("alice", "adam", "bob"):
        client = world.client(person)
        for rule in isolation.tenant_rules(world):
            if "GET" not in rule.methods:
                continue
            here = isolation.address(rule, "alder", own)
            page = client.get(here)
            if page.mimetype != "text/html" or page.status_code != 200:
                continue
            for filled in twins.forms(page.data, here):
                endpoint = _endpoint(world, filled.method, filled.action)
                if endpoint is None or (endpoint, filled.field) in seen:
                    continue
                seen.add((endpoint, filled.field))
                wrong = _send(client, filled)
                if wrong:
                    failed.append((endpoint, filled.field, wrong))
    assert failed == []
    assert isolation.foreign_ids_within(world, "alder", "birch") == []
    figure(f"{len(seen)} fields of forms, filters and links; {made:,} twin rows; none reached")


def _send(client, filled: twins.Filled) -> str:
    """What is wrong with the answers; empty when nothing is."""
    if filled.method == "GET":
        # The first answer also shows what an earlier form left to be told.
        _, one, other = (
            client.get(filled.action, query_string=values)
            for values in (filled.absent, filled.foreign, filled.absent)
        )
        if isolation.sings(one.data):
            return "shows a foreign row"
        lines = [_without_ids(answer, filled).splitlines() for answer in (one, other)]
        other_lines = [pair for pair in zip(*lines, strict=False) if pair[0] != pair[1]]
        same = one.status_code == other.status_code and lines[0] == lines[1]
        return "" if same else f"{one.status_code}, {other.status_code}: {other_lines[:1]}"
    answer = client.post(filled.action, data=filled.foreign)
    if answer.status_code >= 500 or isolation.sings(answer.data):
        return str(answer.status_code)
    return ""


def test_the_canary_is_in_no_mail_job_export_or_file_of_another(world, monkeypatch, figure):
    """Both walls stand; Birch does its daily rounds beside an Alder full of canaries."""
    rung = []
    monkeypatch.setattr(jobs, "ring", lambda queue, job, *args: rung.append((job, *args)))
    rows(world)
    twins.copy(world)
    planted = isolation.plant(world)
    isolation.staff(world, monkeypatch)
    with tenancy.acting_for("birch") as actor:
        reminders.sweep_reminders(actor=actor, on=actor.today)
        db.session.commit()
    with tenancy.acting_for("alder") as actor:
        reminders.sweep_reminders(actor=actor, on=actor.today)
        db.session.commit()
    SWEEPS["heads"](None)
    own = {name: twins.twin_of(value) for name, value in isolation.first_of(rows_of(world)).items()}
    assert isolation.singing(world, "birch-governance-lead", "birch", own) == []
    assert isolation.singing(world, "birch-administrator", "birch", own) == []
    mails = [str(row) for row in world.sql("SELECT * FROM outbox", "birch")]
    assert mails and not [mail for mail in mails if isolation.CANARY in mail]
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outbox")) == 0
    assert not [args for args in rung if isolation.CANARY in str(args)]
    prefix = f"org/{world.org_id('birch')}/"
    paths = [e["path"] for page in storage._opened().list(prefix) for e in page]
    kept = [bytes(storage._opened().get(path).bytes()) for path in paths]
    assert not [content for content in kept if isolation.sings(content)]
    columns = sum(map(len, planted.values()))
    figure(
        f"{columns} columns of {len(planted)} tables sang; {len(mails)} mails, {len(rung)} jobs, "
        f"{len(kept)} files and every page and download of Birch were silent"
    )


def rows_of(world) -> dict[str, list]:
    """Ids by the name that addresses have, of what is there already."""
    return {
        name: [row.id for row in world.sql(f"SELECT id FROM {table} LIMIT 1")]
        for name, table in TABLES.items()
    }
