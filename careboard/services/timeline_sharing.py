"""What was decided on telling others of a service, what was said, and what was published.

Source: S3, "why communication happened when it did".
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, literal

from careboard.accounts.models import Membership
from careboard.packs.models import Pack
from careboard.services.timeline_parts import by_member, happened
from careboard.sharing.communication_models import Communication
from careboard.sharing.models import SharingDecision
from careboard.tenancy import Actor


def decisions(actor: Actor, service_id: UUID) -> list[Select]:
    """Whichever way they went."""
    decided = happened(
        SharingDecision,
        "sharing",
        actor,
        day=SharingDecision.decided_on,
        moment=SharingDecision.decided_at,
        code=SharingDecision.decision,
        subject=SharingDecision.id,
        name=SharingDecision.reference,
        text=SharingDecision.rationale,
        who=Membership.name,
    ).select_from(SharingDecision)
    return [
        by_member(decided, SharingDecision, SharingDecision.decided_by_id).where(
            SharingDecision.service_id == service_id
        )
    ]


def communications(actor: Actor, service_id: UUID) -> list[Select]:
    """What was said to somebody outside, and what they said."""
    said = happened(
        Communication,
        "communication",
        actor,
        day=Communication.on_date,
        code=Communication.direction,
        subject=Communication.id,
        name=Communication.partner + ", " + Communication.reference,
        text=Communication.said,
        who=Membership.name,
    ).select_from(Communication)
    return [
        by_member(said, Communication, Communication.by_id).where(
            Communication.service_id == service_id
        )
    ]


def packs(actor: Actor, service_id: UUID) -> list[Select]:
    """Each when it was published, and when it was withdrawn."""
    columns = {"subject": Pack.id, "name": Pack.reference + ", " + Pack.title}
    published = happened(
        Pack,
        "pack",
        actor,
        day=Pack.published_on,
        moment=Pack.published_at,
        code=literal("published"),
        who=Membership.name,
        **columns,
    ).select_from(Pack)
    withdrawn = (
        happened(
            Pack,
            "pack",
            actor,
            day=Pack.withdrawn_on,
            code=literal("withdrawn"),
            text=Pack.withdraw_reason,
            who=Membership.name,
            **columns,
        )
        .select_from(Pack)
        .where(Pack.withdrawn_on.is_not(None))
    )
    return [
        by_member(part, Pack, column).where(Pack.service_id == service_id)
        for part, column in ((published, Pack.published_by_id), (withdrawn, Pack.withdrawn_by_id))
    ]
