"""The password proved again gives another token; what else ends sessions elsewhere."""

from __future__ import annotations

from tests.worlds import PASSWORD


def _token(client) -> str:
    with client.session_transaction() as session:
        return session["_user_id"]


def test_proving_the_password_again_changes_the_token(world):
    client = world.client("rita")
    before = _token(client)
    copied = client.get_cookie("careboard").value
    client.post("/my-sign-in/authenticator", data={"password": "not the password at all"})
    assert _token(client) == before
    assert client.post("/my-sign-in/authenticator", data={"password": PASSWORD}).status_code == 200
    assert _token(client) != before
    assert client.get("/my-sign-in/").status_code == 200
    thief = world.client()
    thief.set_cookie("careboard", copied)
    assert thief.get("/my-sign-in/").status_code == 302


def test_a_changed_factor_signs_out_elsewhere(world):
    here, elsewhere = world.client("rita"), world.client("rita")
    other = world.client("bob")
    assert elsewhere.get("/my-sign-in/").status_code == 200
    answer = here.post("/my-sign-in/recovery-codes", data={"password": PASSWORD})
    assert answer.status_code == 200
    assert elsewhere.get("/my-sign-in/").status_code == 302
    assert here.get("/my-sign-in/").status_code == 200
    assert other.get("/my-sign-in/").status_code == 200


def test_an_administrator_signs_somebody_out_everywhere(world):
    adam, rita, bob = world.client("adam"), world.client("rita"), world.client("bob")
    member = world.actor("rita").membership_id
    address = f"/o/alder/accounts/people/{member}/sign-out"
    assert bob.post(address).status_code == 403
    assert world.client("charlie").post(address).status_code == 404
    assert rita.get("/my-sign-in/").status_code == 200
    assert adam.post(address).status_code == 303
    assert rita.get("/my-sign-in/").status_code == 302
    assert bob.get("/my-sign-in/").status_code == 200
    tags = {row.tag for row in world.sql("SELECT tag FROM audit_event")}
    assert "member:signed_out" in tags
