"""The sample files and what a correct import of each says."""

import json
from functools import cache
from pathlib import Path

from careboard.imports.checking import CheckContext, Checked, check
from careboard.imports.feeds import get_feed
from careboard.imports.mapping import DataMap, propose
from careboard.imports.services_matching import ServiceRef
from careboard.imports.tables import read_table

HERE = Path(__file__).parents[1] / "data" / "oakfield"
EXPECTED = json.loads((HERE / "expected.json").read_text())
# In the order of loading: an audit's concerns come after the audits.
FILES = (
    "services.csv", "audits.xlsx", "audit_concerns.csv", "action_tracker.xlsx", "incidents.csv",
    "complaints.csv", "feedback.txt", "safeguarding_concerns.csv", "commissioner_queries.ods",
    "indicator_readings.csv", "reviews.csv", "emar.txt",
)  # fmt: skip
SERVICES = [
    ServiceRef(
        id=f"s{service['no']}",
        name=service["name"],
        cqc_location_id=service["id"],
        ods_code=service["ods"],
        local_authority=service["la"],
    )
    for service in EXPECTED["services"]
]


def entry(name: str) -> dict:
    return EXPECTED["files"][name]


@cache
def audits() -> frozenset[str]:
    accepted = checked("audits.xlsx").accepted
    return frozenset(accepted["source_key"].to_list())


def context(**changes) -> CheckContext:
    values = {
        "services": SERVICES,
        "provider_name": "Oakfield Care Group",
        "cqc_provider_id": "1-9990011000",
        "known_refs": {},
    }
    return CheckContext(**(values | changes))


@cache
def checked(name: str, *, mapped: bool = True) -> Checked:
    feed = get_feed(entry(name)["feed"])
    table = read_table(HERE / name, feed=feed)
    data_map = DataMap.from_json(entry(name)) if mapped else propose(table, feed)
    refs = {"audits": audits()} if feed.name == "audit_concerns" else {}
    return check(table, feed, data_map, context(known_refs=refs))


def triples(rejected: list[dict]) -> list[tuple]:
    return [(item["row"], item["code"], item.get("field")) for item in rejected]
