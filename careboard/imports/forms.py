"""Forms of the imports feature."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import InputRequired

from careboard.errors import Invalid
from careboard.form_fields import Line
from careboard.imports.errors import MAX_BYTES
from careboard.imports.feeds import FEEDS
from careboard.imports.words import FEED_ORDER
from careboard.uploads import clean_name

EXTENSIONS = ("csv", "txt", "tsv", "xlsx", "ods")
ACCEPT = ",".join(f".{extension}" for extension in EXTENSIONS)


class NewImportForm(FlaskForm):
    """What is in the file, where it comes from, and the file."""

    feed = SelectField(
        "What the file holds",
        [InputRequired("Choose what the file holds.")],
        choices={"": "Choose a feed"} | {name: FEEDS[name].label for name in FEED_ORDER},
    )
    source = Line(
        "System that it comes from",
        "Name the system that the file comes from.",
        most=80,
        description="CareBoard remembers how to read the files of each system, for example "
        "“Audit app” or “Complaints spreadsheet”.",
    )
    file = FileField(
        "File",
        description=f"{', '.join(EXTENSIONS[:-1])} or {EXTENSIONS[-1]}, at most "
        f"{MAX_BYTES // 1024**2} MB.",
    )

    def given(self) -> dict[str, Any]:
        """What service.receive wants. Raises Invalid, on `file`, when it is not to be taken."""
        part = self.file.data
        if part is None or not getattr(part, "filename", ""):
            raise Invalid("Choose the file.", "file")
        name = clean_name(part.filename)
        if name.rpartition(".")[2].lower() not in EXTENSIONS:
            kinds = f"{', '.join(EXTENSIONS[:-1])} or {EXTENSIONS[-1]}"
            raise Invalid(f"“{name}” is not a table. Send it as {kinds}.", "file")
        return {
            "feed": self.feed.data,
            "source": self.source.data,
            "file_name": name,
            "content": part.read(),
        }
