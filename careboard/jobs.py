"""The doorbell: work is rows in PostgreSQL; Redis only says that there is some.

Enqueued after commit, with ids only, organisation first. A lost ring is healed by the next tick.
Source: DESIGN section 6; docs/decisions/0003.
"""

from __future__ import annotations

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from careboard.db import db

QUEUES = ("mail", "imports", "ticks")
_RINGS = "rings"
_client: redis.Redis | None = None
log = structlog.get_logger()


def configure(url: str) -> None:
    """Use the Redis at that address. Connects only when first used."""
    global _client
    _client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5)


def client() -> redis.Redis:
    if _client is None:
        raise RuntimeError("jobs.configure has not been called.")
    return _client


def enqueue_after_commit(queue: str, job: str, *args: str) -> None:
    """Ring for `job` (dotted path in workers) once the present transaction has committed."""
    assert queue in QUEUES, queue
    db.session().info.setdefault(_RINGS, []).append((queue, job, args))


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    for queue, job, args in session.info.pop(_RINGS, []):
        ring(queue, job, *args)


@event.listens_for(Session, "after_soft_rollback")
def _drop(session: Session, previous_transaction) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_RINGS, None)


def ring(queue: str, job: str, *args: str) -> bool:
    """Enqueue now. False when Redis cannot be reached; the tick will find the rows."""
    try:
        Queue(queue, connection=client(), serializer=JSONSerializer).enqueue(
            job, *args, result_ttl=60, failure_ttl=86400, job_timeout=1800
        )
    except redis.RedisError as error:
        log.warning("doorbell not answered", queue=queue, job=job, error=str(error))
        return False
    return True
