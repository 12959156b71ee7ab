"""Files handed out: to be saved, never shown or run by the browser.

Source: DESIGN section 9, bad input: a polyglot fools every sniffer, so nothing is sniffed.
"""

from __future__ import annotations

import io
from typing import IO

from flask import Response, send_file


def attachment(content: bytes | IO[bytes], file_name: str) -> Response:
    """An answer that saves the content (bytes, or a file open at its beginning) under that name."""
    response = send_file(
        io.BytesIO(content) if isinstance(content, bytes) else content,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=file_name,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
