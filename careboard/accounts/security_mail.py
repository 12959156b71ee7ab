"""Flask-Security's letters go through the outbox: a mail server that is down stops nobody."""

from __future__ import annotations

import time
from typing import Any

from flask_security import MailUtil, hash_password

from careboard import tenancy
from careboard.db import db
from careboard.reminders import outbox

_APART = 5 * 60  # seconds: whoever asks again and again fills nobody's mailbox


class OutboxMail(MailUtil):
    """Posts each letter in the name of the first organisation that the person belongs to."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str,
        sender: str | tuple,
        body: str,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Owe the letter to its recipient. Someone who belongs nowhere gets none."""
        hash_password("none")  # the library does as much for an address that nobody has
        own = tenancy.memberships(kwargs["user"].id)
        if not own:
            return
        tenancy.bind(tenancy.Tenant(org_id=own[0].org_id))
        outbox.post(
            actor=tenancy.system_actor(own[0].org_id),
            kind="password",
            membership_id=None,
            to_email=recipient,
            to_name=kwargs["user"].name,
            template="password",
            content={"account_id": str(kwargs["user"].id)},
            subject=str(subject),
            why="Somebody asked for a new password for this address.",
            dedupe_key=f"password:{kwargs['user'].id}:{int(time.time()) // _APART}",
        )
        # Asking for a link changes nothing of the library's own, so it does not commit.
        db.session.commit()
