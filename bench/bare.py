"""The least that a Flask page can be: one query, and as many bytes as the page beside it."""

from __future__ import annotations

import os

from flask import Flask
from sqlalchemy import create_engine, text

from careboard import embedded
from careboard.config import Settings

app = Flask(__name__)
engine = create_engine(
    embedded.database_urls(Settings.from_environment()).app,
    connect_args={"prepare_threshold": None},
    pool_pre_ping=True,
)
BODY = "x" * int(os.environ.get("BENCH_BYTES", "1000"))


@app.get("/")
def page() -> str:
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM organisation")).scalar()
    return BODY
