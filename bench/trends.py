"""The trends of every indicator of a large provider, worked out anew."""

from __future__ import annotations

import random
import time

from bench.report import Report

SERVICES, INDICATORS, READINGS = 300, 10, 104


def measure(report: Report) -> None:
    """Microseconds a reading, with limits, special causes, band and sentence."""
    from careboard.trend import judge

    source = random.Random(7)
    series = [[source.gauss(92, 3) for _ in range(READINGS)] for _ in range(SERVICES * INDICATORS)]
    began = time.perf_counter()
    for values in series:
        judge(values, improvement="increase", unit="%", targets=95.0, rebase_at=(52,))
    seconds = time.perf_counter() - began
    report.add("trends: µs a reading, 300 services × 10 indicators × 104",
               1e6 * seconds / (len(series) * READINGS), most=20)  # fmt: skip
