"""A tracked concern about Alder House and its updates, made by the people whose work it is: cora
tracks and writes, bob gathers, vera validates, alice approves."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard.db import db
from careboard.monitoring import intelligence_service
from careboard.packs import commissioners, publishing
from careboard.risks.service import NewEvidence
from careboard.tenancy import acting_for
from careboard.updates import feedback, fortnights, schedules, service, steps, words
from tests.assurance import making as claims
from tests.worlds import World

TODAY = date(2026, 11, 20)
HOUSE = "Alder House"
THEME = "Late visits"
REQUIRED = "Evening visits start within thirty minutes of their time, four weeks running."
SHOWS = "Nineteen of twenty sampled evening visits started in time"


def concern(world: World, theme: str = THEME, on: date = date(2026, 11, 3)) -> UUID:
    """What a commissioner asked about Alder House."""
    house = world.service_id(HOUSE)
    with world.acting("cora") as cora:
        made = intelligence_service.record_concern(
            actor=cora, service_id=house, theme=theme, text="Evening visits come late.",
            on=on, commissioner="Northshire contracts team", due_on=date(2026, 12, 31),
        )  # fmt: skip
        db.session.commit()
        return made


def tracked(world: World, **changes) -> UUID:
    """A line of the external assurance tracker."""
    values = {
        "concern_id": changes.pop("concern_id", None) or concern(world),
        "theme": THEME,
        "required_assurance": REQUIRED,
        "due_on": date(2026, 12, 31),
        "lead_id": world.member_id("cora"),
        "manager_id": world.member_id("bob"),
        **changes,
    }
    with world.acting("cora") as cora:
        made = service.track(actor=cora, **values)
        db.session.commit()
        return made


def started(world: World, on: date = TODAY, **changes) -> UUID:
    """A tracked concern whose updates begin on that day; returns the concern's id."""
    made = tracked(world, **changes)
    with world.acting("cora") as cora:
        service.start(actor=cora, tracked_id=made, anchor_on=on)
        db.session.commit()
    return made


def come(world: World, day: date = TODAY) -> None:
    """Nine o'clock of that day, as the worker sees it."""
    with acting_for("alder") as system:
        schedules.catch_up(actor=system, present=fortnights.instant(day, system.time_zone))
        db.session.commit()


def drafted(world: World, **changes) -> UUID:
    """The draft of the first update, due today."""
    tracked_id = started(world, **changes)
    come(world)
    return newest(world, tracked_id)


def newest(world: World, tracked_id: UUID) -> UUID:
    """The latest update on a tracked concern."""
    return world.sql(
        "SELECT r.id FROM recovery_update r JOIN update_schedule u ON u.id = r.schedule_id "
        "WHERE u.tracked_id = :id ORDER BY r.due_on DESC LIMIT 1",
        id=tracked_id,
    )[0].id


def log(day: date = date(2026, 11, 19)) -> NewEvidence:
    return NewEvidence(
        title="Visit log of the fortnight", kind="care_records", period_to=day,
        source_link="https://visits.example/46",
    )  # fmt: skip


def gathered(world: World, update_id: UUID, person: str = "bob", **changes) -> UUID:
    """The evidence set of an update; returns its claim's id."""
    values = {"statement": SHOWS, "new": log(), **changes}
    with world.acting(person) as actor:
        made = steps.gather(actor=actor, update_id=update_id, **values)
        db.session.commit()
        return made


def proved(world: World, update_id: UUID, *results: str, **changes) -> UUID:
    """The evidence set, gathered and validated by vera; returns its claim's id."""
    claim_id = gathered(world, update_id)
    claims.validate(world, claim_id, *results, **changes)
    return claim_id


def said_no_more(world: World, update_id: UUID, person: str = "vera", **changes) -> None:
    """Read against its validation; the first time its figures may have to be refreshed."""
    with world.acting(person) as actor:
        values = {"actor": actor, "update_id": update_id, **changes}
        assert steps.validate(**values) or steps.validate(**values)
        db.session.commit()


def worded(world: World, update_id: UUID, section: str = "progress", said: str = "As planned."):
    with world.acting("cora") as cora:
        words.write(actor=cora, update_id=update_id, section=section, words=said)
        db.session.commit()


def validated(world: World, **changes) -> UUID:
    update_id = drafted(world, **changes)
    proved(world, update_id)
    said_no_more(world, update_id)
    return update_id


def approved(world: World, update_id: UUID | None = None, **changes) -> UUID:
    update_id = update_id or validated(world)
    with world.acting("alice") as alice:
        steps.approve(actor=alice, update_id=update_id, **changes)
        db.session.commit()
    return update_id


def link(world: World) -> UUID:
    """Northshire, whose identity cora has confirmed."""
    found = world.sql("SELECT id FROM commissioner_link")
    if found:
        return found[0].id
    council = world.org_id("northshire")
    with world.acting("cora") as cora:
        made = commissioners.confirm(
            actor=cora,
            commissioner_id=council,
            email_domain="northshire.example",
            how_confirmed="Rang the switchboard named on the council's own site",
        )
        db.session.commit()
        return made


def published(world: World, update_id: UUID | None = None) -> UUID:
    """An update that cora published to Northshire."""
    update_id = update_id or approved(world)
    to = link(world)
    with world.acting("cora") as cora:
        publishing.publish(
            actor=cora, kind="update", subject_id=update_id, links=[to],
            expires_on=date(2027, 5, 1), attachments=[], overrides={},
        )  # fmt: skip
        db.session.commit()
    return update_id


def told(world: World, update_id: UUID, content: str = "yes", person: str = "cora") -> UUID:
    """The commissioner's feedback on a published update."""
    with world.acting(person) as actor:
        made = feedback.record(
            actor=actor, update_id=update_id, on=actor.today, said="We see the change.",
            content=content,
        )  # fmt: skip
        db.session.commit()
        return made


def whole(world: World, update_id: UUID) -> None:
    """A draft that goes all its way on one day."""
    proved(world, update_id)
    said_no_more(world, update_id)
    published(world, approved(world, update_id))


def at_nine(day: date):
    """Nine o'clock of that day in London."""
    return fortnights.instant(day, "Europe/London")
