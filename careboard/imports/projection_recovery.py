"""Rows of the recovery feeds: indicator readings, care reviews, medicine rounds. Pure.

Source: domain/data-shapes.md 6.2.
"""

from __future__ import annotations

import polars as pl

from careboard.imports.projected_rows import Lookups, Rows, person_column

_LONDON = pl.Datetime("us", "Europe/London")
# A share of one and the percentage that its numerator and denominator give agree this closely.
_NEAR = 1.0


def readings(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    """A reading stands for the whole day, week or month of its indicator that its date is in."""
    frame = rows.frame.rename({"indicator": "measure", "unit": "unit_file"}, strict=False).join(
        lookups.indicators, on=["measure", "service_id"], how="left", maintain_order="left"
    )
    day, cadence = pl.col("week_ending").cast(pl.Date), pl.col("cadence")
    inner = Rows(frame)
    numerator, denominator = (inner.value(name, pl.Float64()) for name in ("num", "den"))
    given = denominator > 0
    return frame.select(
        pl.col("indicator_id"),
        pl.when(cadence == "month")
        .then(day.dt.month_start())
        .when(cadence == "week")
        .then(day.dt.truncate("1w"))
        .otherwise(day)
        .alias("period_start"),
        pl.when(cadence == "month")
        .then(day.dt.month_end())
        .when(cadence == "week")
        .then(day.dt.truncate("1w") + pl.duration(days=6))
        .otherwise(day)
        .alias("period_end"),
        _in_unit(inner, numerator, denominator).alias("value"),
        pl.when(given).then(numerator).alias("numerator"),
        pl.when(given).then(denominator).alias("denominator"),
    )


def _in_unit(rows: Rows, numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """The value in its indicator's unit, where the file has minutes for hours, hours for minutes,
    or, as workbooks do, shares of one for percentages."""
    value, unit = pl.col("value").cast(pl.Float64), rows.text("unit_file").str.to_lowercase()
    percentage = 100 * numerator / denominator
    share = (
        (pl.col("unit") == "percent")
        & ((value - percentage).abs() > _NEAR)
        & ((100 * value - percentage).abs() <= _NEAR)
    )
    return (
        pl.when(share.fill_null(False))
        .then(100 * value)
        .when((pl.col("unit") == "minutes") & unit.str.starts_with("h"))
        .then(60 * value)
        .when((pl.col("unit") == "hours") & unit.str.starts_with("min"))
        .then(value / 60)
        .otherwise(value)
    )


def reviews(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    """Care reviews, done and still to do."""
    return rows.frame.select(
        pl.col("service_id"),
        person_column(rows, "person", lookups).alias("person_ref"),
        rows.text("type").alias("review_type"),
        pl.col("due_on").cast(pl.Date),
        rows.value("completed_on", pl.Date()).alias("completed_on"),
        rows.value("high_risk", pl.Boolean()).fill_null(False).alias("high_risk"),
        rows.value("actions", pl.Float64()).round().cast(pl.Int32, strict=False).alias("actions"),
    )


def doses(rows: Rows, lookups: Lookups) -> pl.DataFrame:
    """Doses that were due. The medicine itself never comes in."""
    due = rows.value("due_at", _LONDON)
    return rows.frame.select(
        pl.col("service_id"),
        person_column(rows, "person", lookups).alias("person_ref"),
        due.dt.date().alias("due_on"),
        due.dt.convert_time_zone("UTC").alias("due_at"),
        rows.value("recorded_at", _LONDON).dt.convert_time_zone("UTC").alias("outcome_at"),
        rows.value("outcome", pl.String()).alias("outcome"),
        rows.value("prn", pl.Boolean()).fill_null(False).alias("as_needed"),
        rows.value("cd", pl.Boolean()).fill_null(False).alias("controlled"),
        person_column(rows, "recorder", lookups).alias("recorder_ref"),
        person_column(rows, "witness", lookups).alias("witness_ref"),
    )
