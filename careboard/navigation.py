"""The menu, with the counts that matter beside its entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import request, url_for

from careboard.permissions import Permission
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    url: str
    active: bool
    badge: str | None = None
    hot: bool = False


# Features without an entry of their own, and the one below which they stand.
_BELOW = {"updates": "sharing", "packs": "sharing"}
# label, endpoint, blueprint, permission
_MENU = (
    ("Risk board", "dashboards.board", "dashboards", Permission.READ),
    ("Actions", "actions.index", "actions", Permission.READ),
    ("Evidence", "evidence.index", "evidence", Permission.READ),
    ("Assurance", "assurance.index", "assurance", Permission.READ),
    ("Experience", "experience.index", "experience", Permission.READ),
    ("Recovery", "recovery.index", "recovery", Permission.READ),
    ("Monitoring", "monitoring.index", "monitoring", Permission.READ),
    ("Sharing", "sharing.index", "sharing", Permission.READ),
    ("Reviews", "reviews.index", "reviews", Permission.READ),
    ("Services", "services.index", "services", Permission.READ),
    ("Framework", "framework.index", "framework", Permission.READ),
    ("Records", "records.index", "records", Permission.READ),
    ("Imports", "imports.index", "imports", Permission.IMPORT),
    ("Deliveries", "reminders.index", "reminders", Permission.READ),
    ("Audit log", "audit_log.index", "audit_log", Permission.READ_AUDIT_LOG),
    ("Settings", "accounts.settings", "accounts", Permission.READ),
)


# The same outside any organisation: what is the person's own.
_OWN = (
    ("Start page", "home.index", "home"),
    ("My sign-in", "own_sign_in.show", "own_sign_in"),
    ("Where you are signed in", "sessions.index", "sessions"),
)


def navigation(actor: Actor | None) -> Sequence[Entry]:
    """The entries that the person may open, the present one marked; outside any organisation, the
    way back to it and what is their own."""
    here = _BELOW.get(request.blueprint, request.blueprint)
    if actor is None:
        return [
            Entry(label, url_for(endpoint), here == blueprint)
            for label, endpoint, blueprint in _OWN
        ]
    return _menu(actor.org_slug, actor.permissions, request.root_path, here)


@lru_cache(maxsize=1024)
def _menu(
    organisation: str, permissions: frozenset[Permission], root: str, here: str | None
) -> tuple[Entry, ...]:
    """Each person of the same rights has the same one; `root` is what the addresses begin with."""
    return tuple(
        Entry(label, url_for(endpoint, org=organisation), here == blueprint)
        for label, endpoint, blueprint, permission in _MENU
        if permission in permissions
    )
