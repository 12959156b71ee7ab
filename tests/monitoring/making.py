"""Triggers, decisions and episodes at Alder House, for tests."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from careboard import clock
from careboard.db import db, new_id
from careboard.monitoring import decisions, reviews
from careboard.monitoring.entry import Change, Entry, Wanted
from careboard.monitoring.reviews import Held
from careboard.records.models import Audit, Concern
from careboard.reviews import service as sittings
from careboard.rules.models import Trigger

START = date(2026, 9, 7)  # a Monday
RETURNS = Wanted("returns_validated", {"weeks": 4})
NO_REPEATS = Wanted("no_repeat_themes", {"days": 56})
NO_RED = Wanted("no_red_overdue", {})
STATEMENT = Wanted("commissioner_statement", {})


def on(days: int) -> date:
    """So many days after START it is, from now on; returns the day."""
    day = START + timedelta(days=days)
    clock.freeze(day)
    return day


def fired(world, *, rule: str = "safeguarding_repeated", suggests: bool = True, **more) -> UUID:
    """A trigger at Alder House, fired today."""
    where = more.pop("service_id", None) or world.service_id("Alder House")
    with world.acting("alice") as alice:
        row = Trigger(
            org_id=alice.org_id,
            id=new_id(),
            reference=f"TRG-{new_id().hex[-6:]}",
            rule_code=rule,
            rule_version=1,
            parameters={"least": 3, "days": 61},
            service_id=where,
            key=more.pop("key", ""),
            fired_on=alice.today,
            sentence="4 concerns in 61 days at Alder House, all in the upstairs lounge",
            rows=[
                {
                    "kind": more.pop("kind", "concern"),
                    "id": str(new_id()),
                    "reference": "SG-1",
                    "on": (alice.today - timedelta(days=20)).isoformat(),
                }
            ],
            suggests=suggests,
            decide_by=clock.add_working_days(alice.today, 5) if suggests else None,
            **more,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def entry(world, **more) -> Entry:
    """What starting needs, unless the test says otherwise."""
    today = clock.today()
    values = {
        "title": "Repeated safeguarding concerns",
        "kind": "safeguarding",
        "requires": "Two staff in the lounge from four to eight.",
        "governance_lead_id": world.member_id("alice"),
        "manager_id": world.member_id("bob"),
        "planned_review_on": today + timedelta(days=56),
        "changes": [
            Change("weekly_review", "Every Monday", world.member_id("alice"), today),
        ],
        "criteria": [NO_REPEATS, NO_RED],
    }
    return Entry(**values | more)


def started(world, *, triggers=(), person: str = "alice", **more) -> UUID:
    """An episode that began today; returns its id."""
    own = entry(world, **more)
    where = world.service_id("Alder House")
    with world.acting(person) as actor:
        made = decisions.decide(
            actor=actor,
            service_id=where,
            decision="start",
            reason="Four concerns in one place; local controls have not held.",
            trigger_ids=triggers,
            entry=own,
        )
        db.session.commit()
        return made.episode_id


def concern(world, on: date, theme: str = "Neglect", level: str = "high") -> UUID:
    """A safeguarding concern at Alder House."""
    where = world.service_id("Alder House")
    with world.acting("alice") as alice:
        row = Concern(
            org_id=alice.org_id,
            kind="safeguarding",
            service_id=where,
            domain="safeguarding",
            occurred_on=on,
            theme=theme,
            level=level,
            status="open",
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def audited(world, on: date, score: int, theme: str = "Medicines", rag: str = "green") -> UUID:
    """An audit at Alder House, its score in percent."""
    where = world.service_id("Alder House")
    with world.acting("alice") as alice:
        row = Audit(
            org_id=alice.org_id,
            service_id=where,
            theme=theme,
            domain="medicines",
            cycle="",
            completed_on=on,
            score=score * 100,
            max_score=10_000,
            rag=rag,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def sitting(world) -> UUID:
    """An open sitting of the governance group."""
    with world.acting("alice") as alice:
        found = sittings.open_sitting(
            actor=alice,
            forum="monthly_governance",
            service_id=None,
            period_from=alice.today.replace(day=1),
            period_to=alice.today,
        )
        db.session.commit()
        return found


def reviewed(world, episode_id: UUID, decision: str = "continue", person="alice", **more):
    """A review held today."""
    held = Held(decision, more.pop("reason", "As the records show."), **more)
    with world.acting(person) as actor:
        made = reviews.review(actor=actor, episode_id=episode_id, held=held)
        db.session.commit()
        db.session.refresh(made)
        db.session.expunge(made)
        return made
