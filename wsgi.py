"""The web process: `granian --interface wsgi wsgi:app`."""

from careboard.app import create_app

app = create_app()
