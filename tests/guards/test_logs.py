"""What a fault leaves in the log names nobody."""

from __future__ import annotations

import pytest
import structlog
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from careboard import logs
from careboard.db import db


@pytest.mark.parametrize("production", [False, True])
def test_a_refused_row_is_not_logged(world, capsys, production):
    with world.acting("alice") as alice:
        engine = create_engine(world.app.config["SQLALCHEMY_DATABASE_URI"], **db._engine_options)
        with engine.connect() as connection, pytest.raises(IntegrityError) as caught:
            connection.exec_driver_sql(f"SET app.org = '{alice.org_id}'")
            connection.exec_driver_sql(
                "INSERT INTO service (org_id, id, name, kind) "
                "VALUES (%(org)s, gen_random_uuid(), %(name)s, 'castle')",
                {"org": alice.org_id, "name": "Mrs Secret’s house"},
            )
        engine.dispose()
    structlog.reset_defaults()
    logs.configure(production=production)
    structlog.get_logger().error("request failed", exc_info=caught.value)
    said = capsys.readouterr().out
    assert "ck_service_kind" in said and "Secret" not in said
