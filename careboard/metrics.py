"""Every answer counted and timed: for Prometheus, whose scraper holds a token, and in the log.

No figure names an organisation; the log line carries its id, and no address beyond the endpoint.
"""

from __future__ import annotations

import hmac
import os
import time

import structlog
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from werkzeug.exceptions import NotFound

from careboard import health
from careboard.access import public

log = structlog.get_logger()
blueprint = Blueprint("metrics", __name__)

_METHODS = {"GET", "HEAD", "OPTIONS", "POST"}  # a visitor could make up any number of others
# Processes of one web server write theirs to PROMETHEUS_MULTIPROC_DIR, where that is set.
_REQUESTS = Counter(
    "careboard_requests", "Answers given.", ("endpoint", "method", "status"), registry=None
)
_SECONDS = Histogram(
    "careboard_request_seconds", "Time to answer, in seconds.", ("endpoint",), registry=None
)


def set_up(app: Flask) -> None:
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    if endpoint != "static":
        method = request.method if request.method in _METHODS else "other"
        _REQUESTS.labels(endpoint, method, str(response.status_code)).inc()
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        _SECONDS.labels(endpoint).observe(seconds)
        if current_app.config["SETTINGS"].production:
            log.info(
                "answered",
                endpoint=endpoint,
                method=request.method,
                status=response.status_code,
                ms=round(seconds * 1000),
            )
    return response


@blueprint.get("/metrics")
@public("for the platform's own scraper, which sends the token; without it there is nothing here")
def show():
    token = current_app.config["SETTINGS"].metrics_token
    sent = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise NotFound()
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(_REQUESTS)
        registry.register(_SECONDS)
    ready = Gauge("careboard_ready", "Whether a part is well.", ("part",), registry=registry)
    for part, state in health.readiness().items():
        ready.labels(part).set(state == "ok")
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
