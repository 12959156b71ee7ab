"""The `careboard` console command. Each command lives in `careboard/commands/`."""

from __future__ import annotations

from importlib import import_module

import click

# Loaded when asked for: `careboard --help` should not wait for the web stack.
COMMANDS = {
    "audit": "Walk the audit chain.",
    "backup": "Copy the database, the files and the heads to a folder.",
    "commissioner": "Confirm which domains are a commissioner's own.",
    "demo": "Serve the demo: web, worker, cron and a mail catcher.",
    "doctor": "Check roles, row-level security, queues, storage and mail.",
    "figures": "Print an organisation's figures.",
    "import": "Load a file into a feed.",
    "migrate": "Bring the database to the newest version.",
    "org": "Create and list organisations.",
    "person": "Invite a person, help one who is locked out, tell or take away account data.",
    "reseal": "Seal second factors again, once SECRET_KEY was turned.",
    "restore": "Bring a backup back into an empty place, and verify it.",
    "rules": "Print what the rules say of an organisation on a day.",
    "sweep": "Run one sweep now.",
}


class Commands(click.Group):
    """Finds `careboard X` in `careboard/commands/X.py` (`import` in `import_.py`)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = "import_" if name == "import" else name
        return import_module(f"careboard.commands.{module}").command


@click.group(cls=Commands)
def main() -> None:
    """CareBoard: a risk board that can be defended."""
