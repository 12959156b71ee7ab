"""Where the board counts what a rule also fires on, both speak of the same rows."""

from __future__ import annotations

import pytest

from careboard import figures, tenancy
from careboard.accounts import service as accounts
from careboard.db import db
from careboard.demo import seed
from careboard.demo.people import ORGANISATIONS
from careboard.rules import queries

# The figure, and the rule whose rows (of these kinds) are those that it counts.
SAME = {
    "overdue_actions": ("actions_overdue", {"action"}),
    "evidence_missing": ("evidence_missing", {"action", "risk"}),
    "ratings_stale": ("rating_stale", {"risk"}),
    "greens_untested": ("green_untested", {"risk"}),
    "ratings_disputed": ("rating_disputed", {"risk"}),
    "ratings_review_needed": ("evidence_changed", {"risk"}),
    "ratings_not_sustained": ("not_sustained", {"risk"}),
    "actions_without_improvement": ("no_improvement", {"action"}),
    "claims_unsupported": ("unsupported_assurance", {"claim"}),
}
# These count states of affairs, not rows.
SAME_COUNT = {
    "audit_weakness_repeated": "repeated_weakness",
    "experience_unanswered": "no_response",
}


@pytest.mark.timeout(240)
def test_the_board_and_the_rules_do_not_disagree(world, monkeypatch):
    monkeypatch.setattr(
        seed, "ORGANISATIONS", [one for one in ORGANISATIONS if one[2] == "provider"]
    )
    _reader()
    seed.fill()
    seen = set()
    for slug in ("oakfield", "brightwater"):
        with tenancy.acting_for(slug) as actor:
            found = queries.evaluation(actor=actor, on=actor.today)
            fired = {
                answer.rule.code: [one for one in answer.findings if one.outcome == "fires"]
                for answer in found.answers
            }
            counts = figures.counts(actor=actor, on=actor.today)
            for code, (rule, kinds) in SAME.items():
                rows = {row.id for one in fired[rule] for row in one.rows if row.kind in kinds}
                counted = figures.compute(
                    actor=actor, code=code, on=actor.today, everything=False, page_rows=None
                ).rows
                assert rows == {row.id for row in counted}, code
                seen |= {code} if rows else set()
            for code, rule in SAME_COUNT.items():
                assert len(fired[rule]) == counts[code].numerator, code
                seen |= {code} if fired[rule] else set()
    assert seen == SAME.keys() | SAME_COUNT.keys()  # the demo has each


def _reader() -> None:
    """The demo's reader, in the commissioner that the world has already."""
    email = "nadia@northshire.example"
    with tenancy.acting_for("northshire") as actor:
        account_id = accounts.ensure_account(email=email, name="Nadia Iqbal")
        accounts.add_member(
            actor=actor, account_id=account_id, name="Nadia Iqbal", email=email,
            roles=["commissioner_reader"],
        )  # fmt: skip
        db.session.commit()
