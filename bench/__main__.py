"""`make bench`: build the data, measure, print the table."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from bench.report import Report


def main() -> int:
    """Run the measurements named on the command line (all by default); 0 if every target is met."""
    home = Path(tempfile.mkdtemp(prefix="careboard-bench-"))
    os.environ.update(
        CAREBOARD_HOME=str(home),
        CAREBOARD_ENV="bench",
        CAREBOARD_TODAY="2026-11-20",
        SECRET_KEY="only-for-the-bench-" + "x" * 32,
    )
    from bench import board, importing, packs, recovery, reminding, ruling, trends, updating

    wanted = sys.argv[1:] or [
        "board",
        "recovery",
        "import",
        "reminders",
        "rules",
        "updates",
        "packs",
        "trends",
    ]
    report = Report()
    try:
        if "board" in wanted:
            board.measure(report)
        if "recovery" in wanted:
            recovery.measure(report)
        if "import" in wanted:
            importing.measure(report)
        if "reminders" in wanted:
            reminding.measure(report)
        if "rules" in wanted:
            ruling.measure(report)
        if "updates" in wanted:
            updating.measure(report)
        if "packs" in wanted:
            packs.measure(report)
        if "trends" in wanted:
            trends.measure(report)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(report)
    return 0 if report.all_met else 1


if __name__ == "__main__":
    sys.exit(main())
