"""Tagging to topics, choosing the framework, and judging the crosswalk.

Source: DESIGN section 5, screen 12; domain/framework.md 1.2.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from careboard import audit, clock
from careboard.db import db, lock, new_id
from careboard.errors import Invalid
from careboard.framework import catalogue
from careboard.framework.models import CrosswalkDecision, FrameworkTag, FrameworkUse
from careboard.framework.queries import in_use, untagged
from careboard.framework.targets import MODELS, target_within_reach
from careboard.permissions import Permission
from careboard.tenancy import Actor

MOST_TEXT = 2_000


def tag(*, actor: Actor, kind: str, row_id: UUID, framework: str, slug: str) -> UUID:
    """Tag a risk, indicator, action or item of evidence to a topic; returns the tag's id.

    Tagging twice is once. Raises Invalid (topic), Forbidden, NotFound.
    """
    target = target_within_reach(actor=actor, kind=kind, row_id=row_id)
    actor.require(Permission.SUBMIT_EVIDENCE, target.service_id)
    if slug not in catalogue.FRAMEWORKS[framework].topics:
        raise Invalid("Choose a topic.", "topic")
    return _tag(actor, kind, row_id, framework, slug)


def _tag(actor: Actor, kind: str, row_id: UUID, framework: str, slug: str) -> UUID:
    values = {
        "org_id": actor.org_id,
        "id": new_id(),
        "framework": framework,
        "topic": slug,
        f"{kind}_id": row_id,
        "tagged_by_id": actor.membership_id,
    }
    statement = insert(FrameworkTag).values(values).on_conflict_do_nothing()
    made = db.session.execute(statement.returning(FrameworkTag.id)).scalar()
    if made is None:
        return db.session.scalars(
            select(FrameworkTag.id).where(
                FrameworkTag.org_id == actor.org_id,
                FrameworkTag.framework == framework,
                FrameworkTag.topic == slug,
                getattr(FrameworkTag, f"{kind}_id") == row_id,
                FrameworkTag.removed_at.is_(None),
            )
        ).one()
    audit.record(
        actor=actor,
        tag="framework:tagged",
        subject_id=row_id,
        after={"tag": made, "kind": kind, "framework": framework, "topic": slug},
    )
    return made


def untag(*, actor: Actor, tag_id: UUID) -> tuple[str, UUID]:
    """Take a tag off, which keeps it with the day; returns the kind and id of what carried it.

    Raises Forbidden, NotFound.
    """
    found = lock(FrameworkTag, actor.org_id, tag_id)
    kind = next(kind for kind in MODELS if getattr(found, f"{kind}_id") is not None)
    row_id = getattr(found, f"{kind}_id")
    target = target_within_reach(actor=actor, kind=kind, row_id=row_id)
    actor.require(Permission.SUBMIT_EVIDENCE, target.service_id)
    if found.removed_at is None:
        found.removed_at, found.removed_by_id = clock.now(), actor.membership_id
        db.session.flush()
        audit.record(
            actor=actor, tag="framework:untagged", subject_id=row_id, before={"tag": found.id}
        )
    return kind, row_id


def use(*, actor: Actor, framework: str, reason: str) -> None:
    """Work by another framework from today on. No tag is touched.

    Raises Invalid (framework, reason), Forbidden.
    """
    actor.require(Permission.MANAGE_FRAMEWORK)
    if framework not in catalogue.FRAMEWORKS:
        raise Invalid("Choose a framework.", "framework")
    if not reason.strip():
        raise Invalid("Say why the organisation changes now.", "reason")
    if len(reason) > MOST_TEXT:
        raise Invalid(f"Say it in at most {MOST_TEXT:,} characters.", "reason")
    before = in_use(actor=actor)
    if before.code == framework:
        raise Invalid("The organisation works by this framework already.", "framework")
    row = FrameworkUse(
        org_id=actor.org_id,
        framework=framework,
        from_on=actor.today,
        reason=reason.strip(),
        decided_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="framework:chosen",
        subject_id=row.id,
        before={"framework": before.code},
        after={"framework": framework},
    )


def judge_pair(*, actor: Actor, number: int, same: bool) -> None:
    """Confirm or refuse that a pair of the crosswalk says the same. Raises NotFound, Forbidden."""
    actor.require(Permission.MANAGE_FRAMEWORK)
    pair = catalogue.pair(number)
    row = CrosswalkDecision(
        org_id=actor.org_id,
        one_framework=pair.one.framework,
        one_topic=pair.one.slug,
        other_framework=pair.other.framework,
        other_topic=pair.other.slug,
        same=same,
        decided_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor=actor, tag="framework:pair_judged", subject_id=row.id, after={"same": same})


def tag_by_domain(*, actor: Actor) -> int:
    """Tag each open risk, live action and indicator that has no tag in the framework in use to
    the topic that its domain suggests; returns how many. Raises Forbidden."""
    actor.require(Permission.SUBMIT_EVIDENCE)
    framework = in_use(actor=actor).code
    done = 0
    for kind, row_id, domain in untagged(actor=actor, framework=framework):
        topic = catalogue.suggested(framework, domain)
        if topic is not None:
            _tag(actor, kind, row_id, framework, topic.slug)
            done += 1
    return done
