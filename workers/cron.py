"""The clock: `python -m workers.cron`, exactly one of them.

It only ticks: every 30 seconds (CAREBOARD_TICK_SECONDS) it rings for one `tick`, unless the last
one still waits. Rows decide what is due, so a missed tick costs nothing and two clocks do no harm.
The heartbeat is written by the tick itself: it tells that clock, Redis, worker and database all
work, which is what an alarm wants to know.
"""

from __future__ import annotations

import os
import time

import redis
import structlog

from careboard import embedded, jobs
from careboard.config import Settings

log = structlog.get_logger()


def main() -> None:
    """Tick until stopped."""
    jobs.configure(embedded.redis_url(Settings.from_environment()))
    seconds = float(os.environ.get("CAREBOARD_TICK_SECONDS", "30"))
    while True:
        tick()
        time.sleep(seconds)


def tick() -> bool:
    """Ring once; False when Redis is away."""
    try:
        if jobs.waiting("ticks"):
            return True
    except redis.RedisError as error:
        log.warning("Redis is away; ticks wait", error=str(error))
        return False
    return jobs.ring("ticks", "workers.ticks.tick")


if __name__ == "__main__":
    main()
