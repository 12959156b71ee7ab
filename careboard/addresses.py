"""Addresses of pages: most of what a page links to is the same on every page of an organisation."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, g, has_request_context, request

_MOST_KEPT = 4096


class Application(Flask):
    """Flask, which builds an address without values, such as those of the menu, only once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._same_everywhere = lru_cache(maxsize=_MOST_KEPT)(self._build)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none here is a coroutine, so none is looked at, call after call."""
        return func

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """As Flask's: without values it depends on nothing but what stands in the key."""
        given = {name: value for name, value in values.items() if value is not None}
        filename = given.pop("filename", None) if endpoint == "static" else None
        if given or endpoint.startswith(".") or not has_request_context():
            return super().url_for(endpoint, **values)
        actor = g.get("actor")
        organisation = actor.org_slug if actor else None
        return self._same_everywhere(endpoint, organisation, request.root_path, filename)

    def _build(
        self, endpoint: str, organisation: str | None, root: str, filename: str | None
    ) -> str:
        values = {} if filename is None else {"filename": filename}
        return super().url_for(endpoint, **values)
