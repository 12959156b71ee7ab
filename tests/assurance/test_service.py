"""Claims from hand to hand, and every refusal on the way. Steps S0-3.1 and S0-3.2."""

from __future__ import annotations

from tests.assurance.making import add_rows, make_claim, make_return, state, validate


def test_the_main_path(world):
    add_rows(world)
    claim_id, risk_id = make_return(world)
    assert state(world, claim_id).status == "submitted"
    validate(world, claim_id)
    row = state(world, claim_id)
    assert (row.status, row.outcome, row.unsupported, row.risk_id) == (
        "validated", "proves", False, risk_id
    )  # fmt: skip
