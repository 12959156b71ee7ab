"""A worker: `python -m workers.run [QUEUE …]`, all queues when none is named.

It outlives a Redis that is away, at its start or later, and takes up work when Redis is back.
A long import holds up what the same process serves, so a site of any size runs one worker for
`mail packs ticks` and another for `imports`.
"""

from __future__ import annotations

import logging
import sys
import time

import redis
import structlog
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

from careboard import embedded
from careboard.jobs import QUEUES
from workers.context import application

RETRY_SECONDS = 2.0
log = structlog.get_logger()


class Worker(SimpleWorker):
    """Runs jobs in its own process, so that killing it leaves no job running on."""

    max_connection_wait_time = 5.0
    stopping = False

    def request_stop(self, signum, frame):
        self.stopping = True
        super().request_stop(signum, frame)


def main(queues: list[str]) -> None:
    """Serve the queues until asked to stop."""
    unknown = set(queues) - set(QUEUES)
    if unknown:
        raise SystemExit(f"There is no queue {', '.join(sorted(unknown))}.")
    app = application()
    configure_mappers()
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    url = embedded.redis_url(app.config["SETTINGS"])
    while not serve(url, queues or list(QUEUES)):
        log.warning("Redis is away; work waits", retry_seconds=RETRY_SECONDS)
        time.sleep(RETRY_SECONDS)


def serve(url: str, queues: list[str]) -> bool:
    """Work until asked to stop (True) or until Redis goes away (False)."""
    connection = redis.Redis.from_url(url, socket_connect_timeout=2)
    try:
        connection.ping()
        worker = Worker(queues, connection=connection, serializer=JSONSerializer)
        worker.work(logging_level="WARNING")
    except redis.RedisError:
        return False
    finally:
        connection.close()
    return worker.stopping


if __name__ == "__main__":
    main(sys.argv[1:])
