"""Files for the tests of loading, and short ways to bring them in."""

from __future__ import annotations

from uuid import UUID

from careboard.accounts.service import create_organisation
from careboard.db import db
from careboard.imports import service
from careboard.tenancy import acting_for
from tests.imports.sample import EXPECTED, FILES, HERE
from tests.worlds import World

FEED_NAMES = {"action_tracker": "actions"}
COMPLAINTS = "Complaint ref,Service,Received on,Theme,Summary\n"
ACTIONS = "Action ref,Service,Source record,Action,Owner,Due date,Status,Evidence note\n"
FEEDBACK = "Response,Service,Date,From,Question,Score,Out of,Theme,Comment\n"


def feed_of(name: str) -> str:
    """The canonical feed of a sample file."""
    feed = EXPECTED["files"][name]["feed"]
    return FEED_NAMES.get(feed, feed)


def make_oakfield() -> None:
    create_organisation(
        slug="oakfield",
        name="Oakfield Care Group",
        kind="provider",
        cqc_provider_id="1-9990011000",
    )
    db.session.commit()
    db.session.remove()


def receive(world: World, feed: str, text: str, *, person: str = "alice", name: str = "file.csv"):
    """Hand a file in as that person; returns the receipt."""
    with world.acting(person) as actor:
        receipt = service.receive(
            actor=actor, feed=feed, source="Spreadsheet", file_name=name, content=text.encode()
        )
        db.session.commit()
    return receipt


def bring(world: World, feed: str, text: str, **options) -> UUID:
    """Receive a file and load it; returns the batch's id."""
    receipt = receive(world, feed, text, **options)
    with world.acting(options.get("person", "alice")) as actor:
        service.load_batch(actor=actor, batch_id=receipt.batch_id)
        db.session.commit()
    return receipt.batch_id


def complaints(*lines: str) -> str:
    return COMPLAINTS + "".join(f"{line}\n" for line in lines)


def actions(*lines: str) -> str:
    return ACTIONS + "".join(f"{line}\n" for line in lines)


def feedback(count: int) -> str:
    """That many good answers, each its own."""
    return FEEDBACK + "".join(
        f"FB{number:06d},Alder House,{1 + number % 28:02d}/09/2026,Person,Treated with respect,"
        f"{1 + number % 5},5,food,Comment number {number}\n"
        for number in range(count)
    )


def batch(world: World, batch_id: UUID, slug: str = "alder"):
    return world.sql(f"SELECT * FROM import_batch WHERE id = '{batch_id}'", slug)[0]


def quarantined(world: World, batch_id: UUID) -> dict[int, UUID]:
    """{row number: id} of the rows that wait."""
    rows = world.sql(
        f"SELECT row_no, id FROM quarantined_row WHERE batch_id = '{batch_id}' "
        "AND status = 'waiting'"
    )
    return {row.row_no: row.id for row in rows}


def load_sample(slug: str = "oakfield", *, names=FILES, mapped: bool = True) -> dict[str, dict]:
    """Load sample files in order, as the command line does; returns their outcomes by name."""
    from careboard.imports import command_line

    outcomes = {}
    for name in names:
        with acting_for(slug) as actor:
            outcomes[name] = command_line.run(
                actor=actor,
                feed=feed_of(name),
                path=HERE / name,
                mapping=EXPECTED["files"][name] if mapped else None,
            )
            db.session.commit()
    return outcomes
