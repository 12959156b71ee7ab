"""Packs for the portal's tests: each says something else, as packs of one subject must."""

from __future__ import annotations

import itertools
from dataclasses import replace

import careboard.packs.board_source  # noqa: F401  (registers itself)
from careboard.packs import sources
from tests.packs import published
from tests.packs.contents import example


def changing_board(monkeypatch) -> None:
    """Make the extract of the board a recovery update with the next number, each time."""
    published.plain_board(monkeypatch)
    numbers = itertools.count(1)

    def draft(*, actor, subject_id):
        return example(kind="board", title=f"Recovery update {next(numbers)}")

    monkeypatch.setitem(sources._sources, "board", replace(sources.of("board"), draft=draft))
