"""A 200,000-row import against a bare COPY of the same file."""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random

import psycopg

from bench.report import Report

ROWS = 200_000


def measure(report: Report) -> None:
    """Speed as a share of COPY's, and the memory of the process that imports."""
    from flask_migrate import upgrade

    from careboard.accounts import service as accounts
    from careboard.app import create_app
    from careboard.db import db

    app = create_app()
    with app.app_context():
        upgrade()
        accounts.create_organisation(slug="loader", name="Loader", kind="provider")
        db.session.commit()
    home = Path(app.config["SETTINGS"].home)
    path = _file(home / "feedback.csv")
    _services(app)
    bare = min(_bare_copy(app, path) for _ in range(3))
    answer = subprocess.run(
        [sys.executable, "-m", "bench.importing", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, megabytes = (float(word) for word in answer.stdout.split()[-2:])
    report.add("import of 200,000 rows: speed ÷ bare COPY", bare / seconds, least=0.25)
    report.add("import of 200,000 rows: memory, MB", megabytes, most=400)


def _file(path: Path) -> Path:
    random = Random(1)
    words = ("care", "visit", "lunch", "morning", "quick", "kind", "late", "staff", "garden")
    header = ("Response", "Service", "Date", "From", "Question", "Score", "Out of", "Theme")
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow((*header, "Comment"))
        for number in range(ROWS):
            day = date(2026, 11, 19) - timedelta(days=random.randint(0, 700))
            writer.writerow(
                (
                    *(f"FB{number:07d}", f"House {number % 12}", f"{day:%d/%m/%Y}", "Person"),
                    *("Treated with respect", random.randint(1, 5), 5, "kindness"),
                    " ".join(random.choices(words, k=6)) + f" {number}",
                )
            )
    return path


def _services(app) -> None:
    from careboard.db import db, new_id
    from careboard.services.models import Service
    from careboard.tenancy import acting_for

    with app.app_context(), acting_for("loader") as actor:
        for number in range(12):
            db.session.add(
                Service(
                    org_id=actor.org_id,
                    id=new_id(),
                    source_key=f"1-1000000{number:02d}",
                    name=f"House {number}",
                )
            )
        db.session.commit()


def _bare_copy(app, path: Path) -> float:
    """COPY of the file, as it is, into a table of text columns."""
    address = app.config["OWNER_URL"].replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(address) as connection:
        connection.execute(
            "CREATE TABLE bare (a text, b text, c text, d text, e text, f text, g text, h text, "
            "i text)"
        )
        began = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy,
            path.open("rb") as source,
        ):
            while piece := source.read(1 << 20):
                copy.write(piece)
        connection.commit()
        seconds = time.perf_counter() - began
        connection.execute("DROP TABLE bare")
        connection.commit()
    return seconds


def _import(path: Path) -> None:
    """In a process of its own, as the worker does it: prints seconds and megabytes."""
    from careboard.app import create_app
    from careboard.db import db
    from careboard.imports import command_line
    from careboard.tenancy import acting_for

    app = create_app()
    with app.app_context(), acting_for("loader") as actor:
        began = time.perf_counter()
        outcome = command_line.run(actor=actor, feed="feedback", path=path)
        db.session.commit()
        seconds = time.perf_counter() - began
    assert outcome["accepted"] == ROWS, outcome["accepted"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, peak)


if __name__ == "__main__":
    _import(Path(sys.argv[1]))
