"""A board pack of 300 services, as the worker makes it: read, set, zipped, stored."""

from __future__ import annotations

import time
from datetime import date

from bench import ground
from bench.report import Report


def measure(report: Report) -> None:
    """Seconds from taking it up until its PDF and CSV files are stored."""
    from flask_migrate import upgrade

    from careboard.app import create_app
    from careboard.board_packs import making, service
    from careboard.db import db
    from careboard.tenancy import acting_for

    app = create_app()
    with app.app_context():
        upgrade()
        ground.organisation("papers", 300)
        ground.analyse(app.config["OWNER_URL"])
        with acting_for("papers") as actor:
            pack_id = service.request_pack(
                actor=actor,
                title="Board pack",
                period_from=date(2026, 10, 1),
                period_to=date(2026, 11, 20),
            )
            db.session.commit()
            began = time.perf_counter()
            making.make(actor=actor, pack_id=pack_id)
            seconds = time.perf_counter() - began
            found = db.session.execute(db.text("SELECT status FROM board_pack")).scalar_one()
            assert found == "done", found
    report.add("board pack of 300 services: seconds in the worker", seconds, most=10)
