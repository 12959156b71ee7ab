"""Structured logs: one line an event, with request and organisation ids and no personal data."""

from __future__ import annotations

import structlog


def configure(*, production: bool) -> None:
    """JSON lines in production, plain lines elsewhere. Tracebacks never print variables."""
    renderer = (
        structlog.processors.JSONRenderer()
        if production
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if production else []),
            renderer,
        ],
        cache_logger_on_first_use=True,
    )
