"""A letter's HTML shown inside a page: sandboxed, without scripts, its one style block by hash."""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Response, make_response

from careboard.headers import POLICY

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
# Links may lead out of the frame, to the action that the letter speaks of.
_SANDBOX = "sandbox allow-top-navigation-by-user-activation"


def framed(html: str) -> Response:
    """The letter's HTML as a document that only this site may frame."""
    hashes = " ".join(f"'sha256-{_hash(style)}'" for style in _STYLE.findall(html))
    response = make_response(_HEAD.sub(r'\g<0><base target="_top">', html, count=1))
    response.headers["Content-Security-Policy"] = (
        f"{_SANDBOX}; default-src 'none'; img-src data:; style-src {hashes or repr('none')}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
    return response


def framing(page: Response) -> Response:
    """Let this page hold such a frame."""
    page.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return page


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.replace("\r\n", "\n").encode()).digest()
    return base64.b64encode(digest).decode()
