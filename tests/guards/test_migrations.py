"""Migrations are numbered, one after the other, and agree with the models."""

from __future__ import annotations

import re

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text

from careboard.config import ROOT
from careboard.db import Base

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


def test_they_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in VERSIONS] == list(range(1, len(VERSIONS) + 1))


def test_the_file_is_named_after_its_revision():
    for path in VERSIONS:
        (revision,) = re.findall(r'^revision = "(.+)"$', path.read_text(), re.M)
        assert revision == path.stem


def test_there_is_one_head_and_it_is_pinned():
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert head == (ROOT / "migrations" / ".current-head").read_text().strip()


def test_models_and_database_agree(world):
    engine = create_engine(world.app.config["OWNER_URL"])
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        known = {"audit_event", "audit_head", "alembic_version"}
        different = [
            change
            for change in compare_metadata(context, Base.metadata)
            if getattr(change[1], "name", None) not in known
            and getattr(getattr(change[1], "table", None), "name", None) not in known
        ]
    engine.dispose()
    assert different == []


def test_up_down_up(app, databases):
    with databases.copy_for(app), app.app_context():
        downgrade(revision="base")
        upgrade()
        engine = create_engine(app.config["OWNER_URL"])
        with engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        engine.dispose()
        assert version == VERSIONS[-1].stem
