"""What every projection of a feed's rows needs: the rows by field, and what they may point at."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import polars as pl

from careboard.vocabulary import domain_of


@dataclass(frozen=True, slots=True)
class Lookups:
    """What an organisation already holds, for rows that point at it.

    `audits`, `concerns`: frames (source_key, id, service_id, theme, domain). `indicators`: frame
    (service_id, measure, indicator_id, cadence, unit). `members`: e-mail in lower case to
    membership id.
    """

    person_key: bytes
    audits: pl.DataFrame
    concerns: pl.DataFrame
    indicators: pl.DataFrame
    members: dict[str, str]
    source_label: str = ""


class Rows:
    """Columns of a frame by name; a field that the file did not have is empty."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def has(self, name: str) -> bool:
        return name in self.frame.columns

    def text(self, *names: str) -> pl.Expr:
        """The first of these fields that the file has, empty text for nothing."""
        for name in names:
            if self.has(name):
                column = pl.col(name)
                if self.frame.schema[name] == pl.List(pl.String):
                    column = column.list.join("; ")
                return column.cast(pl.String).fill_null("")
        return pl.lit("")

    def value(self, name: str, dtype: pl.DataType) -> pl.Expr:
        return pl.col(name).cast(dtype) if self.has(name) else pl.lit(None, dtype=dtype)

    def hundredths(self, name: str) -> pl.Expr:
        return (self.value(name, pl.Float64()) * 100).round().cast(pl.Int32, strict=False)


def domain_column(rows: Rows, record: str, theme: pl.Expr) -> pl.Expr:
    themes = rows.frame.select(theme.alias("t"))["t"].unique().to_list()
    return theme.replace_strict(
        themes, [domain_of(record, text or "") for text in themes], return_dtype=pl.String
    ).alias("domain")


def person_column(rows: Rows, name: str, lookups: Lookups) -> pl.Expr:
    if not rows.has(name):
        return pl.lit("")
    people = [text for text in rows.frame[name].unique().to_list() if text]
    return (
        pl.col(name)
        .replace_strict(
            people,
            [person_ref(text, lookups.person_key) for text in people],
            default="",
            return_dtype=pl.String,
        )
        .fill_null("")
    )


def person_ref(person: str, key: bytes) -> str:
    """A keyed hash of whatever the source calls a person: the same for one organisation, and
    meaningless to all others."""
    folded = " ".join(person.casefold().split())
    return hmac.new(key, folded.encode(), hashlib.sha256).hexdigest()[:24]
