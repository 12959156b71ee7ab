"""A second organisation that holds the same rows under other ids, and forms filled with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import psycopg
from bs4 import BeautifulSoup, Tag

from careboard.db import Base
from careboard.tenancy import GLOBAL_TABLES
from tests.guards import isolation
from tests.worlds import World

TODAY = "2026-11-20"


def twin_of(value: object) -> UUID:
    """The id under which the other organisation has the same row."""
    return UUID(hashlib.md5(f"twin{value}".encode(), usedforsecurity=False).hexdigest())


_COLUMNS = """
SELECT column_name, data_type, udt_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
  AND is_identity = 'NO' ORDER BY ordinal_position
"""


def copy(world: World, of: str = "alder", to: str = "birch") -> int:
    """Give the other organisation a twin of every row; returns how many."""
    own, other, made = world.org_id(of), world.org_id(to), 0
    with isolation.administrator(world) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in sorted(Base.metadata.tables):
            if table not in GLOBAL_TABLES:
                made += _copy(connection, table, own, other)
    return made


def _copy(connection: psycopg.Connection, table: str, own: UUID, other: UUID) -> int:
    names, values = [], []
    for name, kind, element in connection.execute(_COLUMNS, [table]).fetchall():
        names.append(f'"{name}"')
        if name == "org_id":
            values.append(f"'{other}'::uuid")
        elif kind == "uuid":
            values.append(f"md5('twin' || \"{name}\"::text)::uuid")
        elif element == "_uuid":
            values.append(
                f"CASE WHEN \"{name}\" IS NOT NULL THEN ARRAY(SELECT md5('twin' || e::text)::uuid "
                f'FROM unnest("{name}") e) END'
            )
        else:
            values.append(f'"{name}"')
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} "
        "WHERE org_id = %s ON CONFLICT DO NOTHING"
    )
    return connection.execute(statement, [own]).rowcount


@dataclass(frozen=True, slots=True)
class Filled:
    """A form ready to be sent, with a foreign id in one field; `absent` has an absent one."""

    method: str
    action: str
    field: str
    foreign: dict[str, str]
    absent: dict[str, str]


def is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def forms(html: bytes, here: str) -> Iterator[Filled]:
    """Each form of the page, once for each field that takes an id; and each link that has one."""
    page = BeautifulSoup(html, "html.parser")
    for form in page.find_all("form"):
        values, offered = _values(form)
        method = form.get("method", "get").upper()
        yield from _with_foreign(method, form.get("action") or here, values, offered)
    for link in page.find_all("a", href=True):
        path = urlsplit(link["href"])
        asked = dict(parse_qsl(path.query))
        offered = {name: value for name, value in asked.items() if is_id(value)}
        yield from _with_foreign("GET", path.path, asked, offered)


def _with_foreign(method: str, action: str, values: dict, offered: dict) -> Iterator[Filled]:
    for name, value in offered.items():
        foreign = values | {name: str(twin_of(value))}
        yield Filled(method, action, name, foreign, values | {name: str(isolation.ABSENT)})


def _values(form: Tag) -> tuple[dict[str, str], dict[str, str]]:
    """What a person might send, and an own id for each field that takes ids."""
    values, offered = {}, {}
    for field in form.find_all(["input", "select", "textarea"]):
        name = field.get("name")
        if not name:
            continue
        options = [option.get("value", "") for option in field.find_all("option")]
        own = [value for value in [*options, field.get("value") or ""] if is_id(value)]
        if own:
            offered.setdefault(name, own[0])
        values.setdefault(name, own[0] if own else _plausible(field, options))
    return values, offered


def _plausible(field: Tag, options: list[str]) -> str:
    if field.name == "select":
        return next((value for value in options if value), "")
    if field.name == "textarea":
        return "Counted on every shift and looked at by two people"
    given = field.get("value")
    usual = {"date": TODAY, "number": "1", "email": "someone@alder.example"}
    return given or usual.get(field.get("type", "text"), "Counted on every shift")
