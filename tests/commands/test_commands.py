"""The console command, on a real database."""

from __future__ import annotations

import json

import psycopg
import pytest
from click.testing import CliRunner, Result

from careboard import jobs
from careboard.cli import main


@pytest.fixture
def careboard(world, monkeypatch):
    """Runs the command against the test's own database."""
    monkeypatch.setenv("DATABASE_URL", world.app.config["SQLALCHEMY_DATABASE_URI"])
    monkeypatch.setenv("DATABASE_OWNER_URL", world.app.config["OWNER_URL"])
    monkeypatch.setenv("DATABASE_PORTAL_URL", world.app.config["SQLALCHEMY_BINDS"]["portal"])

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return run


def test_every_command_has_help(careboard):
    listed = careboard("--help").output
    for name in ("audit", "demo", "doctor", "figures", "import", "migrate", "org", "sweep"):
        assert name in listed
        assert careboard(name, "--help").exit_code == 0


def test_an_organisation_is_created_once(careboard):
    words = ("org", "create", "elm", "--name", "Elm Care", "--kind", "provider")
    assert careboard(*words).exit_code == 0
    again = careboard(*words)
    assert again.exit_code == 1 and "is taken" in again.output
    assert "elm\tprovider\tElm Care" in careboard("org", "list").output


@pytest.mark.parametrize("slug", ["Elm Care", "../elm", ""])
def test_a_short_name_must_fit_an_address(careboard, slug):
    answer = careboard("org", "create", slug, "--name", "Elm", "--kind", "provider")
    assert answer.exit_code == 1 and "Traceback" not in answer.output


def test_migrating_again_changes_nothing(careboard):
    assert careboard("migrate").exit_code == 0


def test_figures_of_an_empty_provider(careboard):
    answer = careboard("figures", "--org", "birch", "--on", "2026-11-20", "--json")
    found = json.loads(answer.stdout)
    assert found["overdue_actions"]["count"] == 0
    assert found["audit_risks_linked"]["total"] == 0


@pytest.mark.parametrize("words", [("figures", "--org", "none"), ("audit", "verify", "--org", "x")])
def test_an_unknown_organisation_is_told_plainly(careboard, words):
    answer = careboard(*words)
    assert answer.exit_code == 1 and "There is no organisation" in answer.output


def test_the_doctor_names_what_is_wrong(careboard, monkeypatch):
    # Another test may have started the run's one Valkey, which stays up.
    monkeypatch.setattr(jobs, "answers", lambda: False)
    answer = careboard("doctor")
    assert answer.exit_code == 1
    found = dict(line.split(maxsplit=1)[::-1] for line in answer.output.splitlines())
    faults = {words.partition(":")[0] for words, state in found.items() if state == "FAULT"}
    assert faults == {"queues", "tick", "mail"}


def test_the_doctor_is_content_with_redis_and_complains_of_an_owner(
    careboard, valkey, world, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", world.app.config["OWNER_URL"])
    answer = careboard("doctor")
    assert "ok     queues" in answer.output
    assert "FAULT  app role: careboard_owner owns tables" in answer.output


def test_the_doctor_complains_of_a_portal_that_signs_in_as_the_app(careboard, world, monkeypatch):
    monkeypatch.setenv("DATABASE_PORTAL_URL", world.app.config["SQLALCHEMY_DATABASE_URI"])
    assert "FAULT  portal role: careboard_app reaches account" in careboard("doctor").output


def test_the_chain_is_walked_and_a_changed_byte_is_found(careboard, database, databases):
    assert "chain intact" in careboard("audit", "verify").output
    address = databases.admin.replace("/postgres?", f"/{database}?", 1)
    with psycopg.connect(address, autocommit=True) as superuser:
        superuser.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        superuser.execute(
            "UPDATE audit_event SET payload = replace(payload, 'roles', 'rules') WHERE seq = 3"
        )
    answer = careboard("audit", "verify", "--org", "alder")
    assert answer.exit_code == 1
    assert "BROKEN at event 3" in answer.output


def test_a_printed_head_is_compared_with_the_chain(careboard, world):
    (head,) = world.sql("SELECT seq, hash FROM audit_event WHERE seq = 3")
    verify = ("audit", "verify", "--org", "alder", "--head")
    answer = careboard(*verify, f"3:{head.hash}")
    assert answer.exit_code == 0 and "event 3: the same hash" in answer.output
    for other in (f"2:{head.hash}", f"3:{'0' * 64}", f"999999:{head.hash}"):
        answer = careboard(*verify, other)
        assert answer.exit_code == 1 and "ANOTHER HASH" in answer.output
    for wrong in ("3", ":x", "x:y", "9" * 25 + ":x"):
        assert "EVENT:HASH" in careboard(*verify, wrong).output


def test_the_embedded_services_are_refused_in_production(monkeypatch):
    from careboard.config import ConfigurationError, Settings

    monkeypatch.setenv("CAREBOARD_ENV", "production")
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Settings.from_environment()


def test_the_first_administrator_is_invited_and_a_lost_second_factor_reset(careboard, world):
    words = ("person", "invite", "una@alder.example", "--org", "alder", "--name", "Una New")
    assert careboard(*words).exit_code == 0
    again = careboard(*words)
    assert again.exit_code == 1 and "a member already" in again.output
    assert world.sql("SELECT roles FROM membership WHERE name = 'Una New'")[0].roles == [
        "administrator"
    ]
    assert careboard("person", "reset-second-factor", "rita@alder.example").exit_code == 0
    assert "account:second_factor_reset" in {
        row.tag for row in world.sql("SELECT tag FROM audit_event")
    }
    assert careboard("person", "reset-second-factor", "nobody@alder.example").exit_code == 1


def test_the_operator_confirms_a_commissioners_domain_and_takes_it_back(careboard, world):
    def run(*words):
        return careboard("commissioner", *words)

    one, other = "northshire.example", "nhs.example"
    assert (
        run("confirm", "northshire", "--domain", " @Nhs.Example", "--how", "Rang.").exit_code == 0
    )
    assert f"{other}\t2026-11-20\tRang." in run("list").output
    assert run("end", "northshire", "--domain", other).exit_code == 0
    assert other not in run("list").output
    assert run("end", "northshire", "--domain", one).exit_code == 0
    assert "NOT CONFIRMED" in run("list").output
    assert run("end", "northshire", "--domain", one).exit_code == 1
    events = "SELECT tag FROM audit_event WHERE tag LIKE 'commissioner:%' ORDER BY seq"
    tags = [row.tag.partition(":")[2] for row in world.sql(events, "northshire")]
    assert tags == ["domain_confirmed"] * 2 + ["domain_ended"] * 2
