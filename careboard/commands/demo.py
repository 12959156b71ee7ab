"""`careboard demo`: everything on one machine, stopped by Ctrl-C."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click

from careboard import embedded
from careboard.commands import application
from careboard.config import Settings


@click.command("demo")
@click.option("--seed-only", is_flag=True, help="Prepare the sample organisations, then stop.")
def command(seed_only: bool) -> None:
    """Serve the demo: web, worker, cron and a mail catcher."""
    settings = Settings.from_environment()
    if settings.production:
        raise click.ClickException("The demo does not run in production.")
    os.environ["CAREBOARD_DEMO"] = "1"
    mail_port = _free_port()
    os.environ.setdefault("MAIL_URL", f"smtp://127.0.0.1:{mail_port}")
    password = _password(settings.home)
    _own_the_database(settings)
    processes = [] if settings.redis_url else [embedded.start_valkey(settings.home)]
    try:
        _prepare(password)
        if not seed_only:
            _serve(settings, processes, password, mail_port)
    finally:
        _stop([process for process in processes if process is not None])


def _free_port() -> int:
    """A port of this machine that nobody listens on, so that two demos can run side by side."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _own_the_database(settings: Settings) -> None:
    """Only this process holds the embedded server, so that it stops when this process does."""
    urls = embedded.database_urls(settings)
    os.environ.update(
        DATABASE_URL=urls.app, DATABASE_OWNER_URL=urls.owner, DATABASE_PORTAL_URL=urls.portal
    )


def _password(home: Path) -> str:
    """CAREBOARD_DEMO_PASSWORD, or one made at the first start and kept."""
    given = os.environ.get("CAREBOARD_DEMO_PASSWORD")
    if given:
        return given
    kept = home / "demo_password"
    if not kept.exists():
        home.mkdir(parents=True, exist_ok=True)
        kept.write_text(f"care-{secrets.token_hex(4)}-board")
    return kept.read_text()


def _prepare(password: str) -> None:
    from careboard.commands.migrate import bring_up_to_date
    from careboard.demo import seed

    with application():
        bring_up_to_date()
        if seed.is_empty():
            click.echo("Making two providers with a year of history; this takes a moment …")
            seed.fill()
        seed.set_passwords(password)


def _serve(settings: Settings, processes: list, password: str, mail_port: int) -> None:
    from careboard.demo.people import SIGN_INS

    python, tail = sys.executable, {"start_new_session": True}
    processes += [
        subprocess.Popen(
            [python, "-m", "careboard.mail_catcher", "--port", str(mail_port)], **tail
        ),
        subprocess.Popen([python, "-m", "workers.run"], **tail),
        subprocess.Popen([python, "-m", "workers.cron"], **tail),
        subprocess.Popen(
            [
                *(python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(settings.port), "--workers", "2", "--blocking-threads", "8"),
                *("--no-ws", "--log-level", "error", "wsgi:app"),
            ],
            **tail,
        ),
    ]
    click.echo(f"\nCareBoard: http://127.0.0.1:{settings.port}\nPassword for all: {password}\n")
    for email, what in SIGN_INS:
        click.echo(f"  {email:<28} {what}")
    click.echo(f"\nMail it sends: http://127.0.0.1:{settings.port}/demo/mail\nCtrl-C stops it.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(process.poll() is None for process in processes if process is not None):
            time.sleep(0.5)
        raise click.ClickException("A process of the demo ended; see its message above.")
    except (KeyboardInterrupt, SystemExit):
        click.echo("\nStopping.")


def _stop(processes: list[subprocess.Popen]) -> None:
    for process in reversed(processes):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
