"""A whole column at a time: from text to typed values, errors and warnings.

Dates, numbers and codes repeat, so careful Python runs once for each distinct value and the
results are joined back; identifiers and free text hardly repeat, so they are told by expressions.

Rule source: domain/data-shapes.md 6.3; codes and warnings in the words of expected.json.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from careboard.imports import cleaning, privacy
from careboard.imports.cleaning import Cell
from careboard.imports.feeds import Field

_SPACES = (
    " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u200b\u202f\u3000\ufeff"
)
_DAY_FIRST = r"^\s*\d{1,2}[/.\-]\d{1,2}[/.\-](\d{4}|\d{2})(\D|$)"
_BOTH_TO_12 = r"^\s*(0?[1-9]|1[0-2])[/.\-](0?[1-9]|1[0-2])[/.\-](\d{4}|\d{2})(\D|$)"
_TEXT_KINDS = {"text", "free_text", "person", "list", "id", "ref"}


@dataclass(slots=True)
class Column:
    """A converted column: `values` typed; `error` rejection codes or null; `warnings` by code as
    masks; `maximum` where a number cell told it; `pii` kinds by position in the column."""

    values: pl.Series
    error: pl.Series | None = None
    warnings: dict[str, pl.Series] = field(default_factory=dict)
    maximum: pl.Series | None = None
    pii: dict[int, list[str]] = field(default_factory=dict)


def strip(cells: pl.Series) -> pl.Series:
    """Return cells without the spaces around them, of whatever kind."""
    return cells.str.strip_chars(_SPACES)


def without_placeholders(cells: pl.Series) -> pl.Series:
    """Return stripped cells with `N/A`, `-`, `NULL` and the like made null."""
    short = cells.str.len_bytes() <= 14
    lower = cells.str.to_lowercase()
    empty = short & lower.is_in(list(cleaning.PLACEHOLDERS))
    return pl.select(pl.when(~empty).then(cells)).to_series().alias(cells.name)


def convert(cells: pl.Series, item: Field, codes: Callable[[str], Cell] | None) -> Column:
    """Return the Column of stripped cells (null where empty) for a field of any kind but service.

    `codes` tells what a code word means, for kinds code and bool.
    """
    if item.kind in {"date", "datetime"}:
        return _dates(cells, item)
    if item.kind == "time":
        values, error, _ = _by_value(cells, cleaning.parse_time, pl.Time)
        return Column(values, error)
    if item.kind == "number":
        return _numbers(cells)
    if item.kind == "amount":
        return Column(*_by_value(cells, cleaning.parse_amount, pl.Float64))
    if item.kind in {"code", "bool"} and codes:
        dtype = pl.Boolean if item.kind == "bool" else pl.String
        values, error, warnings = _by_value(cells, codes, dtype)
        return Column(values, error, warnings)
    if item.kind == "email":
        return Column(cells.str.to_lowercase())
    return _texts(cells, item)


def _by_value(
    cells: pl.Series, convert_one: Callable[[str], Cell], dtype: pl.DataType | type[pl.DataType]
) -> tuple[pl.Series, pl.Series | None, dict[str, pl.Series]]:
    words = cells.drop_nulls().unique().to_list()
    results = [convert_one(word) for word in words]
    table = pl.DataFrame(
        {
            "word": pl.Series(words, dtype=pl.String),
            "value": pl.Series([r.value for r in results], dtype=dtype),
            "error": pl.Series([r.error for r in results], dtype=pl.String),
            "warning": pl.Series([r.warning for r in results], dtype=pl.String),
        }
    )
    joined = (
        cells.alias("word").to_frame().join(table, on="word", how="left", maintain_order="left")
    )
    error = joined["error"] if table["error"].null_count() < table.height else None
    warnings = {
        code: (joined["warning"] == code).fill_null(False)
        for code in table["warning"].drop_nulls().unique()
    }
    return joined["value"], error, warnings


def _dates(cells: pl.Series, item: Field) -> Column:
    if item.kind == "date":
        values, error, warnings = _by_value(cells, cleaning.parse_date, pl.Date)
    elif cells.n_unique() > 5_000:
        values, error, warnings = _many_moments(cells)
    else:
        values, error, warnings = _by_value(cells, cleaning.parse_datetime, pl.Datetime("us"))
    day_first = cells.str.contains(_DAY_FIRST).fill_null(False)
    # Read as UK all the same; people are told where the rest of the column is of another kind.
    if day_first.any() and day_first.sum() * 2 < cells.len() - cells.null_count():
        warnings["ambiguous_date"] = cells.str.contains(_BOTH_TO_12).fill_null(False)
    return Column(values, error, warnings)


def _many_moments(cells: pl.Series) -> tuple[pl.Series, pl.Series | None, dict[str, pl.Series]]:
    quick: pl.Series | None = None
    for shape, form in (
        (r"^\d{2}/\d{2}/\d{4} \d{2}:\d{2}$", "%d/%m/%Y %H:%M"),
        (r"^\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2}$", "%d/%m/%Y %H:%M:%S"),
        (r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", "%Y-%m-%d %H:%M:%S"),
        (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$", "%Y-%m-%dT%H:%M:%S"),
    ):
        fits = pl.select(pl.when(cells.str.contains(shape)).then(cells)).to_series()
        read = fits.str.to_datetime(form, strict=False, time_unit="us")
        quick = read if quick is None else quick.fill_null(read)
    rest = pl.select(pl.when(quick.is_null()).then(cells)).to_series()
    values, error, warnings = _by_value(rest, cleaning.parse_datetime, pl.Datetime("us"))
    return quick.fill_null(values), error, warnings


def _numbers(cells: pl.Series) -> Column:
    tops: dict[str, float] = {}

    def one(text: str) -> Cell:
        cell = cleaning.parse_number(text)
        if cell.value is None:
            return cell
        if cell.value[1] is not None:
            tops[text] = cell.value[1]
        return cell._replace(value=cell.value[0])

    values, error, warnings = _by_value(cells, one, pl.Float64)
    maximum = None
    if tops:
        maximum = cells.replace_strict(tops, default=None, return_dtype=pl.Float64)
    return Column(values, error, warnings, maximum)


def _texts(cells: pl.Series, item: Field) -> Column:
    column = Column(cells)
    if item.kind in {"id", "ref"}:
        mangled = cells.str.contains(cleaning.BAD_ID).fill_null(False)
        if mangled.any():
            column.error = pl.select(pl.when(mangled).then(pl.lit("bad_id"))).to_series()
        short = _lost_zeros(cells)
        if short is not None:
            column.warnings["id_leading_zeros"] = short
    if item.kind in _TEXT_KINDS:
        formula = cells.str.contains(cleaning.FORMULA_START).fill_null(False)
        if formula.any():
            column.warnings["formula_cell"] = formula
    if item.kind == "free_text" or item.name == "person":
        column.pii = _personal(cells)
        if column.pii:
            column.warnings["pii_in_text"] = _mask(cells.len(), list(column.pii))
    if item.kind == "list":
        column.values = _split(cells)
    return column


def _lost_zeros(cells: pl.Series) -> pl.Series | None:
    """Where references are digits of one width and some begin with 0, shorter ones lost theirs."""
    full = cells.drop_nulls()
    digits = full.filter(full.str.contains(r"^\d+$"))
    if digits.len() < 3 or not digits.str.starts_with("0").any():
        return None
    widths = digits.str.len_bytes()
    width = widths.mode().max()
    if (widths == width).sum() * 10 < widths.len() * 6:
        return None
    return (cells.str.contains(r"^\d+$") & (cells.str.len_bytes() < width)).fill_null(False)


def _personal(cells: pl.Series) -> dict[int, list[str]]:
    suspicious = cells.str.contains(privacy.SUSPICIOUS).fill_null(False).arg_true()
    kinds: dict[str, list[str]] = {}
    found: dict[int, list[str]] = {}
    for position, text in zip(
        suspicious.to_list(), cells.gather(suspicious).to_list(), strict=True
    ):
        if text not in kinds:
            kinds[text] = list(dict.fromkeys(finding.kind for finding in privacy.scan(text)))
        if kinds[text]:
            found[position] = kinds[text]
    return found


def _split(cells: pl.Series) -> pl.Series:
    parts: dict[str, list[str]] = {}
    for cell in cells.drop_nulls().unique().to_list():
        parts[cell] = [part.strip() for part in re.split(r"[;|\n]", cell) if part.strip()]
    table = pl.DataFrame(
        {"word": list(parts), "value": list(parts.values())},
        schema={"word": pl.String, "value": pl.List(pl.String)},
    )
    frame = cells.alias("word").to_frame()
    return frame.join(table, on="word", how="left", maintain_order="left")["value"]


def _mask(length: int, positions: list[int]) -> pl.Series:
    return pl.zeros(length, dtype=pl.Boolean, eager=True).scatter(positions, True)


def to_london(moments: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return (moments with the Europe/London offset, mask of those in a clock change).

    The hour that comes twice is taken as its first; the hour that never comes is moved on by one.
    """
    naive = moments.alias("m").to_frame()
    zone = "Europe/London"
    first, last, later = (
        naive.select(
            expression.dt.replace_time_zone(zone, ambiguous=which, non_existent="null")
        ).to_series()
        for expression, which in (
            (pl.col("m"), "earliest"),
            (pl.col("m"), "latest"),
            (pl.col("m") + dt.timedelta(hours=1), "earliest"),
        )
    )
    skipped = first.is_null() & moments.is_not_null()
    return first.fill_null(later), ((first != last).fill_null(False) | skipped)
