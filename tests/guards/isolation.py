"""Ways to look for leaks between organisations: either wall taken away, foreign ids everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import event
from werkzeug.routing import Rule

from careboard import tenancy
from careboard.accounts import service as accounts
from careboard.db import Base, db
from careboard.permissions import PROVIDER_ROLES
from careboard.tenancy import GLOBAL_TABLES
from tests import worlds
from tests.guards.everything import WORDS
from tests.worlds import PASSWORD, World

ABSENT = uuid4()
CANARY = "Kanarienvogel"
# An explicit filter by organisation, as SQLAlchemy and the hand-written statements spell it.
FILTER = re.compile(
    r"(?:\w+\.)?org_id = (?:%\(\w+\)s(?:::\w+)?|CAST\(%\(\w+\)s AS uuid\))", re.IGNORECASE
)


@contextmanager
def filters_off(table: str = "") -> Iterator[list[int]]:
    """The application forgets its own filters, in every statement or in those that read `table`.
    Yields, for each statement, how many filters were taken from it."""
    taken: list[int] = []
    reading = re.compile(rf"(FROM|JOIN) {table}\b")

    def forget(connection, cursor, statement, parameters, context, executemany):
        if table and not reading.search(statement):
            return statement, parameters
        statement, count = FILTER.subn("TRUE", statement)
        taken.append(count)
        return statement, parameters

    engine = db.engine
    event.listen(engine, "before_cursor_execute", forget, retval=True)
    try:
        yield taken
    finally:
        event.remove(engine, "before_cursor_execute", forget)


def administrator(world: World) -> psycopg.Connection:
    """A superuser's connection to the test's own database."""
    address = world.app.config["OWNER_URL"].replace("+psycopg", "")
    return psycopg.connect(address.replace("careboard_owner", "postgres"), autocommit=True)


def wall_off(world: World) -> None:
    """The test's own database loses its row-level security; only the filters are left."""
    with administrator(world) as connection:
        for name in [*Base.metadata.tables, "audit_event", "audit_head"]:
            if name not in GLOBAL_TABLES:
                connection.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
                connection.execute(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")


def staff(world: World, monkeypatch) -> list[str]:
    """One person for each role at Birch, who reaches all its services; their names."""
    names = []
    with tenancy.acting_for("birch") as actor:
        for role in PROVIDER_ROLES:
            name = f"birch {role.words}".replace(" ", "-")
            monkeypatch.setitem(worlds.PEOPLE, name, ("birch", [role.value], None))
            email = f"{name}@birch.example"
            account_id = accounts.ensure_account(email=email, name=name, password=PASSWORD)
            accounts.add_member(
                actor=actor, account_id=account_id, name=name, email=email, roles=[role.value]
            )
            names.append(name)
        db.session.commit()
    return names


def tenant_rules(world: World) -> list[Rule]:
    return [rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/o/<org>")]


def method(rule: Rule) -> str:
    return "GET" if "GET" in rule.methods else "POST"


def address(rule: Rule, org: str, ids: dict[str, UUID]) -> str:
    """The rule's address with those ids; words that the rule knows stand in all other places."""

    def fill(match: re.Match) -> str:
        kind, _, name = match[1].rpartition(":")
        if name == "org":
            return org
        if kind == "uuid":
            return str(ids.get(name, ABSENT))
        return WORDS.get(name, ["1"])[0]

    return re.sub(r"<([^>]+)>", fill, rule.rule)


def plant(world: World, slug: str = "alder") -> dict[str, list[str]]:
    """Put the canary into every text of the organisation that may hold any words; by table, the
    columns that took it."""
    org_id, planted = world.org_id(slug), {}
    with administrator(world) as connection:
        connection.execute("SET session_replication_role = replica")
        for table, column in connection.execute(_TEXTS).fetchall():
            try:
                done = connection.execute(
                    f'UPDATE {table} SET "{column}" = "{column}" || %s '
                    f'WHERE org_id = %s AND "{column}" IS NOT NULL',
                    (f" {CANARY}", org_id),
                )
            except (psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation):
                continue
            if done.rowcount:
                planted.setdefault(table, []).append(column)
    return planted


# Words that programs read (codes, hashes, keys, tags) keep their sense.
_CODES = (
    "audit_event", "audit_head", "signed_head", "heartbeat", "schedule", "reference_counter",
    "figure_reading", "kept_series", "framework_use", "framework_tag", "crosswalk_decision",
)  # fmt: skip
_TEXTS = f"""
SELECT c.table_name, c.column_name FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.data_type = 'text' AND c.is_generated = 'NEVER'
  AND c.table_name NOT IN {_CODES}
  AND c.column_name !~ '(sha256|hash|media_type|kind|status|state|domain|theme|code|template|rule|feed|key|forum|slug|way|mode|unit|form|sector|type|seed|email|framework|subject_table|time_zone|message_id)$'
  AND c.column_name NOT IN ('rating', 'rag', 'level', 'source', 'priority', 'part', 'name_norm', 'table_name', 'field', 'step')
  AND EXISTS (SELECT FROM information_schema.columns o WHERE o.table_schema = 'public'
    AND o.table_name = c.table_name AND o.column_name = 'org_id')
ORDER BY 1, 2
"""  # noqa: E501


def answers_alike(world: World, person: str, foreign: dict[str, UUID], rules: Iterable[Rule]):
    """Each rule with an id in it, opened by that person of Birch with another organisation's ids
    and with absent ones: yields the rule and the two answers."""
    client = world.client(person)
    for rule in rules:
        if "<uuid:" in rule.rule:
            answers = [
                client.open(address(rule, "birch", ids), method=method(rule))
                for ids in (foreign, {})
            ]
            yield rule, *answers


# What changes by the second: how long the session lasts, the token of forms, and their `once`.
PASSING = re.compile(
    rb'(name="(?:session-left|csrf[-_]token|once)"[^>]*?(?:content|value)=)"[^"]*"'
)


def body(answer) -> bytes:
    """The answer's bytes, but for what changes by the second."""
    return PASSING.sub(rb"\1", answer.data)


def leaks(world: World, person: str, foreign: dict[str, UUID], rules=None) -> list[str]:
    """Rules that answer that person otherwise for a foreign row than for an absent one, or not
    with one of the refusals."""
    found = []
    for rule, one, other in answers_alike(world, person, foreign, rules or tenant_rules(world)):
        same = one.status_code == other.status_code and body(one) == body(other)
        if not same or one.status_code not in (403, 404):
            found.append(f"{method(rule)} {rule.rule}: {one.status_code}, {other.status_code}")
    return found


def singing(world: World, person: str, org: str, ids: dict[str, UUID]) -> list[str]:
    """Pages and downloads of that organisation that show the canary to that person."""
    client, found = world.client(person), []
    for rule in tenant_rules(world):
        if "GET" in rule.methods:
            answer = client.get(address(rule, org, ids))
            if sings(answer.data):
                found.append(rule.rule)
    return found


def sings(content: bytes) -> bool:
    """Whether the canary is in those bytes, or in a file zipped or set within them."""
    if content[:2] == b"PK":
        import io
        import zipfile

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(sings(archive.read(name)) for name in archive.namelist())
    if content[:4] == b"%PDF":
        import io

        from pypdf import PdfReader

        return CANARY in "".join(
            page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
        )
    return CANARY.encode() in content


def foreign_ids_within(world: World, slug: str = "birch", of: str = "alder") -> list[str]:
    """Columns in which rows of the one organisation hold an id of a row of the other."""
    own, other, found = world.org_id(slug), world.org_id(of), []
    with administrator(world) as connection:
        columns = connection.execute(_UUIDS).fetchall()
        tables = sorted({table for table, column in columns if column == "org_id"})
        every = " UNION ALL ".join(
            f"SELECT id FROM {table} WHERE org_id = '{other}'"
            for table in tables
            if (table, "id") in columns
        )
        connection.execute(f"CREATE TEMP TABLE theirs AS SELECT DISTINCT id FROM ({every}) t")
        for table, column in columns:
            if column == "org_id" or table not in tables:
                continue
            held = connection.execute(
                f"SELECT count(*) FROM {table} WHERE org_id = %s AND {column} IN (TABLE theirs)",
                (own,),
            ).fetchone()[0]
            if held:
                found.append(f"{table}.{column}")
    return found


_UUIDS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'uuid' ORDER BY 1, 2
"""


def first_of(rows: dict[str, list]) -> dict[str, UUID]:
    """One id for each name that addresses use."""
    return {name: ids[0] for name, ids in rows.items() if ids and isinstance(ids[0], UUID)}


def events_of(world: World, slug: str) -> int:
    return world.sql("SELECT count(*) FROM audit_event", slug)[0][0]
