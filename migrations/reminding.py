"""What reminders may follow, and for whom they are raised, changed one part at a time.

Each migration adds its own to what the database says at that moment, so that none has to repeat
what others added before it.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

_WORK = "app.organisations_with_due_work(date, date, timestamptz, date, text[], date[])"
# The alternative that new ones are put before.
_BEFORE = "    OR EXISTS (SELECT FROM rating_dispute d "


def more_rules(*codes: str) -> None:
    """Let reminders follow these rules too."""
    _follow([*_followed(), *codes])


def fewer_rules(*codes: str) -> None:
    """Let no new reminder follow these rules; those that were raised stay."""
    _follow([code for code in _followed() if code not in codes], unchecked=True)


def more_work(condition: str) -> None:
    """Raise reminders for an organisation `o` too where `condition`, SQL, holds."""
    _work(_BEFORE, f"    OR {condition}\n{_BEFORE}")


def less_work(condition: str) -> None:
    """Undo `more_work`."""
    _work(f"    OR {condition}\n", "")


def _followed() -> list[str]:
    rule = op.get_bind().scalar(
        sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"),
        {"name": "ck_reminder_rule"},
    )
    return re.findall(r"'(\w+)'", rule)


def _follow(codes: list[str], *, unchecked: bool = False) -> None:
    words = ", ".join(f"'{code}'" for code in codes)
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    op.execute(
        f"ALTER TABLE reminder ADD CONSTRAINT ck_reminder_rule CHECK (rule IN ({words}))"
        + (" NOT VALID" if unchecked else "")
    )


def _work(old: str, new: str) -> None:
    found = op.get_bind().scalar(
        sa.text("SELECT pg_get_functiondef(CAST(:name AS regprocedure))"), {"name": _WORK}
    )
    if found.count(old) != 1:
        raise RuntimeError("app.organisations_with_due_work is not as this migration expects it.")
    op.execute(sa.text(found.replace(old, new).replace(":", r"\:")))
