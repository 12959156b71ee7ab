"""Control charts on a page of their own, with the numbers of a service over a year and a half.

python -m tests.front_end.charts PORT
"""

from __future__ import annotations

import datetime as dt
import sys

from flask import Flask, render_template

from careboard.control_chart import ControlChart, Mark, control_chart
from tests.front_end.kitchen_sink import FRAME, LONG_NAME, make_app

MEDICINES = [
    93.4, 92.8, 94.1, 91.9, 93.2, 92.5, 90.8, 93.9, 92.2, 91.4, 93.7, 92.9, 91.1, 88.2, 92.6, 93.1,
    92.0, 93.4, 91.7, 92.8, 93.0, 92.4, 93.6, 91.9, 93.3, 92.7,
    96.2, 97.1, 96.8, 97.4, 96.1, 97.9, 97.2, 98.1, 97.6, 98.3, 98.6, 98.9, 99.2, 98.4, 99.0, 98.7,
]  # fmt: skip
STARTED = dt.date(2026, 2, 2)


def weeks(count: int, start: dt.date = STARTED, step: int = 7) -> list[dt.date]:
    return [start + dt.timedelta(days=step * n) for n in range(count)]


def one(key: str, name: str, values: list[float | None], **options) -> ControlChart:
    given = {"improvement": "increase", "unit": "%", "days": weeks(len(values)), **options}
    return control_chart(key=key, name=name, values=values, **given)


MARKS = [
    Mark(dt.date(2026, 8, 3), "rebase", "Electronic records on both floors"),
    Mark(dt.date(2026, 7, 6), "action", "ACT-0012: second checker at the evening round", "#act-12"),
    Mark(dt.date(2026, 7, 8), "action", "ACT-0015: competency checks for five seniors", "#act-15"),
    Mark(dt.date(2026, 10, 1), "action", f"ACT-0031: {LONG_NAME}"),
]
CHARTS = [
    one("medicines", "Medicines compliance", MEDICINES, marks=MARKS,
        targets=[95.0] * 20 + [98.0] * 22),
    one("missed", "Missed visits a month", [4, 6, 3, 5, 4, 7, 5, 4, 6, 3, 5, 4, 5, 21, 6, 4],
        improvement="decrease", unit="visits", period="month", targets=2.0,
        days=weeks(16, dt.date(2025, 7, 1), 30)),
    one("gaps", "Care reviews on time",
        [None, 80, 82, None, 79, *[81, 84, 80, 83, 79, 82] * 2, None], targets=95.0),
    one("short", "Positive answers on timely support", [74, 78, 76, 83], targets=85.0),
    one("constant", "Supervision held", [100.0] * 14, targets=95.0),
    one("neutral", "Safeguarding concerns a month", [2, 3, 2, 4, 2, 3, 2, 3, 2, 3, 4, 2, 14],
        improvement="neutral", unit="", period="month",
        days=weeks(13, dt.date(2025, 10, 1), 30)),
    one("empty", LONG_NAME, []),
]  # fmt: skip


def make_charts() -> Flask:
    """The kitchen sink's application with a page of charts and one that is swapped in."""
    app = make_app()
    app.add_url_rule(
        "/charts", "charts", lambda: render_template("charts_sample.html", charts=CHARTS, **FRAME)
    )
    app.add_url_rule(
        "/chart-swapped",
        "chart_swapped",
        lambda: render_template("chart_swapped.html", chart=one("swapped", "Swapped", MEDICINES)),
    )
    return app


if __name__ == "__main__":
    make_charts().run(port=int(sys.argv[1]))
