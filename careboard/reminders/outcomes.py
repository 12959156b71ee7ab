"""Mail on what became of somebody's work on assurance: its validation, and an update sent back.

It says the reference and the outcome and nothing else. Who wants urgent mail only is not told of a
claim that was borne out: nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard import clock
from careboard.accounts.models import Membership
from careboard.assurance.models import Claim
from careboard.db import db
from careboard.reminders import outbox
from careboard.reminders.outbox import Post
from careboard.tenancy import Actor
from careboard.updates.models import RecoveryUpdate

OUTCOMES = {
    "proves": "it is proven",
    "partly": "it is proven in part",
    "does_not_prove": "it is not proven",
}
UNSUPPORTED = "it is unsupported assurance"


def claim_validated(*, actor: Actor, claim: Claim) -> None:
    """Tell who submitted a claim how its validation ended, unless they completed it themself.

    Call in the transaction that completes it.
    """
    said = UNSUPPORTED if claim.unsupported else OUTCOMES[claim.outcome]
    _tell(
        actor,
        [claim.submitted_by_id],
        settled=claim.outcome == "proves" and not claim.unsupported,
        kind="claim_outcome",
        content={"claim_id": str(claim.id), "reference": claim.reference, "said": said},
        subject=f"{claim.reference} was validated: {said}",
        why="You get this because you submitted it.",
        # A claim is validated once.
        key=f"claim_outcome:{claim.id}",
    )


def update_returned(*, actor: Actor, update: RecoveryUpdate, writer_id: UUID) -> None:
    """Tell who gathered an update's evidence and who writes it that it is a draft again, unless
    they sent it back themself. Call in the transaction that sends it back."""
    _tell(
        actor,
        [writer_id, update.claim_by_id],
        settled=False,
        kind="update_returned",
        content={"update_id": str(update.id), "reference": update.reference},
        subject=f"{update.reference} was sent back: it is a draft again",
        why="You get this because you write this update or gathered its evidence.",
        # It may be sent back again after another approval.
        key=f"update_returned:{update.id}:{clock.now().isoformat()}",
    )


def _tell(
    actor: Actor,
    members: Iterable[UUID | None],
    *,
    settled: bool,
    kind: str,
    content: dict[str, Any],
    subject: str,
    why: str,
    key: str,
) -> None:
    """Post it to each of them who has an address; what is `settled` asks for nothing."""
    told = select(Membership).where(
        Membership.org_id == actor.org_id,
        Membership.id.in_({one for one in members if one is not None} - {actor.membership_id}),
        Membership.active,
        Membership.email != "",
    )
    outbox.post_all(
        actor=actor,
        posts=[
            Post(
                kind=kind,
                membership_id=person.id,
                to_email=person.email,
                to_name=person.name,
                template=kind,
                content=content,
                subject=subject,
                why=why,
                dedupe_key=f"{key}:{person.id}",
            )
            for person in db.session.scalars(told)
            if not (settled and person.mail_mode == "urgent")
        ],
    )
