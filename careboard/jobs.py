"""The doorbell: work is rows in PostgreSQL; Redis only says that there is some.

Enqueued after commit, with ids only, organisation first. A lost ring is healed by the next tick.
Source: DESIGN section 6; docs/decisions/0003.
"""

from __future__ import annotations

from uuid import UUID

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from careboard import clock
from careboard.db import db

QUEUES = ("mail", "packs", "imports", "ticks")
_RINGS = "rings"
_client: redis.Redis | None = None
log = structlog.get_logger()


def configure(url: str) -> None:
    """Use the Redis at that address. Connects only when first used.

    A page must not wait for a Redis that is away, so nothing is tried twice.
    """
    global _client
    _client = redis.Redis.from_url(
        url, socket_connect_timeout=1, socket_timeout=5, retry=Retry(NoBackoff(), 0)
    )


def client() -> redis.Redis:
    if _client is None:
        raise RuntimeError("jobs.configure has not been called.")
    return _client


def answers() -> bool:
    """Whether the Redis that work is rung on can be reached."""
    try:
        return bool(client().ping())
    except redis.RedisError:
        return False


def enqueue_after_commit(queue: str, job: str, *args: str) -> None:
    """Ring for `job` (dotted path in workers) once the present transaction has committed."""
    assert queue in QUEUES, queue
    session = db.session()
    if not session.in_transaction():
        session.begin()
    session.info.setdefault(_RINGS, []).append((queue, job, args))


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for queue, job, args in dict.fromkeys(session.info.pop(_RINGS, [])):
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


def waiting(queue: str) -> int:
    """How many jobs wait in that queue. Raises redis.RedisError when Redis cannot be reached."""
    return Queue(queue, connection=client(), serializer=JSONSerializer).count


_BEAT = text(
    "INSERT INTO heartbeat (name, beat_at) VALUES (:name, :at) "
    "ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at"
)
_WAITING_IMPORTS = text("SELECT org_id, id FROM app.waiting_imports()")
_WAITING_PACKS = text("SELECT org_id, id FROM app.waiting_packs()")


def beat(name: str) -> None:
    """Note that a periodic process has just done its round, and commit."""
    db.session.execute(_BEAT, {"name": name, "at": clock.utc_now()})
    db.session.commit()


def waiting_imports() -> list[tuple[UUID, UUID]]:
    """Organisation and batch of every import that nobody has begun."""
    return [(row.org_id, row.id) for row in db.session.execute(_WAITING_IMPORTS)]


def waiting_packs() -> list[tuple[UUID, UUID]]:
    """Organisation and id of every board pack that nobody has begun, or whose worker is gone."""
    return [(row.org_id, row.id) for row in db.session.execute(_WAITING_PACKS)]
